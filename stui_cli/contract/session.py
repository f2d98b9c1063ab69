"""A session as an item, whatever command tells of it: every one of them has all of these keys, null where unknown."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from stui_cli.contract.history import history_item
from stui_cli.model.blocks import Block
from stui_cli.model.results import Column, ItemKind, Show
from stui_cli.model.sessions import SessionsOfImage
from stui_cli.model.times import moment, moments

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


def sessions_block(found: SessionsOfImage) -> Block:
    """The sessions of an image as items, with the image that they live in."""
    return Block(len(found.sessions), lambda key: _column(found, key), keys=SESSION.keys)


def _column(found: SessionsOfImage, key: str) -> Sequence[object]:
    """What the items of these sessions have under a key."""
    sessions = found.sessions
    match key:
        case "name" | "session_id" | "state" | "description" | "bindings":
            return list(map(attrgetter(key), sessions))
        case "created_at" | "last_activity":
            return moments(list(map(attrgetter(key), sessions)))
        case "current":
            return [session.name == found.here for session in sessions]
        case "owner":  # sessions of an image that is not registered are named by its id, and so they are listed
            shared: object = found.image or found.image_id
        case "image_metadata":
            shared = dict(found.image_metadata)
        case _:
            shared = getattr(found, key)
    return [shared] * len(sessions)


def session_item(metadata: SessionMetadata) -> dict[str, object]:
    """One session of the store with the image it lives in."""
    (item,) = sessions_block(SessionsOfImage.of_one(metadata)).items()
    return dict(item)


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
