"""Steps that never wait themselves: generators that yield what they wait for, and are gone on with when it came.

Where time is over before, TimeoutError is raised within them, as a socket with a time-out raises it. Many of them are
led at once by image/loop.py, one alone by `waited_for`.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    import socket

    from stui_cli.model.deadlines import Deadline

R = TypeVar("R")

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

# poll(2) counts in 32 bits of milliseconds; a longer wait is cut into such pieces.
LONGEST_WAIT_S = 1_000_000.0


class Ready(NamedTuple):
    """Wait until a socket can be read or written."""

    socket: socket.socket
    events: int


class Pause(NamedTuple):
    """Wait so long."""

    seconds: float


Wait = Ready | Pause

Steps = Generator[Wait, None, R]


def waited_for(steps: Steps[R], deadline: Deadline) -> R:
    """What one conversation comes to; waits for each of its steps."""
    try:
        wait = next(steps)
        while True:
            wait = next(steps) if _came(wait, deadline) else steps.throw(TimeoutError())
    except StopIteration as end:
        made: R = end.value
        return made
    finally:
        steps.close()  # after an interrupt what is open is closed at once


def _came(wait: Wait, deadline: Deadline) -> bool:
    """Wait for one step; whether it came in time."""
    match wait:
        case Pause(seconds):
            time.sleep(min(seconds, deadline.remaining()))
            return not deadline.passed
        case Ready(socket, events):
            with selectors.DefaultSelector() as selector:
                selector.register(socket, events)
                while not (came := selector.select(min(deadline.remaining(), LONGEST_WAIT_S))):
                    if deadline.passed:
                        break
                return bool(came)
