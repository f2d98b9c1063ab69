"""The folder of the runtime files, in which agents tell where they listen; it is looked at, not made."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from stui_cli.local.processes import Liveness
from stui_cli.local.runtime_files import agent_liveness, runtime_directory, told_agents
from stui_cli.work.checkup.observation import passed, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

_WANTED = "a folder of this user that nobody else can enter"

# An agent that cannot be judged from its file is asked, here on this machine, a second for each; in all for so long.
_ASKING_S = 3.0


def look_at_runtime_folder(around: Around) -> Iterator[Observation]:
    """Whose the folder is, who else may enter it, and files of agents that are gone."""
    folder = runtime_directory(around.environ)
    shown, quoted = around.places.shown(folder), around.places.quoted(folder)
    try:
        found = folder.lstat()
    except FileNotFoundError:
        yield _of_missing(around, folder)
        return
    except OSError as error:
        yield problem("machine", "runtime folder", f"{shown}: {error.strerror}", f"ls -ld {quoted}", _WANTED)
        return
    private = os.name != "posix" or not stat.S_IMODE(found.st_mode) & 0o077
    owned = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    told = f"{shown}, mode {stat.S_IMODE(found.st_mode):04o}"
    if stat.S_ISDIR(found.st_mode) and owned and private:
        yield passed("machine", "runtime folder", told, _WANTED)
        yield _files(folder)
    else:
        todo = f"chmod 700 {quoted}" if stat.S_ISDIR(found.st_mode) and owned else f"ls -ld {quoted}"
        yield problem("machine", "runtime folder", told, todo, _WANTED)


def _files(folder: Path) -> Observation:
    agents = [agent for each in told_agents(folder).values() for agent in each]
    until = time.monotonic() + _ASKING_S
    judged = [agent_liveness(agent) for agent in agents if time.monotonic() < until]
    gone, rest = judged.count(Liveness.GONE), len(agents) - len(judged)
    told = f"of agents that run: {len(judged) - gone}, of agents that are gone: {gone}"
    told += f", not looked at: {rest}" if rest else ""
    if gone:
        return warning("machine", "runtime files", told, "stui cleanup", "files of agents that run")
    return passed("machine", "runtime files", told)


def _of_missing(around: Around, folder: Path) -> Observation:
    """Whether a folder that is not there can be made, as it is by the first launch: not in one that is somebody else's
    (XDG_RUNTIME_DIR after su), or of nobody."""
    shown = around.places.shown(folder)
    above = next(parent for parent in folder.parents if parent.exists())
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK) and _is_ours_or_shared(above):
        told = f"{shown} is made at the first launch"
        return passed("machine", "runtime folder", told, "a folder that can be made")
    wanted = "a folder of this user: set XDG_RUNTIME_DIR to one, or unset it"
    told = f"{shown} cannot be made: {around.places.shown(above)} is not this user's to write to"
    return problem("machine", "runtime folder", told, "unset XDG_RUNTIME_DIR", wanted)


def _is_ours_or_shared(folder: Path) -> bool:
    found = folder.stat()
    return not hasattr(os, "getuid") or found.st_uid == os.getuid() or bool(found.st_mode & stat.S_ISVTX)
