"""A piece of a file of source as an item: a class, a method, statements, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.contract.evaluation import PARTS
from stui_cli.model.results import Column, ItemKind, Show

if TYPE_CHECKING:
    from stui_cli.model.names import Target

PIECE: Final = ItemKind(
    "piece",
    {
        "image": Show.TEXT,
        "session": Show.TEXT,
        "file": Show.TEXT,
        "kind": Show.TEXT,
        "name": Show.TEXT,
        "line": Show.NUMBER,
        "outcome": Show.TEXT,
        "value": Show.LINES,
        "error": Show.LINES,
        "output": Show.LINES,
    },
    parts=PARTS,
)

LISTED: Final = (
    Column("file", "FILE"),
    Column("line", "LINE", Show.NUMBER),
    Column("kind", "KIND"),
    Column("name", "NAME"),
    Column("outcome", "OUTCOME"),
    Column("image", "IMAGE"),
)


def piece_item(
    target: Target,
    file: str,
    kind: str,
    name: str | None,
    line: int,
    outcome: str,
    *,
    value: dict[str, object] | None,
    error: dict[str, object] | None,
    output: str,
) -> dict[str, object]:
    """One piece, which begins in this line of the file. Its outcome is returned, raised or not_run, as of an
    evaluation; not_run means that it changed nothing."""
    return {
        "image": target.image,
        "session": target.session,
        "file": file,
        "kind": kind,
        "name": name,
        "line": line,
        "outcome": outcome,
        "value": value,
        "error": error,
        "output": output,
    }
