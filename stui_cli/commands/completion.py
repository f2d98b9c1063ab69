"""`stui completion`: the completion script of a shell, as derived from the command tree."""

from __future__ import annotations

from pathlib import Path

import click

from stui_cli.invocation import Invocation, command
from stui_cli.model.errors import StuiError

SCRIPTS = {"bash": "stui.bash", "zsh": "_stui", "fish": "stui.fish"}


def script(shell: str) -> str:
    """The text of the script: inside the package once it is installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "completions", package.parent / "completions"):
        path = folder / SCRIPTS[shell]
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise StuiError(f"{SCRIPTS[shell]} is missing from {package}", todo="install stui again")


@command("completion", name="completion", heeds_settings=False)
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
def cli(invocation: Invocation, shell: str) -> int:
    """Print the completion script of SHELL.

    In ~/.bashrc: eval "$(stui completion bash)". In ~/.zshrc, after compinit: eval "$(stui completion zsh)". For
    fish: stui completion fish >~/.config/fish/completions/stui.fish. Tab then starts no stui: names come from the
    store's plain files.
    """
    del invocation
    click.echo(script(shell), nl=False)
    return 0
