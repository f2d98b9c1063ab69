"""The place of the store: whether it can be written, and whether there is room."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.work.checkup.observation import Observation, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.work.workbench import Workbench

# A commit of a large registry with its objects takes some of it; below this the next ones may fail, in bytes.
LEAST_FREE = 16 * 1024 * 1024


def look_at_disk(bench: Workbench) -> Iterator[Observation]:
    """Whether the store can be written, or made where there is none yet, and whether there is room."""
    home = Path(bench.store.home.folder)
    folder = next(each for each in (home, *home.parents) if each.exists())
    wanted = "a folder that this user may write to, on a file system that is not read-only"
    writable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    yield Observation("disk", "writable", Verdict.PASSED if writable else Verdict.FAILED, wanted, str(folder))
    if not hasattr(os, "statvfs"):
        return
    try:
        found = os.statvfs(folder)
    except OSError as error:
        yield Observation("disk", "room", Verdict.FAILED, "a file system that tells", f"{folder}: {error.strerror}")
        return
    free, files = found.f_bavail * found.f_frsize, found.f_favail
    full = free < LEAST_FREE or (found.f_files > 0 and files == 0)
    told = f"{free // 1024**2} MB free" + (", but not one file more" if found.f_files > 0 and files == 0 else "")
    wanted = f"{LEAST_FREE // 1024**2} MB or more"
    yield Observation("disk", "room", Verdict.FAILED if full else Verdict.PASSED, wanted, told)
