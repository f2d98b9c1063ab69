"""`stui context`: what a command here would mean, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from stui_cli.contract.context import CONTEXT, effective_item
from stui_cli.invocation import Invocation, command
from stui_cli.model.contexts import ContextSource, words_of_source
from stui_cli.model.results import Result
from stui_cli.work.meant.target import existing

if TYPE_CHECKING:
    from stui_cli.model.contexts import EffectiveTarget
    from stui_cli.work.meant.target import Asked
    from stui_cli.work.workbench import Workbench


def context(bench: Workbench, asked: Asked) -> Result:
    """The effective target with what gave each part of it."""
    effective = existing(bench, asked)
    return Result(CONTEXT, [effective_item(effective)], text=f"{effective.target} ({_why(effective)})")


def _why(effective: EffectiveTarget) -> str:
    image = _words(effective.source, effective.path)
    session_source, session_path = effective.session_source, effective.session_path
    if session_source is None or (session_source, session_path) == (effective.source, effective.path):
        return image
    return f"image: {image}; session: {_words(session_source, session_path or '')}"


def _words(source: ContextSource, path: str) -> str:
    match source:
        case ContextSource.OPTION | ContextSource.ENVIRONMENT | ContextSource.PROJECT:
            return f"named by {path}"
        case ContextSource.ONLY:
            return path
        case ContextSource.TERMINAL | ContextSource.DEFAULT:
            return words_of_source(source, path)
        case _:
            assert_never(source)


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
    """Tell which image and session a command here would mean, and which option, variable, terminal or file says so.

    Contacts no image. An image or a session that does not exist is an error (3), which tells what named it.

    For a prompt stui_here is quicker, which the scripts of stui completion define: it starts no process. Other prompts:

    \b
    sh        PS1='$(stui context -qo name 2>/dev/null) \\$ '
    starship  [custom.stui]
              command = "stui context -qo name 2>/dev/null"
              when = true
    """
    result = context(invocation.bench, invocation.asked)
    return invocation.show(result if invocation.quiet else result._replace(notes=_notes(invocation.bench, result)))
