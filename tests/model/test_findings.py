"""What one monitor found that is true for another, and what of it can be believed."""

from __future__ import annotations

from math import inf, nan

import pytest

from stui_cli.model.findings import believable, may_be_told, moved_by, newest, without_own
from stui_cli.model.health import judge
from stui_cli.model.images import Image
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, ProbeRecord

NOW = 1_700_000_000_000
FAR, HERE, SSH = "tcp://build.example:4040", "tcp://127.0.0.1:4040", "ssh://build.example/127.0.0.1:4040"


def image(address: str = FAR, **more: object) -> Image:
    return Image("alpha", address, NOW - 1000, image_id="id", **more)  # type: ignore[arg-type]


def met(outcome: ProbeOutcome = ProbeOutcome.ANSWERED, at: int = NOW, **more: object) -> Probe:
    answered = outcome is ProbeOutcome.ANSWERED
    known = {"latency_ms": 3.0, "image_id": "id", "incarnation": "one", "role": "admin"} if answered else {}
    return Probe("alpha", at, outcome, source_address="10.0.0.7", **{**known, **more})  # type: ignore[arg-type]


def record(outcome: ProbeOutcome = ProbeOutcome.ANSWERED, at: int = NOW, **more: object) -> ProbeRecord:
    return judge(None, met(outcome, at, **more))


@pytest.mark.parametrize("address", [FAR, HERE, "unix:///run/image", SSH])
def test_one_that_answered_is_told_of_everywhere(address: str) -> None:
    assert may_be_told(image(address), record(), same_place=False)


@pytest.mark.parametrize(
    ("outcome", "address", "same", "told"),
    [
        (ProbeOutcome.REFUSED, FAR, False, True),
        (ProbeOutcome.TIMED_OUT, "tls://build.example:4040", False, True),
        (ProbeOutcome.WRONG_IMAGE, FAR, False, True),
        (ProbeOutcome.REFUSED, HERE, False, False),
        (ProbeOutcome.REFUSED, HERE, True, True),
        (ProbeOutcome.REFUSED, "unix:///run/image", False, False),
        (ProbeOutcome.REFUSED, SSH, True, False),
        (ProbeOutcome.NOT_PERMITTED, FAR, True, False),
        (ProbeOutcome.WRONG_PROTOCOL, FAR, True, False),
        (ProbeOutcome.NO_ROUTE, FAR, True, False),
    ],
)
def test_what_fails_for_one_may_not_fail_for_another(
    outcome: ProbeOutcome, address: str, same: bool, told: bool
) -> None:
    assert may_be_told(image(address), record(outcome), same_place=same) is told


def test_what_failed_from_another_network_and_what_is_left_alone_is_told_to_nobody() -> None:
    assert not may_be_told(image(), record(ProbeOutcome.REFUSED)._replace(moved=True), same_place=True)
    assert not may_be_told(image(parked=True), record(), same_place=True)
    assert not may_be_told(image(), record()._replace(parked=True), same_place=True)


def test_nothing_of_who_probed_is_told() -> None:
    told = without_own(record())
    assert "10.0.0.7" not in repr(told)
    assert "admin" not in repr(told)
    assert told.last_answer is not None
    assert told.last_answer.incarnation == "one"


@pytest.mark.parametrize(
    "lie",
    [
        record(at=NOW + 1),
        record()._replace(since=NOW + 1),
        record()._replace(since=-1),
        record()._replace(last_seen=2**63 - 1),
        record(latency_ms=nan),
        record(latency_ms=inf),
        record(latency_ms=-1.0),
        record(image_id="another"),
        record(measured_at=NOW + 1),
    ],
)
def test_what_cannot_be_is_not_believed(lie: ProbeRecord) -> None:
    assert not believable(image(), lie, NOW)


def test_what_can_be_is_believed() -> None:
    assert believable(image(), record(), NOW)
    assert believable(image(), record(ProbeOutcome.REFUSED), NOW)
    assert believable(image(), record(ProbeOutcome.WRONG_IMAGE, image_id="another"), NOW)


def test_times_of_another_clock_all_move() -> None:
    moved = moved_by(record(measured_at=NOW - 5), 1000)
    assert (moved.since, moved.last_seen, moved.last.checked_at, moved.last.measured_at) == (
        NOW + 1000, NOW + 1000, NOW + 1000, NOW + 995,
    )  # fmt: skip
    assert moved.incarnation_since == NOW + 1000
    assert moved.failing_since is None
    assert moved_by(moved, -1000) == record(measured_at=NOW - 5)


def test_the_later_of_two_counts_and_a_decision_here_is_as_good_as_a_probe() -> None:
    own, heard = record(at=NOW), record(at=NOW + 1)._replace(seen_by="host/ada")
    assert newest(own, heard) is heard
    assert newest(heard, own) is heard, "whoever it is of"
    assert newest(own, own._replace(seen_by="host/ada")) is own
    assert newest(own._replace(since=NOW + 2), heard).seen_by is None  # type: ignore[union-attr]
    assert newest(None, heard) is heard
    assert newest(own, None) is own
    assert newest(None, None) is None
