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


def test_commands_come_with_their_summaries(zsh: Terminal) -> None:
    zsh.type("stui images \t")
    zsh.until("trust", "Accept another image", "launch")


def test_images_and_their_sessions_are_offered(zsh: Terminal) -> None:
    zsh.type("stui switch \t")
    zsh.until("alpha/work", "beta/lab", "beta/scratch", "build@home")


def test_keys_are_those_of_the_image_named(zsh: Terminal) -> None:
    zsh.type("stui -i beta keys revoke \t")
    zsh.until("admin", "bob")


def test_options_come_with_their_help(zsh: Terminal) -> None:
    zsh.type("stui cleanup --\t")
    zsh.until("--dry-run", "Show what would go", "--grace", "--image")


def test_images_of_pharo_launcher_are_offered(zsh: Terminal, tmp_path: Path) -> None:
    for name in ("moose-10", "work-on-it"):
        (tmp_path / "Pharo" / "images" / name).mkdir(parents=True)
    zsh.type("stui images launch x --image-file \t")
    zsh.until("moose-10", "work-on-it")
