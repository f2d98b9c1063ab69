"""A list of 100,000 sessions to a pipe: all of it, and how soon it begins."""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from budgets.rows import Pair, Row, Unit
from budgets.stores import LARGE, filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgets.places import Place

# The same records as the store has them, packed in one piece and unpacked again, without the start of a Python.
_PACK = """
import sys, msgpack
from stui_cli.api import open_manager
store = open_manager().store
state = store.read()
every = [tuple(each) for image in state.images.values() for each in store.sessions(state, image.image_id).values()]
open(sys.argv[1], "wb").write(msgpack.packb(every))
print(len(every))
"""
_UNPACK = """
import sys, time, msgpack
packed = open(sys.argv[1], "rb").read()
begun = time.perf_counter()
msgpack.unpackb(packed)
print(time.perf_counter() - begun)
"""


def _command(here: Place) -> list[str]:
    return [here.stui, "sessions", "list", "-o", "tsv"]


@contextmanager
def all_of_it(place: Place) -> Iterator[Pair]:
    with filled(place, LARGE) as here:
        packed = str(here.folder / "packed")
        if here.run(here.python, "-c", _PACK, packed).strip() != "100000":
            raise RuntimeError("the store has another number of sessions")
        yield Pair(
            lambda: here.seconds(*_command(here)),
            lambda: float(here.run(here.python, "-c", _UNPACK, packed)),
        )


@contextmanager
def first_line(place: Place) -> Iterator[Pair]:
    with filled(place, LARGE) as here:

        def ours() -> float:
            begun = time.perf_counter()
            with subprocess.Popen(
                _command(here), stdout=subprocess.PIPE, env=dict(here.environ), cwd=here.folder, start_new_session=True
            ) as process:
                assert process.stdout is not None
                if not process.stdout.readline():
                    raise RuntimeError("no line came")
                took = time.perf_counter() - begun
                process.kill()
            return took * 1000

        yield Pair(ours)


@contextmanager
def memory(place: Place) -> Iterator[Pair]:
    with filled(place, LARGE) as here:
        yield Pair(lambda: here.megabytes(*_command(here)))


ROWS = [
    Row("sessions list -o tsv of 100,000", "msgpack.unpackb of the same", 4.0, all_of_it, rounds=5),
    Row("first line of sessions list of 100,000", "", 300, first_line, Unit.MILLISECONDS, rounds=9),
    Row("memory of sessions list of 100,000", "", 64, memory, Unit.MEGABYTES, rounds=2),
]
