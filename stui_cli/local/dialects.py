"""The virtual machines that stui can start, and the agent's files that each dialect loads."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Machine:
    """How a dialect is started: its program, the arguments before the agent's files, what to say without it, and the
    least address space (bytes) with which it and the agent come up. `adapter` names the files after the core."""

    adapter: tuple[str, ...]
    program: str
    arguments: tuple[str, ...]
    install: str
    least_memory: int


# The portable core as it is loaded: all classes before the first method.
CORE = (
    "core/classes",
    "core/faults",
    "core/dialect",
    "core/messagepack",
    "core/keys",
    "core/settings",
    "core/source",
    "core/sessions",
    "core/jobs",
    "core/evaluation",
    "core/inspecting",
    "core/checkpoints",
    "core/watching",
    "core/connection",
    "core/dispatch",
    "core/agent",
)

# -q -g: no banner, no garbage collector messages. The other dialects get their agents later.
MACHINES = {
    "gst": Machine(
        ("gst/classes", "gst/evaluation", "gst/machine", "gst/floats", "gst/definitions", "gst/dialect"),
        "gst",
        ("-q", "-g"),
        "install GNU Smalltalk (Debian: gnu-smalltalk and gnu-smalltalk-common)",
        768 * 1024 * 1024,  # measured with 3.2.5, which reserves its heap at once: 640 MiB are too few, 700 enough
    ),
}


def agent_files(dialect: str) -> list[Path]:
    """The portable core, then the dialect's adapter, in the order in which an image loads them."""
    adapter = machine_of(dialect).adapter
    folder = Path(__file__).resolve().parent.parent / "agents"
    return [folder / f"{name}.st" for name in (*CORE, *adapter)]


def machine_of(dialect: str) -> Machine:
    """The machine of a dialect; raises NotFound naming those that there are."""
    if dialect not in MACHINES:
        raise NotFound(f"no agent for the dialect {dialect!r} yet", todo=f"available: {', '.join(MACHINES)}")
    return MACHINES[dialect]


def program_of(dialect: str, environ: Mapping[str, str]) -> str:
    """The path of the dialect's virtual machine; raises NotFound saying what to install."""
    machine = machine_of(dialect)
    program = shutil.which(machine.program, path=environ.get("PATH"))
    if program is None:
        raise NotFound(f"{machine.program} is not on the PATH", todo=machine.install)
    return program
