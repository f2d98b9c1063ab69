"""What the last contacts with each image said: volatile, never part of an operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stui_cli.model.status import ConnectionHealth, ConnectionStatus, ProbeOutcome


@dataclass(frozen=True)
class Vitals:
    """What a ping answered; bytes and ms."""

    uptime_ms: int
    clock_ms: int
    pid: int | None
    memory_used: int | None
    memory_limit: int | None
    session_count: int
    evaluating: int
    scheduled_ms: int
    unsaved_changes: bool | None


@dataclass(frozen=True)
class Probe:
    """One timed contact. `latency_ms` covers connect, handshake and ping; None unless answered."""

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


@dataclass(frozen=True)
class ProbeRecord:
    """The standing of one image after its last probe: what `probes.msgpack` holds by image name.

    `since` is when `status` was entered. `failures` counts contacts in a row that failed, `failing_since` is
    the first of them, `refusals` those that an address refused. `srtt_ms` and `rttvar_ms` are the estimator
    of RFC 6298. `last` is the last probe, `last_seen` the time of the last one that was answered.
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
