"""What is wrong with a store's files: each is read whole and held against what refers to it. Nothing is changed."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from stui_cli.store.damage import Damage, DamageKind
from stui_cli.store.files.disk import FILE_MODE, FOLDER_MODE, NO_PLAIN_FILE, UNFINISHED, exists, is_folder, is_plain
from stui_cli.store.files.operations import numbers, read_operation
from stui_cli.store.objects import read_checkpoint, read_shard
from stui_cli.store.problems import Damaged, Newer, NoOperation, Obstructed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.model.state import State
    from stui_cli.store.backend import Backend
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


def find_damage(home: Home, disk: Disk, backend: Backend) -> list[Damage]:
    """Everything that is wrong, the worst first. `backend` is the store that these files are."""
    found = list(_state_damage(home, disk))
    state = None if found else _state(home, disk)
    if state is None:
        state = newest_sound_state(home, disk)
    found += _operation_damage(home, disk, state)
    found += _strange(home)
    if state is not None:
        found += _edits(home, disk, state)
        found += _object_damage(backend, state)
        found += _names_damage(home, backend, state)
    found += _history_damage(home, disk)
    found += _audit_damage(backend, state.head if state is not None else 0)
    found += _probes_damage(home, disk)
    found += _mode_damage(home)
    found += litter(home, None if state is None else state.head)
    return found


def newest_sound_state(home: Home, disk: Disk) -> State | None:
    """The state of the newest operation that can be read, or of the cache if that is newer. Raises Newer if a
    newer stui wrote the log."""
    from stui_cli.store.files.state_file import cached_state

    cached = cached_state(home, disk)
    for number in numbers(home):
        if cached is not None and cached.head > number:
            break
        try:
            return read_operation(home, disk, number).state()
        except (Damaged, NoOperation):
            continue
    return cached


def _state(home: Home, disk: Disk) -> State | None:
    from stui_cli.store.files.state_file import load

    loaded = load(home, disk)
    return None if loaded is None else loaded.state


def _state_damage(home: Home, disk: Disk) -> Iterator[Damage]:
    from stui_cli.store.files.state_file import parse_state

    remedy = "it is set aside, and the newest sound state of the operation log is restored"
    try:
        state = parse_state(home.state, disk.read(home.state))
    except FileNotFoundError:
        if numbers(home):
            yield Damage(DamageKind.STATE, home.state, "it is missing, though there are operations", remedy)
        return
    except OSError as error:
        yield Damage(DamageKind.STATE, home.state, f"it cannot be read ({error.strerror})", remedy)
        return
    except Damaged as damage:
        yield Damage(DamageKind.STATE, home.state, damage.wrong, remedy)
        return
    if exists(home.operation(state.head + 2)):
        reason = f"it stops at operation {state.head}, but the log goes on"
        yield Damage(DamageKind.STATE, home.state, reason, remedy)


def _strange(home: Home) -> Iterator[Damage]:
    """Folders, pipes, sockets and links where a file is made anew when it is needed."""
    derived = [home.cache, home.audit_mark, *(path for path in _entries(home.names) if not path.endswith(UNFINISHED))]
    for path in (*derived, *(each for each in _own_files(home) if each.endswith(UNFINISHED))):
        if not is_plain(path):
            yield Damage(DamageKind.STRANGE, path, NO_PLAIN_FILE, "it is set aside")


def _edits(home: Home, disk: Disk, state: State) -> Iterator[Damage]:
    """A state.toml that reads well but says something else than its operation."""
    try:
        recorded = read_operation(home, disk, state.head).state()
    except (Damaged, Newer, NoOperation):
        return  # named where the operations are looked at
    parts = [
        part
        for part in ("images", "contexts", "shards", "client_id")
        if getattr(state, part) != getattr(recorded, part)
    ]
    if parts:
        reason = f"its {' and '.join(parts)} differ from operation {state.head}: edited by hand, or damaged"
        remedy = f"none: the next change keeps it as it is; stui rollback {state.head} takes it back"
        yield Damage(DamageKind.EDITED, home.state, reason, remedy)


def _operation_damage(home: Home, disk: Disk, state: State | None) -> Iterator[Damage]:
    remedy = "it is set aside; the log has a gap there, which undo and rollback tell"
    newest = max(numbers(home), default=0)
    for number in numbers(home):
        if state is not None and number > state.head:
            continue  # never committed
        try:
            logged = read_operation(home, disk, number)
            logged.state()
        except Newer as newer:
            yield Damage(DamageKind.NEWER, home.operation(number), newer.what, "none: upgrade stui")
        except Damaged as damage:
            yield Damage(DamageKind.OPERATION, damage.where, damage.wrong, remedy)
    if state is not None and state.head > newest:
        reason = f"it is missing, though state.toml names it as the last one; the log ends with {newest}"
        yield Damage(DamageKind.OPERATION, home.operation(state.head), reason, "the state is recorded again")


def _object_damage(backend: Backend, state: State) -> Iterator[Damage]:
    for image_id, sha256 in state.shards.items():
        try:
            shard = read_shard(backend, image_id, sha256)
        except Damaged as damage:
            remedy = "the newest sound sessions of this image in the operation log are restored"
            yield Damage(DamageKind.SHARD, damage.where, damage.wrong, remedy, image_id, sha256=sha256)
            continue
        for session in shard.sessions.values():
            if session.checkpoint is None:
                continue
            try:
                read_checkpoint(backend, session.checkpoint)
            except Damaged as damage:
                remedy = f"the newest sound checkpoint of {session.name} in the operation log takes its place, or none"
                yield Damage(
                    DamageKind.CHECKPOINT, damage.where, damage.wrong, remedy,
                    image_id, session.name, session.checkpoint,
                )  # fmt: skip


def _history_damage(home: Home, disk: Disk) -> Iterator[Damage]:
    from stui_cli.store.files.history import broken_lines

    for folder in _entries(home.histories):
        for path in _entries(folder):
            if path.endswith(UNFINISHED):
                continue
            try:
                broken = broken_lines(path, disk)
            except OSError as error:
                yield Damage(DamageKind.HISTORY, path, f"it cannot be read ({error.strerror})", "it is set aside")
                continue
            if broken:
                remedy = "it is set aside, and the records that are sound are kept"
                yield Damage(DamageKind.HISTORY, path, f"{broken} of its records cannot be read", remedy)


def _audit_damage(backend: Backend, head: int) -> Iterator[Damage]:
    from stui_cli.store.audit import verify

    try:
        verdict = verify(backend, head)
    except Obstructed as error:
        yield Damage(DamageKind.AUDIT, error.where, f"it cannot be read ({error.said})", "it is set aside")
        return
    if verdict.line is None:
        return
    remedy = "none: an audit log is never rewritten; what follows is chained on"
    if verdict.line > verdict.lines:
        remedy = "none brings them back; lines are counted anew from what is there"
    yield Damage(DamageKind.AUDIT, verdict.file, f"line {verdict.line}: {verdict.reason}", remedy)


def _probes_damage(home: Home, disk: Disk) -> Iterator[Damage]:
    from stui_cli.store.envelope import unseal

    try:
        unseal(home.probes, disk.read(home.probes))
    except FileNotFoundError:
        return
    except OSError as error:
        reason = f"it cannot be read ({error.strerror})"
    except Damaged as damage:
        reason = damage.wrong
    except Newer as newer:
        yield Damage(DamageKind.NEWER, home.probes, newer.what, "none: upgrade stui")
        return
    else:
        return
    yield Damage(DamageKind.PROBES, home.probes, reason, "it is removed; stui status makes it again")


def _names_damage(home: Home, backend: Backend, state: State) -> Iterator[Damage]:
    from stui_cli.store.files.names import expected_names, read_names

    if not state.head:
        return

    def session_names(image_id: str) -> Iterable[str]:
        try:
            return read_shard(backend, image_id, state.shards[image_id]).sessions
        except Damaged:
            return ()  # named where the objects are looked at

    images, sessions = expected_names(state, session_names)
    for file, expected in (("images", images), ("sessions", sessions)):
        if sorted(read_names(home, sessions=file == "sessions")) != sorted(expected):
            reason = f"completion does not offer the {file} that there are"
            yield Damage(DamageKind.NAMES, os.path.join(home.names, file), reason, "both files of names are made again")


def _mode_damage(home: Home) -> Iterator[Damage]:
    if os.name != "posix":
        return
    for path in _own_files(home):
        status = os.lstat(path).st_mode
        mode = stat.S_IMODE(status)
        wanted = FOLDER_MODE if stat.S_ISDIR(status) else FILE_MODE
        if stat.S_ISLNK(status) or (not mode & 0o077 and mode & wanted == wanted):
            continue
        reason = f"others may use it (mode {mode:04o})" if mode & 0o077 else f"you may not use it (mode {mode:04o})"
        yield Damage(DamageKind.MODE, path, reason, f"its mode becomes {wanted:04o}")


def litter(home: Home, head: int | None) -> Iterator[Damage]:
    """Files that a killed process left unfinished, or finished and not committed."""
    reason = "a process was killed while it wrote this; nothing refers to it"
    for path in _own_files(home):
        if path.endswith(UNFINISHED) and is_plain(path):
            yield Damage(DamageKind.LITTER, path, reason, "it is removed")
    if head is not None and exists(path := home.operation(head + 1)):
        yield Damage(DamageKind.LITTER, path, reason, "it is removed")


def _own_files(home: Home) -> Iterator[str]:
    """The files and folders that the store made. Beside them, in STUI_HOME, may be the user's own."""
    from pathlib import Path

    yield home.folder
    from stui_cli.store.files.audit_files import full_files

    files = (home.state, home.cache, home.lock, home.probes, home.audit_mark, home.audit)
    for path in (*files, *full_files(home)):
        for each in (path, path + UNFINISHED):
            if exists(each) or os.path.islink(each):
                yield each
    for folder in (home.operations, home.objects, home.histories, home.names, home.contacts):
        if is_folder(folder):
            yield folder
            yield from map(str, sorted(Path(folder).rglob("*")))


def _entries(folder: str) -> Iterator[str]:
    if is_folder(folder):
        yield from (os.path.join(folder, name) for name in sorted(os.listdir(folder)))
