"""The clock of what runs: fifty times a second each evaluation is told to look at its limits and whether to stop.

So code pays for its limits with the test of a flag, and an interrupt takes effect within 20 ms.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.playground.machine import Machine

_TICK_S = 0.02
_IDLE_S = 1.0
_running: set[Machine] = set()
_wanted = threading.Event()
_lock = threading.Lock()
_thread: threading.Thread | None = None


@contextmanager
def attended(machine: Machine) -> Iterator[None]:
    """While this lasts the machine is told to look about."""
    if machine.stop.is_set():
        machine.attention = True
    _running.add(machine)
    if not _wanted.is_set():
        _wake()
    try:
        yield
    finally:
        _running.discard(machine)


def _wake() -> None:
    global _thread
    with _lock:
        if _thread is None or not _thread.is_alive():  # also in a child that was forked off
            _thread = threading.Thread(target=_tick, name="playground clock", daemon=True)
            _thread.start()
        _wanted.set()


def _tick() -> None:
    """Tell all that run, until nothing has run for a while."""
    global _thread
    last = time.monotonic()
    while True:
        time.sleep(_TICK_S)
        machines = _running.copy()
        for machine in machines:
            machine.attention = True
        now = time.monotonic()
        if machines:
            last = now
        elif now - last > _IDLE_S:
            with _lock:
                _wanted.clear()
                if not _running:  # whoever begins from here on finds it cleared, and starts another
                    _thread = None
                    return
                _wanted.set()
            last = now
