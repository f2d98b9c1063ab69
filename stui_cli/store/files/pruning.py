"""Removing from the folder what is past its retention, and what killed processes left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.store.files.damage import litter
from stui_cli.store.files.disk import UNFINISHED
from stui_cli.store.files.location import plain_file_name
from stui_cli.store.values import Pruned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home
    from stui_cli.store.values import Needed


def prune(home: Home, disk: Disk, head: int, going: Iterable[int], needed: Needed | None) -> Pruned:
    """Remove these operations and what is not needed; None: no object and no history goes. The caller holds the
    lock."""
    # The oldest first: where this stops, the log ends earlier but has no hole.
    operations = sorted(going)
    for number in operations:
        disk.remove(home.operation(number))
    for unfinished in list(litter(home, head)):
        disk.remove(unfinished.where)
    if needed is None:
        return Pruned(len(operations))
    sessions = {(plain_file_name(image_id), plain_file_name(session_id)) for image_id, session_id in needed.sessions}
    objects = [path for path in _files(Path(home.objects)) if path.stem not in needed.objects]
    histories = [path for path in _histories(home) if (path.parent.name, path.name) not in sessions]
    for path in (*objects, *histories):
        disk.remove(str(path))
    for folder in {path.parent for path in histories}:
        disk.remove_empty_folder(str(folder))
    return Pruned(len(operations), len(objects), len(histories))


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.suffix != UNFINISHED)


def _histories(home: Home) -> Iterator[Path]:
    for folder in _files(Path(home.histories)):
        yield from _files(folder)
