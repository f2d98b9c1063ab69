"""`stui context`: what a command here would mean, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.context import CONTEXT, context_item
from stui_cli.invocation import Invocation, command
from stui_cli.model.contexts import ContextSource, EffectiveTarget
from stui_cli.model.results import Result
from stui_cli.work.meant.target import meant

if TYPE_CHECKING:
    from stui_cli.work.meant.target import Asked
    from stui_cli.work.workbench import Workbench


def context(bench: Workbench, asked: Asked) -> Result:
    """The effective target with what gave it."""
    effective = meant(bench, asked)
    item = context_item(effective.target, effective.source, effective.path)
    return Result(CONTEXT, [item], text=f"{effective.target} ({_why(effective)})")


def _why(effective: EffectiveTarget) -> str:
    match effective.source:
        case ContextSource.OPTION:
            return "named by an option"
        case ContextSource.ENVIRONMENT:
            return f"named by {effective.path}"
        case ContextSource.TERMINAL:
            return "this terminal's context"
        case ContextSource.PROJECT:
            return f"named by {effective.path}"
        case ContextSource.DEFAULT:
            return "the default context"
        case ContextSource.ONLY:
            return "the only image"


def _notes(bench: Workbench, result: Result) -> list[str]:
    """That another context would count, if the terminal could be found from here."""
    weaker = (ContextSource.PROJECT, ContextSource.DEFAULT, ContextSource.ONLY)
    if bench.terminal is not None or result.items[0]["source"] not in weaker:
        return []
    from stui_cli.work.meant.terminals import terminal_left

    left = terminal_left()
    if left is None:
        return []
    return [
        f"no terminal's context counts here: this command was started apart from the terminal of process {left}, as "
        "editors do; STUI_IMAGE names an image for such commands"
    ]


@command("context", name="context")
def cli(invocation: Invocation) -> int:
    """Tell which image and session a command here would mean, and which setting decides it. Contacts no image.

    It is quick enough for a prompt:

    \b
    bash      PS1='$(stui context -qo name 2>/dev/null) \\$ '
    zsh       setopt prompt_subst; PROMPT='$(stui context -qo name 2>/dev/null) %# '
    fish      function fish_prompt; echo (stui context -qo name 2>/dev/null)' > '; end
    starship  [custom.stui]
              command = "stui context -qo name 2>/dev/null"
              when = true
    """
    result = context(invocation.bench, invocation.asked)
    return invocation.show(result if invocation.quiet else result._replace(notes=_notes(invocation.bench, result)))
