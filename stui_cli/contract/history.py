"""A recorded evaluation as an item: an entry of a session's history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import Column, ItemKind, Show
from stui_cli.model.times import moment

if TYPE_CHECKING:
    from stui_cli.model.history import Entry
    from stui_cli.model.names import Target

HISTORY: Final = ItemKind(
    "history",
    {
        "number": Show.NUMBER,
        "time": Show.AGE,
        "image": Show.TEXT,
        "session": Show.TEXT,
        "source": Show.LINES,
        "kind": Show.TEXT,
        "outcome": Show.TEXT,
        "print": Show.LINES,
        "class": Show.TEXT,
        "error": Show.LINES,
        "result": Show.LINES,
        "elapsed_ms": Show.MILLISECONDS,
        "incarnation": Show.TEXT,
    },
    name_key="number",
)

# How many letters of a result say what it is: all of it is shown by its number.
RESULT_SHOWN: Final = 40

# The source is last: it is the longest by far, and nothing waits for its width.
LISTED: Final = (
    Column("number", "#", Show.NUMBER),
    Column("time", "TIME", Show.AGE),
    Column("outcome", "OUTCOME"),
    Column("elapsed_ms", "TOOK", Show.MILLISECONDS, spare=True),
    Column("result", "RESULT", Show.LINES, most=RESULT_SHOWN),
    Column("source", "SOURCE", Show.LINES, least=20, keep=True),
)

# All of one.
DESCRIBED: Final = (
    Column("number", "number", Show.NUMBER),
    Column("time", "time", Show.AGE),
    Column("image", "image"),
    Column("session", "session"),
    Column("kind", "kind"),
    Column("outcome", "outcome"),
    Column("elapsed_ms", "took", Show.MILLISECONDS),
    Column("class", "class"),
    Column("result", "result", Show.LINES),
    Column("source", "source", Show.LINES),
)


def history_item(target: Target, number: int, entry: Entry) -> dict[str, object]:
    """One recorded evaluation. `result` is what came of it: the value as text, or what went wrong."""
    return {
        "number": number,
        "time": moment(entry.time),
        "image": target.image,
        "session": target.session,
        "source": entry.source,
        "kind": entry.kind,
        "outcome": entry.outcome,
        "print": entry.printed,
        "class": entry.class_name,
        "error": entry.error,
        "result": entry.printed if entry.error is None else entry.error,
        "elapsed_ms": entry.elapsed_ms,
        "incarnation": entry.incarnation,
    }
