"""The values that go through the seam of the store (backend.py)."""

from __future__ import annotations

from typing import NamedTuple


class Needed(NamedTuple):
    """What the states that stay refer to: objects by their sha256, and sessions as (image id, session id)."""

    objects: frozenset[str]
    sessions: frozenset[tuple[str, str]]


class Pruned(NamedTuple):
    """How many of each sort went."""

    operations: int = 0
    objects: int = 0
    histories: int = 0
