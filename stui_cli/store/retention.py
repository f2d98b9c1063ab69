"""Retention: which operations stay, and what goes with those that do not (DESIGN section 7).

An operation goes if it is older than 30 days and not among the last 1,000. Switches do not count towards the 1,000;
an old one stays only as the parent of an operation that stays, for undo needs its state. With the last operation
that needs them go objects, and the histories of sessions that no state knows any more; and what killed processes left.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.store.files.damage import litter
from stui_cli.store.files.disk import UNFINISHED
from stui_cli.store.files.location import plain_file_name
from stui_cli.store.files.state_file import load
from stui_cli.store.objects import read_shard
from stui_cli.store.operations import read_operation, walk
from stui_cli.store.problems import Damaged, Newer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.state import State
    from stui_cli.store.place import Place

KEPT_OPERATIONS = 1000
KEPT_MS = 30 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Pruned:
    """How many files of each sort went."""

    operations: int = 0
    objects: int = 0
    histories: int = 0


def prune(place: Place, *, keep: int = KEPT_OPERATIONS, keep_ms: int = KEPT_MS) -> Pruned:
    """Remove what is past its retention. The caller holds the lock. Stopped half way it has removed less.

    While an operation that stays is damaged, objects and histories stay too: it may need them after repair. Raises
    Damaged where state.toml is damaged: nothing goes then.
    """
    home, disk = place.home, place.disk
    loaded = load(home, disk)
    if loaded is None:
        return Pruned()
    state = loaded.state
    going = _going(place, state.head, keep, place.clock() - keep_ms)
    if going:
        # The audit log's lines of switches may not be written yet, and are written from the operations.
        from stui_cli.store.audit import append

        append(home, disk, (), state.head)
    # The oldest first: where this stops, the log ends earlier but has no hole.
    for number in sorted(going):
        disk.remove(home.operation(number))
    for unfinished in list(litter(home, state)):
        disk.remove(unfinished.path)
    needed = _needed(place, state)
    if needed is None:
        return Pruned(len(going))
    shards_and_checkpoints, sessions = needed
    objects = [path for path in _files(Path(home.objects)) if path.stem not in shards_and_checkpoints]
    histories = [path for path in _histories(place) if (path.parent.name, path.name) not in sessions]
    for path in (*objects, *histories):
        disk.remove(str(path))
    for folder in {path.parent for path in histories}:
        disk.remove_empty_folder(str(folder))
    return Pruned(len(going), len(objects), len(histories))


def _going(place: Place, head: int, keep: int, oldest: int) -> list[int]:
    going: list[int] = []
    counted = 0
    parents = {head}
    for number in walk(place.home, head):
        try:
            operation = read_operation(place.home, place.disk, number).operation
        except (Damaged, Newer):
            continue  # it is repair that judges it
        is_switch = operation.details.kind is Kind.SWITCH
        counted += not is_switch
        if operation.time >= oldest or number in parents or (not is_switch and counted <= keep):
            if not is_switch and counted <= keep and operation.parent is not None:
                parents.add(operation.parent)
        else:
            going.append(number)
    return going


def _needed(place: Place, state: State) -> tuple[set[str], set[tuple[str, str]]] | None:
    """The objects, and the sessions (as their history's folder and name), that a kept state refers to; None where
    that cannot be told."""
    home, disk = place.home, place.disk
    shards = set(state.shards.items())
    objects: set[str] = set()
    try:
        for number in walk(home, state.head):
            logged = read_operation(home, disk, number)
            shards.update(logged.state().shards.items())
            details = logged.operation.details
            if isinstance(details, SessionDetails) and details.kept is not None:
                objects.add(details.kept.sha256)  # an undo of this removal gives it back
        objects.update(sha256 for _, sha256 in shards)
        sessions: set[tuple[str, str]] = set()
        for image_id, sha256 in shards:
            for session in read_shard(home, disk, image_id, sha256).sessions.values():
                sessions.add((plain_file_name(image_id), plain_file_name(session.session_id)))
                if session.checkpoint is not None:
                    objects.add(session.checkpoint)
    except (Damaged, Newer):
        return None
    return objects, sessions


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.suffix != UNFINISHED)


def _histories(place: Place) -> Iterator[Path]:
    for folder in _files(Path(place.home.histories)):
        yield from _files(folder)
