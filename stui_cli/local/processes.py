"""Processes of this machine: which one is meant, and whether it lives, is gone, or cannot be told from here.

A pid alone means little: it is given again, and it counts only in the pid namespace and the boot that gave it. So a
process is kept as a mark, and judged in three values: what cannot be seen is not gone.

    boot       namespace   pid there, same start   pid there, other start   pid not there
    the same   the same    lives                   gone                     gone
    the same   unknown     lives                   cannot tell              cannot tell
    the same   another     cannot tell             cannot tell              cannot tell
    an earlier one of this machine: gone; of another machine: cannot tell

This is the only file that reads /proc. A path is text here: every start of stui passes, to tell its terminal.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST_PID = 2**31 - 1  # beyond it, and below 1, a pid means groups, or everybody, to kill(2)
_LINUX: bool = sys.platform == "linux"
_FIRST_OF_TIMES = "time:[4026531834]"  # on every Linux (PROC_TIME_INIT_INO)
# PROC_PID_INIT_INO of the kernel: the same on every Linux.
_FIRST_NAMESPACE = "pid:[4026531836]"
_STOP_GRACE_S = 3.0
_POLL_S = 0.01


class Liveness(Enum):
    """What can be said of a process from here."""

    LIVES = "lives"
    GONE = "gone"
    UNKNOWN = "cannot be told from here"


class Place(NamedTuple):
    """Where a pid means what it means: machine, boot, pid namespace. None where the system does not tell."""

    machine: str | None
    boot: str | None
    namespace: str | None


class ProcessMark(NamedTuple):
    """One process for good: its pid, when it started (as the system tells it, or None), and where its pid counts."""

    pid: int
    start: str | None = None
    machine: str | None = None
    boot: str | None = None
    namespace: str | None = None


class Kin(NamedTuple):
    """Whose child a process is, and the number of the terminal that controls it, 0 for none."""

    parent: int
    terminal: int


def mark_of(pid: int) -> ProcessMark:
    """The mark of a process that runs here."""
    return ProcessMark(pid, start_of(pid), *here())


def mark_from(raw: Mapping[str, object]) -> ProcessMark | None:
    """A mark as a file holds it; None if it is none."""
    pid, texts = raw.get("pid"), [raw.get(name) for name in ProcessMark._fields[1:]]
    if not isinstance(pid, int) or isinstance(pid, bool) or not 0 < pid <= _LARGEST_PID:
        return None
    start, machine, boot, namespace = (text if isinstance(text, str) and text else None for text in texts)
    return ProcessMark(pid, start, machine, boot, namespace)


@cache
def here() -> Place:
    """The place of this very process."""
    return Place(_machine(), _boot(), _namespace())


def liveness(mark: ProcessMark) -> Liveness:
    """Whether the process of a mark lives, by the table above."""
    place = here()
    if mark.boot is not None and place.boot is not None and mark.boot != place.boot:
        return Liveness.GONE if mark.machine == place.machine is not None else Liveness.UNKNOWN
    if mark.namespace is not None and mark.namespace != place.namespace:
        return Liveness.UNKNOWN
    sure = mark.namespace is not None and mark.boot is not None
    otherwise = Liveness.GONE if sure else Liveness.UNKNOWN
    if is_provably_free(mark.pid):
        return otherwise
    start = start_of(mark.pid)
    if start is None or mark.start is None:
        return Liveness.UNKNOWN
    return Liveness.LIVES if start == mark.start else otherwise


def is_provably_free(pid: int) -> bool:
    """Whether no process that runs has this pid, in the pid namespace of this very process. A process that ended and
    was not waited for yet runs no more."""
    if os.name != "posix" or not 0 < pid <= _LARGEST_PID:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # somebody else's, who may have it after it was given again: only its start could tell
    return _proc_is_ours() and (fields := _fields(pid)) is not None and fields[0] in "ZX"


def start_of(pid: int) -> str | None:
    """When a process started: on Linux the kernel's ticks since the boot, elsewhere the second that ps tells. None
    for one that does not run, and where it cannot be seen."""
    if _proc_is_ours():
        fields = _fields(pid)
        return None if fields is None or fields[0] in "ZX" else fields[19]
    if _LINUX or os.name != "posix":
        return None
    return _told_by("ps", "-o", "lstart=", "-p", str(pid))


def kin_of(pid: int) -> Kin | None:
    """Where a process stands among others; None where it cannot be seen."""
    fields = _fields(pid) if _proc_is_ours() else None
    return None if fields is None else Kin(int(fields[1]), int(fields[4]))


def nobody_started_at(start: str) -> bool:
    """Whether provably no process of this machine, in whatever pid namespace, started in that tick of this boot. Only
    the first namespace shows all of them, and only to who may see everybody's."""
    if here().namespace != _FIRST_NAMESPACE or not _proc_is_ours() or _fields(1) is None:
        return False
    return not any(start_of(int(entry)) == start for entry in os.listdir("/proc") if entry.isdigit())


def end(mark: ProcessMark) -> Liveness:
    """Ask the process to end, and kill it after 3 s; answers whether it lives then. Only a process that its mark
    proves is ever touched."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + _STOP_GRACE_S
        if not _signal(mark, number):
            break
        while liveness(mark) is Liveness.LIVES and time.monotonic() < until:
            time.sleep(_POLL_S)
    return liveness(mark)


def _signal(mark: ProcessMark, number: signal.Signals) -> bool:
    """Send a signal if the process lives. The descriptor keeps meaning the process that was looked at, even if it ends
    between the look and the signal, and its pid is given again."""
    try:
        descriptor = os.pidfd_open(mark.pid) if hasattr(os, "pidfd_open") else None
    except OSError:  # ended already, or a kernel without it
        descriptor = None
    try:
        if liveness(mark) is not Liveness.LIVES:
            return False
        if descriptor is not None:
            signal.pidfd_send_signal(descriptor, number)
        else:
            os.kill(mark.pid, number)
    except OSError:
        return False
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return True


def working_in(folder: str) -> list[ProcessMark]:
    """The processes of this user whose current folder is `folder`, where the system shows them."""
    found = []
    place = os.path.realpath(folder)
    for entry in os.listdir("/proc") if _proc_is_ours() else ():
        try:
            if entry.isdigit() and os.readlink(f"/proc/{entry}/cwd") == place:
                found.append(mark_of(int(entry)))
        except OSError:
            continue  # gone, or somebody else's
    return found


@cache
def _proc_is_ours() -> bool:
    """Whether /proc is there and counts as this process does: in a new pid namespace it may still be the old one's."""
    try:
        return os.readlink("/proc/self") == str(os.getpid())
    except OSError:
        return False


def _fields(pid: int) -> list[str] | None:
    """The fields of proc(5) stat from the state on, which is field 3: so index 19 is field 22, the start time."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return fields if len(fields) > 19 else None


def _machine() -> str | None:
    """What does not change with a boot: the machine's own id, else its name."""
    try:
        with open("/etc/machine-id", encoding="utf-8") as file:
            return file.read(64).strip() or _node()
    except (OSError, ValueError):
        return _node()


def _node() -> str | None:
    return os.uname().nodename or None if hasattr(os, "uname") else None


def _boot() -> str | None:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
            return file.read(64).strip() or None
    except (OSError, ValueError):
        return None if _LINUX else _told_by("sysctl", "-n", "kern.bootsessionuuid")


def _namespace() -> str | None:
    """Where there are no pid namespaces at all, everything is in one. A namespace of times, if it is not the first,
    counts as another place too: in there a process has started at another time."""
    if not _LINUX:
        return "-"
    try:
        found = os.readlink("/proc/self/ns/pid")
    except OSError:
        return None
    try:
        of_times = os.readlink("/proc/self/ns/time")
    except OSError:  # a kernel without them
        return found
    return found if of_times == _FIRST_OF_TIMES else f"{found} {of_times}"


def _told_by(*command: str) -> str | None:
    """What a small program of the system says in one line; None if it is not there or fails."""
    import subprocess  # only where there is no /proc

    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return " ".join(done.stdout.split()) or None
