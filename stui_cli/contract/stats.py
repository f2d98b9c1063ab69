"""The sessions of one image, counted, as an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import Column, ItemKind, Show
from stui_cli.model.times import moment

if TYPE_CHECKING:
    from stui_cli.model.sessions import ImageSessionStats

STATS: Final = ItemKind(
    "stats",
    {
        "image": Show.TEXT,
        "image_id": Show.TEXT,
        "source": Show.TEXT,
        "recorded": Show.NUMBER,
        "total": Show.NUMBER,
        "active": Show.NUMBER,
        "idle": Show.NUMBER,
        "orphaned": Show.NUMBER,
        "bindings": Show.NUMBER,
        "memory_estimate": Show.BYTES,
        "last_activity": Show.AGE,
        "clients": Show.NUMBER,
        "per_client": Show.TEXT,
        "reason": Show.TEXT,
    },
    name_key="image",
)

LISTED: Final = (
    Column("image", "IMAGE"),
    Column("total", "SESSIONS", Show.NUMBER),
    Column("active", "ACTIVE", Show.NUMBER),
    Column("idle", "IDLE", Show.NUMBER),
    Column("orphaned", "ORPHANED", Show.NUMBER),
    Column("bindings", "BINDINGS", Show.NUMBER),
    Column("memory_estimate", "MEMORY", Show.BYTES),
    Column("clients", "CLIENTS", Show.NUMBER),
    Column("last_activity", "LAST ACTIVITY", Show.AGE),
    Column("source", "COUNTED BY"),
)


def stats_item(stats: ImageSessionStats) -> dict[str, object]:
    """One image's sessions, counted."""
    return {
        "image": stats.image,
        "image_id": stats.image_id,
        "source": "image" if stats.live else "store",
        "recorded": stats.recorded,
        "total": stats.total,
        "active": stats.active,
        "idle": stats.idle,
        "orphaned": stats.orphaned,
        "bindings": stats.bindings,
        "memory_estimate": stats.memory_estimate,
        "last_activity": moment(stats.last_activity),
        "clients": len(stats.per_client) if stats.live else None,
        "per_client": [{"client_id": client, "total": total} for client, total in stats.per_client],
        "reason": stats.reason or None,
    }
