"""A row of the table: what is measured, what it is held against, and how much of that it may be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from budgets.places import Place

    Figure = Callable[[], float]
    Prepare = Callable[[Place], AbstractContextManager["Pair"]]

ROUNDS = 15


class Missing(Exception):
    """What a row needs is not on this machine; the text says what."""


class Unit(Enum):
    """What the figure of a row is."""

    RATIO = "x"
    MILLISECONDS = "ms"
    MEGABYTES = "MB"
    COUNT = ""


@dataclass(frozen=True)
class Pair:
    """What is measured and what it is held against, each called once a round. Where the figure is no ratio there is
    nothing to hold it against."""

    ours: Figure
    theirs: Figure | None = None


@dataclass(frozen=True)
class Row:
    """One budget. `prepare` makes what is measured in a place, and cleans up after it; it raises Missing.

    `bound` is the most that is allowed; None where the row only tells, and `--against` judges.
    """

    what: str
    against: str
    bound: float | None
    prepare: Prepare
    unit: Unit = Unit.RATIO
    rounds: int = ROUNDS
