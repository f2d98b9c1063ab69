"""Limits of the wire, both ways (DESIGN section 4)."""

from stui_cli.named_tuples import NamedTuple

PROTOCOL = 1


class WireLimits(NamedTuple):
    """`message` in bytes of one encoded message, `depth` in nested arrays and maps, `values` in what stands in these:
    items, keys and what they lead to. A byte can announce a map, which takes 70 times as much here."""

    message: int = 16 * 1024 * 1024
    depth: int = 64
    values: int = 1_000_000


DEFAULT_LIMITS = WireLimits()

# What an image may send before it has shown who it is: a greeting has some 1,000 bytes.
GREETING_LIMITS = WireLimits(message=64 * 1024, depth=16)
