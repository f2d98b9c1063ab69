"""The back-off of images that do not answer, and what a change of network does to a record."""

from __future__ import annotations

import pytest

from stui_cli.model.health import (
    after_network_change,
    backoff_ms,
    is_blocked,
    is_due,
    is_elsewhere,
    judge,
    parked,
    record_without_probe,
)
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, ProbeRecord, Vitals
from stui_cli.model.status import ConnectionHealth, ConnectionStatus, ProbeLevel

ANSWERED, TIMED_OUT, REFUSED, NO_ROUTE, WRONG_IMAGE, NOT_PERMITTED = (
    ProbeOutcome.ANSWERED,
    ProbeOutcome.TIMED_OUT,
    ProbeOutcome.REFUSED,
    ProbeOutcome.NO_ROUTE,
    ProbeOutcome.WRONG_IMAGE,
    ProbeOutcome.NOT_PERMITTED,
)
CONNECTED, DISCONNECTED, RECONNECTING, FAILED, UNKNOWN = (
    ConnectionStatus.CONNECTED,
    ConnectionStatus.DISCONNECTED,
    ConnectionStatus.RECONNECTING,
    ConnectionStatus.FAILED,
    ConnectionStatus.UNKNOWN,
)
VITALS = Vitals(1_000, 0, 1, 10, 100, 0, 0, 0, None)


def probe(at: int, outcome: ProbeOutcome, source: str | None = "10.0.0.5", scheduled: int = 0) -> Probe:
    answered = outcome is ANSWERED
    return Probe(
        "alpha",
        at,
        outcome,
        "" if answered else outcome.value,
        latency_ms=1.0 if answered else None,
        incarnation="one" if answered else None,
        vitals=VITALS._replace(clock_ms=at, scheduled_ms=scheduled) if answered else None,
        source_address=source,
    )


def after(*outcomes: ProbeOutcome | tuple[ProbeOutcome, str | None]) -> ProbeRecord:
    record: ProbeRecord | None = None
    for second, each in enumerate(outcomes):
        outcome, source = each if isinstance(each, tuple) else (each, "10.0.0.5")
        record = judge(record, probe(second * 1_000, outcome, source))
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(0, 0), (1, 1_000), (2, 2_000), (3, 4_000), (9, 256_000), (10, 300_000), (10_000, 300_000)],
)
def test_the_wait_doubles_up_to_five_minutes(failures: int, wait: int) -> None:
    assert backoff_ms(failures) == wait


def test_an_image_is_due_when_its_wait_is_over() -> None:
    record = after(ANSWERED, TIMED_OUT, TIMED_OUT)  # at 2 s, with two failures: 2 s to wait
    assert [is_due(record, now) for now in (3_999, 4_000)] == [False, True]
    assert is_due(None, 0)
    assert is_due(after(ANSWERED), 0)
    assert is_due(record, 1_000), "the clock was set back"


@pytest.mark.parametrize(
    ("outcomes", "status", "failures"),
    [
        ((ANSWERED, TIMED_OUT, NO_ROUTE), UNKNOWN, 0),
        ((ANSWERED, TIMED_OUT, TIMED_OUT, (TIMED_OUT, "10.7.7.7")), UNKNOWN, 0),
        ((ANSWERED, (REFUSED, "10.7.7.7")), UNKNOWN, 0),
        ((ANSWERED, (WRONG_IMAGE, "10.7.7.7")), UNKNOWN, 0),
        ((ANSWERED, (NO_ROUTE, None), (REFUSED, "10.7.7.7")), UNKNOWN, 0),
        ((ANSWERED, (REFUSED, "10.7.7.7"), (REFUSED, "10.7.7.7")), DISCONNECTED, 1),
        ((ANSWERED, (NO_ROUTE, None), REFUSED), DISCONNECTED, 1),
        ((ANSWERED, (REFUSED, None)), DISCONNECTED, 1),  # an address that cannot be told did not change
        ((ANSWERED, NOT_PERMITTED, NOT_PERMITTED, TIMED_OUT), FAILED, 1),
        ((ANSWERED, NOT_PERMITTED, TIMED_OUT, TIMED_OUT, TIMED_OUT), DISCONNECTED, 3),
        ((ANSWERED, TIMED_OUT, NOT_PERMITTED), FAILED, 1),
    ],
)
def test_failures_that_say_nothing_and_failures_that_count_apart(
    outcomes: tuple[ProbeOutcome, ...], status: ConnectionStatus, failures: int
) -> None:
    record = after(*outcomes)
    assert (record.status, record.failures) == (status, failures)
    assert (record.failing_since is None) == (failures == 0)


def test_the_first_failure_of_a_row_is_remembered() -> None:
    assert after(ANSWERED, TIMED_OUT, TIMED_OUT, REFUSED).failing_since == 1_000
    assert after(ANSWERED, TIMED_OUT, NOT_PERMITTED, TIMED_OUT, TIMED_OUT).failing_since == 3_000


def test_having_moved_lasts_until_an_answer() -> None:
    moved = after(ANSWERED, (TIMED_OUT, "10.7.7.7"), (TIMED_OUT, "10.7.7.7"))
    assert moved.moved
    assert not judge(moved, probe(9_000, ANSWERED, "10.7.7.7")).moved


def test_a_network_change_without_a_probe() -> None:
    record = after(ANSWERED, TIMED_OUT)
    assert is_elsewhere(record, None)
    assert is_elsewhere(record, "10.7.7.7")
    assert not is_elsewhere(record, "10.0.0.5")
    gone = after_network_change(record, None, 5_000)
    assert (gone.status, gone.failures, gone.since, gone.network, gone.moved) == (UNKNOWN, 0, 5_000, "10.0.0.5", False)
    moved = after_network_change(gone, "10.7.7.7", 6_000)
    assert (moved.since, moved.network, moved.moved) == (5_000, "10.7.7.7", True)


def test_parking_forgets_failures_and_so_does_taking_up_again() -> None:
    asleep = parked(after(ANSWERED, REFUSED, REFUSED, REFUSED), 9_000)
    assert (asleep.status, asleep.since, asleep.failures, asleep.refusals) == (DISCONNECTED, 9_000, 0, 0)
    assert asleep.health is ConnectionHealth.UNKNOWN
    again = judge(asleep, probe(90_000, TIMED_OUT))
    assert (again.status, again.failures, again.parked) == (UNKNOWN, 1, False)


def test_a_standing_that_somebody_tells_moves_no_counter() -> None:
    told = record_without_probe(after(ANSWERED), "alpha", DISCONNECTED, ConnectionHealth.CRITICAL, "moved house", 7_000)
    assert (told.status, told.since, told.reason, told.failures) == (DISCONNECTED, 7_000, "moved house", 0)
    fresh = record_without_probe(None, "alpha", CONNECTED, ConnectionHealth.HEALTHY, "", 7_000)
    assert (fresh.status, fresh.last.image, fresh.last_answer) == (CONNECTED, "alpha", None)


def test_blocked_is_told_from_dead_and_from_slow() -> None:
    accepted = probe(0, TIMED_OUT)._replace(reached=ProbeLevel.TCP)
    assert is_blocked(judge(None, accepted))
    assert is_blocked(judge(None, probe(0, ANSWERED, scheduled=1_001)))
    assert not is_blocked(judge(None, probe(0, ANSWERED, scheduled=1_000)))
    assert not is_blocked(judge(None, probe(0, TIMED_OUT)))
    assert not is_blocked(judge(None, probe(0, REFUSED)))
    assert not is_blocked(judge(None, probe(0, ANSWERED)._replace(latency_ms=900.0)))
    record = judge(None, probe(0, ANSWERED, scheduled=5_000))
    assert (record.status, record.health) == (CONNECTED, ConnectionHealth.WARNING)
    assert record.reason == "blocked: its processes wait 5000 ms for their turn"
