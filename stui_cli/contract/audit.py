"""The audit log as items: its entries, and whether its chain of hashes holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import Column, ItemKind, Show
from stui_cli.model.times import moment

if TYPE_CHECKING:
    from stui_cli.model.audit import AuditEntry, AuditVerdict

ENTRY: Final = ItemKind(
    "audit",
    {
        "time": Show.AGE,
        "user": Show.TEXT,
        "host": Show.TEXT,
        "pid": Show.NUMBER,
        "command": Show.LINES,
        "action": Show.TEXT,
        "image": Show.TEXT,
        "images": Show.TEXT,
        "session": Show.TEXT,
        "role": Show.TEXT,
        "outcome": Show.TEXT,
        "ended": Show.TEXT,
        "source": Show.LINES,
        "operation": Show.NUMBER,
    },
    name_key="time",
)

LISTED: Final = (
    Column("time", "WHEN", Show.AGE),
    Column("action", "ACTION"),
    Column("image", "IMAGE"),
    Column("session", "SESSION"),
    Column("outcome", "OUTCOME"),
    Column("user", "USER"),
    Column("source", "SOURCE", Show.LINES),
    Column("operation", "OPERATION", Show.NUMBER),
)

VERDICT: Final = ItemKind(
    "audit",
    {"name": Show.TEXT, "sound": Show.TEXT, "lines": Show.NUMBER, "line": Show.NUMBER, "reason": Show.TEXT},
)


def audit_item(entry: AuditEntry, *, ended: bool | None) -> dict[str, object]:
    """One act; `ended` of one that began: whether its end is recorded."""
    return {
        "time": moment(entry.time),
        "user": entry.actor.user,
        "host": entry.actor.host,
        "pid": entry.actor.pid,
        "command": entry.actor.command,
        "action": entry.action,
        "image": entry.image,
        "images": list(entry.images or ([entry.image] if entry.image else [])),
        "session": entry.session,
        "role": entry.role,
        "outcome": entry.outcome,
        "ended": ended,
        "source": entry.source,
        "operation": entry.operation,
    }


def verdict_item(verdict: AuditVerdict, file: str) -> dict[str, object]:
    """Whether the chain holds; `file` is the name of the one that ends it, or in which it breaks."""
    return {
        "name": file,
        "sound": verdict.line is None,
        "lines": verdict.lines,
        "line": verdict.line,
        "reason": verdict.reason,
    }
