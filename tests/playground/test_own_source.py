"""The agent's own Smalltalk is compiled by the playground, and what it takes for granted of a Smalltalk holds there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import stui_cli
from stui_cli.playground.source.chunks import read_chunks
from stui_cli.playground.source.parts import MethodPart, Statement

if TYPE_CHECKING:
    from conftest import Bench

AGENTS = Path(stui_cli.__file__).parent / "agents"
# What the core asks of a dialect, as far as these cases need it.
DIALECT = (
    "isSymbol: x ^ x isSymbol",
    "isText: x ^ x isString and: [x isSymbol not]",
    "isFloat: x ^ x isFloat",
    "utf8FromText: x ^ x asByteArray",
    "textFromUtf8: x ^ x asString",
    "randomBytes: n ^ (ByteArray new: n) collect: [:each | 255 atRandom]",
    "installWith: settings ^ self",
    "uninstall ^ self",
)
IDIOMS = (
    *("class variables outlive a definition", "integers of 64 bits", "shifts of small integers", "bytes are moved"),
    *("streams", "literal arrays", "dictionaries", "collections", "exceptions", "leaving a block", "performing"),
    *("SHA-256", "reading source", "reading files", "uuid"),
)


def load(bench: Bench, file: Path) -> int:
    """The number of its parts."""
    found = read_chunks(file.read_text(encoding="utf-8"))
    for piece in found:
        if isinstance(piece, MethodPart):
            behavior = bench.image.globals[piece.class_name]
            bench.image.compile_method(piece.text, behavior.cls if piece.class_side else behavior, piece.category)
        elif isinstance(piece, Statement) and piece.text != "StuiPortable run":
            bench.value(piece.text)
    return len(found)


def core() -> list[Path]:
    """classes.st first: it defines what the others add to."""
    return sorted((AGENTS / "core").glob("*.st"), key=lambda file: (file.name != "classes.st", file.name))


@pytest.mark.long
def test_what_the_agent_takes_for_granted_holds(bench: Bench) -> None:
    assert sum(load(bench, file) for file in core()) > 500
    load(bench, AGENTS / "portable" / "cases.st")
    load(bench, AGENTS / "portable" / "idioms.st")
    bench.value("StuiDialect subclass: #PgDialect instanceVariableNames: '' classVariableNames: '' package: 'P'. 1")
    for source in DIALECT:
        bench.image.compile_method(source, bench.image.globals["PgDialect"])
    bench.value("StuiDialect current: PgDialect new. 1")
    told = [bench.value(f"StuiPortable lineOf: '{name}'").chars for name in IDIOMS]
    assert told == [f"ok {name}" for name in IDIOMS]


@pytest.mark.long
def test_every_file_of_every_adapter_is_compiled(bench: Bench) -> None:
    """Those for the Squeak family and Pharo are chunks too; their classes are below those of the core."""
    files = core()
    for folder in ("portable", "squeakfamily", "pharo", "squeak"):
        files += sorted((AGENTS / folder).glob("*.st"), key=lambda file: (file.name != "classes.st", file.name))
    assert sum(load(bench, file) for file in files) > 1500
