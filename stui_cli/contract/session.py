"""A session as an item, whatever command tells of it: every one of them has all of these keys, null where unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.contract.history import history_item
from stui_cli.model.results import Column, ItemKind, Show
from stui_cli.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Checkpoint, CheckpointBinding, SessionMetadata

SESSION: Final = ItemKind(
    "session",
    {
        "name": Show.TEXT,
        "session_id": Show.TEXT,
        "image": Show.TEXT,
        "owner": Show.TEXT,
        "image_id": Show.TEXT,
        "image_address": Show.TEXT,
        "image_name": Show.TEXT,
        "image_version": Show.TEXT,
        "image_metadata": Show.TEXT,
        "connection_status": Show.STATUS,
        "state": Show.TEXT,
        "description": Show.TEXT,
        "created_at": Show.AGE,
        "last_activity": Show.AGE,
        "bindings": Show.NUMBER,
        "current": Show.MARK,
    },
    name_key="owner/name",
)

# The keys that commands add to those of a session: show, and restore or import.
MORE_IN_FULL: Final = ("incarnation", "live", "variables", "checkpoint", "evaluations", "history")
MORE_RESTORED: Final = ("restored", "lost", "replayed")

LISTED: Final = (
    Column("current", "", Show.MARK),
    Column("owner", "IMAGE"),
    Column("name", "SESSION"),
    Column("state", "STATE"),
    Column("connection_status", "IMAGE STATUS", Show.STATUS),
    Column("bindings", "BINDINGS", Show.NUMBER),
    Column("last_activity", "LAST ACTIVITY", Show.AGE),
    Column("description", "DESCRIPTION"),
)


def session_item(metadata: SessionMetadata) -> dict[str, object]:
    """One session of the store with the image it lives in."""
    session = metadata.session
    return {
        "name": session.name,
        "session_id": session.session_id,
        "image": metadata.image,
        # Sessions of an image that is not registered are named by its id, and so they are listed.
        "owner": metadata.image or metadata.image_id,
        "image_id": metadata.image_id,
        "image_address": metadata.image_address,
        "image_name": metadata.image_name,
        "image_version": metadata.image_version,
        "image_metadata": dict(metadata.image_metadata),
        "connection_status": metadata.connection_status,
        "state": session.state,
        "description": session.description,
        "created_at": moment(session.created_at),
        "last_activity": moment(session.last_activity),
        "bindings": session.bindings,
        "current": metadata.current,
    }


def session_in_full(
    metadata: SessionMetadata,
    *,
    live: bool,
    bindings: Iterable[CheckpointBinding],
    checkpoint: Checkpoint | None,
    target: Target,
    evaluations: int,
    last: Sequence[tuple[int, Entry]],
) -> dict[str, object]:
    """A session with its variables (`live`: as its image has them now), its checkpoint, how many evaluations are
    recorded, and the last of them with their numbers."""
    return session_item(metadata) | {
        "incarnation": metadata.session.incarnation,
        "live": live,
        "variables": [{"name": b.name, "class": b.class_name, "print": b.printed, "store": b.store} for b in bindings],
        "checkpoint": checkpoint and {
            "taken_at": moment(checkpoint.taken_at), "incarnation": checkpoint.incarnation,
            "bindings": len(checkpoint.bindings),
        },
        "evaluations": evaluations,
        "history": [history_item(target, number, entry) for number, entry in last],
    }  # fmt: skip


def restored_item(
    metadata: SessionMetadata, restored: Iterable[str], lost: Iterable[dict[str, object]], replayed: int
) -> dict[str, object]:
    """A session that is live again: the names of the variables that came back, those that did not (`lost_item`), and
    how many sources were run again."""
    return session_item(metadata) | {"restored": list(restored), "lost": list(lost), "replayed": replayed}


def lost_item(name: str, class_name: str, printed: str, reason: str) -> dict[str, object]:
    """A variable that no text could make again."""
    return {"name": name, "class": class_name, "print": printed, "reason": reason}
