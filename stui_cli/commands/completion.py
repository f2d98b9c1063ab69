"""`stui completion`: the completion script of a shell, as derived from the command tree."""

from __future__ import annotations

import click

from stui_cli.invocation import Invocation, command
from stui_cli.local.completion_scripts import SCRIPTS, completion_script


@command("completion", name="completion", heeds_settings=False)
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
def cli(invocation: Invocation, shell: str) -> int:
    """Print the completion script of SHELL.

    In ~/.bashrc: eval "$(stui completion bash)". In ~/.zshrc, after compinit: eval "$(stui completion zsh)". For fish
    (3.5 or newer): stui completion fish > ~/.config/fish/completions/stui.fish. Tab then starts no stui and asks no
    image: names, labels, keys and the numbers of changes come from the store's plain files; sessions are those of the
    image that -i, STUI_IMAGE, this terminal, .stui.toml or the default names. What holds a control character is never
    offered.

    The script also defines stui_here, for prompts: it sets STUI_HERE to IMAGE or IMAGE/SESSION, what a command here
    means, and nothing where that does not exist. It reads the store's names/contexts, where each switch is kept by the
    terminal's session leader and the time that it started at, and starts no process:

    \b
    bash  PROMPT_COMMAND="stui_here;$PROMPT_COMMAND"; PS1='[$STUI_HERE] \\w \\$ '
    zsh   precmd_functions+=(stui_here); setopt prompt_subst; PROMPT='[$STUI_HERE] %~ %# '
    fish  source ~/.config/fish/completions/stui.fish
          function fish_right_prompt; stui_here; echo $STUI_HERE; end

    On zsh's fpath, and in fish's folder of completions, the script is read at the first Tab alone: a prompt needs the
    eval or the source.

    STUI_IMAGE and STUI_SESSION count as always; that the session which STUI_SESSION names exists is not looked at.
    Asked is stui context, a process, where STUI_IMAGE names IMAGE/SESSION or no image, where a .stui.toml would decide,
    where there is no /proc, where the store is a team's, and where names/contexts is not of the store as it is, or not
    this user's own.
    """
    del invocation
    click.echo(completion_script(shell), nl=False)
    return 0
