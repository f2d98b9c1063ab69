"""Sessions: named workspaces inside one image."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Self

from stui_cli.model.history import Entry
from stui_cli.model.status import ConnectionStatus
from stui_cli.named_tuples import NamedTuple


class SessionState(StrEnum):
    """ACTIVE lives in its image; PARKED while the user keeps its image disconnected; LOST when the image no
    longer knows it; CLOSED when the user ended its live state and kept the record."""

    ACTIVE = "active"
    PARKED = "parked"
    LOST = "lost"
    CLOSED = "closed"


class Session(NamedTuple):
    """The store's record of a session; its live state is in the image, its checkpoint an object of the store.

    `incarnation` is the one in which the live state was made: another one means that it is gone.
    `bindings` is the count at the last contact. `checkpoint` is an object's sha256. `registered_as` is the name
    that its image had when it was removed from the registry: an id alone tells nobody what would be swept. Times in ms.
    """

    session_id: str  # its UUID
    name: str  # unique in its image
    image_id: str  # whose it is
    incarnation: str  # the one in which its live state was made
    created_at: int  # when it was made
    last_activity: int  # when it was used last
    state: SessionState = SessionState.ACTIVE  # as recorded
    description: str | None = None  # what it is for
    bindings: int = 0  # how many variables, as last counted
    checkpoint: str | None = None  # the sha256 of its last one
    checkpoint_at: int | None = None  # when that was taken
    registered_as: str | None = None  # the name that a removed image had
    extra: Mapping[str, object] = {}  # what a newer stui wrote


def session_label(image: str | None, session: Session) -> str:
    """`image/session`: by the registered name, else the last one, else the image's id."""
    return f"{image or session.registered_as or session.image_id}/{session.name}"


class SessionMetadata(NamedTuple):
    """The seed's type: a session together with the image it lives in, as every listing shows it."""

    session: Session  # its record
    image: str | None  # the registered name of its image; None where that is not registered
    image_id: str  # its UUID
    image_address: str | None  # where it listens
    image_name: str | None  # what it calls itself
    image_version: str | None  # of its Smalltalk
    image_metadata: Mapping[str, str]  # its labels
    connection_status: ConnectionStatus  # how it stands
    current: bool  # whether commands here mean the session


class SessionsOfImage(NamedTuple):
    """Sessions that live in one image, with what SessionMetadata has of each once for all of them. `here` is the name
    of the one that commands mean, where it is in this image."""

    sessions: Sequence[Session]
    image: str | None
    image_id: str
    image_address: str | None
    image_name: str | None
    image_version: str | None
    image_metadata: Mapping[str, str]
    connection_status: ConnectionStatus
    here: str | None

    @classmethod
    def of_one(cls, metadata: SessionMetadata) -> Self:
        """The one session with its image."""
        return cls((metadata.session,), *metadata[1:-1], here=metadata.session.name if metadata.current else None)

    def each(self) -> list[SessionMetadata]:
        """Each of them with its image."""
        shared = self[1:-1]
        return [SessionMetadata(session, *shared, current=session.name == self.here) for session in self.sessions]


class CheckpointBinding(NamedTuple):
    """One variable: `store` is source text that makes its value again, None if only `printed` could be kept."""

    name: str
    class_name: str
    printed: str
    store: str | None


class Checkpoint(NamedTuple):
    """A session's bindings as text, taken at `taken_at` (ms) in `incarnation`."""

    session_id: str
    image_id: str
    incarnation: str
    taken_at: int
    bindings: tuple[CheckpointBinding, ...]


class ImageSessionStats(NamedTuple):
    """The seed's type: the sessions of one image, counted.

    `live` tells whether the image counted them itself just now, or we did from what is recorded: then what only an
    image knows is None. `per_client` maps a client's id (None where it is not ours to know) to its share, `recorded`
    is how many our store has. Times in ms, memory in bytes.
    """

    image: str  # its registered name
    image_id: str | None  # None until the first contact
    live: bool  # whether it counted them itself just now
    recorded: int  # how many our store has
    total: int  # of all clients
    active: int  # those in use
    idle: int | None  # those that are not
    orphaned: int  # those that their clients have left, or that the image does not know
    bindings: int  # variables of all of them
    memory_estimate: int | None  # bytes
    last_activity: int | None  # when one was used last
    per_client: tuple[tuple[str | None, int], ...] = ()  # a client's id and its share
    reason: str = ""  # why the image did not count them


class SessionFile(NamedTuple):
    """A session as it travels in a file: its text and where it comes from, never its live objects. Times in ms."""

    name: str
    description: str | None
    session_id: str
    created_at: int
    exported_at: int
    image_id: str
    image_name: str | None
    dialect: str | None
    image_version: str | None
    checkpoint: Checkpoint | None
    history: tuple[Entry, ...] = ()
