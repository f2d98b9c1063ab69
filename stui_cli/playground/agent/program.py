"""A playground in a process of its own: what `stui images launch --dialect playground` starts.

    python program.py START_FILE [SAVED_IMAGE]

The start file is the one that stui writes for any dialect.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.playground.agent.key_ring import UnusableKeys, read_keys
from stui_cli.playground.agent.runtime_file import write_runtime_file
from stui_cli.playground.agent.server import Agent
from stui_cli.playground.agent.settings import AgentSettings, settings_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Evaluations that never pause leave the processor to others this often (seconds): a ping takes some turns.
TURN_S = 0.001
# What stacks of threads may hold: many connections have many, and under a memory limit each counts.
STACK = 512 * 1024
_ENDING = ("SIGTERM", "SIGINT", "SIGHUP")


@contextmanager
def published(agent: Agent) -> Iterator[Agent]:
    """The agent, listening and found by its runtime file, until the block ends."""
    sys.setswitchinterval(TURN_S)
    threading.stack_size(STACK)
    with agent:
        directory = agent.settings.runtime_directory
        path = None if directory is None else write_runtime_file(agent, directory)
        try:
            yield agent
        finally:
            if path is not None:
                path.unlink(missing_ok=True)


@contextmanager
def ending_signals() -> Iterator[threading.Event]:
    """An event that is set when this process is asked to end; until the block ends it does not end by itself."""
    asked = threading.Event()
    before = {}
    for name in _ENDING:
        if (number := getattr(signal, name, None)) is not None:
            before[number] = signal.signal(number, lambda number, frame: asked.set())  # noqa: ARG005
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve(settings: AgentSettings, kind: type[Agent] = Agent) -> int:
    """Serve until this process is asked to end; return its exit code."""
    try:
        if settings.key_file is not None:
            read_keys(settings.key_file)
        with ending_signals() as asked, published(kind(settings=settings)):
            asked.wait()
    except (OSError, UnusableKeys) as error:
        print(f"stui-agent: error: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def main(start_file: Path, kind: type[Agent] = Agent) -> int:
    """Serve what a start file tells of."""
    text = os.fsdecode(start_file.read_bytes())
    return serve(settings_in(text, start_file.parent), kind)
