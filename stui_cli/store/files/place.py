"""What repair needs to do its work in a folder, handed down as one argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.operations import Actor
    from stui_cli.store.backend import Backend
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


class FilePlace(NamedTuple):
    """Where the files are, how they are written, the store that they are, who acts, what time it is (ms), and how to
    tell a person."""

    home: Home
    disk: Disk
    backend: Backend
    actor: Actor
    clock: Callable[[], int]
    announce: Callable[[str], None]
