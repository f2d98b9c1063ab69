"""Runtime files: how a local agent publishes where it listens, so that a local image needs no configuration (DESIGN 5).

They are written by agents, so all that they hold is foreign: typed, bounded, and believed only if the file is ours.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from stui_cli.image.runtime_folder import private_directory as private_directory
from stui_cli.image.runtime_folder import runtime_directory as runtime_directory
from stui_cli.local.proc import is_provably_free, nobody_started_at
from stui_cli.local.processes import Liveness, liveness, mark_from
from stui_cli.model.errors import StuiError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST = 64 * 1024
_ASKING_S = 1.0


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


def private_file(path: Path, mode: str) -> IO[bytes]:
    """Open a file for writing that nobody else may read, whatever the umask is."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def running_agents(directory: Path) -> Iterator[RuntimeFile]:
    """The runtime files of agents that are not provably gone. One that cannot be read is passed over."""
    for path in _files(directory):
        found = read_runtime_file(path)
        if found is not None and agent_liveness(found) is not Liveness.GONE:
            yield found


def told_agents(directory: Path) -> dict[str, list[RuntimeFile]]:
    """The runtime files by the ids of their images, of agents that run and of those that are gone."""
    by_image: dict[str, list[RuntimeFile]] = {}
    for path in _files(directory):
        if (found := read_runtime_file(path)) is not None:
            by_image.setdefault(found.image_id, []).append(found)
    return by_image


def sweep_stale(directory: Path) -> list[Path]:
    """Remove the runtime files whose agent is provably gone; return what was removed. Only for who was asked to
    sweep: a command that lists deletes nothing."""
    removed = []
    for path in _files(directory):
        found = read_runtime_file(path)
        if found is not None and agent_liveness(found) is Liveness.GONE:
            path.unlink(missing_ok=True)
            removed.append(path)
    return removed


def agent_liveness(found: RuntimeFile, *, any_incarnation: bool = False) -> Liveness:
    """Whether the agent of a runtime file lives; with `any_incarnation` whether its image does, launched anew or not.

    The file does not hold where its pid counts. So a process that is not seen is gone only if nothing on this machine
    started when it did, or if nobody listens at its address either.
    """
    start = None if found.process_start is None else str(found.process_start)
    mark = mark_from({"pid": found.pid, "start": start})
    if mark is not None and liveness(mark) is Liveness.LIVES:
        return Liveness.LIVES
    if start is not None and nobody_started_at(start):
        return Liveness.GONE
    answer = _answers(found, any_incarnation=any_incarnation)
    if answer is Liveness.GONE and start is None and not is_provably_free(found.pid):
        return Liveness.UNKNOWN  # there is a process with its pid, and nothing shows that it is another one
    return answer


def _answers(found: RuntimeFile, *, any_incarnation: bool) -> Liveness:
    """Whether the agent answers at its address; asked only where that is on this machine."""
    from stui_cli.image.contact import OtherImage, contact
    from stui_cli.model.addresses import TcpAddress, UnixAddress, is_loopback, parse_address
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.errors import Unreachable
    from stui_cli.model.images import Image
    from stui_cli.model.probe_outcome import ProbeOutcome

    image = Image(found.name, found.address, 0, found.image_id, key_file=found.key_file, key_id=found.key_id)
    try:
        address = parse_address(found.address)
        if not (isinstance(address, UnixAddress) or (isinstance(address, TcpAddress) and is_loopback(address.host))):
            return Liveness.UNKNOWN
        with contact(image, "stui", Deadline.after(_ASKING_S)) as client:
            # Launched anew it listens where the one before did, whose file a kill left there.
            same = any_incarnation or client.greeting.incarnation == found.incarnation
            return Liveness.LIVES if same else Liveness.GONE
    except OtherImage:
        return Liveness.GONE
    except Unreachable as error:
        return Liveness.GONE if error.outcome is ProbeOutcome.REFUSED else Liveness.UNKNOWN
    except StuiError:
        return Liveness.UNKNOWN


def read_runtime_file(path: Path) -> RuntimeFile | None:
    """The file as a value; None if it is not ours, half written, or not what an agent writes."""
    import tomllib

    from stui_cli.model.addresses import reached_from_here

    try:
        # Only the name of the key file may have other bytes than UTF-8: folders may.
        raw = tomllib.loads(_read_own(path).decode("utf-8", "surrogateescape"))
        "".join(str(value) for key, value in raw.items() if key != "key_file").encode()
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
        } if mark_from({"pid": pid}) is not None:
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


def _files(directory: Path) -> list[Path]:
    """The runtime files in `directory`; empty if it is not this user's, who else could have put them there."""
    try:
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
            return []
        return sorted(path for path in directory.iterdir() if path.suffix == ".toml")
    except OSError:
        return []
