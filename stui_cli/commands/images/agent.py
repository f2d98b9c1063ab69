"""`stui images agent`: where the agent of a dialect is, and how an image of yours loads it."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

import click

from stui_cli.contract.agent import FILE, file_item
from stui_cli.global_options import complete_dialect
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from pathlib import Path


@command("agent", name="agent")
@click.argument("dialect", required=False, metavar="[DIALECT]", shell_complete=complete_dialect)
def cli(invocation: Invocation, dialect: str | None) -> int:
    """Print the files that make an image of DIALECT answer stui, in the order in which it loads them.

    Without DIALECT it is the first that is installed.
    """
    from stui_cli.local.dialects import agent_files, preferred_dialect
    from stui_cli.local.runtime_files import runtime_directory

    files = agent_files(dialect or preferred_dialect(invocation.environ))
    items = [file_item(str(path), "core" if path.parent.name == "core" else "adapter") for path in files]
    notes = _how_to_start(runtime_directory(invocation.environ))
    return invocation.show(Result(FILE, items, text="\n".join(map(str, files)), notes=notes))


def _how_to_start(runtime: Path) -> list[str]:
    """What makes the agent be found: without a runtime file nobody could register it, and it makes no folder for it."""
    quoted = str(runtime).replace("'", "''")
    first = (
        []
        if runtime.is_dir()
        else [f"make the folder in which it tells where it is: mkdir -m 700 {quote(str(runtime))}"]
    )
    return [
        *first,
        "load all, then evaluate: "
        f"StuiAgent startWith: #(#name 'mine' #keyFile '/path/to/keys' #runtimeDirectory '{quoted}')",
        "then register it: stui images discover --add",
    ]
