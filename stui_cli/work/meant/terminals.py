"""Which terminal this is, and whether another one is gone: the scopes of contexts (DESIGN section 10).

A scope is `terminal:LEADER:STARTED:BOOT:PLACE`. LEADER is the process id of the terminal's session leader, STARTED the
kernel's start time of it, so that a reused id is another terminal. PLACE is where process ids and start times mean what
they mean here. Two of them may be out of sight:

- the leader itself, where it lives outside this namespace of process ids (`unshare --fork`, bwrap): LEADER is 0, and
  STARTED is the device of the terminal with the start of the namespace's first process;
- its start, where /proc hides other users' processes (hidepid after `su`), belongs to another namespace, or is not
  there: STARTED is the device of the terminal.

What is out of sight is not gone: that takes the word of the kernel about a process of this very place and boot.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.local import proc
from stui_cli.local.proc import is_provably_free, kin_of, start_of
from stui_cli.model.contexts import DEFAULT_SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterator

# A context of a terminal that cannot be judged from here (another machine, a container, before the last boot) is
# kept for so long after its last switch.
FOREIGN_KEPT_MS = 30 * 24 * 3_600_000

_PREFIX = "terminal"
_DEVICE = "tty"

# ioctl_tty(2), Linux: the number of the terminal itself, where /dev/tty is only a name for it.
_TIOCGDEV = 0x80045432

# How far up it is looked for a terminal that this process has left.
_GENERATIONS = 12


def terminal_key() -> str | None:
    """This terminal's scope, the same whichever streams are the terminal. None without a controlling terminal (cron,
    CI), and where nothing tells one terminal from another."""
    with _controlling_terminal() as terminal:
        if terminal is None:
            return None
        leader = os.getsid(0)
        started = _started(leader) if leader else None
        if started is None:
            device = _device(terminal)
            if leader == 0 and device is None:
                return None
            started = device or "-"
            if leader == 0:
                started = f"{started}.{_started(1) or '-'}"
    return f"{_PREFIX}:{leader}:{started}:{_boot()}:{_place()}"


def terminal_is_gone(scope: str) -> bool:
    """Whether the terminal of a scope is provably gone. One of another place (a machine that shares this home, a
    container with its own process ids) or boot cannot be judged from here."""
    fields = scope.split(":")
    if len(fields) != 5 or fields[0] != _PREFIX or not fields[1].isdigit() or is_foreign(scope):
        return False
    if _namespace() is None:  # whose process ids these are cannot be seen
        return False
    leader, recorded = int(fields[1]), fields[2]
    if leader == 0:
        recorded, leader = recorded.partition(".")[2], 1
    elif is_provably_free(leader):
        return True
    now = None if recorded == "-" or recorded.startswith(_DEVICE) else _started(leader)
    return now is not None and now != recorded


def scope_words(scope: str, here: str | None) -> str:
    """A scope in words, for people; `here` is this terminal's."""
    if scope == here:
        return "this terminal"
    fields = scope.split(":")
    if fields[0] != _PREFIX or len(fields) < 2:
        return f"the {scope}" if scope == DEFAULT_SCOPE else f"the scope {scope}"
    named = f"the terminal of process {fields[1]}" if fields[1] != "0" else "a terminal of another namespace"
    return f"{named}, of another machine, container or boot" if is_foreign(scope) else named


def checked_scope(scope: str) -> str:
    """Return `scope` if it is the default one or has the form of a terminal's; raise UsageProblem if not: a context of
    another would never be anybody's."""
    from stui_cli.model.contexts import DEFAULT_SCOPE
    from stui_cli.model.errors import UsageProblem

    fields = scope.split(":")
    if scope == DEFAULT_SCOPE or (len(fields) == 5 and fields[0] == _PREFIX and fields[1].isdigit()):
        return scope
    raise UsageProblem(
        f"{scope!r} is no scope of a context", todo=f"leave it out, or give {DEFAULT_SCOPE!r} or the key of a terminal"
    )


def is_foreign(scope: str) -> bool:
    """Whether a scope is a terminal's that cannot be judged from here."""
    return scope.startswith(f"{_PREFIX}:") and scope.split(":")[3:] != [_boot(), _place()]


def terminal_left() -> int | None:
    """The process, of those that led to this one, which has a terminal where this one has none: a command that an
    editor runs in a session of its own (Neovim's `:!`). None where no such is seen, as in cron."""
    pid = os.getpid()
    for _ in range(_GENERATIONS):
        kin = kin_of(pid)
        if kin is None or pid <= 1:
            return None
        parent, terminal = kin
        if terminal:
            return pid if pid != os.getpid() else None
        pid = parent
    return None


@contextmanager
def _controlling_terminal() -> Iterator[int | None]:
    try:
        opened = os.open("/dev/tty", os.O_RDONLY | getattr(os, "O_NOCTTY", 0))
    except OSError:
        yield None
        return
    try:
        yield opened
    finally:
        os.close(opened)


def _device(terminal: int) -> str | None:
    """The number of a terminal; None where the system does not tell."""
    number = 0
    if sys.platform == "linux":
        import fcntl

        try:
            number = int.from_bytes(fcntl.ioctl(terminal, _TIOCGDEV, bytes(4)), sys.byteorder)
        except OSError:  # some machines number their calls otherwise
            kin = kin_of(os.getpid())
            number = kin[1] if kin else 0
    return f"{_DEVICE}{os.major(number)}-{os.minor(number)}" if number else None


def _started(pid: int) -> str | None:
    """When a process started, as one field of a scope; None where that cannot be seen."""
    start = start_of(pid)
    return None if start is None else start.replace(":", ".")


def _boot() -> str:
    """Where start times are dates (macOS), a boot tells nothing more, and would cost a process to ask for."""
    boot = proc.boot() if sys.platform == "linux" else None
    return "-" if boot is None else boot[:8]


def _place() -> str:
    """Where process ids and start times mean what they mean here: this machine, and its namespaces of them."""
    from binascii import crc32

    machine, namespace = os.uname().nodename if hasattr(os, "uname") else "", _namespace() or ""
    return f"{crc32(f'{machine} {namespace}'.encode()):08x}"


def _namespace() -> str | None:
    """None where it cannot be seen."""
    return proc.namespace() if sys.platform == "linux" else ""
