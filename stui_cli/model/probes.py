"""What the last contacts with each image said: volatile, never part of an operation."""

from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.status import ConnectionHealth, ConnectionStatus, ProbeLevel
from stui_cli.named_tuples import NamedTuple


class Vitals(NamedTuple):
    """What a ping answered; bytes and ms. `last_activity` (ms by the image's clock) is that of its sessions, None where
    it does not tell."""

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


class Probe(NamedTuple):
    """One timed contact. `latency_ms` covers connect, handshake and ping; None unless answered.

    `source_address` is where from on this machine it went, or would have gone; None where that cannot be told.
    `reached` is how far it got: an image that accepts connections and says nothing (TCP) is stopped or blocked,
    not dead.

    `measured_at` is when `vitals` and `latency_ms` were measured, None where that is `checked_at`: a contact that asked
    something else than how the image is carries on what its last ping said. `waited_ms` is how long was waited for an
    answer that did not come, None where something else ended the contact. `role` is what the key allows that was
    proved, None where none was, or one that is no role.
    """

    image: str
    checked_at: int
    outcome: ProbeOutcome
    reason: str = ""
    latency_ms: float | None = None
    image_id: str | None = None
    incarnation: str | None = None
    image_name: str | None = None
    image_version: str | None = None
    dialect: str | None = None
    vitals: Vitals | None = None
    source_address: str | None = None
    reached: ProbeLevel | None = None
    measured_at: int | None = None
    waited_ms: float | None = None
    role: str | None = None


class ProbeRecord(NamedTuple):
    """The standing of one image after its last probe: what `probes.msgpack` holds of it.

    `since` is when `status` was entered. `failures` counts contacts in a row that failed in the same way (nobody
    answered, or somebody did who must not be trusted), `failing_since` is the first of them, `refusals` those that
    an address refused, `refusing_since` the first of those. `srtt_ms` and `rttvar_ms` are the estimator of RFC 6298.
    `last` is the last probe, `last_seen` the time of the last one that was answered.

    `network` is the last known source address of the way to the image. `moved` says that it changed since the
    image answered last: what fails from here proves nothing about sessions. `parked` is an image that the user
    leaves alone. `told_status` and `told_incarnation` are what a person was last told.

    `replaced_since` is the first of the contacts in a row that met another image at the address, `incarnation_since`
    the first that met the incarnation which answered last. Both are None in records of an older stui. `stopped` says
    that stui itself ended the incarnation that answered last.

    `seen_by` is who found it, where that was another monitor of a team; None for what was found here.
    """

    status: ConnectionStatus
    health: ConnectionHealth
    since: int
    reason: str
    failures: int
    refusals: int
    failing_since: int | None
    srtt_ms: float | None
    rttvar_ms: float | None
    last_seen: int | None
    last: Probe
    last_answer: Probe | None
    network: str | None = None
    moved: bool = False
    parked: bool = False
    told_status: ConnectionStatus | None = None
    told_incarnation: str | None = None
    refusing_since: int | None = None
    replaced_since: int | None = None
    incarnation_since: int | None = None
    stopped: bool = False
    seen_by: str | None = None

    @property
    def incarnation(self) -> str | None:
        """The incarnation that answered last."""
        return self.last_answer.incarnation if self.last_answer else None

    @property
    def measured_at(self) -> int | None:
        """When the image last said how it is."""
        answer = self.last_answer
        return (answer.measured_at or answer.checked_at) if answer else None
