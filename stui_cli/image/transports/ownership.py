"""Whose a unix socket is: nobody else of this machine may stand in for an image.

Looked at are, before anything is sent there,

    each folder on the way   whose owner, or anybody who may write into it, could put another socket into place
    each link on the way     whose owner chooses where it leads
    the socket itself        its owner made it
    who listens              what the kernel kept of the process that called listen()

The first three also tell why a connection would be refused, the last cannot be deceived. Trusted are this user, root,
the owner of `/`, who is root where namespaces let root look like somebody else, and whom the image's entry names. ssh
(StrictModes) and tmux look at folders alike, PostgreSQL's clients (requirepeer) at who listens.
"""

from __future__ import annotations

import _socket as socket  # as in tcp.py
import os
import stat
import struct

from stui_cli.model.errors import Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

_MOST_LINKS = 40  # as many as the kernel follows

# What others are asked for their credentials by: struct xucred begins with a version and the user.
_BSD_LEVEL, _XUCRED_SIZE = 0, 76


def trusted_users(owner: str | None, where: str) -> set[int]:
    """Whose sockets are taken: by number, those of `owner`, by name or number, too. Raises Unreachable for an unknown
    one."""
    trusted = {0, os.geteuid(), os.stat("/").st_uid}
    if owner is not None:
        try:
            trusted.add(user_id(owner))
        except KeyError:
            what = f"{where}: there is no user {owner} on this machine; nothing was sent"
            todo = "stui images set NAME --socket-owner USER"
            raise Unreachable(what, todo=todo, outcome=ProbeOutcome.NOT_PERMITTED) from None
    return trusted


def user_id(user: str) -> int:
    """The number of a user by name, or by that number. Raises KeyError."""
    import pwd

    return int(user) if user.isascii() and user.isdecimal() else pwd.getpwnam(user).pw_uid


def refuse_strange_place(path: str, trusted: set[int], where: str) -> None:
    """Raises Unreachable if somebody else could have put the socket `path` there. Where it cannot be looked at nothing
    is said: the kernel will not connect there either."""
    here, links = "/", 0
    waiting = path.split("/")[::-1]
    try:
        while waiting:
            step = _step(here, waiting.pop())
            found = os.lstat(step)
            if found.st_uid not in trusted:
                raise _strange(where, f"{step} belongs to the user {_user(found.st_uid)}", _allowing(found.st_uid))
            if stat.S_ISLNK(found.st_mode):
                links += 1
                if links > _MOST_LINKS:
                    return
                target = os.readlink(step)
                waiting += target.split("/")[::-1]
                here = "/" if target.startswith("/") else here
            else:
                _refuse_open_folder(step, found, where)
                here = step
    except OSError:
        return


def refuse_strange_peer(connected: socket.socket, trusted: set[int], where: str) -> None:
    """Raises Unreachable if another user's process listens there. Where the system does not tell nothing is said."""
    uid = _peer(connected)
    if uid is not None and uid not in trusted:
        raise _strange(where, f"a process of the user {_user(uid)} listens there", _allowing(uid))


def _step(here: str, part: str) -> str:
    if part in ("", "."):
        return here
    return os.path.dirname(here) if part == ".." else os.path.join(here, part)


def _refuse_open_folder(path: str, found: os.stat_result, where: str) -> None:
    """In a folder with the sticky bit only the owner of an entry can replace it."""
    if not stat.S_ISDIR(found.st_mode) or found.st_mode & stat.S_ISVTX:
        return
    if found.st_mode & stat.S_IWOTH:
        others = "anybody"
    elif found.st_mode & stat.S_IWGRP and not _is_private_group(found):
        others = "its group"
    else:
        return
    import shlex

    raise _strange(where, f"{others} may write into {path}", f"chmod go-w {shlex.quote(path)}")


def _is_private_group(found: os.stat_result) -> bool:
    """Many systems give each user a group of the same name, with nobody else in it, and let it write."""
    import grp
    import pwd

    try:
        owner, group = pwd.getpwuid(found.st_uid).pw_name, grp.getgrgid(found.st_gid)
    except KeyError:
        return False
    return group.gr_name == owner and set(group.gr_mem) <= {owner}


def _peer(connected: socket.socket) -> int | None:
    """The user of the process that listens, if the system tells."""
    try:
        if (option := getattr(socket, "SO_PEERCRED", None)) is not None:
            _, uid, _ = struct.unpack("iII", connected.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("iII")))
            return int(uid)
        if (option := getattr(socket, "LOCAL_PEERCRED", None)) is not None:
            _, uid = struct.unpack_from("II", connected.getsockopt(_BSD_LEVEL, option, _XUCRED_SIZE))
            return int(uid)
    except (OSError, struct.error):
        pass
    return None


def _user(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _allowing(uid: int) -> str:
    return f"if that user is the one who should answer: stui images set NAME --socket-owner {_user(uid)}"


def _strange(where: str, why: str, todo: str) -> Unreachable:
    what = f"{where}: {why}, so that others may answer there; nothing was sent"
    return Unreachable(what, todo=todo, outcome=ProbeOutcome.NOT_PERMITTED)
