"""What can be wrong with a store, and the one place where the system's errors become ours."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem

if TYPE_CHECKING:
    from collections.abc import Iterator


class Damaged(StoreProblem):
    """A file of the store does not say what stui wrote. `path` is the file, `reason` what is wrong with it."""

    code = "store_damaged"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} is damaged: {reason}",
            todo="stui doctor explains it; stui doctor --repair restores the newest sound state",
        )
        self.path = path
        self.reason = reason


class Locked(StoreProblem):
    """Another process holds the store's lock, and did so for as long as this one would wait."""


class Newer(StoreProblem):
    """A file of the store was written by a newer stui: not damaged, and not to be touched by this one."""

    code = "store_newer"

    def __init__(self, path: str, schema: int, known: int) -> None:
        super().__init__(
            f"{path} was written by a newer stui (schema {schema}; this one knows {known}); nothing was changed",
            todo="upgrade stui, or use another store: --home DIR, STUI_HOME",
        )


def checked_schema(path: str, schema: object, known: int) -> None:
    """Raise Newer for a schema above `known`, Damaged for what is none."""
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise Damaged(path, "it carries no schema number")
    if schema > known:
        raise Newer(path, schema, known)


_ADVICE = {
    errno.ENOSPC: ("the disk is full", "free some space there, then repeat the command"),
    errno.EDQUOT: ("your disk quota is used up", "free some space there, then repeat the command"),
    errno.EROFS: ("the file system is read-only", "mount it writable, or use another store: --home DIR, STUI_HOME"),
    errno.EACCES: ("permission is denied", "check owner and mode of the file and its folders, or use --home DIR"),
    errno.EPERM: ("it is not permitted", "check owner and attributes of the file, or use --home DIR"),
    errno.EIO: ("the disk reports an input/output error", "look at the system's log; copy the store away if you can"),
    errno.ELOOP: ("it is a symbolic link", "put a plain file there; stui does not write through links in its store"),
    errno.ENOTDIR: ("a part of its path is no folder", "move that file away, or use --home DIR"),
    errno.ENXIO: ("it is no plain file", "move it away; stui doctor --repair sets such files aside"),
    errno.EISDIR: ("it is a folder, and should be a file", "move it away; stui doctor --repair sets such aside"),
    errno.EMFILE: ("too many files are open", "raise the limit: ulimit -n"),
}


def problem_of(error: OSError, home: str) -> StoreProblem:
    """`error` as something a user can act on; the file is the one that the system names, else the store."""
    reason, todo = _ADVICE.get(error.errno or 0, (error.strerror or str(error), "check the file, or use --home DIR"))
    # A rename names two files; the second is the one that people know.
    return StoreProblem(f"{error.filename2 or error.filename or home}: {reason}", todo=todo)


@contextmanager
def as_store_problems(home: str) -> Iterator[None]:
    """Turn the system's errors into StoreProblem, naming the file (`home` where the system names none)."""
    try:
        yield
    except OSError as error:
        raise problem_of(error, home) from error
