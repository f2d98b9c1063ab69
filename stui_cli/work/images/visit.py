"""An image that stui does not start: what its user runs, or evaluates in it, so that it has an agent that is found."""

from __future__ import annotations

import os
import re
import shlex
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.image.keys import fresh_key_file
from stui_cli.local.dialects import dialect_of, quoted
from stui_cli.local.runtime_files import private_directory, private_file, running_agents, runtime_directory
from stui_cli.model.names import checked_name
from stui_cli.store.files.problems import as_store_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.local.dialects import Dialect
    from stui_cli.local.runtime_files import RuntimeFile
    from stui_cli.work.workbench import Workbench

_KEPT_ID = re.compile(r"#imageId '([0-9a-f-]{36})'")


@dataclass(frozen=True)
class ByHand:
    """How an image is given an agent by hand: one `line`, for a shell, or to be evaluated in the image if
    `is_evaluated`. `start_file` and `key_file` are there. `running` is an agent of that name that lives already."""

    line: str
    is_evaluated: bool
    start_file: Path
    key_file: Path
    running: RuntimeFile | None


def visited_folder(bench: Workbench) -> Path:
    """Where the keys are of agents that their users start."""
    return Path(bench.store.home.folder) / "visited"


def prepare_by_hand(bench: Workbench, dialect: str, name: str) -> ByHand:
    """Make keys, start file and the folder in which an agent called `name` will tell where it is. Keys that are there
    stay: they may be in use. Raises Refused or StoreProblem; what was there before is whole then."""
    row = dialect_of(dialect)
    checked_name(name, "an image")
    runtime = private_directory(runtime_directory(bench.environ))
    with as_store_problems(os.fspath(bench.store.home.folder)), bench.store.held():
        folder = private_directory(visited_folder(bench))
        keys, start = folder / f"{name}.keys", folder / f"{name}.st"
        fresh_key_file(keys)
        settings = {"name": name, "keyFile": keys, "runtimeDirectory": runtime}
        if row.embedded:  # all others keep the id that they make beside their keys
            settings["imageId"] = _kept_id(start) or str(uuid.uuid4())
        _write(start, _start_text(row, settings))
    running = next((agent for agent in running_agents(runtime) if agent.name == name), None)
    return ByHand(_line(row, start), row.load is not None, start, keys, running)


def _line(row: Dialect, start: Path) -> str:
    if row.load is not None:
        return row.load([start]).replace("\n", " ")
    return shlex.join([row.program, *row.command([], start, None)])


def _start_text(row: Dialect, settings: Mapping[str, object]) -> str:
    """What stands in the start file: chunks, that load the agent where it is not a part of the dialect."""
    pairs = "#(" + " ".join(f"#{each} {quoted(value)}" for each, value in settings.items()) + ")"
    if row.load is None:
        load = row.load_chunk(row.files) if row.load_chunk is not None else ""
        return f"{load}StuiAgent startWith: {pairs}!\n"
    # The names are looked up when they are there, so that no compiler asks what they are.
    agent = "(Smalltalk at: #StuiAgent)"
    told = f"'stui: ' , ({agent} perform: #current) address , ', keys in ' , {quoted(settings['keyFile'])}"
    lines = [
        row.load(row.files),
        f"{agent} perform: #startWith: with: {pairs}.",
        f"Transcript show: {told}; cr.",
    ]
    # In a chunk an exclamation mark ends it, wherever it stands, unless it is doubled.
    return "\n".join(lines).replace("!", "!!") + "!\n"


def _kept_id(start: Path) -> str | None:
    """The id that an earlier start file gives: what is started by it is the same image."""
    try:
        found = _KEPT_ID.search(os.fsdecode(start.read_bytes()))
    except FileNotFoundError:
        return None
    return found[1] if found else None


def _write(path: Path, text: str) -> None:
    """Put the text into place whole: one that is being read, or was there before a disk was full, stays as it was."""
    draft = path.with_name(f"{path.name}.new")
    try:
        with private_file(draft, "wb") as file:
            file.write(os.fsencode(text))  # a folder may have any bytes in its name
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
