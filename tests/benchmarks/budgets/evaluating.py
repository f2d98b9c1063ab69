"""An expression in a warm image, and a thousand of them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from budgets.rows import Pair, Row
from budgets.smalltalk import gst_remote, launched
from budgets.starting import AGAINST_CLICK, click_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgets.places import Place

MANY, CALLS = 1_000, 10


def _eval(here: Place) -> float:
    return here.seconds(here.stui, "eval", "3+4")


@contextmanager
def against_click(place: Place) -> Iterator[Pair]:
    with launched(place) as here:
        yield Pair(lambda: _eval(here), lambda: click_in(here))


@contextmanager
def against_gst_remote(place: Place) -> Iterator[Pair]:
    with launched(place) as here, gst_remote(here) as asked:
        yield Pair(lambda: _eval(here), lambda: here.seconds(*asked))


@contextmanager
def a_thousand(place: Place) -> Iterator[Pair]:
    """The calls of gst-remote are measured in part and scaled: all of them take a minute a round."""
    lines = "3+4\n" * MANY
    with launched(place) as here, gst_remote(here) as asked:
        if here.run(here.stui, "eval", "-", given=lines).count("7") != MANY:
            raise RuntimeError("not every line was answered")
        yield Pair(
            lambda: here.seconds(here.stui, "eval", "-", given=lines),
            lambda: sum(here.seconds(*asked) for _ in range(CALLS)) * MANY / CALLS,
        )


ROWS = [
    Row("stui eval '3+4', warm image", AGAINST_CLICK, 1.40, against_click, rounds=31),
    Row("stui eval '3+4', warm image", "gst-remote --eval", 1.60, against_gst_remote, rounds=31),
    Row("1,000 lines through one stui eval -", "1,000 gst-remote calls", 1 / 150, a_thousand, rounds=7),
]
