"""`stui completion`: the completion script of a shell."""

from __future__ import annotations

import click

from stui_cli.invocation import Invocation, command


@command("completion", name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def cli(invocation: Invocation, shell: str) -> int:
    """Print the completion script of SHELL. In ~/.bashrc: eval "$(stui completion bash)"."""
    from click.shell_completion import get_completion_class

    del invocation
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    click.echo(kind(root, {}, "stui", "_STUI_COMPLETE").source())
    return 0
