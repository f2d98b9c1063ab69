"""DESIGN section 8 as a table: status, health, the estimator of RFC 6298, and what a change of network means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.health import (
    after_contact,
    at_new_address,
    backoff_ms,
    expected_within_ms,
    is_blocked,
    is_due,
    judge,
    parked,
    stopped,
)
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, ProbeRecord, Vitals
from stui_cli.model.status import ConnectionHealth, ConnectionStatus, ProbeLevel

START = 1_760_000_000_000
STEP = 10_000

VITALS = Vitals(1_000, START, 1, 50, 100, 0, 0, 0, None)

# One letter for each way in which a probe can end.
OUTCOMES = {
    "A": ProbeOutcome.ANSWERED,
    "R": ProbeOutcome.REFUSED,
    "T": ProbeOutcome.TIMED_OUT,
    "B": ProbeOutcome.BROKEN,
    "N": ProbeOutcome.NO_ROUTE,
    "K": ProbeOutcome.NOT_PERMITTED,
    "W": ProbeOutcome.WRONG_IMAGE,
    "P": ProbeOutcome.WRONG_PROTOCOL,
}

# And for each status.
STATUSES = {
    "C": ConnectionStatus.CONNECTED,
    "R": ConnectionStatus.RECONNECTING,
    "D": ConnectionStatus.DISCONNECTED,
    "F": ConnectionStatus.FAILED,
    "U": ConnectionStatus.UNKNOWN,
}

HEALTH = {
    ConnectionStatus.CONNECTED: ConnectionHealth.HEALTHY,
    ConnectionStatus.RECONNECTING: ConnectionHealth.WARNING,
    ConnectionStatus.DISCONNECTED: ConnectionHealth.CRITICAL,
    ConnectionStatus.FAILED: ConnectionHealth.CRITICAL,
    ConnectionStatus.UNKNOWN: ConnectionHealth.UNKNOWN,
}


def probe(letter: str, number: int = 0, **more: object) -> Probe:
    at = START + number * STEP
    outcome = OUTCOMES[letter]
    if outcome is ProbeOutcome.ANSWERED:
        given: dict[str, object] = {"latency_ms": 1.0, "incarnation": "i", "vitals": VITALS._replace(clock_ms=at)}
        return Probe("alpha", at, outcome, **(given | more))  # type: ignore[arg-type]
    return Probe("alpha", at, outcome, f"because {letter}", **more)  # type: ignore[arg-type]


def history(letters: str) -> list[ProbeRecord]:
    """The record after each probe of a row."""
    records: list[ProbeRecord] = []
    for number, letter in enumerate(letters):
        records.append(judge(records[-1] if records else None, probe(letter, number)))
    return records


TRANSITIONS = [
    # never probed before
    ("A", "C"),
    ("R", "D"),  # the address refused
    ("T", "U"),
    ("B", "U"),
    ("N", "U"),
    ("K", "F"),
    ("W", "F"),
    ("P", "F"),
    # it was connected, and fewer than 3 in a row failed since; then 3
    ("AT", "CR"),
    ("ATT", "CRR"),
    ("ATTT", "CRRD"),
    ("AB", "CR"),
    ("ABBB", "CRRD"),
    ("ATBTBT", "CRRDDD"),
    # a silent address that was never connected
    ("TT", "UU"),
    ("TTT", "UUD"),
    ("TBT", "UUD"),
    # an answer mends everything and starts the count anew
    ("ATTA", "CRRC"),
    ("ATTATTATT", "CRRCRRCRR"),
    ("TTTA", "UUDC"),
    ("ATTTA", "CRRDC"),
    ("AR", "CD"),
    ("ARA", "CDC"),
    ("KA", "FC"),
    ("WA", "FC"),
    # refused at once, however often it was connected
    ("AAAAR", "CCCCD"),
    ("ATR", "CRD"),
    ("TR", "UD"),
    # silence after a refusal proves no return
    ("RT", "DD"),
    ("RB", "DD"),
    ("ARTTT", "CDDDD"),
    # trying again cannot help
    ("AK", "CF"),
    ("AW", "CF"),
    ("AP", "CF"),
    ("ATTK", "CRRF"),
    ("KKKK", "FFFF"),
    ("RK", "DF"),
    ("KR", "FD"),
    # silence is no cure for a refused key, and refused keys are no silence
    ("KT", "FF"),
    ("KTT", "FFF"),
    ("KTTT", "FFFD"),
    ("KKT", "FFF"),
    # no route says nothing of the image: unknown, and the count starts anew
    ("AN", "CU"),
    ("ATTN", "CRRU"),
    ("ATTNT", "CRRUU"),
    ("ATTNTTT", "CRRUUUD"),
    ("RN", "DU"),
    ("RNN", "DUU"),
    ("KN", "FU"),
    ("NA", "UC"),
    ("NR", "UD"),
]


@pytest.mark.parametrize(("probes", "statuses"), TRANSITIONS, ids=[row[0] for row in TRANSITIONS])
def test_every_transition(probes: str, statuses: str) -> None:
    records = history(probes)
    assert [record.status for record in records] == [STATUSES[letter] for letter in statuses]
    for record, letter in zip(records, probes, strict=True):
        assert record.health is HEALTH[record.status]
        assert record.reason == ("" if letter == "A" else f"because {letter}")


@pytest.mark.parametrize(("probes", "statuses"), TRANSITIONS, ids=[row[0] for row in TRANSITIONS])
def test_since_is_when_the_status_was_entered(probes: str, statuses: str) -> None:
    entered = START
    for number, record in enumerate(history(probes)):
        if number and statuses[number] != statuses[number - 1]:
            entered = START + number * STEP
        assert record.since == entered
        assert record.last.checked_at == START + number * STEP


def test_counters() -> None:
    records = history("ATTRRT")
    assert [record.failures for record in records] == [0, 1, 2, 3, 4, 5]
    assert [record.refusals for record in records] == [0, 0, 0, 1, 2, 2]
    assert [record.failing_since for record in records] == [None, *[START + STEP] * 5]
    (*_, mended) = history("ATRA")
    assert (mended.failures, mended.refusals, mended.failing_since) == (0, 0, None)


def test_a_lost_network_moves_no_counter() -> None:
    """A laptop opened in a train must never lose a session."""
    (*_, record) = history("ARR" + "N" * 50)
    assert (record.status, record.failures, record.refusals) == (ConnectionStatus.UNKNOWN, 0, 0)
    assert record.failing_since is None


def test_what_answered_last_is_remembered_through_failures() -> None:
    records = history("ATKNR")
    for record in records:
        assert record.last_seen == START
        assert record.last_answer == records[0].last
        assert (record.srtt_ms, record.rttvar_ms) == (1.0, 0.5)
        assert record.incarnation == "i"
    assert history("T")[0].last_seen is None
    assert history("T")[0].incarnation is None


def test_another_source_address_says_nothing_of_the_image() -> None:
    home = judge(None, probe("A", source_address="192.0.2.7"))
    for letter in "TBR":
        away = judge(home, probe(letter, 1, source_address="198.51.100.9"))
        assert away.status is ConnectionStatus.UNKNOWN
        assert (away.failures, away.refusals, away.failing_since) == (0, 0, None)
        assert "network changed" in away.reason
        back = judge(away, probe("A", 2, source_address="192.0.2.7"))
        assert back.status is ConnectionStatus.CONNECTED
    still_home = judge(home, probe("T", 1, source_address="192.0.2.7"))
    assert still_home.status is ConnectionStatus.RECONNECTING


def test_an_image_that_is_left_alone_starts_anew_when_taken_up() -> None:
    (*_, gone) = history("ARRR")
    alone = parked(gone, START + 99)
    assert (alone.status, alone.failures, alone.refusals, alone.since) == (
        ConnectionStatus.DISCONNECTED,
        0,
        0,
        START + 99,
    )
    assert judge(alone, probe("T", 200)).status is ConnectionStatus.UNKNOWN


# --- health of an image that answers ------------------------------------------


def answered(before: ProbeRecord | None = None, latency: float = 1.0, clock: int = 0, **vitals: object) -> ProbeRecord:
    given = VITALS._replace(clock_ms=START + clock, **vitals)  # type: ignore[arg-type]
    return judge(before, probe("A", latency_ms=latency, vitals=given))


@pytest.mark.parametrize(
    ("vitals", "health", "words"),
    [
        ({}, "healthy", ""),
        ({"memory_used": 80, "memory_limit": 100}, "healthy", ""),
        ({"memory_used": 81, "memory_limit": 100}, "warning", "memory at 81%"),
        ({"memory_used": 95, "memory_limit": 100}, "warning", "memory at 95%"),
        ({"memory_used": 96, "memory_limit": 100}, "critical", "memory at 96%"),
        ({"memory_used": 500, "memory_limit": 100}, "critical", "memory at 500%"),
        ({"memory_used": None, "memory_limit": 100}, "healthy", ""),
        ({"memory_used": 100, "memory_limit": None}, "healthy", ""),
        ({"memory_used": 100, "memory_limit": 0}, "healthy", ""),
        ({"memory_used": -100, "memory_limit": 100}, "healthy", ""),
        ({"memory_used": 2**64 - 1, "memory_limit": 1}, "critical", "memory"),
        ({"scheduled_ms": 1_000}, "healthy", ""),
        ({"scheduled_ms": 1_001}, "warning", "blocked: its processes wait 1001 ms"),
        ({"scheduled_ms": 2**63}, "warning", "blocked"),
        ({"clock": 5_000}, "healthy", ""),
        ({"clock": -5_000}, "healthy", ""),
        ({"clock": 5_001}, "warning", "clock off by 5 s"),
        ({"clock": -7_000}, "warning", "clock off by -7 s"),
        ({"latency": 100.0}, "healthy", ""),
        ({"latency": 100.1}, "warning", "slow: 100 ms, expected within 100 ms"),
        ({"memory_used": 96, "memory_limit": 100, "scheduled_ms": 5_000, "latency": 900.0}, "critical", "memory"),
    ],
    ids=repr,
)
def test_health_of_an_answer(vitals: dict[str, object], health: str, words: str) -> None:
    record = answered(None, **vitals)  # type: ignore[arg-type]
    assert record.status is ConnectionStatus.CONNECTED
    assert record.health == health
    assert record.reason == "" if not words else words in record.reason


def test_an_answer_without_vitals_is_healthy() -> None:
    assert judge(None, probe("A", vitals=None)).health is ConnectionHealth.HEALTHY


# --- RFC 6298 ------------------------------------------


def test_the_estimator_by_hand() -> None:
    """RFC 6298 section 2: SRTT = R, RTTVAR = R/2; then RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R'|, with the old SRTT,
    and SRTT = 7/8 SRTT + 1/8 R'."""
    record = answered(None, 80.0)
    assert (record.srtt_ms, record.rttvar_ms) == (80.0, 40.0)
    assert expected_within_ms(record) == 240.0
    record = answered(record, 160.0)
    # rttvar = 0.75 * 40 + 0.25 * |80 - 160| = 50; srtt = 0.875 * 80 + 0.125 * 160 = 90
    assert (record.srtt_ms, record.rttvar_ms) == (90.0, 50.0)
    assert expected_within_ms(record) == 290.0
    record = answered(record, 26.0)
    # rttvar = 0.75 * 50 + 0.25 * |90 - 26| = 53.5; srtt = 0.875 * 90 + 0.125 * 26 = 82
    assert (record.srtt_ms, record.rttvar_ms) == (82.0, 53.5)
    assert expected_within_ms(record) == 296.0


def test_slow_is_what_is_slow_for_this_image() -> None:
    far = answered(None, 80.0)  # expected within 240
    assert answered(far, 240.0).health is ConnectionHealth.HEALTHY
    slow = answered(far, 241.0)
    assert slow.health is ConnectionHealth.WARNING
    assert "slow: 241 ms, expected within 240 ms" in slow.reason
    near = answered(None, 1.0)  # 3 ms by the estimator, 100 by the floor
    assert expected_within_ms(near) == 100.0
    assert answered(near, 99.0).health is ConnectionHealth.HEALTHY


def test_without_a_measurement_the_floor_counts() -> None:
    assert expected_within_ms(None) == 100.0
    assert expected_within_ms(history("T")[0]) == 100.0


def test_failures_do_not_move_the_estimator() -> None:
    (first, *_, last) = history("ATRK")
    assert (last.srtt_ms, last.rttvar_ms) == (first.srtt_ms, first.rttvar_ms)


# --- back-off and blocked images ---------------------------------------------------------


def test_a_wait_shorter_than_an_answer_may_take_is_no_silence() -> None:
    # An image that usually takes a second.
    records = [judge(None, probe("A", latency_ms=1_000.0))]
    for number in range(1, 5):
        given_up = probe("T", number, waited_ms=900.0, reached=ProbeLevel.TCP)
        records.append(judge(records[-1], given_up))
    after = records[-1]
    assert (after.status, after.since, after.failures) == (ConnectionStatus.CONNECTED, START, 0)
    assert after.health is ConnectionHealth.UNKNOWN
    assert after.reason == "because T, too short a wait to tell"
    assert not is_blocked(after)
    well = after_contact(after, probe("A", 6, vitals=None))
    assert (well.health, well.reason) == (ConnectionHealth.HEALTHY, "")
    assert judge(after, probe("A", 6)).since == START
    long = judge(after, probe("T", 6, waited_ms=5_000.0))
    assert (long.status, long.failures) == (ConnectionStatus.RECONNECTING, 1)
    # One that was never met.
    never = judge(None, probe("T", waited_ms=99.0))
    assert (never.status, never.failures) == (ConnectionStatus.UNKNOWN, 0)
    assert judge(None, probe("T", waited_ms=100.0)).failures == 1


def test_the_back_off_doubles_from_a_second_to_five_minutes() -> None:
    assert [backoff_ms(n) for n in range(6)] == [0, 1_000, 2_000, 4_000, 8_000, 16_000]
    assert backoff_ms(9) == 256_000
    assert backoff_ms(10) == 300_000
    assert backoff_ms(10_000_000) == 300_000


def test_what_is_due() -> None:
    (record,) = history("T")
    assert is_due(None, START)
    assert not is_due(record, START + 999)
    assert is_due(record, START + 1_000)
    assert is_due(record, START - 1)  # the clock was set back
    assert is_due(history("A")[0], START)


def test_blocked_is_neither_dead_nor_slow() -> None:
    assert is_blocked(judge(None, probe("T", reached=ProbeLevel.TCP)))
    assert not is_blocked(judge(None, probe("T")))
    assert not is_blocked(judge(None, probe("R")))
    assert is_blocked(answered(None, scheduled_ms=1_001))
    assert not is_blocked(answered(None))


@given(st.text(alphabet="".join(OUTCOMES), min_size=1, max_size=30))
def test_what_holds_after_any_row_of_probes(probes: str) -> None:
    records = history(probes)
    for number, record in enumerate(records):
        assert 0 <= record.refusals <= record.failures <= number + 1
        assert (record.failures == 0) == (probes[number] in "AN")
        assert (record.failing_since is None) == (record.failures == 0)
        assert record.since <= record.last.checked_at
        match record.status:
            case ConnectionStatus.CONNECTED:
                assert probes[number] == "A"
            case ConnectionStatus.FAILED:
                assert set(probes[: number + 1].rstrip("TB")[-1:]) <= set("KWP")
            case ConnectionStatus.DISCONNECTED:
                assert probes[number] in "RTB"
            case ConnectionStatus.RECONNECTING:
                assert probes[number] in "TB"
                assert "A" in probes[: number + 1]
            case ConnectionStatus.UNKNOWN:
                assert probes[number] in "NTB"


class TestStoppedOnPurpose:
    """An image that stui itself ended: that it does not answer is no news, and evidence of nothing."""

    def record(self, letters: str = "") -> ProbeRecord:
        record = stopped(history("A")[-1], "alpha", START + STEP)
        for number, letter in enumerate(letters, 2):
            record = judge(record, probe(letter, number))
        return record

    @pytest.mark.parametrize("letters", ["", "R", "RRRR", "TTTT", "B", "RTRB", "KR", "NR"])
    def test_it_stays_so_however_often_it_is_not_met(self, letters: str) -> None:
        record = self.record(letters)
        assert (record.status, record.health) == (ConnectionStatus.DISCONNECTED, ConnectionHealth.UNKNOWN)
        assert (record.reason, record.stopped) == ("stopped on purpose", True)
        assert (record.failures, record.refusals, record.failing_since, record.refusing_since) == (0, 0, None, None)
        assert record.last == (probe(letters[-1], len(letters) + 1) if letters else history("A")[-1].last)

    def test_it_is_so_since_it_was_stopped(self) -> None:
        assert self.record("RRR").since == START + STEP

    def test_a_wait_that_is_too_short_to_tell_changes_nothing(self) -> None:
        assert judge(self.record(), probe("T", 5, waited_ms=1.0)).reason == "stopped on purpose"

    def test_who_answers_in_its_place_is_told_and_it_is_stopped_all_the_same(self) -> None:
        record = self.record("W")
        assert (record.status, record.reason, record.stopped) == (ConnectionStatus.FAILED, "because W", True)

    def test_once_it_answers_it_is_an_image_like_any_other(self) -> None:
        assert not self.record("RA").stopped
        record = self.record("RAR")
        assert (record.status, record.health, record.refusals) == (
            ConnectionStatus.DISCONNECTED,
            ConnectionHealth.CRITICAL,
            1,
        )

    def test_at_another_address_nothing_is_known_of_it(self) -> None:
        record = judge(at_new_address(self.record(), START + 2 * STEP), probe("R", 3))
        assert (record.stopped, record.refusals, record.health) == (False, 1, ConnectionHealth.CRITICAL)
