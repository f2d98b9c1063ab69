"""A store on PostgreSQL, on this machine, beside the same on files."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from team_server import TeamServer

from budgets.rows import Missing, Pair, Row
from budgets.smalltalk import with_gst
from budgets.stores import LARGE, SMALL, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from budgets.places import Place
    from budgets.rows import Figure, Prepare


@contextmanager
def _server() -> Iterator[TeamServer]:
    try:
        server = TeamServer(durable=True)
    except pytest.skip.Exception as reason:
        raise Missing(str(reason)) from reason
    try:
        yield server
    finally:
        server.end()


@contextmanager
def _both(place: Place, size: tuple[int, int] = SMALL) -> Iterator[tuple[Place, Place]]:
    """The same images and sessions in a store of a team, and in one on files."""
    with ExitStack() as stack:
        server = stack.enter_context(_server())
        team = stack.enter_context(place.fresh()).with_variables(STUI_HOME=server.url("bench"))
        team.run(team.stui, "store", "init")
        files = stack.enter_context(place.fresh())
        for here in (team, files):
            names = ["alpha", *(f"image-{number}" for number in range(1, size[0]))]
            fill(here, [(name, f"tcp://127.0.0.1:{n + 1}", f"id-{n:06}") for n, name in enumerate(names)], size[1])
            here.run(here.stui, "switch", "alpha")
        yield team, files


def _context(here: Place) -> Figure:
    return lambda: here.seconds(here.stui, "context")


def _switch(here: Place) -> Figure:
    names = cycle(["image-1", "alpha"])
    return lambda: here.seconds(here.stui, "switch", next(names))


def _sessions(here: Place) -> Figure:
    return lambda: here.seconds(here.stui, "sessions", "list", "alpha")


def without_network(work: Callable[[Place], Figure], size: tuple[int, int] = SMALL) -> Prepare:
    @contextmanager
    def prepare(place: Place) -> Iterator[Pair]:
        with _both(place, size) as (team, files):
            yield Pair(work(team), work(files))

    return prepare


@contextmanager
def evaluation(place: Place) -> Iterator[Pair]:
    with _both(with_gst(place)) as places, ExitStack() as stack:
        for here in places:
            here.run(here.stui, "images", "launch", "warm")
            stack.callback(here.run, here.stui, "images", "stop", "warm")
        team, files = (lambda h=here: h.seconds(h.stui, "eval", "-i", "warm", "3+4") for here in places)
        yield Pair(team, files)


AGAINST = "the same on files"
ROWS = [
    Row("context, store on PostgreSQL", AGAINST, 1.5, without_network(_context), rounds=21),
    Row("switch, store on PostgreSQL", AGAINST, 1.5, without_network(_switch), rounds=21),
    *(
        Row(f"{name} of 1,000, on PostgreSQL", AGAINST, 1.5, without_network(work, LARGE), rounds=21)
        for name, work in {"context": _context, "switch": _switch, "sessions list IMAGE": _sessions}.items()
    ),
    Row("eval, store on PostgreSQL", AGAINST, 1.5, evaluation, rounds=21),
]
