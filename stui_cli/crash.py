"""A bug of ours: the traceback goes to a log file that the message names, never to the terminal."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING

from stui_cli import __version__
from stui_cli.model.errors import StuiError
from stui_cli.store.disk import write_crash_log
from stui_cli.store.location import Home

if TYPE_CHECKING:
    from collections.abc import Sequence


def crash_report(error: Exception, arguments: Sequence[str]) -> StuiError:
    """Log `error` and answer what to tell the user."""
    text = "".join(traceback.format_exception(error))
    what = f"an unexpected failure: {type(error).__name__}: {error}"
    try:
        path = write_crash_log(Home.find(None, os.environ), f"stui {__version__} {list(arguments)!r}\n{text}")
    except (OSError, StuiError):
        report = StuiError(what, todo="this is a bug of stui; run it again with --debug to see where")
    else:
        report = StuiError(what, todo=f"this is a bug of stui; please report it with {path}")
    report.__cause__ = error
    return report
