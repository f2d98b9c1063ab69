"""One call of stui: what the command line asks, and what a command gets to do it with.

Each room adds one thing to the room below it, and makes what it holds when that is first needed:

    declaring       how a command is declared: its class, its decorator, and what happens before and after it
    working         Invocation: the store and the workbench, and the answers of a person
    telling         what a person or a program hears of it: results, progress, announcements
    call_settings   what the command line, the environment and config.toml say, and which of them counts

`choosing` is for the few calls that choose among the items or their columns.
"""

from stui_cli.invocation.declaring import StuiCommand, command, invocation_of, kind_of, with_headings
from stui_cli.invocation.telling import Purpose, discard_output
from stui_cli.invocation.working import Invocation

__all__ = [
    "Invocation",
    "Purpose",
    "StuiCommand",
    "command",
    "discard_output",
    "invocation_of",
    "kind_of",
    "with_headings",
]
