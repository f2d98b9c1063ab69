"""The user's pager, as git and man use it: a long text is read page by page, a short one is printed."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Leave what fits on one screen, obey colours, and keep the screen afterwards.
_LESS = "FRX"


def pager_of(environ: Mapping[str, str]) -> list[str] | None:
    """The words of the pager's command: STUI_PAGER, else PAGER, else less. None where there is none, or it is cat."""
    for variable in ("STUI_PAGER", "PAGER"):
        if (given := environ.get(variable)) is not None:
            try:
                words = shlex.split(given)
            except ValueError:
                return None
            return words if words and words != ["cat"] else None
    return ["less"] if environ.get("TERM", "dumb") != "dumb" else None


def page(text: str, words: list[str], environ: Mapping[str, str]) -> bool:
    """Show `text` in the pager until it is left; False if it cannot be started, and nothing was shown."""
    program = shutil.which(words[0], path=environ.get("PATH"))
    if program is None:
        return False
    try:
        child = subprocess.Popen(
            [program, *words[1:]], stdin=subprocess.PIPE, env={"LESS": _LESS, "LV": "-c", **environ}
        )
    except OSError:
        return False
    assert child.stdin is not None
    with suppress(OSError):  # it was left before it had read everything
        child.stdin.write(text.encode("utf-8", "replace"))
    with suppress(OSError):
        child.stdin.close()
    while True:
        try:
            child.wait()
        except KeyboardInterrupt:  # Ctrl-C is the pager's while it runs
            continue
        return True
