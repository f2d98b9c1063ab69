"""Sessions as the image knows them: the requests that make, keep, list, count and end them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CreateSession:
    session_id: str
    name: str
    description: str | None = None


@dataclass(frozen=True)
class LiveSession:
    """SessionMetadata as an image tells it. `client_id` is told to its owner and to admins."""

    session_id: str
    name: str
    description: str | None
    client_id: str | None
    state: str
    created_at: int
    last_activity: int
    bindings: int
    image_id: str
    image_name: str | None
    image_version: str | None


@dataclass(frozen=True)
class StoredBinding:
    """A variable to make again from source text."""

    name: str
    store: str


@dataclass(frozen=True)
class RestoreSession:
    """`replay` are sources to run again in order, stopping at the first that fails."""

    session_id: str
    name: str
    description: str | None
    bindings: tuple[StoredBinding, ...]
    replay: tuple[str, ...]


@dataclass(frozen=True)
class LostBinding:
    name: str
    reason: str


@dataclass(frozen=True)
class ReplayFailure:
    """The source at `index` (from 0) failed with `error`; those after it did not run."""

    index: int
    error: str


@dataclass(frozen=True)
class Restored:
    session: LiveSession
    restored: tuple[str, ...]
    lost: tuple[LostBinding, ...]
    replayed: int
    failed: ReplayFailure | None


@dataclass(frozen=True)
class CheckpointSession:
    session_id: str


@dataclass(frozen=True)
class BindingText:
    """A variable as text: `store` is source that makes the value again, None if there is none."""

    name: str
    class_name: str
    print: str
    store: str | None


@dataclass(frozen=True)
class Bindings:
    bindings: tuple[BindingText, ...]


@dataclass(frozen=True)
class CloseSession:
    session_id: str


@dataclass(frozen=True)
class Closed:
    closed: bool


@dataclass(frozen=True)
class ListImageSessions:
    image_id: str | None = None
    include_disconnected: bool = True


@dataclass(frozen=True)
class GetImageSessionStats:
    image_id: str


@dataclass(frozen=True)
class ClientShare:
    """One client's part of the sessions; `client_id` is None where it is not ours to know."""

    client_id: str | None
    total: int


@dataclass(frozen=True)
class SessionStats:
    image_id: str
    total: int
    active: int
    idle: int
    orphaned: int
    bindings: int
    memory_estimate: int | None
    last_activity: int | None
    per_client: tuple[ClientShare, ...]


@dataclass(frozen=True)
class CleanupImageSessions:
    """None for `session_ids` means all that may go."""

    image_id: str
    session_ids: tuple[str, ...] | None
    force: bool
    preserve_active: bool


@dataclass(frozen=True)
class KeptSession:
    session_id: str
    reason: str


@dataclass(frozen=True)
class Cleaned:
    cleaned: tuple[str, ...]
    kept: tuple[KeptSession, ...]


@dataclass(frozen=True)
class SwitchImageContext:
    """Sent to the image left (answers a checkpoint) or to the one entered (answers its metadata)."""

    from_image_id: str | None
    to_image_id: str | None
    session_id: str
    preserve_context: bool


@dataclass(frozen=True)
class Switched:
    checkpoint: Bindings | None
    session: LiveSession | None
