"""Ping, and how an image sees its own connection."""

from stui_cli.named_tuples import NamedTuple


class Ping(NamedTuple):
    """`message` is any MessagePack value, echoed unchanged."""

    message: object = None  # any MessagePack value


class Pong(NamedTuple):
    """`scheduled_ms` is how long a fresh user-priority process waited for its first turn. `last_activity` is when
    a session was used last, or the image started; an older agent leaves it out."""

    message: object  # the same value
    status: str  # ok, or what the image says of itself
    uptime_ms: int  # since this incarnation began
    clock_ms: int  # the image's clock
    pid: int | None  # the process id of the image
    memory_used: int | None  # in bytes
    memory_limit: int | None  # in bytes
    session_count: int  # sessions of all clients
    evaluating: int  # how many evaluations run now
    scheduled_ms: int  # how long a fresh process of user priority waited for its first turn
    unsaved_changes: bool | None  # whether work would be lost if the image ended now
    last_activity: int | None = None  # when a session was used last, or the image started; an older agent leaves it out


class GetImageConnectionStatus(NamedTuple):
    image_id: str  # the image meant


class ReportedConnection(NamedTuple):
    """ImageConnectionStatus as the image itself sees it."""

    image_id: str  # the image meant
    address: str  # where it listens
    status: str  # connected
    last_seen: int  # now
    connection_health: str  # healthy, warning, critical or unknown
    session_count: int  # sessions of all clients
    last_activity: int | None  # the latest in any session
