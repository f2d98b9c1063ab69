"""What the agent in a GNU Smalltalk image takes over one connection."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgpack

from budgets.rows import Pair, Row, Unit
from budgets.smalltalk import connected, launched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wire import Wire

    from budgets.places import Place
    from budgets.rows import Prepare

MANY = 500
ENDLESS = "| n | n := 0. [true] whileTrue: [n := n + 1]"
_ECHO = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    talk = server.accept()[0]
    talk.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := talk.recv(65536):
        talk.sendall(data)
"""


@contextmanager
def _alpha(place: Place) -> Iterator[tuple[Wire, Wire]]:
    """Two connections to a launched image."""
    with launched(place) as here, connected(here) as one, connected(here) as two:
        yield one, two


@contextmanager
def _echo() -> Iterator[socket.socket]:
    """Another process of Python that says what it is told."""
    with subprocess.Popen([sys.executable, "-c", _ECHO], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with socket.create_connection(("127.0.0.1", int(process.stdout.readline()))) as talk:
            talk.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield talk


def _echoes(talk: socket.socket) -> float:
    begun = time.perf_counter()
    for number in range(MANY):
        talk.sendall(msgpack.packb([0, number, "ping", []]))
        talk.recv(65536)
    return time.perf_counter() - begun


def _ping(wire: Wire) -> int:
    return wire.request("ping", message=None)


def _evaluate(wire: Wire) -> int:
    return wire.request("evaluate", session_id=None, source="3 + 4")


def alone(wire: Wire, ask: Callable[[Wire], int]) -> float:
    """Seconds for many requests, each sent when the one before is answered."""
    begun = time.perf_counter()
    for _ in range(MANY):
        wire.answer(ask(wire))
    return time.perf_counter() - begun


def together(wire: Wire, ask: Callable[[Wire], int]) -> float:
    """Seconds for as many that are all sent before the first answer is read."""
    begun = time.perf_counter()
    for number in [ask(wire) for _ in range(MANY)]:
        wire.answer(number)
    return time.perf_counter() - begun


@contextmanager
def pipelined_beside_alone(place: Place) -> Iterator[Pair]:
    with _alpha(place) as (one, _):
        yield Pair(lambda: together(one, _evaluate), lambda: alone(one, _evaluate))


@contextmanager
def an_evaluation(place: Place) -> Iterator[Pair]:
    with _alpha(place) as (one, _):
        yield Pair(lambda: together(one, _evaluate) * 1000 / MANY)


def pings(send: Callable[[Wire, Callable[[Wire], int]], float]) -> Prepare:
    @contextmanager
    def prepare(place: Place) -> Iterator[Pair]:
        with _alpha(place) as (one, _), _echo() as talk:
            yield Pair(lambda: send(one, _ping), lambda: _echoes(talk))

    return prepare


@contextmanager
def beside_an_endless_loop(place: Place) -> Iterator[Pair]:
    """The slowest but five of a hundred pings while another session never ends."""
    with _alpha(place) as (one, two):

        def ours() -> float:
            busy = two.request("evaluate", session_id=None, source=ENDLESS, time_limit_ms=60_000)
            time.sleep(0.05)
            took = []
            for _ in range(100):
                begun = time.perf_counter()
                one.answer(_ping(one))
                took.append((time.perf_counter() - begun) * 1000)
            two.notify("interrupt", id=busy)
            while busy not in two.answers:
                two.receive()
            del two.answers[busy]
            return sorted(took)[95]

        yield Pair(ours)


ROWS = [
    Row("evaluations at the agent, pipelined", "one at a time", 1.0, pipelined_beside_alone, rounds=11),
    Row("a pipelined evaluation (3,000 a second)", "", 1 / 3, an_evaluation, Unit.MILLISECONDS, rounds=11),
    Row("pings at the agent, one at a time", "a bare echo", None, pings(alone), rounds=11),
    Row("pings at the agent, pipelined", "a bare echo", None, pings(together), rounds=11),
    Row("a ping beside an endless loop", "", 50.0, beside_an_endless_loop, Unit.MILLISECONDS, rounds=5),
]
