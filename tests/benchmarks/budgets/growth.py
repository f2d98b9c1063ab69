"""What a command costs with 1,000 images and 100,000 sessions, beside the same with 10 and 100."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count, cycle
from typing import TYPE_CHECKING

from budgets.rows import Pair, Row
from budgets.stores import LARGE, SMALL, filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from budgets.places import Place
    from budgets.rows import Figure, Prepare

AGAINST = "10 images, 100 sessions"

# A change and its undo in a process that is there already: what grows is not hidden behind a Python's start.
_UNDO = """
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
    store.commit(change)
    begun = time.perf_counter()
    store.undo()
    return time.perf_counter() - begun

once()
print(median(once() for _ in range(5)))
"""


def _context(here: Place) -> Figure:
    return lambda: here.seconds(here.stui, "context")


def _switch(here: Place) -> Figure:
    names = cycle(["image-1", "alpha"])
    return lambda: here.seconds(here.stui, "switch", next(names))


def _label(here: Place) -> Figure:
    values = count()
    return lambda: here.seconds(here.stui, "images", "set", "alpha", f"turn={next(values)}")


def _log(here: Place) -> Figure:
    return lambda: here.seconds(here.stui, "log")


def _undo(here: Place) -> Figure:
    change = _label(here)

    def figure() -> float:
        change()
        return here.seconds(here.stui, "undo")

    return figure


def _undo_inside(here: Place) -> Figure:
    return lambda: float(here.run(here.python, "-c", _UNDO))


def grown(work: Callable[[Place], Figure]) -> Prepare:
    """The same work in a large store and in a small one."""

    @contextmanager
    def prepare(place: Place) -> Iterator[Pair]:
        with filled(place, LARGE) as large, filled(place, SMALL) as small:
            yield Pair(work(large), work(small))

    return prepare


_WORKS = {
    "context": _context,
    "switch": _switch,
    "images set": _label,
    "log": _log,
    "undo": _undo,
    "undo without its start": _undo_inside,
}

ROWS = [Row(f"{name}, 1,000 and 100,000", AGAINST, 1.25, grown(work), rounds=11) for name, work in _WORKS.items()]
