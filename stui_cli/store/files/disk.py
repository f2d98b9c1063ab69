"""The only place of stui's store that opens for writing, syncs, renames or removes.

Every primitive step is reported to a watcher first, under a stable name, so that tests can stop the process, or fail
the step, at each of them and can assert their order. What each method promises stands in its docstring; none
leaves half a file under a name that anybody reads: content is written to `NAME.new` and renamed.

Steps: mkdir, create, write, sync, rename, sync_folder, append, truncate, unlink, chmod, chown, link.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress

Watcher = Callable[[str, str], None]

FILE_MODE = 0o600
FOLDER_MODE = 0o700

NO_PLAIN_FILE = "it is no plain file"

# The name of a file while it is being written. Left behind only by a process that was killed; the next write
# of the same name replaces it, and `repair` removes the rest.
UNFINISHED = ".new"

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def exists(path: str) -> bool:
    """Whether something is at `path`, behind a link too. Raises OSError where that cannot be seen; os.path.exists says
    no to that, and a log that cannot be read would seem to be none."""
    return _status(path) is not None


def is_folder(path: str) -> bool:
    """Whether a folder is at `path`, behind a link too. Raises OSError where that cannot be seen."""
    status = _status(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def open_plain(path: str, flags: int = os.O_RDONLY) -> int:
    """A handle on the plain file `path`, which follows a link. Raises OSError naming it, also for what is no plain
    file: opening a pipe would wait for its other end, and a device may have none."""
    handle = os.open(path, flags | _NO_WAIT | _BINARY, FILE_MODE)
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.ENXIO, NO_PLAIN_FILE, path)
    except BaseException:
        os.close(handle)
        raise
    return handle


def read_plain(path: str) -> bytes:
    """The content of the plain file `path`. Raises OSError naming it."""
    with open(open_plain(path), "rb", buffering=0) as file:  # all at once: a buffer costs two calls, and says no more
        return file.read()


def is_plain(path: str) -> bool:
    """Whether a plain file is at `path`, not behind a link, or nothing at all."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return True


class Disk:
    """Writes files so that they are whole or not there. Raises OSError, always naming the file."""

    def __init__(self, watcher: Watcher | None = None) -> None:
        self._watcher = watcher

    def read(self, path: str) -> bytes:
        """The content of `path`."""
        self._step("read", path)
        return read_plain(path)

    def make_folder(self, path: str) -> None:
        """Make `path` and its missing parents, mode 0700, each durable in its parent. An existing one is kept."""
        if is_folder(path):
            return
        parent = _folder_of(path)
        if not is_folder(parent):
            self.make_folder(parent)
        self._step("mkdir", path)
        try:
            os.mkdir(path, FOLDER_MODE)
        except OSError:
            if not is_folder(path):  # made by another process meanwhile
                raise
        self.sync_folder(parent)

    def replace(self, path: str, data: bytes, *, durable: bool = True) -> None:
        """Put `data` at `path`, replacing what is there in one step: readers see the old content or the new.

        With `durable` the content is on the disk before the name points at it; that the name points at it
        survives a power cut only after `sync_folder` of the folder. Without `durable` a power cut may leave
        an empty file: for what can be made again.
        """
        unfinished = path + UNFINISHED
        try:
            self._write_new(unfinished, data, durable)
            self._step("rename", path)
            os.replace(unfinished, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(unfinished)
            raise

    def make_then_replace(self, made: str, content: bytes, path: str, data: bytes) -> None:
        """Make the file `made`, and when that is on the disk to stay put `data` at `path`, which names it: durably, as
        `replace` does. Nobody reads `made` before; what a killed process left there is made anew.

        Both are written before the first is waited for, and sent off together: so one commit of the file system's
        journal holds both and the name of `made`, where ext4 took three. Of what a switch waits that is a half.
        """
        unfinished = path + UNFINISHED
        try:
            self._make_both((made, content), (unfinished, data))
            self.sync_folder(_folder_of(made))
        except BaseException:
            _discard(unfinished, made)
            raise
        try:
            self._step("rename", path)
            os.replace(unfinished, path)
        except OSError:  # and nothing else: an interrupt may come when it is done, and `made` be named already
            _discard(unfinished, made)
            raise

    def _make_both(self, *contents: tuple[str, bytes]) -> None:
        handles: list[int] = []
        try:
            for path, data in contents:
                handles.append(self._create(path))
                self._write_all(handles[-1], data, path)
            _send_off(handles[-1])
            for (path, _), handle in zip(contents, handles, strict=True):
                self._step("sync", path)
                self._flush(handle, path)
        finally:
            for handle in handles:
                os.close(handle)

    def replace_for_owner(self, path: str, data: bytes) -> None:
        """Put `data` at `path`, where a file is, in one step, as durable as a file can be. Owner and group stay who
        they are; its mode is 0600."""
        found = os.stat(path)
        unfinished = path + UNFINISHED
        try:
            self._write_new(unfinished, data, durable=True, owner=(found.st_uid, found.st_gid))
            self._step("rename", path)
            os.replace(unfinished, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(unfinished)
            raise
        self.sync_folder(_folder_of(path))

    def make_file(self, path: str, data: bytes) -> None:
        """Make `path`, mode 0600, with `data`: durable, and whole unless the process is killed meanwhile. Raises
        FileExistsError where anything is there, which is never touched."""
        self._step("create", path)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, FILE_MODE)
        try:
            try:
                self._write_all(handle, data, path)
                self._step("sync", path)
                self._flush(handle, path)
            finally:
                os.close(handle)
            self.sync_folder(_folder_of(path))
        except BaseException:
            with suppress(OSError):
                os.unlink(path)
            raise

    def rewrite(self, path: str, data: bytes) -> None:
        """Put `data` at `path`, a file of the user's own, in one step and durably. Where it is a link the file behind
        it is replaced, and the link stays. A file that is there keeps its mode; a new one gets 0600."""
        path = os.path.realpath(path)
        folder, name = os.path.split(path)
        there = _status(path)
        # Hidden, and named by process: `path` is in a folder where other files may have any name.
        prepared = os.path.join(folder, f".{name}.{os.getpid()}{UNFINISHED}")
        try:
            self._write_new(prepared, data, durable=True)
            if there is not None:
                self.change_mode(prepared, stat.S_IMODE(there.st_mode))
            self._step("rename", path)
            os.replace(prepared, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(prepared)
            raise
        self.sync_folder(folder)

    def settle(self, unfinished: str, path: str) -> None:
        """Make the file `unfinished`, which is written already, durable as `path`, replacing what is there."""
        self.change_mode(unfinished, FILE_MODE)
        self._step("sync", path)
        handle = open_plain(unfinished, os.O_RDWR | _NO_FOLLOW)
        try:
            self._flush(handle, path)
        finally:
            os.close(handle)
        self._step("rename", path)
        os.replace(unfinished, path)
        self.sync_folder(_folder_of(path))

    def sync_folder(self, path: str) -> None:
        """After this, files renamed into or removed from `path` stay so through a power cut."""
        self._step("sync_folder", path)
        if sys.platform == "win32":
            return  # Windows has no handle of a folder to flush; NTFS journals the rename itself
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._flush(handle, path)
        finally:
            os.close(handle)

    def append(self, path: str, data: bytes, *, durable: bool) -> None:
        """Add `data` at the end of `path`, all of it or nothing: where it fails the file gets its old length back.

        A process that is killed meanwhile may leave a part; so `data` is lines, and a line without its end is none.
        With `durable` it survives a power cut, else only the end of this process.
        """
        new = not exists(path)
        self._step("append", path)
        handle = open_plain(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_FOLLOW)
        try:
            status = os.fstat(handle)
            try:
                self._write_all(handle, data, path)
                if durable:
                    self._step("sync", path)
                    self._flush(handle, path)
                    if new:
                        self.sync_folder(_folder_of(path))
            except BaseException:
                with suppress(OSError):
                    os.ftruncate(handle, status.st_size)
                raise
        finally:
            os.close(handle)

    def write_over(self, path: str, data: bytes) -> None:
        """Put `data` at the beginning of `path` by one call of the system; what a longer content leaves behind stays.

        Neither synced nor whole after a crash: for what counts as none when it is torn.
        """
        self._step("write", path)
        handle = open_plain(path, os.O_WRONLY | os.O_CREAT | _NO_FOLLOW)
        try:
            os.write(handle, data)
        except OSError as error:
            raise _named(error, path) from error
        finally:
            os.close(handle)

    def put_in_place(self, path: str, data: bytes) -> None:
        """Make `data` the content of `path` without another file: a quarter of what a rename over so much costs.

        Who reads meanwhile, or after a crash, may find a part of the old content and a part of the new: for what is
        checked when it is read, and can be made again.
        """
        handle = open_plain(path, os.O_WRONLY | os.O_CREAT | _NO_FOLLOW)
        try:
            self._write_all(handle, data, path)
            os.ftruncate(handle, len(data))
        finally:
            os.close(handle)

    def truncate(self, path: str, length: int) -> None:
        """Cut `path` to its first `length` bytes."""
        self._step("truncate", path)
        os.truncate(path, length)

    def remove(self, path: str) -> None:
        """Remove the file `path`; one that is not there is fine."""
        self._step("unlink", path)
        with suppress(FileNotFoundError):
            os.unlink(path)

    def remove_empty_folder(self, path: str) -> None:
        """Remove the folder `path` if nothing is in it."""
        self._step("unlink", path)
        try:
            os.rmdir(path)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
                raise

    def move(self, path: str, to: str) -> None:
        """Rename `path`; both folders are synced. `to` must not exist: nothing is ever overwritten by a move."""
        if exists(to):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), to)
        self._step("rename", to)
        os.rename(path, to)
        self.sync_folder(_folder_of(to))
        if _folder_of(path) != _folder_of(to):
            self.sync_folder(_folder_of(path))

    def move_over(self, path: str, to: str) -> None:
        """Rename `path` to `to`, in the place of what is there; a power cut may take the name back."""
        self._step("rename", to)
        os.replace(path, to)

    def change_mode(self, path: str, mode: int) -> None:
        self._step("chmod", path)
        os.chmod(path, mode)

    def open_lock(self, path: str) -> int:
        """A handle on the lock file, made if missing; never truncated, for it may say who holds the lock."""
        self._step("create", path)
        return open_plain(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW)

    def sign(self, handle: int, note: bytes) -> None:
        """Make `note` the content of the lock file behind `handle`; it is for people, so it is not synced."""
        os.ftruncate(handle, 0)
        os.pwrite(handle, note, 0) if hasattr(os, "pwrite") else os.write(handle, note)

    def _write_new(self, path: str, data: bytes, durable: bool, owner: tuple[int, int] | None = None) -> None:
        handle = self._create(path)
        try:
            if owner is not None:
                self._give_to(handle, owner, path)
            self._write_all(handle, data, path)
            if durable:
                self._step("sync", path)
                self._flush(handle, path)
        finally:
            os.close(handle)

    def _create(self, path: str) -> int:
        """A handle on a new file; one that is there is removed, and was left by a process that was killed."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
        self._step("create", path)
        try:
            return os.open(path, flags, FILE_MODE)
        except FileExistsError:
            os.unlink(path)
            return os.open(path, flags, FILE_MODE)  # with O_EXCL again, so that a link put there is never followed

    def _give_to(self, handle: int, owner: tuple[int, int], path: str) -> None:
        """Before anything is in it. Nobody but root may give a file away, and nobody else has to."""
        found = os.fstat(handle)
        if (found.st_uid, found.st_gid) != owner and hasattr(os, "fchown"):
            self._step("chown", path)
            os.fchown(handle, *owner)

    def _write_all(self, handle: int, data: bytes, path: str) -> None:
        self._step("write", path)
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(handle, rest) :]
            except OSError as error:
                raise _named(error, path) from error

    def _flush(self, handle: int, path: str) -> None:
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

    def _step(self, name: str, path: str) -> None:
        if self._watcher is not None:
            self._watcher(name, path)


def _send_off(handle: int) -> None:
    """Have the system begin to bring what was written to the disk, as far as it can be asked to, and wait for nothing.
    Whoever says that the pages will not be needed has that begun on Linux."""
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise


def _discard(*paths: str) -> None:
    for path in paths:
        with suppress(OSError):
            os.unlink(path)


def _folder_of(path: str) -> str:
    return os.path.dirname(path) or os.curdir


def _named(error: OSError, path: str) -> OSError:
    """`error` of a call on a handle, with the file's name in it."""
    return OSError(error.errno, error.strerror, path)


def settle(unfinished: str, path: str) -> None:
    """Put a file that another program wrote at `path` in one step, mode 0600, so that it survives a power cut.

    Both are of one folder. Raises OSError naming the file.
    """
    Disk().settle(unfinished, path)
