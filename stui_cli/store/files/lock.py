"""One writer at a time: the store's lock.

The operating system holds it (flock), so it ends with the process that took it, however that ends: a lock cannot
be stale. The file is never deleted; deleting it would let two processes lock two files of the same name.

For people its holder signs the file with its pid and command. A note may be left by a holder that was killed, so it is
believed only of the process of which the kernel says that it holds the file now: flock tells nobody who holds it, and
so the holder has a record lock on the file besides, which excludes nobody and does tell.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from stui_cli.store.files.disk import open_plain, read_plain
from stui_cli.store.problems import Locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.model.operations import Actor
    from stui_cli.store.files.disk import Disk

# Seconds until a person is told what is being waited for (DESIGN section 7).
ANNOUNCED_AFTER = 0.5

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.02


@contextmanager
def exclusive(
    path: str, disk: Disk, actor: Actor, *, timeout: float, announce: Callable[[str], None]
) -> Iterator[None]:
    """Hold the lock file `path`. Waits up to `timeout` seconds and announces who holds it after half a second.

    Raises Locked when the time is over. Not reentrant: a second attempt inside waits for the first.
    """
    if sys.platform == "win32":
        with _windows_lock(path, timeout):
            yield
        return
    handle = _taken(path, disk, timeout, announce)
    try:
        _show(handle)
        _sign(disk, handle, f"{actor.pid} {actor.command}\n".encode("utf-8", "replace"))
        yield
    finally:
        _sign(disk, handle, b"")  # who holds it next may be no stui, and sign nothing
        os.close(handle)  # gives the lock back


def _taken(path: str, disk: Disk, timeout: float, announce: Callable[[str], None]) -> int:
    """A handle that holds the lock."""
    # filelock would do, but importing it costs 22 ms (it brings asyncio): more than `stui switch` may take in
    # all. It serves where there is no flock.
    import fcntl

    begin = time.monotonic()
    pause = _FIRST_PAUSE
    told = False
    while True:
        handle = disk.open_lock(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
        except BaseException:
            os.close(handle)
            raise
        else:
            if _is_still(path, handle):
                return handle
            os.close(handle)  # somebody removed the file between open and flock
            continue
        waited = time.monotonic() - begin
        if waited >= timeout:
            raise Locked(
                f"{path} is held by {_holder(path)}; gave up after {timeout:g} s",
                todo="repeat the command when that one is done, or wait longer: --lock-timeout S",
            )
        if waited >= ANNOUNCED_AFTER and not told:
            announce(f"waiting for the store, held by {_holder(path)}")
            told = True
        time.sleep(min(pause, timeout - waited))
        pause = min(pause * 2, _LONGEST_PAUSE)


def _show(handle: int) -> None:
    """Let the kernel tell who holds the file. Elsewhere than on Linux flock and record locks may exclude each other."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sign(disk: Disk, handle: int, note: bytes) -> None:
    """The lock is held also where a full disk takes no note of it."""
    with suppress(OSError):
        disk.sign(handle, note)


def _is_still(path: str, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


def _holder(path: str) -> str:
    """Who holds the lock: the process that its note names, if that one holds it. Nothing is decided by it."""
    try:
        pid, _, command = read_plain(path).decode("utf-8", "replace").strip().partition(" ")
        if pid.isdecimal() and _holds(int(pid), path):
            return f"process {pid} ({command})"
    except (OSError, ValueError):  # ValueError: a number of 5,000 digits
        pass
    return "another process"


def _holds(pid: int, path: str) -> bool:
    """Whether a process holds the file. The kernel tells that of others; in this one it is another thread."""
    if pid == os.getpid():
        return True
    if sys.platform != "linux":
        return _lives(pid)
    import fcntl
    from struct import pack, unpack

    record = "hhqqi"  # struct flock: type, whence, start, length, pid
    handle = open_plain(path)
    try:
        kind, *_, holder = unpack(record, fcntl.fcntl(handle, fcntl.F_GETLK, pack(record, fcntl.F_WRLCK, 0, 0, 0, 0)))
    finally:
        os.close(handle)
    return bool(kind != fcntl.F_UNLCK and holder == pid)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


@contextmanager
def _windows_lock(path: str, timeout: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        with FileLock(path, timeout=timeout):
            yield
    except Timeout as error:
        raise Locked(
            f"{path} is held by another process; gave up after {timeout:g} s",
            todo="repeat the command when that one is done, or wait longer: --lock-timeout S",
        ) from error
