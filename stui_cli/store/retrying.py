"""Doing again what somebody else was quicker with: in a place that keeps nobody out, a change is made on what is there
then."""

from __future__ import annotations

from random import random
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar

from stui_cli.store.problems import Overtaken

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# So often it is tried, however little time there is.
_LEAST_TRIES = 10

# Seconds. Who waits at random gets through: sixty at once, doing the same, would keep meeting each other.
_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.25


def again(work: Callable[[], T], patience: float) -> T:
    """What `work` returns, which was overtaken once already: run until it is not, for `patience` seconds at most.
    Raises Overtaken then."""
    end = monotonic() + patience
    pause, tries = _FIRST_PAUSE, 1
    while True:
        sleep(pause * random())  # noqa: S311  nobody gains by guessing it  # nosec B311
        pause, tries = min(pause * 2, _LONGEST_PAUSE), tries + 1
        try:
            return work()
        except Overtaken:
            if tries >= _LEAST_TRIES and monotonic() >= end:
                raise
