"""Hello, authenticate, ping, and how an image sees its own connection."""

from typing import NamedTuple


class Hello(NamedTuple):
    """The first request. `key_id` and `nonce` are left out where no key is used. `errors` is "text" for a client that
    shows an error only where it is one text."""

    protocol: int
    client: str
    client_id: str
    key_id: str | None = None
    nonce: bytes | None = None
    errors: str | None = None


# The ability of an agent to end a session and take its checkpoint in one step.
CLOSING_CHECKPOINT = "closing_checkpoint"


class Greeting(NamedTuple):
    """The answer to hello: who is there, and whether a key has to be proved. `abilities` are what not every agent can
    and a client cannot find out by trying."""

    protocol: int
    agent: str
    image_id: str
    incarnation: str
    image_name: str
    dialect: str
    image_version: str
    auth: str
    nonce: bytes | None
    proof: bytes | None
    abilities: tuple[str, ...] | None = None


class Authenticate(NamedTuple):
    proof: bytes


class Authenticated(NamedTuple):
    """`role` is observer, developer or admin."""

    role: str


class Ping(NamedTuple):
    """`message` is any MessagePack value, echoed unchanged."""

    message: object = None


class Pong(NamedTuple):
    """`scheduled_ms` is how long a fresh user-priority process waited for its first turn. `last_activity` is when
    a session was used last, or the image started; an older agent leaves it out."""

    message: object
    status: str
    uptime_ms: int
    clock_ms: int
    pid: int | None
    memory_used: int | None
    memory_limit: int | None
    session_count: int
    evaluating: int
    scheduled_ms: int
    unsaved_changes: bool | None
    last_activity: int | None = None


class GetImageConnectionStatus(NamedTuple):
    image_id: str


class ReportedConnection(NamedTuple):
    """ImageConnectionStatus as the image itself sees it."""

    image_id: str
    address: str
    status: str
    last_seen: int
    connection_health: str
    session_count: int
    last_activity: int | None
