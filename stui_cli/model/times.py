"""Milliseconds since the epoch, as everything here counts time, and how JSON writes them (RFC 3339, UTC)."""

from __future__ import annotations

import time


def now_ms() -> int:
    """The wall clock in ms since the epoch: the clock every command passes down."""
    return time.time_ns() // 1_000_000


def rfc3339(ms: int | None) -> str | None:
    """`ms` since the epoch as RFC 3339 in UTC with milliseconds; None stays None."""
    if ms is None:
        return None
    seconds, rest = divmod(ms, 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest:03d}Z"
