"""The manual pages: those that come with stui, and where they were put for man."""

from __future__ import annotations

import sys
from pathlib import Path

from stui_cli.model.errors import StuiError


def manual_page(name: str) -> str:
    """The source of the page in the file `name`. Raises StuiError where it is missing."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "man", package.parent / "man"):
        path = folder / name
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise StuiError(f"{name} is missing from {package}", todo="install stui again")


def man_folder() -> Path | None:
    """The folder for MANPATH; None where no pages were installed for man."""
    package = Path(__file__).resolve().parents[1]
    for above in (*package.parents, Path(sys.prefix)):  # the latter where a checkout is used as it stands
        folder = above / "share" / "man"
        if (folder / "man1" / "stui.1").is_file():
            return folder
    return None
