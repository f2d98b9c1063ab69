"""The one place where the errors of the system become ours."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.store.problems import Obstructed

if TYPE_CHECKING:
    from collections.abc import Iterator

# What happened, how to mend it, and how the sentence goes on for a file of the store, which may be another one.
_ADVICE = {
    errno.ENOSPC: ("the disk is full", "free some space there, then repeat the command", ""),
    errno.EDQUOT: ("your disk quota is used up", "free some space there, then repeat the command", ""),
    errno.EROFS: ("the file system is read-only", "mount it writable", ", or use another store: --home DIR, STUI_HOME"),
    errno.EACCES: ("permission is denied", "check owner and mode of the file and its folders", ", or use --home DIR"),
    errno.EPERM: ("it is not permitted", "check owner and attributes of the file", ", or use --home DIR"),
    errno.EIO: (
        "the disk reports an input/output error",
        "look at the system's log",
        "; copy the store away if you can",
    ),
    errno.ELOOP: (
        "it is a symbolic link",
        "put a plain file there",
        "; stui does not write through links in its store",
    ),
    errno.ENOTDIR: ("a part of its path is no folder", "move that file away", ", or use --home DIR"),
    errno.ENXIO: ("it is no plain file", "move it away", "; stui doctor --repair sets such files aside"),
    errno.EISDIR: (
        "it is a folder, and should be a file",
        "move it away",
        "; stui doctor --repair sets such aside",
    ),
    errno.EMFILE: ("too many files are open", "raise the limit: ulimit -n", ""),
}


def problem_of(error: OSError, home: str, elsewhere: str | None = None) -> Obstructed:
    """`error` as something a user can act on; the file is the one that the system names, else the store.

    `elsewhere` is what else can be done about a file that is not of the store, where there is more than one way."""
    told = (error.strerror or str(error), "check the file", ", or use --home DIR")
    reason, todo, more = _ADVICE.get(error.errno or 0, told)
    if elsewhere is not None:
        more = f", or {elsewhere}" if more and elsewhere else ""
    # A rename names two files; the second is the one that people know.
    where = str(error.filename2 or error.filename or home)
    return Obstructed(f"{where}: {reason}", todo + more, str(error.filename or home), error.strerror or str(error))


@contextmanager
def as_store_problems(home: str, elsewhere: str | None = None) -> Iterator[None]:
    """Turn the system's errors into Obstructed, naming the file (`home` where the system names none), with advice as
    `problem_of` has it."""
    try:
        yield
    except OSError as error:
        raise problem_of(error, home, elsewhere) from error
