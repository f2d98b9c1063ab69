"""Sessions as the image knows them: the requests that make, keep, list, count and end them."""

from stui_cli.named_tuples import NamedTuple


class CreateSession(NamedTuple):
    session_id: str  # made by the client, a UUID
    name: str  # for people
    description: str | None = None  # for people


class LiveSession(NamedTuple):
    """SessionMetadata as an image tells it. `client_id` is told to its owner and to admins."""

    session_id: str  # as given
    name: str  # as given last
    description: str | None  # as given last
    client_id: str | None  # told to its owner and to admins
    state: str  # active, or idle where the agent tells the two apart
    created_at: int  # when it was made
    last_activity: int  # when code ran in it last
    bindings: int  # how many variables it has
    image_id: str  # as in hello
    image_name: str | None  # as in hello
    image_version: str | None  # as in hello


class StoredBinding(NamedTuple):
    """A variable to make again from source text."""

    name: str  # of the variable
    store: str  # an expression whose value it gets


class RestoreSession(NamedTuple):
    """`replay` are sources to run again in order, stopping at the first that fails."""

    session_id: str  # of the session to make again
    name: str  # for people
    description: str | None  # for people
    bindings: tuple[StoredBinding, ...]  # variables to make again
    replay: tuple[str, ...]  # sources to run after that, in order, up to the first that fails


class LostBinding(NamedTuple):
    name: str  # of the variable
    reason: str  # why it was not restored


class ReplayFailure(NamedTuple):
    """The source at `position` (from 0, "index" on the wire) failed with `error`; those after it did not run."""

    position: int  # of the source, from 0
    error: str  # what went wrong


class Restored(NamedTuple):
    session: LiveSession  # as it is now
    restored: tuple[str, ...]  # the variables that have their values again
    lost: tuple[LostBinding, ...]  # those that have not, and why
    replayed: int  # how many sources ran
    failed: ReplayFailure | None  # the source that failed; those after it did not run


class CheckpointSession(NamedTuple):
    session_id: str  # the session meant


class BindingText(NamedTuple):
    """A variable as text: `store` is source that makes the value again, None if there is none."""

    name: str  # of the variable
    class_name: str  # of the value
    print: str  # of the value
    store: str | None  # an expression that makes the value again; nil if there is none


class Bindings(NamedTuple):
    bindings: tuple[BindingText, ...]  # all its variables


class BusyWith(NamedTuple):
    """What runs in a session, and for how long already; `source` is the beginning of its text."""

    busy_ms: int  # for how long it runs already
    source: str  # what runs, 200 characters at most


class CloseSession(NamedTuple):
    """With `checkpoint` what was answered before is in the checkpoint, and nothing is answered any more. What runs is
    interrupted, but for `interrupt` False: then a session that is busy stays. An agent that does not name the ability
    `CLOSING_CHECKPOINT` knows neither."""

    session_id: str  # the session meant
    checkpoint: bool | None = None  # whether its last checkpoint is taken in the same step
    interrupt: bool | None = None  # whether what runs in it is interrupted, true if left out; else a busy session stays


class Closed(NamedTuple):
    """`busy` tells what had to be interrupted, or kept the session open; there is no checkpoint then."""

    closed: bool  # true; false if it stays
    checkpoint: Bindings | None = None  # its last; nil if none was asked for or could be taken
    busy: BusyWith | None = None  # what was interrupted, or kept it open; nil if it was at rest


class ListImageSessions(NamedTuple):
    image_id: str | None = None  # the image meant; nil for the one that is asked
    include_disconnected: bool = True  # also those whose client is not connected


class GetImageSessionStats(NamedTuple):
    image_id: str  # the image meant


class ClientShare(NamedTuple):
    """One client's part of the sessions; `client_id` is None where it is not ours to know."""

    client_id: str | None  # nil where it is not the caller's to know
    total: int  # sessions of this client


class SessionStats(NamedTuple):
    image_id: str  # the image meant
    total: int  # the sessions that the caller may see
    active: int  # used of late
    idle: int  # the others
    orphaned: int  # not used for long
    bindings: int  # variables in all of them
    memory_estimate: int | None  # in bytes
    last_activity: int | None  # the latest
    per_client: tuple[ClientShare, ...]  # the same by client


class CleanupImageSessions(NamedTuple):
    """None for `session_ids` means all that may go."""

    image_id: str  # the image meant
    session_ids: tuple[str, ...] | None  # those to end; nil for all that the caller may end
    force: bool  # also those in which code runs or that are active
    preserve_active: bool  # keep active ones, unless forced


class KeptSession(NamedTuple):
    """`reason` is a code: not_found, running or active. An older agent writes "not found"."""

    session_id: str  # of a session that stays
    reason: str  # why: not_found, running or active

    @property
    def is_unknown(self) -> bool:
        """Whether the image knows no such session."""
        return self.reason in ("not_found", "not found")

    @property
    def words(self) -> str:
        """The reason, for people."""
        return self.reason.replace("_", " ")


class Cleaned(NamedTuple):
    cleaned: tuple[str, ...]  # the ids of those that were ended
    kept: tuple[KeptSession, ...]  # the others, and why


class SwitchImageContext(NamedTuple):
    """Sent to the image left (answers a checkpoint) or to the one entered (answers its metadata)."""

    from_image_id: str | None  # the image that is left
    to_image_id: str | None  # the image that is entered
    session_id: str  # the session left or entered in the image that is asked
    preserve_context: bool  # whether a checkpoint of the session left is wanted


class Switched(NamedTuple):
    checkpoint: Bindings | None  # of the session left
    session: LiveSession | None  # the session entered
