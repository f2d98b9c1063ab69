"""Sessions: named workspaces inside one image."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from stui_cli.model.history import Entry
from stui_cli.model.status import ConnectionStatus


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

    session_id: str
    name: str
    image_id: str
    incarnation: str
    created_at: int
    last_activity: int
    state: SessionState = SessionState.ACTIVE
    description: str | None = None
    bindings: int = 0
    checkpoint: str | None = None
    checkpoint_at: int | None = None
    registered_as: str | None = None
    extra: Mapping[str, object] = {}


def session_label(image: str | None, session: Session) -> str:
    """`image/session`: by the registered name, else the last one, else the image's id."""
    return f"{image or session.registered_as or session.image_id}/{session.name}"


class SessionMetadata(NamedTuple):
    """The seed's type: a session together with the image it lives in, as every listing shows it."""

    session: Session
    image: str | None
    image_id: str
    image_address: str | None
    image_name: str | None
    image_version: str | None
    image_metadata: Mapping[str, str]
    connection_status: ConnectionStatus
    current: bool


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

    image: str
    image_id: str | None
    live: bool
    recorded: int
    total: int
    active: int
    idle: int | None
    orphaned: int
    bindings: int
    memory_estimate: int | None
    last_activity: int | None
    per_client: tuple[tuple[str | None, int], ...] = ()
    reason: str = ""


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
