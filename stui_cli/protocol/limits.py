"""Limits of the wire, both ways (DESIGN section 4)."""

from typing import NamedTuple

PROTOCOL = 1


class WireLimits(NamedTuple):
    """`message` in bytes of one encoded message, `depth` in nested arrays and maps."""

    message: int = 16 * 1024 * 1024
    depth: int = 64


DEFAULT_LIMITS = WireLimits()
