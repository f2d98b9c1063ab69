"""`stui status` of a thousand images and of ten thousand, on loopback, black holes among them.

The farms that play the images run in processes of their own, with the real protocol code, on the same processors.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from budgets.places import ROOT
from budgets.rows import Pair, Row, Unit
from budgets.stores import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgets.places import Place
    from budgets.rows import Prepare

# Each image is a descriptor of its farm and one more while it is talked to: so many fit below the usual limits.
PER_FARM = 2_500
TIME_OUT_S = 5.0
LOOPBACK = "127.0.0.1"
WITHOUT = "without, and one time-out"
BARE = str(Path(__file__).with_name("bare_loop.py"))


@contextmanager
def _farm(answering: int, holes: int) -> Iterator[list[tuple[str, str, str]]]:
    words = ["--count", str(answering), "--black-holes", str(holes)]
    command = [sys.executable, str(ROOT / "tests" / "farm.py"), *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as farm:
        assert farm.stdout is not None
        try:
            told = [json.loads(farm.stdout.readline()) for _ in range(answering + holes)]
            yield [(each["name"], each["address"], each["image_id"]) for each in told]
        finally:
            farm.communicate("")


@contextmanager
def served(place: Place, images: int, holes: int = 0, host: str = LOOPBACK) -> Iterator[tuple[Place, list[str]]]:
    """A store of so many images that live at `host`, black holes among them, and where each of them listens."""
    with place.fresh() as here, ExitStack() as stack:
        living = []
        if holes:
            living += stack.enter_context(_farm(0, holes))
        for start in range(0, images - holes, PER_FARM):
            living += stack.enter_context(_farm(min(PER_FARM, images - holes - start), 0))
        known = [(address.replace(LOOPBACK, host), image_id) for _, address, image_id in living]
        fill(here, [(f"i{number}", address, image_id) for number, (address, image_id) in enumerate(known)])
        yield here, [address.removeprefix("tcp://") for _, address, _ in living]


def status(here: Place) -> list[str]:
    return [here.stui, "status", "--timeout", str(TIME_OUT_S)]


@contextmanager
def a_thousand(place: Place) -> Iterator[Pair]:
    with served(place, 1_000) as (here, addresses):
        told = "\n".join(addresses)
        if here.run(here.python, BARE, given=told).strip() != "1000":
            raise RuntimeError("not every image answered the bare loop")
        yield Pair(lambda: here.seconds(*status(here)), lambda: here.seconds(here.python, BARE, given=told))


@contextmanager
def by_name(place: Place) -> Iterator[Pair]:
    with served(place, 1_000, host="localhost") as (named, _), served(place, 1_000) as (numbered, _):
        yield Pair(lambda: named.seconds(*status(named)), lambda: numbered.seconds(*status(numbered)))


@contextmanager
def ten_thousand(place: Place) -> Iterator[Pair]:
    with served(place, 10_000) as (many, _), served(place, 1_000) as (few, _):
        yield Pair(lambda: many.seconds(*status(many)), lambda: few.seconds(*status(few)))


def black_holes(images: int, holes: int) -> Prepare:
    """As long as without, and one time-out."""

    @contextmanager
    def prepare(place: Place) -> Iterator[Pair]:
        with served(place, images, holes) as (holed, _), served(place, images) as (whole, _):
            yield Pair(lambda: holed.seconds(*status(holed)), lambda: whole.seconds(*status(whole)) + TIME_OUT_S)

    return prepare


def memory(images: int) -> Prepare:
    @contextmanager
    def prepare(place: Place) -> Iterator[Pair]:
        with served(place, images) as (here, _):
            yield Pair(lambda: here.megabytes(*status(here)))

    return prepare


ROWS = [
    Row("stui status of 1,000 images", "a bare loop of sockets", 1.5, a_thousand, rounds=9),
    Row("status of 1,000 images at localhost", "by number", 1.1, by_name, rounds=9),
    Row("memory of status of 1,000 images", "", 64, memory(1_000), Unit.MEGABYTES, rounds=3),
    Row("stui status of 10,000 images", "the same of 1,000", 11, ten_thousand, rounds=3),
    Row("memory of status of 10,000 images", "", 128, memory(10_000), Unit.MEGABYTES, rounds=2),
    Row("status of 1,000, 100 of them black holes", WITHOUT, 1.0, black_holes(1_000, 100), rounds=3),
    Row("status of 10,000, 1,000 of them black holes", WITHOUT, 1.0, black_holes(10_000, 1_000), rounds=2),
]
