"""A folder that takes a copy of a store: beside its place until the copy is whole, then put there by one rename."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.store.aftercare import session_names
from stui_cli.store.files.backend import FileBackend
from stui_cli.store.files.disk import exists
from stui_cli.store.files.history import append
from stui_cli.store.files.location import Home
from stui_cli.store.files.names import write_names
from stui_cli.store.files.objects import write_objects
from stui_cli.store.files.operations import numbers
from stui_cli.store.files.problems import as_store_problems
from stui_cli.store.files.state_text import NOTHING_RENDERED, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.operations import Actor
    from stui_cli.model.state import State
    from stui_cli.store.files.disk import Disk


class FileReceiver:
    """The folder of `home`, which must not be there yet. Each method promises what Receiver says of it."""

    def __init__(self, home: Home, actor: Actor, announce: Callable[[str], None], disk: Disk) -> None:
        self._there = home
        self._home = Home(f"{home.folder}.copying", f"{home.folder}.copying", home.chosen_by)
        self._actor = actor
        self._announce = announce
        self._disk = disk
        self._is_there = exists(home.folder) and bool(os.listdir(home.folder))
        self._at(self._there if self._is_there else self._home)

    def _at(self, home: Home) -> None:
        self.backend = FileBackend(home, self._announce, self._disk)

    @contextmanager
    def receiving(self) -> Iterator[None]:
        from stui_cli.model.errors import Refused

        if self._is_there:
            raise Refused(
                f"{self._there.folder} is there already and holds no store: nothing was changed",
                todo="name a folder that is not there yet",
            )
        alone = self.backend.personal.exclusive(self._actor, 1.0, self._announce)
        with as_store_problems(self._home.folder), alone:
            yield
            self._disk.sync_folder(self._home.folder)
            if exists(self._there.folder):  # an empty one
                self._disk.remove_empty_folder(self._there.folder)
            self._disk.move(self._home.folder, self._there.folder)
        self._at(self._there)

    def head_there(self) -> State | None:
        return self.backend.read_head() if self._is_there else None

    def objects_there(self) -> set[str]:
        folder = self._home.objects
        return {name.partition(".")[0] for name in os.listdir(folder)} if exists(folder) else set()

    def operations_there(self) -> set[int]:
        return set(numbers(self._home))

    def take_objects(self, objects: Mapping[str, bytes]) -> None:
        write_objects(self._home, self._disk, objects)

    def take_operations(self, operations: Mapping[int, bytes]) -> None:
        self._disk.make_folder(self._home.operations)
        for number, content in operations.items():
            self._disk.replace(self._home.operation(number), content)
        self._disk.sync_folder(self._home.operations)

    def take_history(self, image_id: str, session_id: str, entries: Sequence[Entry]) -> None:
        path = self._home.history(image_id, session_id)
        if exists(path):
            self._disk.remove(path)
        append(path, self._disk, entries, 1 << 62)

    def take_head(self, state: State) -> None:
        data, _ = render(state, NOTHING_RENDERED)
        write_names(self._home, self._disk, None, state, session_names(self.backend, state), state.head)
        self._disk.replace(self._home.state, data)
