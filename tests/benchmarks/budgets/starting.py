"""What a command costs that needs no image: a Python's start, and little more."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import cycle
from typing import TYPE_CHECKING

from budgets.rows import Pair, Row
from budgets.stores import filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgets.places import Place
    from budgets.rows import Prepare

CLICK = "import click"
TABLES = "import click, msgpack, rich.console, rich.table"
AGAINST_CLICK = f"python -c '{CLICK}'"
AGAINST_TABLES = "python -c 'import click, msgpack, rich...'"
COMPLETING = {"_STUI_COMPLETE": "bash_complete", "COMP_WORDS": "stui ping al", "COMP_CWORD": "2"}


def click_in(place: Place) -> float:
    """What everything of this file is held against."""
    return place.seconds(place.python, "-c", CLICK)


@contextmanager
def context(place: Place) -> Iterator[Pair]:
    with filled(place) as here:
        yield Pair(lambda: here.seconds(here.stui, "context"), lambda: click_in(here))


@contextmanager
def completed_name(place: Place) -> Iterator[Pair]:
    with filled(place) as here:
        if "alpha" not in here.run(here.stui, more=COMPLETING):
            raise RuntimeError("no name was completed")
        yield Pair(lambda: here.seconds(here.stui, more=COMPLETING), lambda: click_in(here))


@contextmanager
def switch(place: Place) -> Iterator[Pair]:
    names = cycle(["image-1", "alpha"])
    with filled(place) as here:
        yield Pair(lambda: here.seconds(here.stui, "switch", next(names)), lambda: click_in(here))


def listing(noun: str) -> Prepare:
    """A listing on a terminal."""

    @contextmanager
    def prepare(place: Place) -> Iterator[Pair]:
        import time

        with filled(place) as here:

            def ours() -> float:
                begun = time.perf_counter()
                here.on_terminal(here.stui, "--no-pager", noun)
                return time.perf_counter() - begun

            yield Pair(ours, lambda: here.seconds(here.python, "-c", TABLES))

    return prepare


ROWS = [
    Row("stui context", AGAINST_CLICK, 1.10, context, rounds=31),
    Row("a name completed by stui", AGAINST_CLICK, 1.10, completed_name, rounds=31),
    Row("stui switch without network", AGAINST_CLICK, 1.20, switch, rounds=31),
    Row("stui images on a terminal", AGAINST_TABLES, 1.10, listing("images"), rounds=21),
    Row("stui sessions on a terminal", AGAINST_TABLES, 1.10, listing("sessions"), rounds=21),
]
