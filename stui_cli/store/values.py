"""The values that go through the seam of the store (backend.py), and what a commit answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stui_cli.model.operations import Operation
    from stui_cli.model.state import State


class Piece(NamedTuple):
    """What a store keeps under one name: what people call it, and its content."""

    where: str
    content: bytes


class Committed(NamedTuple):
    """A change that is done: its operation, the state before it and the one it made."""

    operation: Operation
    before: State
    state: State


class Needed(NamedTuple):
    """What the states that stay refer to: objects by their sha256, and sessions as (image id, session id)."""

    objects: frozenset[str]
    sessions: frozenset[tuple[str, str]]


class Pruned(NamedTuple):
    """How many of each sort went."""

    operations: int = 0
    objects: int = 0
    histories: int = 0
