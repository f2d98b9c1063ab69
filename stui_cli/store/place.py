"""What every part of the store needs to do its work, handed down as one argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.operations import Actor
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


class Place:
    """Where the files are, how they are written, who acts, what time it is (ms), and how to tell a person."""

    __slots__ = ("actor", "announce", "clock", "disk", "home")

    def __init__(
        self, home: Home, disk: Disk, actor: Actor, clock: Callable[[], int], announce: Callable[[str], None]
    ) -> None:
        self.home = home
        self.disk = disk
        self.actor = actor
        self.clock = clock
        self.announce = announce
