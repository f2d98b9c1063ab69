"""The place of the store: whose it is, whether it can be written, how much room there is, how large it is, and who
changes it at the moment."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.local.proc import lock_holders
from stui_cli.work.checkup.observation import Observation, Verdict, passed, problem, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.work.checkup.around import Around

# A commit of a large registry with its objects takes some of it; below this the next ones may fail, in bytes.
LEAST_FREE = 16 * 1024 * 1024
# Each commit makes some files. Where there are fewer left a warning comes in time.
FEW_FILES = 1_000

_MB = 1024**2
_OWN = "a folder of this user that nobody else can enter"
_WRITABLE = "a folder that this user may write to, on a file system that is not read-only"


def look_at_disk(around: Around) -> Iterator[Observation]:
    """The folder of the store, or the one that it would be made in."""
    home = Path(around.bench.store.home.folder)
    folder = next(each for each in (home, *home.parents) if each.exists())
    yield _folder(around, home)
    yield _writable(around, folder)
    yield from _room(around, folder)
    if home.is_dir():
        yield from _size(home)
        yield _lock(around)


def _folder(around: Around, home: Path) -> Observation:
    places = around.places
    told = f"{places.shown(home)}, named by {around.bench.store.home.chosen_by}"
    elsewhere = "export STUI_HOME=~/.stui"
    try:
        found = home.stat()
    except FileNotFoundError:
        return passed("disk", "folder", f"{told}: it is made with the first change")
    except OSError as error:
        return problem("disk", "folder", f"{told}: {error.strerror}", elsewhere, _OWN)
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISDIR(found.st_mode):
        return problem("disk", "folder", f"{told}: it is no folder", elsewhere, _OWN)
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        return problem("disk", "folder", f"{told}: it belongs to another user", elsewhere, _OWN)
    if os.name == "posix" and mode & 0o077:
        todo = f"chmod 700 {places.quoted(home)}"
        return warning("disk", "folder", f"{told}: mode {mode:04o}", todo, _OWN)
    return passed("disk", "folder", f"{told}: mode {mode:04o}", _OWN)


def _writable(around: Around, folder: Path) -> Observation:
    shown = around.places.shown(folder)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return passed("disk", "writable", shown, _WRITABLE)
    return problem("disk", "writable", shown, f"ls -ld {around.places.quoted(folder)}", _WRITABLE)


def _room(around: Around, folder: Path) -> Iterator[Observation]:
    if not hasattr(os, "statvfs"):
        return
    quoted = around.places.quoted(folder)
    try:
        found = os.statvfs(folder)
    except OSError as error:
        told = f"{around.places.shown(folder)}: {error.strerror}"
        yield problem("disk", "room", told, f"df {quoted}", "a file system that tells")
        return
    wanted = f"{LEAST_FREE // _MB} MB or more"
    free, counted, files = found.f_bavail * found.f_frsize, found.f_files > 0, found.f_favail
    told = f"{free // _MB} MB free"
    if free < LEAST_FREE:
        yield problem("disk", "room", told, f"df -h {quoted}", wanted)
    elif counted and files == 0:
        yield problem("disk", "room", f"{told}, but not one file more", f"df -i {quoted}", wanted)
    elif counted and files < FEW_FILES:
        yield warning("disk", "room", f"{told}, but only {files} files more", f"df -i {quoted}", wanted)
    else:
        yield passed("disk", "room", f"{told}, and {files} more files" if counted else told, wanted)


def _size(home: Path) -> Iterator[Observation]:
    """What lies in the folder of the store, the images that were launched from it among it."""
    total = count = launched = 0
    for folder, _, names in os.walk(home):
        for name in names:
            try:
                size = Path(folder, name).lstat().st_size
            except OSError:  # gone meanwhile
                continue
            total, count = total + size, count + 1
            if Path(folder).is_relative_to(home / "launched"):
                launched += size
    told = f"{'1 file' if count == 1 else f'{count} files'} of {_told(total)}"
    yield passed("disk", "size", f"{told}, {_told(launched)} of them of launched images" if launched else told)


def _told(size: int) -> str:
    return f"{size / _MB:.1f} MB" if size >= _MB else f"{-(-size // 1024)} KB"


def _lock(around: Around) -> Observation:
    """Who changes the store at this moment. Nothing is tried: who wants the lock at once would be refused."""
    path = around.bench.store.home.lock
    holders = lock_holders(path)
    if holders is None:
        return skipped("disk", "lock", "this system does not tell who holds a lock")
    if not holders:
        return passed("disk", "lock", "nobody holds it")
    pid = next((pid for pid in holders if pid > 0), None)
    if pid is None:
        told = "it is held by a process that is not seen from here"
        return warning("disk", "lock", told, "stui doctor", "a lock that is held for moments")
    told = f"process {pid} holds it{_signed(path)}"
    return Observation("disk", "lock", Verdict.WARNING, "a lock that is held for moments", told, f"ps -fp {pid}")


def _signed(path: str) -> str:
    """Which command signed the lock, without its arguments: they may be anything."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            words = file.read(500).split()
    except OSError:
        return ""
    return f": stui {words[2]}" if len(words) > 2 and words[1] == "stui" and re.fullmatch("[a-z]+", words[2]) else ""
