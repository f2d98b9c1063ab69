"""What expressions print, by the tables in expressions/: as Pharo prints it.

A line of a table is `expression ==> what it prints`. A line that begins with blanks goes on from the line above;
`#` and a blank begin a comment. `! Class: text` is an error that nobody handles, `! Class: *` one with any text;
`~` begins a regular expression of what it prints.
The lines of one table are evaluated in their order, in one playground: a class that one defines is there for the next.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from stui_cli.playground.image import Machine, NotCompiled, Playground, Raised, Workspace
from stui_cli.playground.kernel.printing import print_string

TABLES = sorted((Path(__file__).parent / "expressions").glob("*.txt"))


@dataclass(frozen=True)
class Row:
    line: int
    source: str
    printed: str


def rows(table: Path) -> list[Row]:
    found: list[Row] = []
    pending: list[str] = []
    for line, text in enumerate(table.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip() or (text.startswith("# ") and not pending):
            continue
        pending.append(text)
        if " ==> " in text:
            source, _, printed = "\n".join(pending).rpartition(" ==> ")
            found.append(Row(line, source, printed.strip()))
            pending.clear()
    assert not pending, f"{table.name} ends within an expression"
    return found


@pytest.fixture(scope="module")
def playground() -> Playground:
    return Playground()


def outcome(playground: Playground, source: str) -> str:
    """What the value of `source` prints, or the error."""
    machine = Machine(playground, Workspace(), lambda text: None, threading.Event())
    try:
        value = playground.run(source, machine)
        return str(machine.within(print_string, value))
    except Raised as raised:
        return f"! {raised.kind}: {raised.message}".rstrip()
    except NotCompiled as refused:
        return f"! not compiled: {refused.message}"


def _fits(got: str, printed: str) -> bool:
    if printed.startswith("~ "):
        return re.fullmatch(printed[2:], got) is not None
    return got == printed or (printed.endswith(": *") and got.startswith(printed[:-2]))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_every_expression_prints_as_its_table_says(table: Path, playground: Playground) -> None:
    wrong = []
    for row in rows(table):
        got = outcome(playground, row.source)
        if not _fits(got, row.printed.rstrip()):
            wrong.append(f"{table.name}:{row.line}: {row.source}\n    expected {row.printed}\n    got      {got}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_there_are_four_hundred_of_them() -> None:
    assert sum(len(rows(table)) for table in TABLES) >= 400
