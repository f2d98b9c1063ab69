"""Measure one row in one place or in two, by turns, so that whatever else the machine does hits all of them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgets.places import Place
    from budgets.rows import Pair, Row

SLOWER = 1.10


@dataclass(frozen=True)
class Measured:
    """The medians of all rounds. `noise` is how far the middle half of them lies apart, as a part of the median."""

    ours: float
    theirs: float | None
    noise: float

    @property
    def figure(self) -> float:
        """The ratio, or what was measured where nothing stands beside it."""
        if self.theirs is None:
            return self.ours
        return self.ours / self.theirs


def measure(row: Row, places: Sequence[Place]) -> list[Measured]:
    """What the row costs in each place, after one round that does not count. Raises Missing."""
    with ExitStack() as stack:
        pairs = [stack.enter_context(row.prepare(place)) for place in places]
        for pair in pairs:
            _one_round(pair)
        rounds = [[_one_round(pair) for pair in pairs] for _ in range(row.rounds)]
    return [_summary([each[number] for each in rounds]) for number in range(len(pairs))]


def _one_round(pair: Pair) -> tuple[float, float | None]:
    return pair.ours(), None if pair.theirs is None else pair.theirs()


def _summary(rounds: Sequence[tuple[float, float | None]]) -> Measured:
    ours = [mine for mine, _ in rounds]
    theirs = [other for _, other in rounds if other is not None]
    return Measured(median(ours), median(theirs) if theirs else None, max(spread(ours), spread(theirs)))


def spread(figures: Sequence[float]) -> float:
    """The distance between the quartiles, as a part of the median: what the machine's other work made of it."""
    if len(figures) < 2 or not median(figures):
        return 0.0
    low, _, high = quantiles(figures, n=4)
    return (high - low) / median(figures)


def met(row: Row, measured: Measured) -> bool | None:
    """Whether the row keeps its bound; None where it has none."""
    return None if row.bound is None else measured.figure <= row.bound


def slower(now: Measured, before: Measured) -> bool:
    """Whether something costs more than a tenth more than it did."""
    return now.figure > SLOWER * before.figure
