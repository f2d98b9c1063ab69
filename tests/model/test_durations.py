"""Durations as people type them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.durations import LONGEST_MS, parse_duration
from stui_cli.model.errors import UsageProblem
from stui_cli.model.exits import Exit

DAY = 86_400_000


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("2", 2_000),
        ("0.5", 500),
        ("500ms", 500),
        ("30s", 30_000),
        ("5m", 300_000),
        ("5min", 300_000),
        ("24h", DAY),
        ("7d", 7 * DAY),
        ("2w", 14 * DAY),
        ("1h30m", 5_400_000),
        ("1h 30m", 5_400_000),
        (" 1.5 h ", 5_400_000),
        ("1d12h", DAY + DAY // 2),
        ("1m1ms", 60_001),
        ("0.4ms", 0),
        ("100000000", 100_000_000_000),
        ("36600d", LONGEST_MS),
    ],
)
def test_good(text: str, ms: int) -> None:
    assert parse_duration(text) == ms


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "s",
        "-1",
        "-1s",
        "+1",
        "1x",
        "1 year",
        "1s2",
        "2 1s",
        "1e3",
        "1e400",
        ".5",
        "1.",
        "1.s",
        "1,5s",
        "0x10",
        "inf",
        "nan",
        "1M",
        "1H",
        "٣s",
        "²",
        "1\x00s",
        "36601d",
        "9" * 15 + "w",
        "9" * 400,
        "9" * 400 + "d",
        "9" * 5_000 + "ms",
    ],
    ids=lambda text: repr(text)[:30],
)
def test_bad(text: str) -> None:
    with pytest.raises(UsageProblem, match="is not a duration") as caught:
        parse_duration(text)
    assert caught.value.exit_code == Exit.USAGE
    assert "1h30m" in caught.value.todo


@given(st.integers(0, 99), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_the_parts_add_up(days: int, hours: int, minutes: int, seconds: int, ms: int) -> None:
    text = f"{days}d{hours}h{minutes}m{seconds}s{ms}ms"
    assert parse_duration(text) == (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms


@given(st.text())
def test_any_text_is_a_duration_or_a_usage_problem(text: str) -> None:
    with contextlib.suppress(UsageProblem):
        assert 0 <= parse_duration(text) <= LONGEST_MS
