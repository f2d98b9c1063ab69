"""An image that stui did not start: what its user evaluates there so that it has an agent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.image.keys import fresh_key_file
from stui_cli.local.dialects import dialect_of, quoted
from stui_cli.local.runtime_files import private_directory, runtime_directory
from stui_cli.model.names import checked_name
from stui_cli.store.files.problems import as_store_problems

if TYPE_CHECKING:
    from stui_cli.work.workbench import Workbench


def start_expression(bench: Workbench, dialect: str, name: str) -> str:
    """The Smalltalk that loads the agent, where its dialect is one of those that are visited, and starts it as `name`.

    Its keys and the folder in which it announces itself are made here, if they are not there yet.
    """
    keys = _keys(bench, checked_name(name, "an image"))
    settings = {
        "name": name,
        "keyFile": keys,
        "runtimeDirectory": private_directory(runtime_directory(bench.environ)),
    }
    pairs = "#(" + " ".join(f"#{each} {quoted(value)}" for each, value in settings.items()) + ")"
    row = dialect_of(dialect)
    if row.load is None:
        return f"StuiAgent startWith: {pairs}!"
    # The names are looked up when they are there, so that no compiler asks what they are.
    agent = "(Smalltalk at: #StuiAgent)"
    return "\n".join(
        [
            row.load(row.files),
            f"{agent} perform: #startWith: with: {pairs}.",
            f"Transcript show: 'stui: ' , ({agent} perform: #current) address , ', keys in ' , {quoted(keys)}; cr.",
        ]
    )


def _keys(bench: Workbench, name: str) -> Path:
    home = Path(bench.store.home.folder)
    with as_store_problems(os.fspath(home)):
        folder = private_directory(home / "visited")
        fresh_key_file(folder / f"{name}.keys")
    return folder / f"{name}.keys"
