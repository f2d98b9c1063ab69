"""Repair: bring back the newest sound state.

What is damaged is moved to damaged/, never deleted, and the repair is an operation like any other: the log shows it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.model.operations import Kind, Operation, RepairDetails
from stui_cli.model.state import State
from stui_cli.store.audit_chain import text_of
from stui_cli.store.damage import Damage, DamageKind, Repaired
from stui_cli.store.files.audit_files import read_mark, recount
from stui_cli.store.files.damage import find_damage, newest_sound_state
from stui_cli.store.files.disk import FILE_MODE, FOLDER_MODE, exists, is_folder, is_plain
from stui_cli.store.files.objects import write_objects
from stui_cli.store.files.operations import numbers, read_operation
from stui_cli.store.files.publishing import publish
from stui_cli.store.files.state_file import load
from stui_cli.store.problems import Damaged, NoOperation
from stui_cli.store.salvage import newest_sound_shard
from stui_cli.store.transaction import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.model.sessions import Session
    from stui_cli.store.files.place import FilePlace

# Damage after which the state is written again, as an operation.
_OF_THE_STATE = frozenset({DamageKind.STATE, DamageKind.OPERATION, DamageKind.SHARD, DamageKind.CHECKPOINT})


def repair(place: FilePlace) -> Repaired:
    """Mend what can be mended. The caller holds the lock. Raises Newer if a newer stui wrote the state; OSError if a
    damaged file can neither be read nor moved."""
    done: list[str] = []
    modes = _mend_modes(place, done)
    found = find_damage(place.home, place.disk, place.backend)
    recorded = None
    if any(damage.kind in _OF_THE_STATE for damage in found):
        recorded = _restore(place, [damage for damage in found if damage.kind in _OF_THE_STATE], done)
    for damage in found:
        _mend_one(place, damage, done)
    return Repaired((*modes, *found), tuple(done), recorded)


def _mend_modes(place: FilePlace, done: list[str]) -> list[Damage]:
    """Modes come first: what could not be read may be readable then."""
    modes = [damage for damage in find_damage(place.home, place.disk, place.backend) if damage.kind is DamageKind.MODE]
    for damage in modes:
        place.disk.change_mode(damage.where, FOLDER_MODE if is_folder(damage.where) else FILE_MODE)
        done.append(f"{damage.where}: its mode is right again")
    return modes


def _restore(place: FilePlace, found: Sequence[Damage], done: list[str]) -> Operation:
    """Make the newest sound state the state, with the newest sound sessions of each image."""
    home, disk = place.home, place.disk
    last_number = max(numbers(home), default=0)
    state_is_damaged = any(damage.kind is DamageKind.STATE for damage in found)
    if state_is_damaged:
        sound, loaded = newest_sound_state(home, disk) or State(), None
    else:
        loaded = load(home, disk)
        sound = State() if loaded is None else loaded.state
    draft = Draft(sound, place.backend, place.clock())
    for damage in found:
        if damage.kind is DamageKind.SHARD and damage.image_id is not None:
            done.append(_restore_shard(place, draft, damage.image_id, damage.where, sound.head))
    for damage in found:
        if damage.kind is DamageKind.CHECKPOINT and damage.image_id is not None and damage.session is not None:
            done.append(_restore_checkpoint(place, draft, damage.image_id, damage.session, sound))
    finished = draft.finish(None)
    state, objects = finished if finished is not None else (sound, {})
    state = state._replace(head=max(last_number, sound.head) + 1)
    names = tuple(os.path.relpath(damage.where, home.folder) for damage in found)
    details = RepairDetails(Kind.REPAIR, names, sound.head)
    operation = Operation(state.head, sound.head or None, draft.now, place.actor, details)
    # Set aside before anything takes its name. What is lost by dying here is what was damaged before.
    for path in {damage.where for damage in found}:
        aside = set_aside(place, path)
        if aside is not None:
            done.append(f"{path} is kept as {aside}")
    if objects:
        write_objects(home, disk, objects)
    mark = read_mark(home)
    publish(
        home, disk, place.announce, operation, state, loaded, state.head, text_of(mark) if mark is not None else None
    )
    if state_is_damaged:
        done.append(f"the state of operation {sound.head} is the state again, as operation {state.head}")
    return operation


def _restore_shard(place: FilePlace, draft: Draft, image_id: str, path: str, head: int) -> str:
    found = newest_sound_shard(place.backend, image_id, head)
    if found is None:
        draft.drop_sessions(image_id)
        return f"the sessions of the image {image_id} were only in {path}; their records are gone"
    number, shard = found
    draft.sessions_from(shard)
    return f"the sessions of the image {image_id} are as in operation {number}: {', '.join(shard.sessions)}"


def _restore_checkpoint(place: FilePlace, draft: Draft, image_id: str, name: str, state: State) -> str:
    sessions = draft.sessions(image_id)
    session = sessions[name]
    older = next(_sound_checkpoints(place, image_id, session.session_id, state.head), None)
    if older is None:
        sessions[name] = session._replace(checkpoint=None, checkpoint_at=None)
        return f"the session {name} of the image {image_id} has no checkpoint any more"
    sessions[name] = session._replace(checkpoint=older.checkpoint, checkpoint_at=older.checkpoint_at)
    return f"the session {name} of the image {image_id} has an older checkpoint, {older.checkpoint}"


def _sound_checkpoints(place: FilePlace, image_id: str, session_id: str, head: int) -> Iterator[Session]:
    """Records of a session with a checkpoint that can be read, newest first."""
    from stui_cli.store.objects import read_checkpoint, read_shard

    home, disk = place.home, place.disk
    seen = set()
    for number in numbers(home):
        try:
            sha256 = read_operation(home, disk, number).state().shards.get(image_id) if number <= head else None
            if sha256 is None or sha256 in seen:
                continue
            seen.add(sha256)
            for session in read_shard(place.backend, image_id, sha256).sessions.values():
                if session.session_id == session_id and session.checkpoint is not None:
                    read_checkpoint(place.backend, session.checkpoint)
                    yield session
        except (Damaged, NoOperation):
            continue


def _mend_one(place: FilePlace, damage: Damage, done: list[str]) -> None:
    home, disk = place.home, place.disk
    match damage.kind:
        case DamageKind.HISTORY:
            from stui_cli.store.files.history import sound_content

            content = sound_content(damage.where, disk)
            done.append(f"{damage.where} is kept as {set_aside(place, damage.where)}")
            if content is not None:
                disk.replace(damage.where, content)
                disk.sync_folder(os.path.dirname(damage.where))
        case DamageKind.AUDIT:
            if exists(damage.where) and not _readable(place, damage.where):
                done.append(f"{damage.where} is kept as {set_aside(place, damage.where)}")
            if (marked := recount(home, disk)) is not None:
                done.append(f"the audit log is counted anew: {marked} lines")
        case DamageKind.STRANGE:
            done.append(f"{damage.where} is kept as {set_aside(place, damage.where)}")
        case DamageKind.PROBES if not is_plain(damage.where):
            done.append(f"{damage.where} is kept as {set_aside(place, damage.where)}")
        case DamageKind.PROBES | DamageKind.LITTER:
            disk.remove(damage.where)
            done.append(f"{damage.where} is removed")
        case DamageKind.NAMES:
            _write_all_names(place)
            done.append(f"{home.names} is made again")
        case _:
            pass  # restored with the state, mended before, or nothing to be done


def _write_all_names(place: FilePlace) -> None:
    """Make the names for completion anew from the state as it is."""
    from stui_cli.store.aftercare import session_names
    from stui_cli.store.files.names import write_names

    loaded = load(place.home, place.disk)
    if loaded is not None:
        names = session_names(place.backend, loaded.state)
        write_names(place.home, place.disk, None, loaded.state, names, loaded.names_of or 0)


def _readable(place: FilePlace, path: str) -> bool:
    try:
        place.disk.read(path)
    except OSError:
        return False
    return True


def set_aside(place: FilePlace, path: str) -> str | None:
    """Keep a file of the store in damaged/; return its name there, None if it is not there at all.

    A file that can be read is copied, and stays until it is replaced: whoever dies in between loses nothing. One
    that cannot be read, and an object or operation, whose place has to be free, is moved.
    """
    if not exists(path) and not os.path.islink(path):
        return None
    home, disk = place.home, place.disk
    disk.make_folder(home.damaged)
    first = f"{os.path.relpath(path, home.folder).replace('/', '-')}-{place.clock()}"
    taken = os.listdir(home.damaged)
    name, count = first, 1
    while name in taken:
        count += 1
        name = f"{first}-{count}"
    aside = os.path.join(home.damaged, name)
    if os.path.dirname(path) in (home.operations, home.objects) or not _readable(place, path):
        disk.move(path, aside)
    else:
        disk.replace(aside, disk.read(path))
        disk.sync_folder(home.damaged)
    return aside
