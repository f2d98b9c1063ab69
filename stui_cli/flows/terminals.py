"""Which terminal this is, and whether another one is gone: the scopes of contexts (DESIGN section 10)."""

from __future__ import annotations

import os

# A context of a terminal on another machine, or in a container, is kept for so long after its last switch.
FOREIGN_KEPT_MS = 30 * 24 * 3_600_000

_PREFIX = "terminal"


def terminal_key() -> str | None:
    """This terminal's scope: session leader, its start time, the boot id, and where its process ids count, so that a
    reused pid or a reboot is another terminal. None without a controlling terminal (cron, CI)."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | getattr(os, "O_NOCTTY", 0)))
    except OSError:
        return None
    leader = os.getsid(0)
    return f"{_PREFIX}:{leader}:{_started(leader) or _birth_of_terminal()}:{_boot()}:{_place()}"


def terminal_is_gone(scope: str) -> bool:
    """Whether the terminal of a scope is provably gone. One of another place (a machine that shares this home, a
    container with its own process ids) cannot be judged from here."""
    fields = scope.split(":")
    if len(fields) != 5 or fields[0] != _PREFIX or not fields[1].isdigit():
        return False
    leader, started, boot, place = int(fields[1]), *fields[2:]
    if place != _place():
        return False
    if boot != _boot():
        return True
    now = _started(leader)
    if now is not None:
        return now != started
    return not _runs(leader)


def is_foreign(scope: str) -> bool:
    """Whether a scope is a terminal's that cannot be judged from here."""
    return scope.startswith(f"{_PREFIX}:") and scope.rpartition(":")[2] != _place()


def _started(pid: int) -> str | None:
    """When a process started, in the kernel's ticks; None where the system does not tell, or it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            status = file.read()
    except OSError:
        return None
    # Field 22 of proc(5), counted from the state, which is field 3.
    return status.rpartition(")")[2].split()[19]


def _boot() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read()[:8]
    except OSError:  # as on macOS
        return "-"


def _place() -> str:
    """Where process ids mean what they mean here: this machine, and its namespace of them."""
    from binascii import crc32

    machine = os.uname().nodename if hasattr(os, "uname") else ""
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    return f"{crc32(f'{machine} {namespace}'.encode()):08x}"


def _birth_of_terminal() -> str:
    """Without /proc: when the terminal's own device was made."""
    try:
        return str(int(os.stat(os.ttyname(0)).st_ctime))
    except OSError:
        return "-"


def _runs(pid: int) -> bool:
    if os.path.exists("/proc/self/stat"):
        return False  # /proc would have told its start
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
