"""An operation as an item: one committed change of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from stui_cli.model.operation_texts import summary
from stui_cli.model.operations import (
    CleanupDetails,
    Details,
    ImageDetails,
    RepairDetails,
    ReversalDetails,
    SessionDetails,
    SwitchDetails,
)
from stui_cli.model.results import Column, ItemKind, Show
from stui_cli.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.operations import Operation

OPERATION: Final = ItemKind(
    "operation",
    {
        "number": Show.NUMBER,
        "time": Show.AGE,
        "user": Show.TEXT,
        "host": Show.TEXT,
        "pid": Show.NUMBER,
        "command": Show.LINES,
        "kind": Show.TEXT,
        "details": Show.TEXT,
        "undone_by": Show.NUMBER,
        "summary": Show.LINES,
    },
    name_key="number",
)

# What `stui log show` adds.
MORE_IN_FULL: Final = ("changes",)

LISTED: Final = (
    Column("number", "NUMBER", Show.NUMBER),
    Column("time", "WHEN", Show.AGE),
    Column("summary", "WHAT", Show.LINES, wish=30),
    Column("undone_by", "UNDONE BY", Show.NUMBER),
    Column("user", "USER"),
    Column("host", "HOST"),
    Column("command", "COMMAND", Show.LINES),
)


def operation_item(operation: Operation, undone_by: int | None) -> dict[str, object]:
    """One operation; `summary` is its one line for people."""
    return {
        "number": operation.number,
        "time": moment(operation.time),
        "user": operation.actor.user,
        "host": operation.actor.host,
        "pid": operation.actor.pid,
        "command": operation.actor.command,
        "kind": operation.details.kind,
        "details": _details_item(operation.details),
        "undone_by": undone_by,
        "summary": summary(operation.details),
    }


def changed_item(record: str, fields: Mapping[str, tuple[object, object]]) -> dict[str, object]:
    """One record that an operation changed, with each field before and after."""
    return {
        "record": record,
        "fields": {name: {"before": before, "after": after} for name, (before, after) in fields.items()},
    }


def _details_item(details: Details) -> dict[str, object]:
    """The details without their kind, which stands beside them."""
    item = {key: value for key, value in details._asdict().items() if key != "kind"}
    match details:
        case CleanupDetails(removed=removed):
            item["removed"] = [removal._replace(reason=_reason(removal.reason))._asdict() for removal in removed]
        case SessionDetails(kept=kept):
            item["kept"] = None if kept is None else kept._asdict()
        case ImageDetails() | SwitchDetails() | ReversalDetails() | RepairDetails():
            pass
        case _:
            assert_never(details)
    return item


def _reason(word: str) -> str:
    from stui_cli.model.orphans import OrphanReason  # with dataclasses 3 ms, and few operations are a sweep

    return OrphanReason.of_word(word) or word
