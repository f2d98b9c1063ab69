"""Whether `man stui` shows the manual of this very stui."""

from __future__ import annotations

import gzip
import shutil
from typing import TYPE_CHECKING

from stui_cli.local.asking import said_by
from stui_cli.local.manual_pages import man_folder, manual_page
from stui_cli.work.checkup.observation import passed, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

_SECONDS = 3.0
_WANTED = "man stui shows the manual"


def look_at_manual(around: Around) -> Iterator[Observation]:
    """What man finds under the name stui."""
    man = shutil.which("man", path=around.environ.get("PATH"))
    if man is None:
        yield skipped("shell", "manual", "there is no man; stui help shows the manual all the same", "stui help")
        return
    said = said_by([man, "-w", "stui"], around.environ, _SECONDS)
    found = said.strip().splitlines() if said else []
    ours = manual_page("stui.1").encode()
    if not found:
        yield warning("shell", "manual", "man finds no page of stui; stui help shows it", _how(ours), _WANTED)
    elif _page(found[0]) == ours:
        yield passed("shell", "manual", f"man finds {around.places.shown(found[0])}", _WANTED)
    else:
        told = f"man finds {around.places.shown(found[0])}, which is of another version of stui"
        yield warning("shell", "manual", told, _how(ours), _WANTED)


def _how(ours: bytes) -> str:
    """Let man look where this very version was installed; what needs no man otherwise."""
    folder = man_folder()
    installed = folder is not None and _page(str(folder / "man1" / "stui.1")) == ours
    return 'export MANPATH="$(stui help --man-path):"' if installed else "stui help"


def _page(path: str) -> bytes | None:
    try:
        with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
            return file.read(1024 * 1024)
    except (OSError, EOFError):
        return None
