"""Where the manual pages are."""

from __future__ import annotations

from pathlib import Path

from stui_cli.model.errors import StuiError


def page_source(name: str) -> str:
    """The source of the page in the file `name`: inside the package once it is installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "man", package.parent / "man"):
        path = folder / name
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise StuiError(f"{name} is missing from {package}", todo="install stui again")
