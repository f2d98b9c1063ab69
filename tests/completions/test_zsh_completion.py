"""completions/_stui in a real zsh: typed keys, sourced and found on fpath."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from needs import program
from terminals import PROMPT, SCRIPTS, TYPED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from terminals import Terminal

STUB = 'stui() { print -r -- "ARGUMENTS<${(j:|:)@}>END" }'
LOADED = {
    "sourced": f"autoload -Uz compinit; compinit -u -D; source '{SCRIPTS}/_stui'",
    "on fpath": f"fpath=('{SCRIPTS}' $fpath); autoload -Uz compinit; compinit -u -D",
}


@pytest.fixture(params=list(LOADED))
def zsh(request: pytest.FixtureRequest, terminal: Callable[..., Terminal], tmp_path: Path) -> Terminal:
    settings = f"{LOADED[request.param]}\n{STUB}\nsetopt no_list_beep\nunsetopt prompt_sp\nPS1='{PROMPT}'\n"
    (tmp_path / ".zshrc").write_text(settings)
    return terminal(program("zsh"), "-d", "-i")


def test_tab_completes_what_is_typed(zsh: Terminal) -> None:
    for keys, arguments in TYPED:
        assert zsh.arguments(keys) == arguments, keys


OFFERED = {
    "stui images ": ("trust", "Accept another image", "launch"),
    "stui switch ": ("alpha/work", "beta/lab", "beta/scratch", "build@home"),
    "stui -i beta keys revoke ": ("admin", "bob"),
    "stui cleanup --": ("--dry-run", "Show what would go", "--grace", "--image"),
    "stui images launch x --image-file ": ("moose-10", "work-on-it"),  # of Pharo Launcher
}


def test_commands_names_and_options_are_offered_with_their_help(zsh: Terminal, tmp_path: Path) -> None:
    for name in ("moose-10", "work-on-it"):
        (tmp_path / "Pharo" / "images" / name).mkdir(parents=True)
    for keys, texts in OFFERED.items():
        zsh.type(f"{keys}\t")
        zsh.until(*texts)
        zsh.type("\x15")  # an empty line again
