"""How the table is written: one line a row, as each is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budgets.measuring import met
from budgets.rows import Unit

if TYPE_CHECKING:
    from budgets.measuring import Measured
    from budgets.rows import Row

_WORDS = {True: "met", False: "not met", None: ""}
HEADING = f"{'what':<44} {'now':>9} {'bound':>8}  {'':<8} {'noise':>5}  against"


def figure(value: float, unit: Unit) -> str:
    """`1.23`, `1/69` for what is far below one, or a number with its unit."""
    if unit is Unit.COUNT:
        return f"{value:.0f}"
    if unit is not Unit.RATIO:
        return f"{value:,.0f} {unit.value}" if value >= 100 else f"{value:.3g} {unit.value}"
    return f"1/{1 / value:.0f}" if 0 < value < 0.1 else f"{value:.2f}"


def line(row: Row, measured: Measured) -> str:
    """One row that was measured: what is allowed, and how far the middle half of the rounds lies apart."""
    bound = "-" if row.bound is None else figure(row.bound, row.unit)
    held = row.against
    if measured.theirs is not None:
        held += f" ({measured.ours * 1000:,.1f} ms to {measured.theirs * 1000:,.1f} ms)"
    return (
        f"{row.what:<44} {figure(measured.figure, row.unit):>9} {bound:>8}  {_WORDS[met(row, measured)]:<8} "
        f"{measured.noise:>5.0%}  {held}"
    ).rstrip()


def left_out(row: Row, word: str, why: object) -> str:
    """A row without a figure: skipped or failed, and why."""
    return f"{row.what:<44} {word}: {why}"


def comparison(row: Row, now: Measured, before: Measured, commit: str) -> str:
    """What got slower."""
    more = now.figure / before.figure - 1 if before.figure else float("inf")
    was, is_now = figure(before.figure, row.unit), figure(now.figure, row.unit)
    return f"{row.what:<44} {was} at {commit}, {is_now} now: {more:.0%} more"
