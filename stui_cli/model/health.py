"""How an image stands, from its probes: pure functions over records (DESIGN section 8).

status        entered when
CONNECTED     handshake and ping succeeded and the image id is the registered one
RECONNECTING  it was connected, and fewer than 3 probes in a row failed since
DISCONNECTED  3 or more failed, or the address refused, or the user parked it
FAILED        trying again cannot help: key refused, wrong image id, wrong protocol
UNKNOWN       never probed, or this machine's route to it is gone
"""

from __future__ import annotations

from typing import assert_never

from stui_cli.model.probes import Probe, ProbeRecord
from stui_cli.model.status import ConnectionHealth, ConnectionStatus, ProbeOutcome

FAILURES_TO_DISCONNECT = 3
SLOW_FLOOR_MS = 100.0
SCHEDULED_LIMIT_MS = 1_000
CLOCK_LIMIT_MS = 5_000
MEMORY_WARNING = 0.80
MEMORY_CRITICAL = 0.95

# RFC 6298 section 2: weights of the smoothed round trip time and its variation.
_ALPHA, _BETA = 1 / 8, 1 / 4


def judge(before: ProbeRecord | None, probe: Probe) -> ProbeRecord:
    """The record of an image after `probe`, given the one before it."""
    if probe.outcome is ProbeOutcome.ANSWERED:
        return _answered(before, probe)
    status, failures, refusals = _after_failure(before, probe.outcome)
    counting = probe.outcome is not ProbeOutcome.NO_ROUTE
    return ProbeRecord(
        status=status,
        health=_health_of_status(status),
        since=_since(before, status, probe),
        reason=probe.reason,
        failures=failures,
        refusals=refusals,
        failing_since=((before and before.failing_since) or probe.checked_at) if counting else None,
        srtt_ms=before.srtt_ms if before else None,
        rttvar_ms=before.rttvar_ms if before else None,
        last_seen=before.last_seen if before else None,
        last=probe,
        last_answer=before.last_answer if before else None,
    )


def expected_within_ms(record: ProbeRecord | None) -> float:
    """The latency above which a connected image counts as slow: max(100 ms, srtt + 4 rttvar)."""
    if record is None or record.srtt_ms is None or record.rttvar_ms is None:
        return SLOW_FLOOR_MS
    return max(SLOW_FLOOR_MS, record.srtt_ms + 4 * record.rttvar_ms)


def _answered(before: ProbeRecord | None, probe: Probe) -> ProbeRecord:
    latency = probe.latency_ms or 0.0
    srtt, rttvar = _estimate(before, latency)
    health, reason = _health_of_answer(before, probe, latency)
    return ProbeRecord(
        status=ConnectionStatus.CONNECTED,
        health=health,
        since=_since(before, ConnectionStatus.CONNECTED, probe),
        reason=reason,
        failures=0,
        refusals=0,
        failing_since=None,
        srtt_ms=srtt,
        rttvar_ms=rttvar,
        last_seen=probe.checked_at,
        last=probe,
        last_answer=probe,
    )


def _estimate(before: ProbeRecord | None, latency: float) -> tuple[float, float]:
    """RFC 6298: the first measurement R gives srtt = R and rttvar = R/2, later ones are blended in."""
    if before is None or before.srtt_ms is None or before.rttvar_ms is None:
        return latency, latency / 2
    rttvar = (1 - _BETA) * before.rttvar_ms + _BETA * abs(before.srtt_ms - latency)
    return (1 - _ALPHA) * before.srtt_ms + _ALPHA * latency, rttvar


def _after_failure(before: ProbeRecord | None, outcome: ProbeOutcome) -> tuple[ConnectionStatus, int, int]:
    """Status, failures in a row and refusals among them after a probe that was not answered."""
    failures = (before.failures if before else 0) + 1
    refusals = before.refusals if before else 0
    match outcome:
        case ProbeOutcome.NO_ROUTE:
            # Says nothing of the image: counters are reset, no orphan's clock runs.
            return ConnectionStatus.UNKNOWN, 0, 0
        case ProbeOutcome.NOT_PERMITTED | ProbeOutcome.WRONG_IMAGE | ProbeOutcome.WRONG_PROTOCOL:
            return ConnectionStatus.FAILED, failures, refusals
        case ProbeOutcome.REFUSED:
            return ConnectionStatus.DISCONNECTED, failures, refusals + 1
        case ProbeOutcome.TIMED_OUT | ProbeOutcome.BROKEN:
            was_up = before is not None and before.status in (
                ConnectionStatus.CONNECTED,
                ConnectionStatus.RECONNECTING,
            )
            if failures >= FAILURES_TO_DISCONNECT or (before and before.status is ConnectionStatus.DISCONNECTED):
                return ConnectionStatus.DISCONNECTED, failures, refusals
            return (ConnectionStatus.RECONNECTING if was_up else ConnectionStatus.UNKNOWN), failures, refusals
        case ProbeOutcome.ANSWERED:
            return ConnectionStatus.CONNECTED, 0, 0
        case _:
            assert_never(outcome)


def _health_of_status(status: ConnectionStatus) -> ConnectionHealth:
    match status:
        case ConnectionStatus.CONNECTED:
            return ConnectionHealth.HEALTHY
        case ConnectionStatus.RECONNECTING:
            return ConnectionHealth.WARNING
        case ConnectionStatus.DISCONNECTED | ConnectionStatus.FAILED:
            return ConnectionHealth.CRITICAL
        case ConnectionStatus.UNKNOWN:
            return ConnectionHealth.UNKNOWN
        case _:
            assert_never(status)


def _health_of_answer(before: ProbeRecord | None, probe: Probe, latency: float) -> tuple[ConnectionHealth, str]:
    vitals = probe.vitals
    used = vitals.memory_used / vitals.memory_limit if vitals and vitals.memory_used and vitals.memory_limit else 0.0
    if used > MEMORY_CRITICAL:
        return ConnectionHealth.CRITICAL, f"memory at {used:.0%} of its limit"
    if used > MEMORY_WARNING:
        return ConnectionHealth.WARNING, f"memory at {used:.0%} of its limit"
    if latency > (allowed := expected_within_ms(before)):
        return ConnectionHealth.WARNING, f"slow: {latency:.0f} ms, expected within {allowed:.0f} ms"
    if vitals and vitals.scheduled_ms > SCHEDULED_LIMIT_MS:
        return (
            ConnectionHealth.WARNING,
            f"blocked: its processes wait {vitals.scheduled_ms} ms for their turn",
        )
    if vitals and abs(vitals.clock_ms - probe.checked_at) > CLOCK_LIMIT_MS:
        return ConnectionHealth.WARNING, f"clock off by {(vitals.clock_ms - probe.checked_at) / 1000:.0f} s"
    return ConnectionHealth.HEALTHY, ""


def _since(before: ProbeRecord | None, status: ConnectionStatus, probe: Probe) -> int:
    return before.since if before is not None and before.status is status else probe.checked_at
