"""`stui images agent`: where the agent of a dialect is, and how an image of yours loads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.agent import FILE, file_item
from stui_cli.global_options import complete_agent
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result
from stui_cli.option_types import option

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.local.dialects import Dialect
    from stui_cli.work.images.visit import ByHand

_REGISTER = "then register it: stui images discover --add"


@command("agent", name="agent")
@click.argument("dialect", required=False, metavar="[DIALECT]", shell_complete=complete_agent)
@option("--start", "name", metavar="NAME", help="Make all that an agent of this name needs; print what to run.")
def cli(invocation: Invocation, dialect: str | None, name: str | None) -> int:
    """Print the files that make an image of DIALECT answer stui, in the order in which it loads them.

    Without DIALECT it is the first that is installed. With --start keys and a start file are made, which loads those
    files and starts the agent, and one line is printed: for GNU Smalltalk and the playground a command to run, for
    Squeak and Cuis what is evaluated in a workspace of yours, for Pharo in a playground. The agent tells where it
    listens and where its keys are. Keys that are there already stay.
    """
    from stui_cli.local.dialects import preferred_agent

    meant = dialect or preferred_agent(invocation.environ)
    return invocation.show(_files(invocation, meant) if name is None else _by_hand(invocation, meant, name))


def _files(invocation: Invocation, dialect: str) -> Result:
    from stui_cli.local.dialects import agent_files
    from stui_cli.local.runtime_files import runtime_directory

    files = agent_files(dialect)
    runtime = runtime_directory(invocation.environ)
    warnings = _trouble_with(runtime)
    text = "\n".join(map(str, files))
    return Result(FILE, _items(files), text=text, notes=_how_to_start(dialect, runtime), warnings=warnings)


def _items(files: list[Path]) -> list[dict[str, object]]:
    return [file_item(str(path), "core" if path.parent.name == "core" else "adapter") for path in files]


def _by_hand(invocation: Invocation, dialect: str, name: str) -> Result:
    from stui_cli.local.dialects import dialect_of
    from stui_cli.work.images.visit import prepare_by_hand

    row = dialect_of(dialect)
    made = prepare_by_hand(invocation.bench, dialect, name)
    items = [*_items(row.files), file_item(str(made.start_file), "start", made.line)]
    where = "evaluate this in the image" if made.is_evaluated else "run this; it serves until it is stopped"
    notes = [f"{where}; its keys are in {made.key_file}", _REGISTER]
    return Result(FILE, items, text=made.line, notes=notes, warnings=_doubts(invocation, row, made))


def _doubts(invocation: Invocation, row: Dialect, made: ByHand) -> list[str]:
    from shutil import which

    doubts = []
    if made.running is not None:
        told = f"an agent called {made.running.name} runs already, at {made.running.address}"
        doubts.append(f"{told} (pid {made.running.pid}): what is started now is another image")
    if not made.is_evaluated and which(row.program, path=invocation.environ.get("PATH")) is None:
        doubts.append(f"{row.program} is not on the PATH: {row.install}")
    return doubts


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


def _how_to_start(dialect: str, runtime: Path) -> list[str]:
    """What makes the agent be found: without a runtime file nobody could register it."""
    quoted = str(runtime).replace("'", "''")
    return [
        f"all of it in one line, with keys: stui images agent {dialect} --start NAME",
        "or load all, then evaluate: "
        f"StuiAgent startWith: #(#name 'mine' #keyFile '/path/to/keys' #runtimeDirectory '{quoted}')",
        _REGISTER,
    ]
