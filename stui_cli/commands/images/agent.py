"""`stui images agent`: where the agent of a dialect is, and how an image of yours loads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.agent import FILE, file_item
from stui_cli.global_options import complete_agent
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from pathlib import Path

_REGISTER = "then register it: stui images discover --add"


@command("agent", name="agent")
@click.argument("dialect", required=False, metavar="[DIALECT]", shell_complete=complete_agent)
@click.option("--start", "name", metavar="NAME", help="Print the code that starts an agent of this name instead.")
def cli(invocation: Invocation, dialect: str | None, name: str | None) -> int:
    """Print the files that make an image of DIALECT answer stui, in the order in which it loads them.

    Without DIALECT it is the first that is installed. With --start it is one piece of code: for Squeak and Cuis it
    also loads the files and is evaluated in a workspace of yours, for Pharo in a playground; for GNU Smalltalk it is
    what stands in the start file. The keys that it names are made.
    """
    from stui_cli.local.dialects import agent_files, preferred_agent
    from stui_cli.local.runtime_files import runtime_directory

    meant = dialect or preferred_agent(invocation.environ)
    files = agent_files(meant)
    items = [file_item(str(path), "core" if path.parent.name == "core" else "adapter") for path in files]
    if name is not None:
        from stui_cli.work.images.visit import start_expression

        code = start_expression(invocation.bench, meant, name)
        return invocation.show(Result(FILE, items, text=code, notes=[_REGISTER]))
    runtime = runtime_directory(invocation.environ)
    warnings = _trouble_with(runtime)
    notes = _how_to_start(runtime)
    return invocation.show(Result(FILE, items, text="\n".join(map(str, files)), notes=notes, warnings=warnings))


def _trouble_with(runtime: Path) -> list[str]:
    """Make the folder in which an agent tells where it is: not every dialect can. Why it cannot be is no reason to
    withhold the files."""
    from stui_cli.local.runtime_files import private_directory
    from stui_cli.model.errors import Refused

    try:
        private_directory(runtime)
    except Refused as problem:
        return [f"an agent cannot tell there where it is: {problem.what}; {problem.todo}"]
    return []


def _how_to_start(runtime: Path) -> list[str]:
    """What makes the agent be found: without a runtime file nobody could register it."""
    quoted = str(runtime).replace("'", "''")
    return [
        "load all, then evaluate: "
        f"StuiAgent startWith: #(#name 'mine' #keyFile '/path/to/keys' #runtimeDirectory '{quoted}')",
        _REGISTER,
    ]
