"""Objects: immutable, named by the SHA-256 of their content. Session shards and checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.digest import sha256_hex
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, Session, SessionState
from stui_cli.store.encoding import Fields, number, optional_number, optional_text, table, text
from stui_cli.store.envelope import seal, unseal
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.store.backend import Backend


class Shard:
    """All session records of one image, by name. `extra` is what a newer stui put beside them."""

    __slots__ = ("extra", "image_id", "sessions")

    def __init__(self, image_id: str, sessions: dict[str, Session], extra: Fields) -> None:
        self.image_id = image_id
        self.sessions = sessions
        self.extra = extra


def empty_shard(image_id: str) -> Shard:
    """The shard of an image without sessions."""
    return Shard(image_id, {}, {})


def encode_shard(image_id: str, sessions: Mapping[str, Session], extra: Fields) -> bytes:
    """The content of a shard. Raises ValueError for a record that is not `image_id`'s, or not under its name:
    one image's sessions never get into another's (isolation, DESIGN section 7)."""
    for name, session in sessions.items():
        if session.image_id != image_id or session.name != name:
            raise ValueError(
                f"the session {session.name!r} of image {session.image_id} was put under {name!r} of image {image_id}"
            )
    records = {name: session_fields(session) for name, session in sessions.items()}
    return seal({**extra, "kind": "shard", "image_id": image_id, "sessions": records})


def read_shard(backend: Backend, image_id: str, sha256: str) -> Shard:
    """The shard `sha256` of `image_id`. Raises Damaged, also if it is another image's, or is missing."""
    where, fields = _read(backend, sha256, "shard")
    try:
        found = text(fields, "image_id")
        if found != image_id:
            raise ValueError(f"it belongs to the image {found}, not to {image_id}")
        records = table(fields.pop("sessions", None))
        sessions = {name: session_of(image_id, name, record) for name, record in records.items()}
    except ValueError as error:
        raise Damaged(where, str(error)) from error
    return Shard(image_id, sessions, fields)


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    bindings = [[b.name, b.class_name, b.printed, b.store] for b in checkpoint.bindings]
    return seal(
        {
            "kind": "checkpoint",
            "session_id": checkpoint.session_id,
            "image_id": checkpoint.image_id,
            "incarnation": checkpoint.incarnation,
            "taken_at": checkpoint.taken_at,
            "bindings": bindings,
        }
    )


def read_checkpoint(backend: Backend, sha256: str) -> Checkpoint:
    """The checkpoint `sha256`. Raises Damaged, also if it is missing."""
    where, fields = _read(backend, sha256, "checkpoint")
    try:
        bindings = tuple(CheckpointBinding(*binding[:4]) for binding in fields.pop("bindings", None) or ())
        return Checkpoint(
            text(fields, "session_id"),
            text(fields, "image_id"),
            text(fields, "incarnation"),
            number(fields, "taken_at"),
            bindings,
        )
    except (TypeError, ValueError) as error:
        raise Damaged(where, str(error)) from error


def session_fields(session: Session) -> Fields:
    """A session without its name and its image id, which are its keys."""
    fields: Fields = {
        "session_id": session.session_id,
        "incarnation": session.incarnation,
        "created_at": session.created_at,
        "last_activity": session.last_activity,
        "state": str(session.state),
        "bindings": session.bindings,
    }
    for name in ("description", "checkpoint", "checkpoint_at", "registered_as"):
        if (value := getattr(session, name)) is not None:
            fields[name] = value
    fields.update(session.extra)
    return fields


def session_of(image_id: str, name: str, raw: object) -> Session:
    fields = table(raw)
    return Session(
        text(fields, "session_id"),
        name,
        image_id,
        text(fields, "incarnation"),
        number(fields, "created_at"),
        number(fields, "last_activity"),
        SessionState(text(fields, "state")),
        optional_text(fields, "description"),
        number(fields, "bindings"),
        optional_text(fields, "checkpoint"),
        optional_number(fields, "checkpoint_at"),
        optional_text(fields, "registered_as"),
        fields,
    )


def _read(backend: Backend, sha256: str, kind: str) -> tuple[str, Fields]:
    """What people call an object, and its fields."""
    where, content = backend.read_object(sha256, kind)
    if sha256_hex(content) != sha256:
        raise Damaged(where, "its content does not fit its name")
    body = unseal(where, content)
    if not isinstance(body, dict) or body.pop("kind", None) != kind:
        raise Damaged(where, f"it is no {kind}")
    return where, body
