"""What a plug-in of Nagios makes of each standing of an image."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stui_cli.model.checks import CheckState, Thresholds, check_image, gravest
from stui_cli.model.health import judge
from stui_cli.model.images import Image
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, ProbeRecord, Vitals
from stui_cli.model.ranges import Range

IMAGE = Image("alpha", "tcp://127.0.0.1:1", 0)
OK, WARNING, CRITICAL, UNKNOWN = CheckState
LIMITS = Thresholds(Range(high=100), Range(high=500))


def answered(latency: float = 1.0, used: int = 10, scheduled: int = 0) -> ProbeRecord:
    vitals = Vitals(1, 0, 1, used, 100, 0, 0, scheduled, None)
    return judge(None, Probe("alpha", 0, ProbeOutcome.ANSWERED, latency_ms=latency, vitals=vitals))


def failed(outcome: ProbeOutcome) -> ProbeRecord:
    return judge(None, Probe("alpha", 0, outcome, "why"))


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (None, UNKNOWN),
        (answered(), OK),
        (answered(100), OK),
        (answered(101), WARNING),
        (answered(501), CRITICAL),
        (answered(used=81), WARNING),
        (answered(used=96), CRITICAL),
        (answered(scheduled=2_000), WARNING),
        (answered(501, used=81), CRITICAL),
        (failed(ProbeOutcome.TIMED_OUT), CRITICAL),
        (failed(ProbeOutcome.REFUSED), CRITICAL),
        (failed(ProbeOutcome.BROKEN), CRITICAL),
        (failed(ProbeOutcome.WRONG_IMAGE), CRITICAL),
        (failed(ProbeOutcome.WRONG_PROTOCOL), CRITICAL),
        (failed(ProbeOutcome.NOT_PERMITTED), CRITICAL),
        (failed(ProbeOutcome.NO_ROUTE), UNKNOWN),
    ],
)
def test_the_state_of_an_image(record: ProbeRecord | None, state: CheckState) -> None:
    checked = check_image(IMAGE, record, LIMITS)
    assert checked.state is state
    assert bool(checked.reason) == (state is not OK)


def test_the_first_time_out_of_a_connected_image_is_critical() -> None:
    record = judge(answered(), Probe("alpha", 1, ProbeOutcome.TIMED_OUT, "no answer"))
    assert check_image(IMAGE, record, LIMITS).state is CRITICAL


def test_an_image_left_alone_is_well() -> None:
    assert check_image(IMAGE._replace(parked=True), None, LIMITS).state is OK


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        ((), UNKNOWN),
        ((OK, OK), OK),
        ((OK, UNKNOWN), UNKNOWN),
        ((UNKNOWN, WARNING), WARNING),
        ((UNKNOWN, CRITICAL, WARNING), CRITICAL),
    ],
)
def test_the_gravest_is_told(states: tuple[CheckState, ...], worst: CheckState) -> None:
    one = check_image(IMAGE, answered(), LIMITS)
    assert gravest([replace(one, state=state) for state in states]) is worst
