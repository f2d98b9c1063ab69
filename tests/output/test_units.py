import pytest

from stui_cli.output.units import age, duration, milliseconds, size

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "now"),
        (4_999, "now"),
        (-4_999, "now"),
        (5_000, "5 s ago"),
        (59_999, "59 s ago"),
        (MINUTE, "1 min ago"),
        (HOUR - 1, "59 min ago"),
        (HOUR, "1 h ago"),
        (DAY - 1, "23 h ago"),
        (DAY, "1 d ago"),
        (365 * DAY - 1, "364 d ago"),
        (365 * DAY, "1 y ago"),
        (20_000 * DAY, "54 y ago"),
        (-3 * MINUTE, "in 3 min"),
    ],
)
def test_age(ms: int, words: str) -> None:
    assert age(ms) == words


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 ms"),
        (850, "850 ms"),
        (999.9, "999 ms"),
        (SECOND, "1 s"),
        (59_999, "59 s"),
        (MINUTE, "1 min"),
        (MINUTE + 5 * SECOND, "1 min 5 s"),
        (2 * HOUR + 5 * MINUTE + 59 * SECOND, "2 h 5 min"),
        (2 * HOUR + 59 * SECOND, "2 h"),
        (3 * DAY, "3 d"),
        (400 * DAY + HOUR, "400 d 1 h"),
        (-1500, "-1 s"),
    ],
)
def test_duration(ms: float, words: str) -> None:
    assert duration(ms) == words


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0.0 ms"),
        (0.01, "<0.1 ms"),
        (0.05, "0.1 ms"),
        (0.41, "0.4 ms"),
        (9.94, "9.9 ms"),
        (9.96, "10 ms"),
        (120.5, "120 ms"),
        (12_000, "12000 ms"),
    ],
)
def test_milliseconds(ms: float, words: str) -> None:
    assert milliseconds(ms) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1434, "1.4 KiB"),
        (10_189, "10 KiB"),
        (14 * 2**20, "14 MiB"),
        (2**20 - 1, "1.0 MiB"),
        (3_650_722_201, "3.4 GiB"),
        (2**40, "1.0 TiB"),
        (2**50, "1.0 PiB"),
        (2**63, "8192 PiB"),
        (-2048, "-2.0 KiB"),
    ],
)
def test_size(count: int, words: str) -> None:
    assert size(count) == words
