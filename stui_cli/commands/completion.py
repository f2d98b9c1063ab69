"""`stui completion`: the completion script of a shell, as derived from the command tree."""

from __future__ import annotations

import click

from stui_cli.invocation import Invocation, command
from stui_cli.local.completion_scripts import SCRIPTS, completion_script


@command("completion", name="completion", heeds_settings=False)
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
def cli(invocation: Invocation, shell: str) -> int:
    """Print the completion script of SHELL.

    In ~/.bashrc: eval "$(stui completion bash)". In ~/.zshrc, after compinit: eval "$(stui completion zsh)". For fish:
    stui completion fish > ~/.config/fish/completions/stui.fish (mkdir -p makes the folder). Tab then starts no stui:
    names come from the store's plain files.
    """
    del invocation
    click.echo(completion_script(shell), nl=False)
    return 0
