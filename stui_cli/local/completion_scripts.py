"""The completion scripts that come with stui, as derived from the command tree."""

from __future__ import annotations

from pathlib import Path

from stui_cli.model.errors import StuiError

SCRIPTS = {"bash": "stui.bash", "zsh": "_stui", "fish": "stui.fish"}


def completion_script(shell: str) -> str:
    """The text of the script: inside the package once it is installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "completions", package.parent / "completions"):
        path = folder / SCRIPTS[shell]
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise StuiError(f"{SCRIPTS[shell]} is missing from {package}", todo="install stui again")
