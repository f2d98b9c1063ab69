"""The folder of the runtime files, in which agents tell where they listen; it is looked at, not made."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from stui_cli.local.runtime_files import runtime_directory
from stui_cli.work.checkup.observation import Observation, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stui_cli.work.workbench import Workbench


def look_at_runtime_folder(bench: Workbench) -> Iterator[Observation]:
    """Whose the folder is, and who else may enter it."""
    folder = runtime_directory(bench.environ)
    wanted = "a folder of this user that nobody else can enter"
    try:
        found = folder.lstat()
    except FileNotFoundError:
        yield _of_missing(folder)
        return
    except OSError as error:
        yield Observation("machine", "runtime folder", Verdict.FAILED, wanted, f"{folder}: {error.strerror}")
        return
    private = os.name != "posix" or not stat.S_IMODE(found.st_mode) & 0o077
    owned = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    good = stat.S_ISDIR(found.st_mode) and owned and private
    told = f"{folder}, mode {stat.S_IMODE(found.st_mode):04o}"
    yield Observation("machine", "runtime folder", Verdict.PASSED if good else Verdict.FAILED, wanted, told)


def _of_missing(folder: Path) -> Observation:
    """Whether a folder that is not there can be made, as it is by the first launch: not in one that is somebody else's
    (XDG_RUNTIME_DIR after su), or of nobody."""
    above = next(parent for parent in folder.parents if parent.exists())
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK) and _is_ours_or_shared(above):
        told = f"{folder} is made at the first launch"
        return Observation("machine", "runtime folder", Verdict.PASSED, "a folder that can be made", told)
    wanted = "a folder of this user: set XDG_RUNTIME_DIR to one, or unset it"
    told = f"{folder} cannot be made: {above} is not this user's to write to"
    return Observation("machine", "runtime folder", Verdict.FAILED, wanted, told)


def _is_ours_or_shared(folder: Path) -> bool:
    found = folder.stat()
    return not hasattr(os, "getuid") or found.st_uid == os.getuid() or bool(found.st_mode & stat.S_ISVTX)
