"""Sizes as people type them: 500000, 64M, 2G; powers of 1024, as memory is counted."""

from __future__ import annotations

import re

from stui_cli.model.errors import UsageProblem

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([kmgt]?)(?:i?b)?\Z", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Bytes. Raises UsageProblem."""
    match = _SIZE.match(text.strip())
    if match is None:
        raise UsageProblem(f"{text!r} is not a size", todo="write 500000, 64M or 2G")
    return round(float(match[1]) * _UNITS[match[2].lower()])
