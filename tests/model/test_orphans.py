"""Every verdict on a session that may be left behind, and the opposite of each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.health import judge, parked, stopped
from stui_cli.model.images import Image
from stui_cli.model.orphans import (
    LEAST_PROBES,
    STRAY_AGE_MS,
    Kept,
    Known,
    KnownStray,
    Orphan,
    OrphanReason,
    Restorable,
    Rules,
    decide,
    decide_stray,
)
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, ProbeRecord, Vitals
from stui_cli.model.sessions import Session, SessionState
from stui_cli.model.status import ConnectionHealth, ConnectionStatus

HOUR = 3_600_000
DAY = 24 * HOUR
T0 = 1_700_000_000_000
RULES = Rules(grace=DAY)
IMAGE = Image("alpha", "tcp://127.0.0.1:9042", T0, image_id="id-a")
SESSION = Session("s1", "work", "id-a", "inc-1", T0, T0)
VITALS = Vitals(5_000, T0, 1, None, None, 1, 0, 0, None)


REFUSED, SILENT, WRONG = ProbeOutcome.REFUSED, ProbeOutcome.TIMED_OUT, ProbeOutcome.WRONG_IMAGE


def answered(at: int, incarnation: str = "inc-1") -> Probe:
    return Probe("alpha", at, ProbeOutcome.ANSWERED, "", 1.0, "id-a", incarnation, vitals=VITALS)


def after(*probes: tuple[ProbeOutcome, int], first: Probe | None = None, found: str = "id-b") -> ProbeRecord:
    """The record after an answer at T0 and then these probes, each with its time."""
    record = judge(None, first or answered(T0))
    for outcome, at in probes:
        record = judge(record, Probe("alpha", at, outcome, "why", image_id=found, source_address="10.0.0.2"))
    return record


def known(record: ProbeRecord | None, *, now: int = T0, **changes: object) -> Known:
    """SESSION in IMAGE, whose image names no session if it is connected."""
    connected = record is not None and record.status is ConnectionStatus.CONNECTED
    answer = record.last_answer if record else None
    facts = Known(SESSION, IMAGE, record, () if connected else None, answer.incarnation if answer else None, now)
    return replace(facts, **changes)


def kept(facts: Known, rules: Rules = RULES) -> Kept:
    verdict = decide(facts, rules)
    assert isinstance(verdict, Kept), verdict
    return verdict


def orphan(facts: Known, reason: OrphanReason, rules: Rules = RULES) -> Orphan:
    verdict = decide(facts, rules)
    assert isinstance(verdict, Orphan), verdict
    assert verdict.reason is reason
    return verdict


class TestImageUnregistered:
    def test_the_name_that_it_had_and_since_when(self) -> None:
        session = SESSION._replace(registered_as="alpha")
        found = orphan(known(None, image=None, session=session, removed_at=T0), OrphanReason.IMAGE_UNREGISTERED)
        assert found.evidence == "alpha is registered no more, since 2023-11-14T22:13:20.000Z"
        assert found.since == T0

    def test_without_either_it_is_told_by_its_id(self) -> None:
        found = orphan(known(None, image=None), OrphanReason.IMAGE_UNREGISTERED)
        assert (found.evidence, found.since) == ("the image id-a is registered no more", None)


class TestImageGone:
    def test_refused_for_the_grace_over_three_probes(self) -> None:
        record = after((REFUSED, T0 + HOUR), (REFUSED, T0 + 2 * HOUR), (REFUSED, T0 + HOUR + DAY))
        found = orphan(known(record, now=T0 + HOUR + DAY), OrphanReason.IMAGE_GONE)
        assert (found.since, found.probes) == (T0 + HOUR, 3)
        assert found.evidence == "refused since 2023-11-14T23:13:20.000Z, over 3 probes or more"

    def test_a_moment_before_the_grace_ends_it_waits_and_says_until_when(self) -> None:
        record = after((REFUSED, T0 + HOUR), (REFUSED, T0 + 2 * HOUR), (REFUSED, T0 + DAY))
        why = kept(known(record, now=T0 + HOUR + DAY - 1))
        assert why.waiting
        assert "ImageGone from 2023-11-15T23:13:20.000Z on" in why.why

    def test_two_refusals_are_too_few_however_far_apart(self) -> None:
        why = kept(known(after((REFUSED, T0), (REFUSED, T0 + 9 * DAY)), now=T0 + 9 * DAY))
        assert why.waiting
        assert "2 of the 3 probes" in why.why

    def test_an_answer_in_between_begins_anew(self) -> None:
        record = after((REFUSED, T0), (REFUSED, T0 + HOUR), (ProbeOutcome.ANSWERED, T0 + DAY))
        for hour in range(3):
            record = judge(record, Probe("alpha", T0 + DAY + hour * HOUR, REFUSED))
        assert kept(known(record, now=T0 + 2 * DAY - 1)).waiting

    def test_time_outs_alone_never(self) -> None:
        record = after(*((SILENT, T0 + day * DAY) for day in range(90)))
        assert record.status is ConnectionStatus.DISCONNECTED
        why = kept(known(record, now=T0 + 90 * DAY))
        assert "--unreachable-for" in why.why
        assert not why.waiting

    def test_time_outs_if_the_user_says_how_long_silence_is_believed(self) -> None:
        record = after((SILENT, T0), (SILENT, T0 + HOUR), (SILENT, T0 + 2 * HOUR))
        rules = Rules(grace=DAY, unreachable_for=7 * DAY)
        assert kept(known(record, now=T0 + 2 * HOUR + 7 * DAY - 1), rules).waiting
        found = orphan(known(record, now=T0 + 2 * HOUR + 7 * DAY), OrphanReason.IMAGE_GONE, rules)
        assert found.evidence.startswith("silent since 2023-11-14T22:13:20")

    def test_the_grace_counts_from_the_first_refusal_not_from_the_silence_before(self) -> None:
        """A host that was off for days and starts now refuses for a moment, before its image is up."""
        silence = [(SILENT, T0 + day * DAY) for day in range(3)]
        start = T0 + 3 * DAY
        record = after(*silence, (REFUSED, start), (REFUSED, start + 1000), (REFUSED, start + 2000))
        assert kept(known(record, now=start + 2000)).waiting
        record = after(*silence, (REFUSED, start), (REFUSED, start + 1000), (REFUSED, start + DAY))
        assert orphan(known(record, now=start + DAY), OrphanReason.IMAGE_GONE).since == start

    def test_who_is_silent_now_may_be_asleep_though_it_refused_before(self) -> None:
        record = after((REFUSED, T0), (REFUSED, T0 + 1), (REFUSED, T0 + 2), (SILENT, T0 + 2 * DAY))
        kept(known(record, now=T0 + 2 * DAY))
        record = judge(record, Probe("alpha", T0 + 2 * DAY + 1, REFUSED))
        orphan(known(record, now=T0 + 2 * DAY + 1), OrphanReason.IMAGE_GONE)

    def test_a_refusal_is_no_less_than_silence(self) -> None:
        record = after(*((REFUSED, T0 + i) for i in range(3)))
        orphan(known(record, now=T0 + HOUR), OrphanReason.IMAGE_GONE, Rules(grace=DAY, unreachable_for=HOUR // 2))

    def test_on_another_network_nothing_counts_until_it_answered(self) -> None:
        """A laptop in a train, where some other host has the address and refuses."""
        record = judge(None, answered(T0)._replace(source_address="192.168.1.5"))
        for day in range(1, 9):
            record = judge(record, Probe("alpha", T0 + day * DAY, REFUSED, source_address="10.9.9.9"))
        assert record.status is ConnectionStatus.DISCONNECTED
        assert "network changed" in kept(known(record, now=T0 + 9 * DAY)).why

    def test_an_image_that_lives_elsewhere_is_not_gone(self) -> None:
        record = after(*((REFUSED, T0 + day * DAY) for day in range(9)))
        why = kept(known(record, now=T0 + 9 * DAY, seen_at="tcp://127.0.0.1:7"))
        assert why.why.endswith("stui images set alpha --address tcp://127.0.0.1:7")

    def test_an_image_whose_process_lives_is_not_gone_though_its_socket_is(self) -> None:
        """As when the last log-out takes the runtime folder away, with the socket in it."""
        record = after(*((REFUSED, T0 + day * DAY) for day in range(9)))
        why = kept(known(record, now=T0 + 9 * DAY, seen_at=IMAGE.address))
        assert why.why == f"its process lives, though it is not met at {IMAGE.address}"

    def test_what_somebody_told_is_no_probe(self) -> None:
        from stui_cli.model.health import record_without_probe

        record = record_without_probe(
            after(), "alpha", ConnectionStatus.DISCONNECTED, ConnectionHealth.CRITICAL, "somebody said so", T0
        )
        kept(known(record, now=T0 + 90 * DAY))


class TestImageReplaced:
    def test_another_id_answers_for_the_grace_without_a_break(self) -> None:
        record = after((WRONG, T0 + 5), (WRONG, T0 + DAY + 5))
        found = orphan(known(record, now=T0 + DAY + 5), OrphanReason.IMAGE_REPLACED)
        assert found.evidence == "its address answers as image id-b, as another one does since 2023-11-14T22:13:20.005Z"
        assert (found.found_image_id, found.since, found.probes) == ("id-b", T0 + 5, 2)

    def test_a_moment_before_the_grace_ends_it_waits_and_says_until_when(self) -> None:
        """An agent that somebody started by hand, without an id, and once more."""
        why = kept(known(after((WRONG, T0 + 5)), now=T0 + DAY + 4))
        assert why.waiting
        assert why.why.endswith("ImageReplaced from 2023-11-15T22:13:20.005Z on")
        orphan(known(after((WRONG, T0 + 5)), now=T0 + 5), OrphanReason.IMAGE_REPLACED, Rules(grace=0))

    @pytest.mark.parametrize(
        "other",
        [
            ProbeOutcome.ANSWERED,
            ProbeOutcome.NOT_PERMITTED,
            ProbeOutcome.WRONG_PROTOCOL,
            REFUSED,
            ProbeOutcome.NO_ROUTE,
        ],
    )
    def test_whatever_else_is_met_in_between_is_a_break(self, other: ProbeOutcome) -> None:
        record = after((WRONG, T0), (WRONG, T0 + HOUR), (other, T0 + 2 * HOUR), (WRONG, T0 + DAY))
        assert kept(known(record, now=T0 + 2 * DAY - 1)).waiting
        orphan(known(record, now=T0 + 2 * DAY), OrphanReason.IMAGE_REPLACED)

    def test_a_refused_key_before_it_does_not_count(self) -> None:
        record = after(*((ProbeOutcome.NOT_PERMITTED, T0 + day * DAY) for day in range(90)), (WRONG, T0 + 90 * DAY))
        assert record.since == T0
        assert kept(known(record, now=T0 + 91 * DAY - 1)).waiting

    def test_a_time_on_purpose_alone_is_a_break(self) -> None:
        record = judge(parked(after((WRONG, T0)), T0 + HOUR), Probe("alpha", T0 + 9 * DAY, WRONG, image_id="id-b"))
        assert kept(known(record, now=T0 + 9 * DAY)).waiting

    def test_the_record_of_an_older_stui_begins_with_its_last_contact(self) -> None:
        record = after((WRONG, T0), (WRONG, T0 + DAY))._replace(replaced_since=None)
        assert kept(known(record, now=T0 + DAY)).waiting
        assert judge(record, Probe("alpha", T0 + 2 * DAY, WRONG, image_id="id-b")).replaced_since == T0 + 2 * DAY

    @pytest.mark.parametrize("outcome", [ProbeOutcome.NOT_PERMITTED, ProbeOutcome.WRONG_PROTOCOL])
    def test_a_refused_key_or_a_foreign_protocol_proves_nothing(self, outcome: ProbeOutcome) -> None:
        record = after(*((outcome, T0 + day * DAY) for day in range(90)))
        assert "proves nothing" in kept(known(record, now=T0 + 90 * DAY), Rules(0, 0, 0, True, False)).why

    def test_two_images_that_swapped_their_ports_are_both_alive(self) -> None:
        kept(known(after((ProbeOutcome.WRONG_IMAGE, T0)), seen_at="tcp://127.0.0.1:7"))

    def test_another_network_has_other_images(self) -> None:
        record = judge(None, answered(T0)._replace(source_address="192.168.1.5"))
        for minute in (1, 2):
            found = Probe("alpha", T0 + minute, ProbeOutcome.WRONG_IMAGE, image_id="x", source_address="10.9.9.9")
            record = judge(record, found)
        assert record.status is ConnectionStatus.FAILED
        kept(known(record))


class TestSessionLost:
    def test_the_image_restarted_without_it(self) -> None:
        record = after(first=answered(T0 + 9_000, "inc-2"))
        found = orphan(known(record), OrphanReason.SESSION_LOST)
        assert found.evidence == "its image restarted without it, as incarnation inc-2"
        assert (found.incarnation, found.since) == ("inc-2", T0 + 4_000)

    def test_the_image_is_up_and_does_not_know_it(self) -> None:
        found = orphan(known(after()), OrphanReason.SESSION_LOST)
        assert (found.evidence, found.incarnation) == ("its image is up and does not know it", "inc-1")

    def test_what_can_be_restored_waits_from_when_the_new_incarnation_was_met(self) -> None:
        record = judge(after(), answered(T0 + 9 * DAY, "inc-2"))
        for hour in (1, 2):
            record = judge(record, answered(T0 + 9 * DAY + hour * HOUR, "inc-2"))
        facts = known(record, now=T0 + 10 * DAY - 1, restorable=Restorable(3, 1))
        why = kept(facts)
        assert why.waiting
        assert why.why == (
            "its image restarted without it, as incarnation inc-2; what can be restored, a checkpoint of 3 variables "
            "and a history of 1 evaluation, waits: SessionLost from 2023-11-24T22:13:20.000Z on"
        )
        found = orphan(replace(facts, now=T0 + 10 * DAY), OrphanReason.SESSION_LOST)
        assert found.evidence.endswith("; with it goes a checkpoint of 3 variables and a history of 1 evaluation")
        orphan(facts, OrphanReason.SESSION_LOST, Rules(grace=0))
        orphan(replace(facts, restorable=Restorable()), OrphanReason.SESSION_LOST)

    def test_what_only_a_further_restart_shows_waits_from_then_on(self) -> None:
        """The probe met another incarnation than the question for the sessions a moment later."""
        facts = known(after(), incarnation="inc-3", now=T0 + 9 * DAY, restorable=Restorable(1))
        assert kept(facts).waiting

    def test_of_a_silent_loss_the_last_use_is_what_counts(self) -> None:
        used = SESSION._replace(last_activity=T0 + 9 * DAY)
        facts = known(after(), session=used, now=T0 + 10 * DAY - 1, restorable=Restorable(1))
        assert kept(facts).waiting
        orphan(replace(facts, now=T0 + 10 * DAY), OrphanReason.SESSION_LOST)

    def test_the_record_of_an_older_stui_knows_when_the_incarnation_answered_last(self) -> None:
        record = judge(after()._replace(incarnation_since=None), answered(T0 + DAY))
        assert record.incarnation_since == T0
        assert judge(record, Probe("alpha", T0 + 2 * DAY, REFUSED)).incarnation_since == T0

    def test_it_restarted_since_the_probe(self) -> None:
        found = orphan(known(after(), incarnation="inc-3"), OrphanReason.SESSION_LOST)
        assert (found.incarnation, found.since) == ("inc-3", None)

    def test_it_restarted_and_knows_it_as_a_saved_image_does(self) -> None:
        record = after(first=answered(T0, "inc-2"))
        assert kept(known(record, live_ids={"s1"})).why == "live in its image"

    def test_an_image_that_could_not_be_asked_keeps_it(self) -> None:
        assert not kept(known(after(), live_ids=None)).asked


class TestExpired:
    CLOSED = SESSION._replace(state=SessionState.CLOSED)

    def test_a_closed_one_idle_for_too_long(self) -> None:
        facts = known(after(), session=self.CLOSED, now=T0 + DAY)
        found = orphan(facts, OrphanReason.EXPIRED, Rules(DAY, older_than=DAY))
        assert (found.evidence, found.since) == ("idle since 2023-11-14T22:13:20.000Z", T0)
        kept(replace(facts, now=T0 + DAY - 1), Rules(DAY, older_than=DAY))

    def test_without_a_bound_a_closed_one_stays_for_ever(self) -> None:
        assert "restored" in kept(known(after(), session=self.CLOSED, now=T0 + 9000 * DAY)).why

    @pytest.mark.parametrize("rules", [Rules(DAY), Rules(DAY, older_than=0), Rules(DAY, force=True)])
    def test_idle_but_connected_stays(self, rules: Rules) -> None:
        assert kept(known(after(), live_ids={"s1"}, now=T0 + 90 * DAY), rules).why == "live in its image"

    @pytest.mark.parametrize("rules", [Rules(DAY, older_than=DAY, force=True), Rules(DAY, DAY, preserve_active=False)])
    def test_a_live_one_goes_only_by_force(self, rules: Rules) -> None:
        facts = known(after(), live_ids={"s1"}, now=T0 + DAY)
        orphan(facts, OrphanReason.EXPIRED, rules)
        kept(replace(facts, now=T0 + DAY - 1), rules)


class TestStray:
    OURS = KnownStray(created_at=T0, last_activity=T0, active=False, ours=True, now=T0 + STRAY_AGE_MS)
    OTHERS = replace(OURS, ours=False, now=T0 + DAY)
    FORCED = Rules(DAY, force=True)

    def test_ours_that_the_store_does_not_know(self) -> None:
        verdict = decide_stray(self.OURS, RULES)
        since = "2023-11-14T22:13:20.000Z"
        assert verdict == Orphan(OrphanReason.STRAY, f"lives in its image since {since}, unknown to this store", T0)

    def test_one_that_may_just_be_in_the_making_waits(self) -> None:
        verdict = decide_stray(replace(self.OURS, now=T0 + STRAY_AGE_MS - 1), Rules(0, 0, 0, True, False))
        assert isinstance(verdict, Kept)
        assert verdict.waiting

    @pytest.mark.parametrize(
        ("ours", "rules", "goes"),
        [
            (True, RULES, False),
            (True, FORCED, True),
            (True, Rules(DAY, preserve_active=False), True),
            (False, FORCED, False),
            (False, Rules(DAY, force=True, preserve_active=False), True),
        ],
    )
    def test_one_in_use_goes_only_by_force_and_somebody_elses_not_even_then(
        self, ours: bool, rules: Rules, goes: bool
    ) -> None:
        verdict = decide_stray(replace(self.OTHERS, ours=ours, active=True), rules)
        assert isinstance(verdict, Orphan) is goes

    @pytest.mark.parametrize("rules", [RULES, Rules(0, 0, 0, False, False)])
    def test_somebody_elses_stays_without_force(self, rules: Rules) -> None:
        assert isinstance(decide_stray(self.OTHERS, rules), Kept)
        assert isinstance(decide_stray(self.OTHERS, self.FORCED), Orphan)

    def test_somebody_elses_that_was_used_lately_stays(self) -> None:
        assert isinstance(decide_stray(self.OTHERS, Rules(DAY, older_than=2 * DAY, force=True)), Kept)


@pytest.mark.parametrize("rules", [RULES, Rules(0, 0, 0, True, False)])
def test_parked_unknown_reconnecting_and_never_probed_stay_whatever_is_forced(rules: Rules) -> None:
    long_after = T0 + 9000 * DAY
    gone = after(*((REFUSED, T0 + i) for i in range(9)))
    for facts in (
        known(gone, image=IMAGE._replace(parked=True)),
        known(after(), image=IMAGE._replace(parked=True)),
        known(gone._replace(parked=True)),
        known(after((ProbeOutcome.NO_ROUTE, T0))),
        known(after((SILENT, T0))),
        known(None),
    ):
        kept(replace(facts, now=long_after), rules)


outcomes = st.sampled_from(ProbeOutcome)
rules_of_any_kind = st.builds(
    Rules,
    st.integers(0, 3 * DAY),
    st.none() | st.integers(0, 3 * DAY),
    st.none() | st.integers(0, 3 * DAY),
    st.booleans(),
    st.booleans(),
)


@given(
    st.lists(st.tuples(outcomes, st.integers(1, DAY), st.sampled_from(["10.0.0.2", "10.0.0.3", None])), max_size=12),
    rules_of_any_kind,
    st.integers(0, 3 * DAY),
    st.booleans(),
    st.none() | st.booleans(),
)
def test_whatever_happened_nothing_goes_on_weak_evidence(
    happened: list[tuple[ProbeOutcome, int, str | None]], rules: Rules, waited: int, parked: bool, lives: bool | None
) -> None:
    record, now = None, T0
    for outcome, later, source in happened:
        now += later
        made = answered(now) if outcome is ProbeOutcome.ANSWERED else Probe("alpha", now, outcome, image_id="id-b")
        record = judge(record, made._replace(source_address=source))
    live_ids = None if lives is None else {"s1"} if lives else set()
    facts = Known(SESSION, IMAGE._replace(parked=parked), record, live_ids, "inc-1", now + waited)
    match decide(facts, rules):
        case Kept():
            return
        case Orphan(reason):
            pass
    assert record is not None
    assert not parked
    newest_first = [outcome for outcome, _, _ in reversed(happened)]
    match reason:
        case OrphanReason.IMAGE_GONE:
            assert not record.moved
            failed = newest_first[: newest_first.index(ProbeOutcome.ANSWERED)] if record.last_answer else newest_first
            assert len(failed) >= LEAST_PROBES
            if rules.unreachable_for is None:
                assert failed.count(REFUSED) >= LEAST_PROBES
                assert newest_first[0] is REFUSED
                assert facts.now - (record.refusing_since or now) >= rules.grace
        case OrphanReason.IMAGE_REPLACED:
            assert newest_first[0] is WRONG
            assert facts.now - (record.replaced_since or now) >= rules.grace
        case OrphanReason.SESSION_LOST:
            assert newest_first[0] is ProbeOutcome.ANSWERED
            assert lives is False
        case OrphanReason.EXPIRED:
            assert lives
            assert rules.takes_live
            assert rules.older_than is not None
        case OrphanReason.IMAGE_UNREGISTERED | OrphanReason.STRAY:
            raise AssertionError(reason)


@pytest.mark.parametrize("outcome", [REFUSED, SILENT, WRONG])
def test_the_sessions_of_an_image_that_stui_stopped_wait_for_it_as_long_as_it_is_registered(
    outcome: ProbeOutcome,
) -> None:
    record = stopped(judge(None, answered(T0)), "alpha", T0 + HOUR)
    for day in range(2, 40):
        record = judge(record, Probe("alpha", T0 + day * DAY, outcome, "why", image_id="id-b"))
    verdict = decide(known(record, now=T0 + 40 * DAY), Rules(grace=0, older_than=0, unreachable_for=0, force=True))
    assert verdict == Kept("its image was stopped on purpose, and is registered still")
    gone = decide(known(record, now=T0 + 40 * DAY, image=None), RULES)
    assert isinstance(gone, Orphan)
    assert gone.reason is OrphanReason.IMAGE_UNREGISTERED


def test_a_reason_is_found_by_its_word() -> None:
    words = {reason.word: reason for reason in OrphanReason}
    assert set(words) == {"ImageUnregistered", "ImageGone", "ImageReplaced", "SessionLost", "Expired", "Stray"}
    assert all(OrphanReason.of_word(word) is reason for word, reason in words.items())
    assert OrphanReason.of_word("MoonFull") is None
