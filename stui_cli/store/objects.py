"""Objects: immutable, named by the SHA-256 of their content. Session shards and checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.annotations import Form
from stui_cli.model.digest import sha256_hex
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, Session
from stui_cli.records import Codec
from stui_cli.store.encoding import Fields, misfit_in_words
from stui_cli.store.envelope import seal, unseal
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.store.backend import Backend


# The keys of a session are its name, and the image that its shard belongs to.
SESSIONS = Codec(
    {
        Session: Form(
            given=("name", "image_id"), always=("state", "bindings"), needed=("state", "bindings"), extra="extra"
        )
    },
    error=misfit_in_words,
)

CHECKPOINTS = Codec({CheckpointBinding: Form(row=True)}, error=misfit_in_words)


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
    records = {name: SESSIONS.encode(session) for name, session in sessions.items()}
    return seal({**extra, "kind": "shard", "image_id": image_id, "sessions": records})


def read_shard(backend: Backend, image_id: str, sha256: str) -> Shard:
    """The shard `sha256` of `image_id`. Raises Damaged, also if it is another image's, or is missing."""
    where, fields = _read(backend, sha256, "shard")
    try:
        found = fields.pop("image_id", None)
        if found != image_id:
            raise ValueError(f"it belongs to the image {found}, not to {image_id}")
        sessions = SESSIONS.decode_map(Session, fields.pop("sessions", None), image_id)
    except ValueError as error:
        raise Damaged(where, str(error)) from error
    return Shard(image_id, sessions, fields)


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    return seal({"kind": "checkpoint", **CHECKPOINTS.encode(checkpoint)})


def read_checkpoint(backend: Backend, sha256: str) -> Checkpoint:
    """The checkpoint `sha256`. Raises Damaged, also if it is missing."""
    where, fields = _read(backend, sha256, "checkpoint")
    try:
        return CHECKPOINTS.decode(Checkpoint, fields)
    except ValueError as error:
        raise Damaged(where, str(error)) from error


def _read(backend: Backend, sha256: str, kind: str) -> tuple[str, Fields]:
    """What people call an object, and its fields."""
    where, content = backend.read_object(sha256, kind)
    if sha256_hex(content) != sha256:
        raise Damaged(where, "its content does not fit its name")
    body = unseal(where, content)
    if not isinstance(body, dict) or body.pop("kind", None) != kind:
        raise Damaged(where, f"it is no {kind}")
    return where, body
