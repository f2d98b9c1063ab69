"""What every part of the store needs to do its work, handed down as one argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.operations import Actor
    from stui_cli.store.backend import Backend


class Place(NamedTuple):
    """What keeps the store, who acts, what time it is (ms), and how to tell a person."""

    backend: Backend
    actor: Actor
    clock: Callable[[], int]
    announce: Callable[[str], None]
