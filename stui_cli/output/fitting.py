"""How wide each column of a table may be: pure arithmetic, columns from most to least important."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# Cells of a terminal between two columns.
GAP: Final = 2


class Span(NamedTuple):
    """A column's natural and least width, and whether the listing is worth nothing without it. `wish` is the width that
    it should have before any column right of it is shown."""

    width: int
    least: int
    keep: bool
    wish: int = 0


def fit(spans: Sequence[Span], room: int | None) -> list[int | None] | None:
    """The width of each column in `room` cells (None: any number), None for a column that is left out.

    First the rightmost columns shrink towards their least width; where that is not enough, the rightmost
    column that need not be kept is left out, and so on. Before a column has less than it wishes for, those right
    of it are left out. None if what must be kept does not fit, or nothing else does: then a table is the wrong shape.
    """
    if room is None:
        return [span.width for span in spans]
    shown = list(range(len(spans)))
    wishing = max((index for index in shown if spans[index].wish > spans[index].least), default=len(spans))
    while _total([max(spans[index].least, spans[index].wish) for index in shown]) > room:
        spare = [index for index in shown if index > wishing and not spans[index].keep]
        if not spare:
            break
        shown.remove(spare[-1])
    while _total([spans[index].least for index in shown]) > room:
        spare = [index for index in shown if not spans[index].keep]
        if not spare:
            return None
        shown.remove(spare[-1])
    if len(shown) < len(spans) and all(spans[index].keep for index in shown):
        return None
    widths: list[int | None] = [None] * len(spans)
    excess = _total([spans[index].width for index in shown]) - room
    for index in reversed(shown):
        taken = max(0, min(excess, spans[index].width - spans[index].least))
        widths[index] = spans[index].width - taken
        excess -= taken
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)
