"""Images, and what became of them, as records."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stui_cli.contract.records.record import ASIDE, Record
from stui_cli.model.errors import StuiError
from stui_cli.model.status import ConnectionHealth, ConnectionStatus, ProbeLevel
from stui_cli.model.times import Moment


@dataclass(frozen=True, kw_only=True)
class ImageRecord(Record):
    """An image of the registry with what its last probe said. What it said of itself is as of `measured_at`."""

    name: str  # its registered name
    image_id: str | None  # the UUID that it is pinned to; None until the first contact
    incarnation: str | None  # of the process that answered last
    address: str  # where it listens
    dialect: str | None  # gst, pharo, squeak, cuis or playground
    image_version: str | None  # of its Smalltalk
    image_name: str | None  # what it calls itself
    metadata: Mapping[str, str]  # its labels
    status: ConnectionStatus  # connected, disconnected, reconnecting, failed or unknown
    health: ConnectionHealth  # healthy, warning, critical or unknown
    since: Moment | None  # when the status was entered
    checked_at: Moment | None  # when it was last contacted
    age_s: int | None  # how many seconds ago that was
    latency_ms: float | None  # of connection, greeting and ping together
    reason: str | None  # why the status is what it is
    pid: int | None  # its process
    uptime_ms: int | None  # how long that runs
    memory_used: int | None  # bytes
    memory_limit: int | None  # bytes
    session_count: int | None  # sessions in it, of all clients
    evaluating: int | None  # evaluations that run in it
    scheduled_ms: int | None  # how long a fresh process of it waited for its turn
    last_seen: Moment | None  # when it answered last
    last_activity: Moment | None  # when one of its sessions was used last
    parked: bool  # whether it is left alone, by disconnect_image, until it is connected again
    reached: ProbeLevel | None  # how far the last contact got: tcp, rpc or image
    blocked: bool  # whether its agent answers and its own processes get no turn
    measured_at: Moment | None  # when it last said how it is
    role: str | None  # what our key allows there: observer, developer or admin
    role_checked_at: Moment | None  # when it said so
    seen_by: (
        str | None
    )  # who found this, HOST/USER, where that was the leading monitor of a team; None: it was met here


@dataclass(frozen=True, kw_only=True)
class ImageDescription(ImageRecord):
    """All that is known of one image."""

    protected_by: str | None  # what protects the way to it
    socket_owner: str | None  # unix://: another user whose socket is trusted
    key_file: str | None  # the file with the key to prove
    ca_file: str | None  # tls://: the CAs that are trusted
    fingerprint: str | None  # tls://: the SHA-256 of the one certificate that is trusted
    cert: str | None  # tls://: our own certificate
    cert_key: str | None  # tls://: its key
    log_file: str | None  # of one that was launched here
    known_defects: tuple[str, ...]  # what its Smalltalk is known for


@dataclass(frozen=True, kw_only=True)
class StoppedImage(ImageRecord):
    """An image that was stopped. `pid` is the process that was ended, None if there was none."""

    stopped: bool  # whether a process was ended
    kept: int  # how many of its sessions are kept as text


@dataclass(frozen=True, kw_only=True)
class RestartedImage(ImageRecord):
    """An image that was started again. `pid` is its process now."""

    kept: int  # how many of its sessions were kept as text when it was stopped
    restored: tuple[str, ...]  # the names of the sessions that live again
    failures: tuple[StuiError, ...] = field(default=(), compare=False, metadata=ASIDE)  # of those that do not


@dataclass(frozen=True, kw_only=True)
class SavedImage(ImageRecord):
    """An image that was saved."""

    file: str  # the file that the next launch starts
    bytes: int  # its size


@dataclass(frozen=True, kw_only=True)
class LogLine(Record):
    """A line that an image printed."""

    image: str  # its registered name
    line: str  # without its end


@dataclass(frozen=True, kw_only=True)
class PingRecord(ImageRecord):
    """An image that was pinged, and how long its answers took."""

    level: ProbeLevel  # how far each ping went: tcp, rpc or image
    sent: int  # how many
    received: int  # how many were answered
    min_ms: float | None  # the shortest time
    avg_ms: float | None  # the mean
    max_ms: float | None  # the longest time
    stddev_ms: float | None  # the standard deviation
    failure: StuiError | None = field(default=None, compare=False, metadata=ASIDE)  # why it counts as not answering


@dataclass(frozen=True, kw_only=True)
class AgentRecord(ImageRecord):
    """An agent that runs on this machine, as the image that it is the agent of."""

    registered: str | None  # the name of that image in the registry


@dataclass(frozen=True, kw_only=True)
class KeyRecord(Record):
    """A key that an agent takes; never its bytes."""

    key_id: str  # whose it is
    role: str  # observer, developer or admin
    image: str | None  # the registered name of the image
    file: str  # the agent's key file
    host: str | None  # where that is; None for this machine
    used_by: tuple[str, ...]  # the images of this store that prove with it
    key_file: str | None  # its holder's own file, where this store has it
    commands: tuple[str, ...]  # what its holder runs
    accepted: bool | None  # whether the agent let it in just now; None where it was not asked
