"""How much memory this process has: the one thing of its surroundings that the playground's Smalltalk asks for."""

from __future__ import annotations

from stui_cli.local.proc import memory_used


def resident_bytes() -> int:
    """0 where the system does not tell: then only single large pieces are refused."""
    return memory_used() or 0
