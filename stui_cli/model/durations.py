"""Durations as people type them: 2, 500ms, 30s, 5m, 24h, 7d, 1h30m."""

from __future__ import annotations

import re

from stui_cli.model.errors import UsageProblem

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_MOST_DIGITS = 15
_NUMBER = rf"([0-9]{{1,{_MOST_DIGITS}}}(?:\.[0-9]{{1,{_MOST_DIGITS}}})?)"
_PART = _NUMBER + r"\s*(ms|s|min|m|h|d|w)\s*"

# Nobody waits longer, and no clock of the system is asked to count further.
LONGEST_MS = 100 * 366 * _UNITS["d"]


def parse_duration(text: str) -> int:
    """Milliseconds. A bare number is seconds. Raises UsageProblem for anything else, and for more than a century."""
    text = text.strip()
    unit = text.lstrip("0123456789")
    whole = text.removesuffix(unit)
    if 0 < len(whole) <= _MOST_DIGITS and unit in _UNITS:  # as most are: no pattern is compiled for them
        total, position = int(whole) * float(_UNITS[unit]), len(text)
    elif seconds := re.fullmatch(_NUMBER, text):
        total, position = float(seconds[1]) * 1000, len(text)
    else:
        total, position = 0.0, 0
        part = re.compile(_PART)
        while match := part.match(text, position):
            total += float(match[1]) * _UNITS[match[2]]
            position = match.end()
    if not text or position != len(text) or total > LONGEST_MS:
        raise UsageProblem(f"{text!r} is not a duration", todo="write 2, 500ms, 30s, 5m, 24h, 7d or 1h30m")
    return round(total)


def duration_text(ms: int) -> str:
    """A duration in one unit, as a person would write it: the largest of which it is a whole number."""
    unit = next(name for name in ("w", "d", "h", "m", "s", "ms") if ms % _UNITS[name] == 0 and (ms or name == "s"))
    return f"{ms // _UNITS[unit]}{unit}"
