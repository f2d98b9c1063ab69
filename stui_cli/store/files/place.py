"""The folder as a place: what repair needs to do its work there, and what people ask of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.store_facts import Facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.operations import Actor
    from stui_cli.model.state import State
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


def facts(home: Home, state: State | None) -> Facts:
    """What can be told of the folder. Its size is that of the store, not of what lies beside it: images, keys, crash
    logs. Raises OSError."""
    from stui_cli.store.files.audit_files import full_files
    from stui_cli.store.files.operations import numbers
    from stui_cli.store.files.state_text import SCHEMA

    files = [home.state, home.cache, home.probes, home.audit, home.audit_mark, *full_files(home)]
    for place in (home.operations, home.objects, home.histories, home.names):
        files += [os.path.join(folder, name) for folder, _, names in os.walk(place) for name in names]
    return Facts("files", home.folder, SCHEMA, state.head if state else 0, len(numbers(home)), sum(map(_size, files)))


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except FileNotFoundError:  # not there yet, or gone meanwhile
        return 0
