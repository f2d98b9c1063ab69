"""The only place of stui's store that opens for writing, syncs, renames or removes.

Every primitive step is told to a watcher first, under a stable name, so that tests can stop the process, or fail
the step, at each of them and can assert their order. What each method promises stands in its docstring; none
leaves half a file under a name that anybody reads: content is written to `NAME.new` and renamed.

Steps: mkdir, create, write, sync, rename, sync_folder, append, truncate, unlink, chmod, link.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.store.location import Home

Watcher = Callable[[str, "Path"], None]

FILE_MODE = 0o600
FOLDER_MODE = 0o700

# The name of a file while it is being written. Left behind only by a process that was killed; the next write
# of the same name replaces it, and `repair` removes the rest.
UNFINISHED = ".new"

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


class Identity(NamedTuple):
    """What tells one version of a file from the next, without reading it."""

    size: int
    mtime_ns: int
    inode: int


def identity_of(status: os.stat_result) -> Identity:
    return Identity(status.st_size, status.st_mtime_ns, status.st_ino)


class Disk:
    """Writes files so that they are whole or not there. Raises OSError, always naming the file."""

    def __init__(self, watcher: Watcher | None = None) -> None:
        self._watcher = watcher

    def read(self, path: Path) -> bytes:
        """The content of `path`."""
        self._step("read", path)
        return path.read_bytes()

    def make_folder(self, path: Path) -> None:
        """Make `path` and its missing parents, mode 0700, each durable in its parent. An existing one is kept."""
        if path.is_dir():
            return
        if not path.parent.is_dir():
            self.make_folder(path.parent)
        self._step("mkdir", path)
        path.mkdir(mode=FOLDER_MODE, exist_ok=True)
        self.sync_folder(path.parent)

    def replace(self, path: Path, data: bytes, *, durable: bool = True) -> Identity:
        """Put `data` at `path`, replacing what is there in one step: readers see the old content or the new.

        With `durable` the content is on the disk before the name points at it; that the name points at it
        survives a power cut only after `sync_folder` of the folder. Without `durable` a power cut may leave
        an empty file: for what can be made again.
        """
        unfinished = path.with_name(path.name + UNFINISHED)
        try:
            identity = self._write_new(unfinished, data, durable)
            self._step("rename", path)
            unfinished.replace(path)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        return identity

    def sync_folder(self, path: Path) -> None:
        """After this, files renamed into or removed from `path` stay so through a power cut."""
        self._step("sync_folder", path)
        if sys.platform == "win32":
            return  # Windows has no handle of a folder to flush; NTFS journals the rename itself
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._flush(handle, path)
        finally:
            os.close(handle)

    def append(self, path: Path, data: bytes, *, durable: bool) -> None:
        """Add `data` at the end of `path`, all of it or nothing: where it fails the file gets its old length back.

        A process that is killed meanwhile may leave a part; so `data` is lines, and a line without its end is none.
        With `durable` it survives a power cut, else only the end of this process.
        """
        new = not path.exists()
        self._step("append", path)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_FOLLOW | _BINARY, FILE_MODE)
        try:
            status = os.fstat(handle)
            try:
                self._write_all(handle, data, path)
                if durable:
                    self._step("sync", path)
                    self._flush(handle, path)
            except BaseException:
                with suppress(OSError):
                    os.ftruncate(handle, status.st_size)
                raise
        finally:
            os.close(handle)
        if new and durable:
            self.sync_folder(path.parent)

    def truncate(self, path: Path, length: int) -> None:
        """Cut `path` to its first `length` bytes."""
        self._step("truncate", path)
        os.truncate(path, length)

    def remove(self, path: Path) -> None:
        """Remove the file `path`; one that is not there is fine."""
        self._step("unlink", path)
        path.unlink(missing_ok=True)

    def remove_empty_folder(self, path: Path) -> None:
        """Remove the folder `path` if nothing is in it."""
        self._step("unlink", path)
        try:
            path.rmdir()
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
                raise

    def move(self, path: Path, to: Path) -> None:
        """Rename `path`; both folders are synced. `to` must not exist: nothing is ever overwritten by a move."""
        if to.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(to))
        self._step("rename", to)
        path.rename(to)
        self.sync_folder(to.parent)
        if path.parent != to.parent:
            self.sync_folder(path.parent)

    def change_mode(self, path: Path, mode: int) -> None:
        self._step("chmod", path)
        path.chmod(mode)

    def open_lock(self, path: Path) -> int:
        """A handle on the lock file, made if missing; never truncated, for it may tell who holds the lock."""
        self._step("create", path)
        return os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW | _BINARY, FILE_MODE)

    def sign(self, handle: int, note: bytes) -> None:
        """Make `note` the content of the lock file behind `handle`; it is for people, so it is not synced."""
        os.ftruncate(handle, 0)
        os.pwrite(handle, note, 0) if hasattr(os, "pwrite") else os.write(handle, note)

    def _write_new(self, path: Path, data: bytes, durable: bool) -> Identity:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
        self._step("create", path)
        try:
            handle = os.open(path, flags, FILE_MODE)
        except FileExistsError:
            # Left by a process that was killed; O_EXCL again, so that a link put there is never followed.
            path.unlink()
            handle = os.open(path, flags, FILE_MODE)
        try:
            self._write_all(handle, data, path)
            if durable:
                self._step("sync", path)
                self._flush(handle, path)
            return identity_of(os.fstat(handle))
        finally:
            os.close(handle)

    def _write_all(self, handle: int, data: bytes, path: Path) -> None:
        self._step("write", path)
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(handle, rest) :]
            except OSError as error:
                raise _named(error, path) from error

    def _flush(self, handle: int, path: Path) -> None:
        """Have the disk hold what was written. macOS's fsync leaves it in the drive's cache; F_FULLFSYNC does not."""
        try:
            if sys.platform == "darwin":
                import fcntl

                try:
                    fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
                except OSError as error:
                    if error.errno not in (errno.ENOTSUP, errno.EINVAL, errno.ENOTTY):
                        raise
                    os.fsync(handle)
            else:
                os.fsync(handle)
        except OSError as error:
            raise _named(error, path) from error

    def _step(self, name: str, path: Path) -> None:
        if self._watcher is not None:
            self._watcher(name, path)


def _named(error: OSError, path: Path) -> OSError:
    """`error` of a call on a handle, with the file's name in it."""
    return OSError(error.errno, error.strerror, str(path))


def write_crash_log(home: Home, text: str) -> Path:
    """Keep `text`, a report of a bug of ours, in the store's home; answers the file. The oldest of ten goes."""
    import time

    disk = Disk()
    disk.make_folder(home.crashes)
    reports = sorted(home.crashes.glob("*.log"))
    for old in reports[:-9]:
        disk.remove(old)
    path = home.crashes / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.log"
    disk.replace(path, text.encode("utf-8", "backslashreplace"), durable=False)
    return path


def publish(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step, readable by everybody: for a file that another program collects.

    Raises OSError naming the file.
    """
    disk = Disk()
    # Named by process, since two of them may publish at once; hidden, since collectors take all that they see.
    prepared = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        disk.replace(prepared, data, durable=False)
        disk.change_mode(prepared, 0o644)
        prepared.replace(path)
    except BaseException:
        with suppress(OSError):
            disk.remove(prepared)
        raise
