"""Ages, durations, latencies and sizes in words: pure functions of numbers, and the sentences that hold them."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, assert_never

from stui_cli.model.phrases import From, Phrase
from stui_cli.model.times import Moment

_SECOND: Final = 1000
_STEPS: Final = (
    ("d", 24 * 60 * 60 * _SECOND),
    ("h", 60 * 60 * _SECOND),
    ("min", 60 * _SECOND),
    ("s", _SECOND),
)
_YEAR: Final = 365 * 24 * 60 * 60 * _SECOND

# Clocks of two machines differ a little, and nobody needs "2 s ago".
_NOW: Final = 5 * _SECOND


def age(ms: int) -> str:
    """How long ago something was that happened `ms` milliseconds ago: "3 min ago", "now", "in 2 h"."""
    distance = abs(ms)
    if distance < _NOW:
        return "now"
    if distance >= _YEAR:
        words = f"{distance // _YEAR} y"
    else:
        words = next(f"{distance // step} {unit}" for unit, step in _STEPS if distance >= step)
    return f"{words} ago" if ms > 0 else f"in {words}"


def spoken(text: str, now: int) -> str:
    """A sentence with its moments told as ages, which count from `now` (ms); any other text as it is."""
    if not isinstance(text, Phrase):
        return text
    told: list[str] = []
    for part in text.parts:
        told.append(_spoken(part, now, since=bool(told) and told[-1].endswith("since ")))
    return "".join(told)


def _spoken(part: str | Moment | From, now: int, *, since: bool) -> str:
    match part:
        case str():
            return part
        case Moment():
            words = age(now - part.ms)
            return words if words != "now" else "a moment ago" if since else "just now"
        case From():
            return str(part) if part.at is None else age(now - part.at.ms)
        case _:
            assert_never(part)


def duration(ms: float) -> str:
    """`ms` milliseconds in its two largest units: "2 h 5 min", "3 d", "1 s", "850 ms"."""
    if ms < 0:
        return f"-{duration(-ms)}"
    whole = int(ms)
    for (unit, step), (lesser, part) in pairwise(_STEPS):
        if whole >= step:
            rest = whole % step // part
            return f"{whole // step} {unit} {rest} {lesser}" if rest else f"{whole // step} {unit}"
    return f"{whole // _SECOND} s" if whole >= _SECOND else f"{whole} ms"


def milliseconds(ms: float) -> str:
    """A latency: a tenth below 10 ms, whole above, always in ms: so a column compares at a glance."""
    if 0 < ms < 0.05:
        return "<0.1 ms"
    return f"{ms:.1f} ms" if abs(ms) < 9.95 else f"{ms:.0f} ms"


def size(count: float) -> str:
    """`count` bytes in binary units (IEC 80000-13): "512 B", "1.4 KiB", "14 MiB"."""
    if abs(count) < 1024:
        return f"{count:.0f} B"
    scaled = count / 1024
    unit, *larger = ("KiB", "MiB", "GiB", "TiB", "PiB")
    # 1023.5 would be written as 1024, which is one of the next unit.
    while larger and abs(scaled) >= 1023.5:
        scaled /= 1024
        unit = larger.pop(0)
    return f"{scaled:.1f} {unit}" if abs(scaled) < 9.95 else f"{scaled:.0f} {unit}"
