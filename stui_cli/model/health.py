"""How an image stands, from its probes: pure functions over records (DESIGN section 8).

status        entered when
CONNECTED     handshake and ping succeeded and the image id is the registered one
RECONNECTING  it was connected, and fewer than 3 probes in a row failed since
DISCONNECTED  3 or more failed, or the address refused, or the user parked it
FAILED        trying again cannot help: key refused, wrong image id, wrong protocol
UNKNOWN       never probed, or this machine's route to it changed or is gone

An image that stui itself stopped is DISCONNECTED until it answers again, however often it is not met: that is what was
wanted, so its health is unknown and nothing is counted. Somebody else who answers at its address is told (FAILED).
"""

from __future__ import annotations

from typing import assert_never

from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, ProbeRecord, Vitals
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.named_tuples import NamedTuple

FAILURES_TO_DISCONNECT = 3
SLOW_FLOOR_MS = 100.0
SCHEDULED_LIMIT_MS = 1_000
CLOCK_LIMIT_MS = 5_000
MEMORY_WARNING = 0.80
MEMORY_CRITICAL = 0.95

# The wait before the next probe of an image that does not answer: it doubles with every failure.
FIRST_BACKOFF_MS = 1_000
LONGEST_BACKOFF_MS = 300_000

# RFC 6298 section 2: weights of the smoothed round trip time and its variation.
_ALPHA, _BETA = 1 / 8, 1 / 4

_STOPPED = "stopped on purpose"

# Somebody answered who must not be trusted; that is another thing than silence, and is counted apart.
_UNTRUSTED = frozenset({ProbeOutcome.NOT_PERMITTED, ProbeOutcome.WRONG_IMAGE, ProbeOutcome.WRONG_PROTOCOL})


def judge(before: ProbeRecord | None, probe: Probe) -> ProbeRecord:
    """The record of an image after `probe`, given the one before it."""
    if before is not None and before.parked:
        before = _forgotten(before, probe.checked_at, "")
    if probe.outcome is ProbeOutcome.ANSWERED:
        return _answered(before, probe)
    return _unanswered(before, probe)


def expected_within_ms(record: ProbeRecord | None) -> float:
    """The latency above which a connected image counts as slow: max(100 ms, srtt + 4 rttvar)."""
    if record is None or record.srtt_ms is None or record.rttvar_ms is None:
        return SLOW_FLOOR_MS
    return max(SLOW_FLOOR_MS, record.srtt_ms + 4 * record.rttvar_ms)


def proves_nothing(before: ProbeRecord | None, probe: Probe) -> bool:
    """Whether `probe` was given up sooner than the image may take for an answer: that is no silence."""
    return (
        probe.outcome is ProbeOutcome.TIMED_OUT
        and probe.waited_ms is not None
        and probe.waited_ms < expected_within_ms(before)
    )


def backoff_ms(failures: int) -> int:
    """How long to leave an image alone after `failures` probes in a row that failed: 1 s, 2 s, 4 s to 5 min."""
    if failures <= 0:
        return 0
    return min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS << min(failures - 1, 20))


def is_due(record: ProbeRecord | None, now: int) -> bool:
    """Whether monitoring should probe the image at `now` (ms). A clock that was set back makes it due."""
    if record is None:
        return True
    waited = now - record.last.checked_at
    return waited >= backoff_ms(record.failures) or waited < 0


def after_contact(before: ProbeRecord | None, met: Probe) -> ProbeRecord:
    """The record of an image after `met`, a contact for something else than the question how it is.

    A failure counts as that of a probe. An answer connects, and ends what was counted. How the image is stays as its
    last ping said if the same incarnation answers, with the time of that ping; its clocks went on since. A contact that
    the record knows already, or that is older than what was decided of the image meanwhile, changes nothing.
    """
    if before is not None and met.checked_at <= max(before.last.checked_at, before.since):
        return before
    if met.outcome is not ProbeOutcome.ANSWERED:
        return judge(before, met)
    if before is not None and before.parked:
        before = _forgotten(before, met.checked_at, "")
    old = before.last_answer if before else None
    if old is not None and old.incarnation == met.incarnation:
        measured = old.measured_at or old.checked_at
        met = met._replace(latency_ms=old.latency_ms, vitals=_aged(old, met.checked_at), measured_at=measured)
    answered = _answered(before, met)._replace(
        srtt_ms=before.srtt_ms if before else None, rttvar_ms=before.rttvar_ms if before else None
    )
    # What it was found to be holds on, unless a contact between was given up too soon.
    known = before is not None and before.last.outcome is ProbeOutcome.ANSWERED
    if known and before is not None and before.status is ConnectionStatus.CONNECTED and not _restarted(before, met):
        return answered._replace(health=before.health, reason=before.reason)
    health, reason = _health_of_answer(before, met, 0.0)
    return answered._replace(health=health, reason=reason)


def stopped(before: ProbeRecord | None, image: str, now: int) -> ProbeRecord:
    """The record of an image that stui ended. It is evidence of nothing else: no orphan's clock runs."""
    before = before or record_without_probe(None, image, ConnectionStatus.UNKNOWN, ConnectionHealth.UNKNOWN, "", now)
    return _forgotten(before, now, _STOPPED)._replace(
        status=ConnectionStatus.DISCONNECTED,
        since=now,
        told_status=ConnectionStatus.DISCONNECTED,
        stopped=True,
    )


def parked(before: ProbeRecord, now: int) -> ProbeRecord:
    """The record of an image that the user leaves alone from `now` on."""
    return _forgotten(before, now, "parked")._replace(
        status=ConnectionStatus.DISCONNECTED,
        parked=True,
        told_status=ConnectionStatus.DISCONNECTED,
    )


def at_new_address(before: ProbeRecord, now: int) -> ProbeRecord:
    """The record of an image that got another address: what failed at the old one says nothing of the new one."""
    return _forgotten(before, now, "its address was changed")._replace(stopped=False)


def after_network_change(before: ProbeRecord, source: str | None, now: int) -> ProbeRecord:
    """The record when the way to the image is another one than at the last contact, or there is none (`source`
    None): nothing is known, no counter goes on, no orphan's clock runs."""
    reason = "this machine has no route to it" if source is None else _moved_text(before, source)
    unknown = _forgotten(before, now, reason)
    return unknown._replace(network=source or before.network, moved=before.moved or _has_moved(before, source))


def record_without_probe(
    before: ProbeRecord | None, image: str, status: ConnectionStatus, health: ConnectionHealth, reason: str, now: int
) -> ProbeRecord:
    """The record of an image whose standing somebody knows without a probe. It is no evidence: no counter moves."""
    if before is None:
        unknown = Probe(image, now, ProbeOutcome.NO_ROUTE, reason)
        before = ProbeRecord(ConnectionStatus.UNKNOWN, health, now, reason, 0, 0, None, None, None, None, unknown, None)
    since = before.since if before.status is status else now
    ended = before.stopped and status is not ConnectionStatus.CONNECTED
    return before._replace(status=status, health=health, since=since, reason=reason, parked=False, stopped=ended)


def is_elsewhere(record: ProbeRecord, source: str | None) -> bool:
    """Whether a way that starts at `source` (None: there is no way) is another one than at the last contact."""
    return source is None or _has_moved(record, source)


def is_blocked(record: ProbeRecord) -> bool:
    """Whether something lives at the address and does not get on: the image accepts connections and says nothing
    more, or its own processes wait for their turn."""
    last = record.last
    if last.outcome is ProbeOutcome.TIMED_OUT:
        return last.reached is not None and not proves_nothing(record, last)
    vitals = last.vitals
    return vitals is not None and vitals.scheduled_ms > SCHEDULED_LIMIT_MS


class _Standing(NamedTuple):
    status: ConnectionStatus
    failures: int
    refusals: int


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
        network=probe.source_address or (before.network if before else None),
        told_status=before.told_status if before else ConnectionStatus.CONNECTED,
        told_incarnation=(before.told_incarnation if before else None) or probe.incarnation,
        incarnation_since=_incarnation_since(before, probe),
    )


def _unanswered(before: ProbeRecord | None, probe: Probe) -> ProbeRecord:
    moved_now = before is not None and _has_moved(before, probe.source_address)
    nowhere = moved_now or probe.outcome is ProbeOutcome.NO_ROUTE
    if before is not None and before.stopped and not nowhere and probe.outcome not in _UNTRUSTED:
        return _still_stopped(before, probe)
    if not nowhere and proves_nothing(before, probe):
        return _given_up(before, probe)
    standing = _Standing(ConnectionStatus.UNKNOWN, 0, 0) if nowhere else _after_failure(before, probe.outcome)
    reason = probe.reason
    if before is not None and moved_now and probe.source_address is not None:
        reason = f"{_moved_text(before, probe.source_address)}: {reason}"
    began = before.failing_since if before and standing.failures > 1 else None
    return ProbeRecord(
        status=standing.status,
        health=_health_of_status(standing.status),
        since=_since(before, standing.status, probe),
        reason=reason,
        failures=standing.failures,
        refusals=standing.refusals,
        failing_since=None if nowhere else began or probe.checked_at,
        srtt_ms=before.srtt_ms if before else None,
        rttvar_ms=before.rttvar_ms if before else None,
        last_seen=before.last_seen if before else None,
        last=probe,
        last_answer=before.last_answer if before else None,
        network=probe.source_address or (before.network if before else None),
        moved=moved_now or (before is not None and before.moved),
        told_status=before.told_status if before else standing.status,
        told_incarnation=before.told_incarnation if before else None,
        refusing_since=_refusing_since(before, standing, probe),
        replaced_since=None if nowhere else _replaced_since(before, probe),
        incarnation_since=before.incarnation_since if before else None,
        stopped=before is not None and before.stopped,
    )


def _still_stopped(before: ProbeRecord, probe: Probe) -> ProbeRecord:
    """The record of an image that stui stopped, after a contact that did not meet it."""
    return _forgotten(before, probe.checked_at, _STOPPED)._replace(
        status=ConnectionStatus.DISCONNECTED,
        since=_since(before, ConnectionStatus.DISCONNECTED, probe),
        last=probe,
        network=probe.source_address or before.network,
    )


def _given_up(before: ProbeRecord | None, probe: Probe) -> ProbeRecord:
    """The record after a contact that was given up too soon: nothing is counted, nothing of what was known changes, and
    whether a connected image is well is not known."""
    reason = f"{probe.reason}, too short a wait to tell"
    if before is None:
        unknown = ConnectionStatus.UNKNOWN, ConnectionHealth.UNKNOWN
        return ProbeRecord(*unknown, probe.checked_at, reason, 0, 0, None, None, None, None, probe, None)
    connected = before.status is ConnectionStatus.CONNECTED
    health = ConnectionHealth.UNKNOWN if connected else before.health
    return before._replace(health=health, reason=reason, last=probe)


def _refusing_since(before: ProbeRecord | None, standing: _Standing, probe: Probe) -> int | None:
    """When the refusals that are counted began: silence before them is none, and silence between them stops nothing."""
    if not standing.refusals:
        return None
    return before.refusing_since if before is not None and before.refusals else probe.checked_at


def _replaced_since(before: ProbeRecord | None, probe: Probe) -> int | None:
    """When another image began to answer, without a break since: whatever else was met in between is one."""
    if probe.outcome is not ProbeOutcome.WRONG_IMAGE:
        return None
    return (before.replaced_since if before else None) or probe.checked_at


def _incarnation_since(before: ProbeRecord | None, probe: Probe) -> int | None:
    """When the incarnation that answers now was first met."""
    answer = before.last_answer if before else None
    if before is None or answer is None or answer.incarnation != probe.incarnation:
        return probe.checked_at
    return before.incarnation_since or answer.checked_at


def _restarted(before: ProbeRecord, met: Probe) -> bool:
    return before.incarnation != met.incarnation


def _aged(answer: Probe, now: int) -> Vitals | None:
    """What an image said of itself, with the clocks that went on since it answered."""
    said, passed = answer.vitals, max(0, now - answer.checked_at)
    if said is None:
        return None
    return said._replace(uptime_ms=said.uptime_ms + passed, clock_ms=said.clock_ms + passed)


def _estimate(before: ProbeRecord | None, latency: float) -> tuple[float, float]:
    """RFC 6298: the first measurement R gives srtt = R and rttvar = R/2, later ones are blended in."""
    if before is None or before.srtt_ms is None or before.rttvar_ms is None:
        return latency, latency / 2
    rttvar = (1 - _BETA) * before.rttvar_ms + _BETA * abs(before.srtt_ms - latency)
    return (1 - _ALPHA) * before.srtt_ms + _ALPHA * latency, rttvar


def _after_failure(before: ProbeRecord | None, outcome: ProbeOutcome) -> _Standing:
    """Where a probe leads that was not answered, over a way that is the old one."""
    goes_on = before is not None and (before.last.outcome in _UNTRUSTED) == (outcome in _UNTRUSTED)
    failures = (before.failures if before and goes_on else 0) + 1
    refusals = before.refusals if before and goes_on else 0
    was = before.status if before else ConnectionStatus.UNKNOWN
    match outcome:
        case ProbeOutcome.NOT_PERMITTED | ProbeOutcome.WRONG_IMAGE | ProbeOutcome.WRONG_PROTOCOL:
            return _Standing(ConnectionStatus.FAILED, failures, refusals)
        case ProbeOutcome.REFUSED:
            return _Standing(ConnectionStatus.DISCONNECTED, failures, refusals + 1)
        case ProbeOutcome.TIMED_OUT | ProbeOutcome.BROKEN:
            if failures >= FAILURES_TO_DISCONNECT or was is ConnectionStatus.DISCONNECTED:
                return _Standing(ConnectionStatus.DISCONNECTED, failures, refusals)
            return _Standing(_while_silent(was), failures, refusals)
        case ProbeOutcome.NO_ROUTE:
            return _Standing(ConnectionStatus.UNKNOWN, 0, 0)
        case ProbeOutcome.ANSWERED:
            return _Standing(ConnectionStatus.CONNECTED, 0, 0)
        case _:
            assert_never(outcome)


def _while_silent(was: ConnectionStatus) -> ConnectionStatus:
    """The status of an image that was `was` and has been silent too seldom to be called disconnected."""
    match was:
        case ConnectionStatus.CONNECTED | ConnectionStatus.RECONNECTING:
            return ConnectionStatus.RECONNECTING
        case ConnectionStatus.FAILED | ConnectionStatus.UNKNOWN | ConnectionStatus.DISCONNECTED:
            return was
        case _:
            assert_never(was)


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
    if vitals and vitals.scheduled_ms > SCHEDULED_LIMIT_MS:
        return ConnectionHealth.WARNING, f"blocked: its processes wait {vitals.scheduled_ms} ms for their turn"
    if used > MEMORY_WARNING:
        return ConnectionHealth.WARNING, f"memory at {used:.0%} of its limit"
    if latency > (allowed := expected_within_ms(before)):
        return ConnectionHealth.WARNING, f"slow: {latency:.0f} ms, expected within {allowed:.0f} ms"
    if vitals and abs(vitals.clock_ms - probe.checked_at) > CLOCK_LIMIT_MS:
        return ConnectionHealth.WARNING, f"clock off by {(vitals.clock_ms - probe.checked_at) / 1000:.0f} s"
    return ConnectionHealth.HEALTHY, ""


def _forgotten(before: ProbeRecord, now: int, reason: str) -> ProbeRecord:
    """`before` with status UNKNOWN and every counter at rest; what the image last said is kept."""
    unknown = ConnectionStatus.UNKNOWN
    return before._replace(
        status=unknown,
        health=ConnectionHealth.UNKNOWN,
        since=before.since if before.status is unknown else now,
        reason=reason,
        failures=0,
        refusals=0,
        failing_since=None,
        refusing_since=None,
        replaced_since=None,
        parked=False,
    )


def _has_moved(before: ProbeRecord, source: str | None) -> bool:
    return before.network is not None and source is not None and source != before.network


def _moved_text(before: ProbeRecord, source: str) -> str:
    return f"this machine's network changed, from {before.network} to {source}"


def _since(before: ProbeRecord | None, status: ConnectionStatus, probe: Probe) -> int:
    return before.since if before is not None and before.status is status else probe.checked_at
