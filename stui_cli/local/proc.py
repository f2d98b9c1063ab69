"""What the system knows of processes and of where this one runs: the only file that reads /proc.

Every start of stui passes here, to find its terminal: so no class is made (one by NamedTuple or Enum costs 0.06 to
0.1 ms), a path is text, and each fact is read when it is asked for, by three calls of the system.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_PID = 2**31 - 1  # beyond it, and below 1, a pid means groups, or everybody, to kill(2)

_LINUX: bool = sys.platform == "linux"
_FIRST_OF_TIMES = "time:[4026531834]"  # on every Linux (PROC_TIME_INIT_INO)
# PROC_PID_INIT_INO of the kernel: the same on every Linux.
_FIRST_NAMESPACE = "pid:[4026531836]"


def is_provably_free(pid: int) -> bool:
    """Whether no process that runs has this pid, in the pid namespace of this very process. A process that ended and
    was not waited for yet runs no more."""
    if os.name != "posix" or not 0 < pid <= LARGEST_PID:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # somebody else's, who may have it after it was given again: only its start could show it
    return _is_ours() and (fields := _fields(pid)) is not None and fields[0] in "ZX"


def start_of(pid: int) -> str | None:
    """When a process started: on Linux the kernel's ticks since the boot, elsewhere the second that ps prints. None
    for one that does not run, and where it cannot be seen."""
    if _is_ours():
        fields = _fields(pid)
        return None if fields is None or fields[0] in "ZX" else fields[19]
    if _LINUX or os.name != "posix":
        return None
    return _output_of("ps", "-o", "lstart=", "-p", str(pid))


def memory_used() -> int | None:
    """The bytes of this process that are in memory; where the system does not tell, the most that ever were; None where
    it tells nothing."""
    try:
        return int(_read("/proc/self/statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        pass
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def kin_of(pid: int) -> tuple[int, int] | None:
    """Whose child a process is, and the number of the terminal that controls it, 0 for none; None where it cannot be
    seen."""
    fields = _fields(pid) if _is_ours() else None
    return None if fields is None else (int(fields[1]), int(fields[4]))


def nobody_started_at(start: str) -> bool:
    """Whether provably no process of this machine, in whatever pid namespace, started in that tick of this boot. Only
    the first namespace shows all of them, and only to who may see everybody's."""
    if namespace() != _FIRST_NAMESPACE or not _is_ours() or _fields(1) is None:
        return False
    return not any(start_of(pid) == start for pid in _pids())


def pids_in(folder: str) -> list[int]:
    """The processes of this user whose current folder is `folder`, where the system shows them."""
    place = os.path.realpath(folder)
    return [pid for pid in _pids() if _folder_of(pid) == place]


def lock_holders(path: str) -> list[int] | None:
    """The processes that alone hold a file by flock(2), 0 for one that is not seen from here; none where there is no
    file. None where the system does not tell. Nothing is tried."""
    if not _LINUX:
        return None
    try:
        looked = os.stat(path)
    except OSError:
        return []
    try:
        with open("/proc/locks", encoding="ascii", errors="replace") as file:
            rows = [line.split() for line in file if " FLOCK " in line and " -> " not in line]
    except OSError:
        return None
    # 1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF, the device in hexadecimal digits. File systems that are on no
    # device of their own have another number of it here than for stat(2): the file's own number has to do for those.
    device = f"{os.major(looked.st_dev):02x}:{os.minor(looked.st_dev):02x}:" if os.major(looked.st_dev) else ""
    places = ((int(row[4]), row[5]) for row in rows if len(row) > 5 and row[3] == "WRITE")
    return [
        max(pid, 0)
        for pid, place in places
        if place.startswith(device) and place.rpartition(":")[2] == str(looked.st_ino)
    ]


@cache
def machine() -> str | None:
    """What does not change with a boot: the machine's own id, else its name."""
    return _line("/etc/machine-id") or (os.uname().nodename or None if hasattr(os, "uname") else None)


@cache
def boot() -> str | None:
    """Which boot of the machine this is; None where the system does not know."""
    found = _line("/proc/sys/kernel/random/boot_id")
    return found if found or _LINUX else _output_of("sysctl", "-n", "kern.bootsessionuuid")


@cache
def namespace() -> str | None:
    """Where process ids and start times mean what they mean to this very process; None where that cannot be seen.

    Where there are no pid namespaces at all, everything is in one. A namespace of times, if it is not the first,
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


@cache
def network() -> str:
    """Where a loopback address, and the path of a socket, mean what they mean to this very process: this boot of this
    machine, and its namespaces. Two that differ may be one all the same."""
    of_boot = boot() or machine() or "-"
    spaces = []
    for kind in ("net", "mnt") if _LINUX else ():
        try:
            spaces.append(os.readlink(f"/proc/self/ns/{kind}"))
        except OSError:
            spaces.append("-")
    return " ".join((of_boot, *spaces))


@cache
def _is_ours() -> bool:
    """Whether /proc is there and counts as this process does: in a new pid namespace it may still be the old one's."""
    try:
        return os.readlink("/proc/self") == str(os.getpid())
    except OSError:
        return False


def _pids() -> Iterator[int]:
    return (int(entry) for entry in (os.listdir("/proc") if _is_ours() else ()) if entry.isdigit())


def _folder_of(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:  # gone, or somebody else's
        return None


def _fields(pid: int) -> list[str] | None:
    """The fields of proc(5) stat from the state on, which is field 3: so index 19 is field 22, the start time."""
    try:
        fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    except OSError:
        return None
    return fields if len(fields) > 19 else None


def _line(path: str) -> str | None:
    """The text of a file of one short line; None where it cannot be read, or is empty."""
    try:
        return _read(path)[:64].strip() or None
    except OSError:
        return None


def _read(path: str) -> str:
    """The beginning of a file, a few hundred letters as a rule. open() would ask seven things of the system more."""
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.read(handle, 4096).decode("utf-8", "replace")
    finally:
        os.close(handle)


def _output_of(*command: str) -> str | None:
    """What a small program of the system prints in one line; None if it is not there or fails."""
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
