"""Failures as people and programs read them: what happened, to what, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.results import OutputMode
from stui_cli.output.cleaning import indented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.errors import StuiError
    from stui_cli.output.screen import Screen

# A word of a command line may have 100,000 characters; nobody finds the reason behind it.
_LONGEST_LINE = 2_000


def render_failure(error: StuiError, kind: str, screen: Screen, warnings: Sequence[str] = ()) -> None:
    """Print a failure that left no result.

    People read it on stderr. In JSON it is on stdout, in an envelope of `kind` (as JSON lines: in the last
    line), so that what reads the output always has something to read; `warnings` stand in it too. A document that
    was begun is ended by it: its items are true, and there were to be more.
    """
    if screen.mode is OutputMode.JSON:
        from stui_cli.output import structured

        if screen.in_document:
            screen.print(structured.rest_of_envelope((error,), warnings))
            return
        now = screen.clock()
        screen.print(structured.envelope(kind, (), (error,), warnings, now=now, pretty=screen.on_terminal))
    elif screen.mode is OutputMode.JSONL:
        from stui_cli.output import structured

        screen.print(structured.lines(kind, (), (error,), warnings, now=screen.clock()))
    else:
        complain(error, screen)


def complain(error: StuiError, screen: Screen) -> None:
    """Say on stderr what failed, and below, indented, what to do."""
    screen.say(f"{screen.paint_talk('stui:', 'worst')} {_indented(error.what)}")
    if error.todo:
        screen.say(f"  {_indented(error.todo)}")


def warn(warning: str, screen: Screen) -> None:
    """Say on stderr what the user should know, though it did not fail."""
    screen.say(f"{screen.paint_talk('stui: warning:', 'warning')} {_indented(warning)}")


def _indented(text: str) -> str:
    lines = indented(text).split("\n")
    return "\n".join(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}..." for line in lines)
