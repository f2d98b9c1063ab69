"""Milliseconds since the epoch, as everything here counts time, and how JSON writes them (RFC 3339, UTC)."""

from __future__ import annotations

import time


def now_ms() -> int:
    """The wall clock in ms since the epoch: the clock every command passes down."""
    return time.time_ns() // 1_000_000


# The years 1000 to 9999: RFC 3339 knows none beyond, and strftime pads none before.
_SAYABLE = range(-30_610_224_000_000, 253_402_300_800_000)


def rfc3339(ms: int | None) -> str | None:
    """`ms` since the epoch as RFC 3339 in UTC with milliseconds. None stays None, and so does what an image's
    clock made up: a time that RFC 3339 cannot write."""
    if ms is None or ms not in _SAYABLE:
        return None
    seconds, rest = divmod(ms, 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest:03d}Z"


def parse_moment(text: str, now: int) -> int:
    """A time as people type it, in ms: RFC 3339 or a part of it (local time without a zone), or a duration ago."""
    from datetime import datetime

    from stui_cli.model.durations import parse_duration
    from stui_cli.model.errors import UsageProblem

    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        pass
    try:
        return now - parse_duration(text)
    except UsageProblem as error:
        raise UsageProblem(
            f"{text!r} is not a time", todo="write 2026-05-01T12:00, 2026-05-01, or 2h for 2 h ago"
        ) from error
