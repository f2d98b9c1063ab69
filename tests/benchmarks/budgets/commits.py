"""One commit of the store beside one of SQLite on the same disk, both inside a process that is there already."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from budgets.rows import Pair, Row
from budgets.stores import filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgets.places import Place

_OURS = """
import time
from statistics import median
from stui_cli.api import open_manager
from stui_cli.model.operations import ImageDetails, Kind
store = open_manager().store

def once():
    def change(draft):
        alpha = draft.images["alpha"]
        draft.images["alpha"] = alpha._replace(metadata={"turn": str(time.perf_counter_ns())})
        return ImageDetails(Kind.IMAGE_CHANGE, "alpha")
    begun = time.perf_counter()
    store.commit(change)
    return time.perf_counter() - begun

once()
print(median(once() for _ in range(50)))
"""
_THEIRS = """
import sqlite3, sys, time
from statistics import median
database = sqlite3.connect(sys.argv[1])
for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
    "CREATE TABLE IF NOT EXISTS images (name TEXT PRIMARY KEY, turn TEXT)"):
    database.execute(line)

def once():
    begun = time.perf_counter()
    with database:
        database.execute("INSERT OR REPLACE INTO images VALUES ('alpha', ?)", (str(time.perf_counter_ns()),))
    return time.perf_counter() - begun

once()
print(median(once() for _ in range(50)))
"""


@contextmanager
def beside_sqlite(place: Place) -> Iterator[Pair]:
    with filled(place) as here:
        database = str(here.folder / "database")
        yield Pair(
            lambda: float(here.run(here.python, "-c", _OURS)),
            lambda: float(here.run(here.python, "-c", _THEIRS, database)),
        )


ROWS = [Row("a commit, inside the process", "SQLite, WAL, synchronous=FULL", None, beside_sqlite, rounds=7)]
