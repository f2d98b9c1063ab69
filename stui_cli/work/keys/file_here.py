"""A key file on this machine, changed while an agent reads it and while other commands change it.

One writer at a time, by a lock file beside it, which is never removed: a store's lock would not do, since a key file
may be changed from two stores. An agent reads without a lock, and finds the whole old file or the whole new one.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from stui_cli.image.keys import LARGEST
from stui_cli.model.errors import NotPermitted, Refused
from stui_cli.store.files.disk import Disk, read_plain
from stui_cli.store.files.lock import exclusive
from stui_cli.store.files.problems import as_store_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.work.workbench import Workbench

_LOCK_SUFFIX = ".lock"
_LOCK_TIMEOUT_S = 10.0

# Another store would not help: the file is the agent's, or its holder's.
_AS_ITS_USER = "do it as the user that the image runs as"
_OTHER_FILE = "name another file: --to FILE"


def read_here(path: str) -> bytes:
    """The content. Raises NotPermitted for a file that is not there, cannot be read, or can be by others: an agent
    takes no key of that."""
    try:
        mode = os.stat(path).st_mode
        data = read_plain(path)
    except OSError as error:
        raise NotPermitted(
            f"the key file {path} cannot be read: {error.strerror}",
            todo="do it as the user that the image runs as, on the machine where it runs",
        ) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        from shlex import quote

        raise NotPermitted(
            f"the key file {path} can be read by others (mode {stat.S_IMODE(mode):04o}), so its keys count as known",
            todo=f"put fresh keys into it, then: chmod 600 {quote(path)}",
        )
    if len(data) > LARGEST:
        raise NotPermitted(f"{path} is too large for a key file", todo="name the key file: --file FILE")
    return data


def change_here(bench: Workbench, path: str, changed: Callable[[bytes], bytes]) -> bytes:
    """Let the file be what `changed` makes of what it is under the lock; return it as it is then. What that raises
    means that nothing happened, and so does StoreProblem, which a full disk is."""
    path = os.path.realpath(path)  # a link stays a link
    with alone(bench, path + _LOCK_SUFFIX):
        before = read_here(path)
        after = changed(before)
        if after != before:
            replace_here(path, after)
    return after


@contextmanager
def alone(bench: Workbench, lock: str) -> Iterator[None]:
    """Let no other stui be where `lock` is held. Raises Locked after a while."""
    actor, announce = bench.store.actor, bench.announce
    with (
        as_store_problems(lock, _AS_ITS_USER),
        exclusive(lock, Disk(), actor, timeout=_LOCK_TIMEOUT_S, announce=announce),
    ):
        yield


def replace_here(path: str, data: bytes) -> None:
    """Put `data` at `path`, where a file is, in one step. Raises StoreProblem: then it is as it was."""
    path = os.path.realpath(path)
    with as_store_problems(path, _AS_ITS_USER):
        Disk().replace_for_owner(path, data)


def make_own(path: str, data: bytes) -> None:
    """Make a key file of somebody's own, mode 0600. Raises Refused where anything is there."""
    disk = Disk()
    with as_store_problems(path, _OTHER_FILE):
        try:
            disk.make_file(path, data)
        except FileExistsError as error:
            raise Refused(
                f"{path} is there already, and is not overwritten",
                todo=_OTHER_FILE,
            ) from error
        except FileNotFoundError as error:
            raise Refused(
                f"there is no folder {os.path.dirname(path)} for the key",
                todo="name a file in a folder that is there: --to FILE",
            ) from error


def make_folder(path: str) -> None:
    """The folder in which the key files lie that nobody named another place for; mode 0700."""
    with as_store_problems(path, _OTHER_FILE):
        Disk().make_folder(path)


def drop_own(path: str) -> None:
    """Remove what `make_own` made, where what it was for did not come about."""
    with suppress(OSError):
        Disk().remove(path)
