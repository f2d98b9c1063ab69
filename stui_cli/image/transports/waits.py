"""Steps that never wait themselves: generators that yield what they wait for, and are gone on with when it came.

Where time is over before, TimeoutError is raised within them, as a socket with a time-out raises it. Many of them are
led at once by image/loop.py, one alone by `waited_for`.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TYPE_CHECKING, TypeVar

from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from _socket import socket as Socket

    from stui_cli.model.deadlines import Deadline

R = TypeVar("R")

# The events of a wait, as `selectors` has them.
READ, WRITE = 1, 2

# poll(2) counts in 32 bits of milliseconds; a longer wait is cut into such pieces.
LONGEST_WAIT_S = 1_000_000.0


class Ready(NamedTuple):
    """Wait until a socket can be read or written."""

    socket: Socket
    events: int


class Pause(NamedTuple):
    """Wait so long."""

    seconds: float


class Turn(NamedTuple):
    """Wait until few others have begun lately, as before the first step."""


Wait = Ready | Pause | Turn

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
        case Turn():
            return True
        case Ready(socket, events):
            while not (came := _is_ready(socket, events, min(deadline.remaining(), LONGEST_WAIT_S))):
                if deadline.passed:
                    break
            return came


def _is_ready(socket: Socket, events: int, seconds: float) -> bool:
    """Whether one socket can be read or written within so many seconds. For one, `selectors` is not worth the 0.5 ms
    that importing it costs an evaluation."""
    import select

    if hasattr(select, "poll"):
        asked = select.poll()
        asked.register(socket, (select.POLLIN if events & READ else 0) | (select.POLLOUT if events & WRITE else 0))
        # Rounded up, since it must not end before its time; `math` for that is one more library to load.
        return bool(asked.poll(int(seconds * 1000) + 1))
    readers, writers = [socket] if events & READ else [], [socket] if events & WRITE else []
    return any(select.select(readers, writers, writers, seconds))  # Windows tells there of a connection that failed
