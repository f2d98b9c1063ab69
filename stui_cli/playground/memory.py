"""How much memory this process has."""

from __future__ import annotations

import os

try:
    _PAGE = os.sysconf("SC_PAGE_SIZE")
except (AttributeError, ValueError, OSError):
    _PAGE = 4096


def resident_bytes() -> int:
    """In real memory; 0 where the system does not tell (then only single large pieces are refused)."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0
