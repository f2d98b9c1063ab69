"""Playgrounds in a process of their own, and in the process of a command that waits for their end."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from stui_cli.playground.agent.key_ring import UnusableKeys, read_keys
from stui_cli.playground.agent.runtime_file import write_runtime_file
from stui_cli.playground.agent.saving import UnusableImage
from stui_cli.playground.agent.server import Agent
from stui_cli.playground.agent.settings import settings_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDING = ("SIGTERM", "SIGINT", "SIGHUP")
_BETWEEN_SWEEPS = 50_000  # objects made: with Python's own 700, what makes many takes twice as long


@contextmanager
def rare_sweeps() -> Iterator[None]:
    """Garbage is looked for as seldom as a process of small, short-lived objects wants it. It holds for the whole
    process, so it ends with the block: 100,000 failures, each in a circle with its traceback, once took 900 MB of a
    process that had been left with it."""
    before = gc.get_threshold()
    if 0 < before[0] < _BETWEEN_SWEEPS:
        gc.set_threshold(_BETWEEN_SWEEPS, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def published(agent: Agent) -> Iterator[Path | None]:
    """The agent listens, and is found by the runtime file, until the block ends."""
    with rare_sweeps(), agent:
        directory = agent.settings.runtime_directory
        path = None if directory is None else write_runtime_file(agent, directory)
        try:
            yield path
        finally:
            if path is not None:
                path.unlink(missing_ok=True)


def begun(agent: Agent, saved: Path | None) -> Agent:
    """The agent, with what was saved. What could not be made again is told in the log. Raises UnusableImage."""
    for each in [] if saved is None else agent.resume(saved):
        print(f"stui-agent: not made again: {each}", file=sys.stderr, flush=True)
    return agent


@contextmanager
def ending_signals() -> Iterator[threading.Event]:
    """An event that is set when this process is asked to end; until the block ends it does not end by itself."""
    asked = threading.Event()
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(start_file: Path, saved: Path | None = None, kind: type[Agent] = Agent) -> int:
    """Serve what a start file tells of, going on with what was saved, until this process is asked to end; return its
    exit code."""
    settings = settings_in(os.fsdecode(start_file.read_bytes()), start_file.parent)
    try:
        if settings.key_file is not None:
            read_keys(settings.key_file)
        agent = begun(kind(settings=settings), saved)
        with ending_signals() as asked, published(agent):
            _tell_where(agent)
            asked.wait()
    except (OSError, UnusableKeys, UnusableImage) as error:
        print(f"stui-agent: error: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def _tell_where(agent: Agent) -> None:
    file = agent.settings.key_file
    keys = "without keys" if file is None else f"its keys are in {file}"
    with suppress(OSError):  # a log on a full disk is no reason to end
        print(f"stui-agent: listens at {agent.address}, {keys}", file=sys.stderr, flush=True)
