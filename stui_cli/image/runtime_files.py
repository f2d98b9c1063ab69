"""Runtime files: how a local agent tells where it listens, so that a local image needs no configuration (DESIGN 5).

They are written by agents, so all that they say is foreign: typed, bounded, and believed only if the file is ours.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from stui_cli.model.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LARGEST = 64 * 1024
_LARGEST_PID = 2**31 - 1


@dataclass(frozen=True)
class RuntimeFile:
    """What an agent wrote at its start; `address` is where this machine reaches it, `process_start` the kernel's start
    time of its process, in ticks."""

    path: Path
    name: str
    address: str
    image_id: str
    incarnation: str
    pid: int
    process_start: int | None
    dialect: str
    key_id: str | None
    key_file: str | None


def runtime_directory(environ: Mapping[str, str]) -> Path:
    """Where agents of this user write: $XDG_RUNTIME_DIR/stui, else a private folder in the temporary one."""
    base = environ.get("XDG_RUNTIME_DIR")
    if base and Path(base).is_absolute():
        return Path(base) / "stui"
    user = os.getuid() if hasattr(os, "getuid") else environ.get("USERNAME", "user")
    return Path(environ.get("TMPDIR") or "/tmp") / f"stui-{user}"  # noqa: S108  made private and checked below


def private_directory(path: Path) -> Path:
    """Make `path` with mode 0700, or check that it is a folder of this user that nobody else can enter.

    Raises Refused otherwise: in a shared temporary folder a neighbour may have made it first.
    """
    for missing in reversed([folder for folder in (path, *path.parents) if not folder.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)  # parents=True would make those above by the umask
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
        raise Refused(f"{path} belongs to somebody else", todo="set XDG_RUNTIME_DIR to a private folder of yours")
    if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o700)
    return path


def private_file(path: Path, mode: str) -> IO[bytes]:
    """Open a file for writing that nobody else may read, whatever the umask says."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def running_agents(directory: Path) -> Iterator[RuntimeFile]:
    """The runtime files of agents whose process lives. One that cannot be read is passed over."""
    for path in _files(directory):
        found = read_runtime_file(path)
        if found is not None and process_lives(found.pid, found.process_start):
            yield found


def sweep_stale(directory: Path) -> list[Path]:
    """Remove the runtime files whose process is gone (by pid and start time); answers what was removed."""
    removed = []
    for path in _files(directory):
        found = read_runtime_file(path)
        if found is not None and not process_lives(found.pid, found.process_start):
            path.unlink(missing_ok=True)
            removed.append(path)
    return removed


def read_runtime_file(path: Path) -> RuntimeFile | None:
    """The file as a value; None if it is not ours, half written, or not what an agent writes."""
    import tomllib

    from stui_cli.model.addresses import reached_from_here

    try:
        raw = tomllib.loads(_read_own(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError):  # ValueError: no UTF-8, no TOML, a number of 5,000 digits
        return None
    match raw:
        case {
            "schema": 1,
            "name": str(name),
            "address": str(address),
            "image_id": str(image_id),
            "incarnation": str(incarnation),
            "pid": int(pid),
            "dialect": str(dialect),
        } if not isinstance(pid, bool) and 0 < pid <= _LARGEST_PID:  # others mean groups, or everybody, to kill(2)
            start, key_id, key_file = raw.get("process_start"), raw.get("key_id"), raw.get("key_file")
            return RuntimeFile(
                path, name, reached_from_here(address), image_id, incarnation, pid,
                start if isinstance(start, int) and not isinstance(start, bool) else None, dialect,
                key_id if isinstance(key_id, str) and key_id else None,
                key_file if isinstance(key_file, str) and key_file else None,
            )  # fmt: skip
        case _:
            return None


def _read_own(path: Path) -> bytes:
    """The bytes of a small plain file of this user. Raises OSError, and ValueError for anything else: a link, which
    may lead anywhere, a pipe, which would be waited for, a file of somebody else, one that is too long."""
    with open(path, "rb", opener=_without_following) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
            raise ValueError("no plain file of this user")
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError("too long")
    return data


def _without_following(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def process_lives(pid: int, started: int | None) -> bool:
    """Whether process `pid` is there and, where the system tells, is still the one that `started` then."""
    fields = _process_fields(pid)
    if fields is None:
        return not Path("/proc/self/stat").exists() and _signalable(pid)
    return fields[0] not in "ZX" and (started is None or int(fields[19]) == started)


def process_start(pid: int) -> int | None:
    """When process `pid` started, in the kernel's ticks; None where the system does not tell."""
    fields = _process_fields(pid)
    return None if fields is None else int(fields[19])


def _process_fields(pid: int) -> list[str] | None:
    """The fields of proc(5) stat from the state on, which is field 3: so index 19 is field 22, the start time."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split() or None


def _signalable(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _files(directory: Path) -> list[Path]:
    """The runtime files in `directory`; none if it is not this user's, who else could have put them there."""
    try:
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
            return []
        return sorted(path for path in directory.iterdir() if path.suffix == ".toml")
    except OSError:
        return []
