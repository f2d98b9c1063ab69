"""Sessions as the image knows them: the requests that make, keep, list, count and end them."""

from typing import NamedTuple


class CreateSession(NamedTuple):
    session_id: str
    name: str
    description: str | None = None


class LiveSession(NamedTuple):
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


class StoredBinding(NamedTuple):
    """A variable to make again from source text."""

    name: str
    store: str


class RestoreSession(NamedTuple):
    """`replay` are sources to run again in order, stopping at the first that fails."""

    session_id: str
    name: str
    description: str | None
    bindings: tuple[StoredBinding, ...]
    replay: tuple[str, ...]


class LostBinding(NamedTuple):
    name: str
    reason: str


class ReplayFailure(NamedTuple):
    """The source at `position` (from 0, "index" on the wire) failed with `error`; those after it did not run."""

    position: int
    error: str


class Restored(NamedTuple):
    session: LiveSession
    restored: tuple[str, ...]
    lost: tuple[LostBinding, ...]
    replayed: int
    failed: ReplayFailure | None


class CheckpointSession(NamedTuple):
    session_id: str


class BindingText(NamedTuple):
    """A variable as text: `store` is source that makes the value again, None if there is none."""

    name: str
    class_name: str
    print: str
    store: str | None


class Bindings(NamedTuple):
    bindings: tuple[BindingText, ...]


class BusyWith(NamedTuple):
    """What runs in a session, and for how long already; `source` is the beginning of its text."""

    busy_ms: int
    source: str


class CloseSession(NamedTuple):
    """With `checkpoint` what was answered before is in the checkpoint, and nothing is answered any more. What runs is
    interrupted, but for `interrupt` False: then a session that is busy stays. An agent that does not name the ability
    `CLOSING_CHECKPOINT` knows neither."""

    session_id: str
    checkpoint: bool | None = None
    interrupt: bool | None = None


class Closed(NamedTuple):
    """`busy` tells what had to be interrupted, or kept the session open; there is no checkpoint then."""

    closed: bool
    checkpoint: Bindings | None = None
    busy: BusyWith | None = None


class ListImageSessions(NamedTuple):
    image_id: str | None = None
    include_disconnected: bool = True


class GetImageSessionStats(NamedTuple):
    image_id: str


class ClientShare(NamedTuple):
    """One client's part of the sessions; `client_id` is None where it is not ours to know."""

    client_id: str | None
    total: int


class SessionStats(NamedTuple):
    image_id: str
    total: int
    active: int
    idle: int
    orphaned: int
    bindings: int
    memory_estimate: int | None
    last_activity: int | None
    per_client: tuple[ClientShare, ...]


class CleanupImageSessions(NamedTuple):
    """None for `session_ids` means all that may go."""

    image_id: str
    session_ids: tuple[str, ...] | None
    force: bool
    preserve_active: bool


class KeptSession(NamedTuple):
    """`reason` is a code: not_found, running or active. An older agent writes "not found"."""

    session_id: str
    reason: str

    @property
    def is_unknown(self) -> bool:
        """Whether the image knows no such session."""
        return self.reason in ("not_found", "not found")

    @property
    def words(self) -> str:
        """The reason, for people."""
        return self.reason.replace("_", " ")


class Cleaned(NamedTuple):
    cleaned: tuple[str, ...]
    kept: tuple[KeptSession, ...]


class SwitchImageContext(NamedTuple):
    """Sent to the image left (answers a checkpoint) or to the one entered (answers its metadata)."""

    from_image_id: str | None
    to_image_id: str | None
    session_id: str
    preserve_context: bool


class Switched(NamedTuple):
    checkpoint: Bindings | None
    session: LiveSession | None
