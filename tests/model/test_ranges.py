"""Thresholds as the Nagios plug-in development guidelines write them."""

from __future__ import annotations

import math

import pytest

from stui_cli.model.errors import UsageProblem
from stui_cli.model.ranges import Range, is_never_seen, parse_range


@pytest.mark.parametrize(
    ("text", "alerting", "quiet", "shown", "words"),
    [
        ("10", (10_001, 1e9), (0, 10_000), "10000", "above 10000 ms"),
        (":10", (10_001,), (0, 10_000), "10000", "above 10000 ms"),
        ("10:", (0, 9_999), (10_000, 1e9), "10000:", "below 10000 ms"),
        ("~:10", (10_001,), (-5, 0, 10_000), "~:10000", "above 10000 ms"),
        ("10:20", (9_999, 20_001), (10_000, 20_000), "10000:20000", "outside 10000:20000 ms"),
        ("@10:20", (10_000, 20_000), (9_999, 20_001), "@10000:20000", "in 10000:20000 ms"),
        ("@10", (0, 10_000), (10_001,), "@10000", "in 10000 ms"),
        ("500ms", (501,), (500,), "500", "above 500 ms"),
        ("100ms:1m", (99, 60_001), (100, 60_000), "100:60000", "outside 100:60000 ms"),
        ("0", (0.1,), (0,), "0", "above 0 ms"),
        ("0:", (), (0, 1e9), "0:", None),
    ],
)
def test_a_range(text: str, alerting: tuple[float, ...], quiet: tuple[float, ...], shown: str, words: str) -> None:
    found = parse_range(text)
    assert all(found.alerts(ms) for ms in alerting)
    assert not any(found.alerts(ms) for ms in quiet)
    assert str(found) == shown
    assert words is None or found.words == words


@pytest.mark.parametrize(
    "text", ["", ":", "@", "@:", "soon", "1:2:3", "~", "-5:10", "5:~", "nan", "inf", "10 : x", "@@1"]
)
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(UsageProblem, match="no range"):
        parse_range(text)


def test_a_range_that_begins_above_its_end() -> None:
    with pytest.raises(UsageProblem, match="begins above its end"):
        parse_range("20:10")


@pytest.mark.parametrize(
    ("warning", "critical", "mixed_up"),
    [
        ("10", "5", True),
        ("5", "10", False),
        ("5", "5", False),
        ("5:", "10:", True),
        ("10:", "5:", False),
        ("5:30", "10:20", True),
        ("10:20", "5:30", False),
        ("@12:15", "@10:20", True),
        ("@10:20", "@12:15", False),
        ("@20:30", "10", True),
        ("10", "@20:30", False),
        ("5", "2:20", False),  # what is quick alone is critical besides
        ("~:10", "5", True),
        ("0:", "10", True),  # it never warns
        ("10", "0:", False),
    ],
)
def test_thresholds_that_were_mixed_up(warning: str, critical: str, mixed_up: bool) -> None:
    assert is_never_seen(parse_range(warning), parse_range(critical)) == mixed_up


def test_the_ends_of_a_range() -> None:
    assert parse_range("~:") == Range(-math.inf, math.inf)
