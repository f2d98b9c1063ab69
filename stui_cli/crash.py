"""A bug of ours: the traceback goes to a log file that the message names, never to the terminal."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING

from stui_cli import __version__
from stui_cli.model.errors import StuiError
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.location import Home
from stui_cli.store.team_address import without_password

if TYPE_CHECKING:
    from collections.abc import Sequence

# How many reports are kept; the oldest goes.
_KEPT = 10


def crash_report(error: Exception, arguments: Sequence[str], home: str | None) -> StuiError:
    """Log `error` in the store's home, `home` where `--home` names one, and return what the user should read.

    Never raises: where nothing can be logged the message says how to see more.
    """
    what = f"an unexpected failure: {type(error).__name__}: {_said(error)}"
    try:
        text = "".join(traceback.format_exception(error))
        text = without_password(f"stui {__version__} {list(arguments)!r}\n{text}")
        path = write_crash_log(Home.find(home, os.environ), text)
    except Exception:  # noqa: BLE001  a full disk, a home that is no folder, an exception that cannot be printed
        report = StuiError(what, todo="this is a bug of stui; run it again with --debug to see where")
    else:
        report = StuiError(what, todo=f"this is a bug of stui; please report it with {path}")
    report.__cause__ = error
    return report


def write_crash_log(home: Home, text: str) -> str:
    """Keep `text`, a report of a bug of ours, in the folder of `home`, which is made if it is missing; no store need be
    there. Returns the path of the file. Raises OSError."""
    import time
    from pathlib import Path

    disk = Disk()
    disk.make_folder(home.crashes)
    folder = Path(home.crashes)
    for old in sorted(folder.glob("*.log"))[: 1 - _KEPT]:
        disk.remove(str(old))
    path = str(folder / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.log")
    disk.replace(path, text.encode("utf-8", "backslashreplace"), durable=False)
    return path


def _said(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  its own text is broken, too
        return "(it cannot be printed)"
