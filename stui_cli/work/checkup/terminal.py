"""What a person sees of stui: where its output goes, in which letters and colours, and by which pager."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from stui_cli.local.pager import pager_of
from stui_cli.work.checkup.observation import passed, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

# Below it most tables leave columns out.
_NARROW = 80


def look_at_terminal(around: Around) -> Iterator[Observation]:
    """The stream of this very command."""
    terminal = around.terminal
    if not terminal.on_terminal:
        yield passed("terminal", "output", "no terminal: plain rows, as in a pipe")
    elif terminal.width is not None and terminal.width < _NARROW:
        told = f"{terminal.width} columns: tables leave some of theirs out"
        yield warning("terminal", "output", told, "stui images -o plain", f"{_NARROW} columns or more")
    else:
        kind = around.places.told(around.environ.get("TERM") or "not set")
        yield passed("terminal", "output", f"{terminal.width} columns, TERM is {kind}: {_colors(around)}")
    encoding = terminal.encoding.lower()
    if encoding.startswith("utf"):
        yield passed("terminal", "letters", encoding)
    else:
        told = f"{encoding}: other letters are written as escapes"
        yield warning("terminal", "letters", told, "export LC_ALL=C.UTF-8", "utf-8")
    yield _pager(around)


def _colors(around: Around) -> str:
    if not around.terminal.colored:
        return "no colours (NO_COLOR, TERM=dumb or --color)"
    return f"{_depth(around.environ)} colours"


def _depth(environ: Mapping[str, str]) -> str:
    if environ.get("COLORTERM") in ("truecolor", "24bit"):
        return "all"
    return "256" if "256color" in environ.get("TERM", "") else "16"


def _pager(around: Around) -> Observation:
    words = pager_of(around.environ)
    if words is None:
        return skipped("terminal", "pager", "none: long texts are printed whole")
    found = shutil.which(words[0], path=around.environ.get("PATH"))
    if found is None:
        told = "the pager is not on the PATH: long texts are printed whole"
        variable = next((name for name in ("STUI_PAGER", "PAGER") if around.environ.get(name)), None)
        return warning("terminal", "pager", told, f"unset {variable}" if variable else "export PAGER=cat")
    return passed("terminal", "pager", around.places.shown(found))
