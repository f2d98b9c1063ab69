"""Times as JSON writes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.times import Moment, moment, now_ms


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_760_000_000_123, "2025-10-09T08:53:20.123Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_written(ms: int, text: str) -> None:
    assert str(moment(ms)) == text


@pytest.mark.parametrize("ms", [253_402_300_800_000, 2**63, 2**64 - 1, -(2**63), -62_135_596_800_000])
def test_a_time_that_rfc_3339_cannot_write_is_unknown(ms: int) -> None:
    """An image may send any integer as a time; listing its sessions must not end in an OverflowError."""
    assert moment(ms) is None


@given(st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)))
def test_it_is_read_back(day: datetime) -> None:
    ms = round(day.replace(tzinfo=UTC, microsecond=0).timestamp() * 1000) + day.microsecond // 1000
    text = str(Moment(ms))
    assert datetime.fromisoformat(text) == day.replace(tzinfo=UTC, microsecond=day.microsecond // 1000 * 1000)


def test_moments_are_compared_by_their_time() -> None:
    assert Moment(1) == Moment(1)
    assert Moment(1) != 1
    assert max(Moment(2), Moment(10), Moment(1)) == Moment(10)
    assert len({Moment(1), Moment(1), Moment(2)}) == 2
    assert moment(None) is None
    assert moment(0) == Moment(0)


def test_now() -> None:
    assert abs(now_ms() - datetime.now(UTC).timestamp() * 1000) < 1_000
