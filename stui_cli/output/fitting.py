"""How wide each column of a table may be: pure arithmetic, columns from most to least important."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# Cells of a terminal between two columns.
GAP: Final = 2


class Span(NamedTuple):
    """A column's natural and least width, and whether the listing is worth nothing without it. `wish` is the width that
    it should have before any column right of it is shown, `whole` that which breaks no word in it. What is `spare` is
    left out first."""

    width: int
    least: int
    keep: bool
    wish: int = 0
    whole: int = 0
    spare: bool = False


def fit(spans: Sequence[Span], room: int | None) -> list[int | None] | None:
    """The width of each column in `room` cells (None: any number), None for a column that is left out.

    Where there is too little room, the widest columns give way first, down to each other's width: no further than
    their longest word where that suffices, else than their least width. Where that is not enough, the rightmost column
    that need not be kept is left out, one that is spare before the others, and so on. Before a column has less than it
    wishes for, those right of it are left out. None if what must be kept does not fit, or nothing else does: then a
    table is the wrong shape.
    """
    if room is None:
        return [span.width for span in spans]
    shown = list(range(len(spans)))
    wishing = max((index for index in shown if spans[index].wish > spans[index].least), default=len(spans))
    while _total([_wished(spans[index]) for index in shown]) > room:
        less = [index for index in shown if index > wishing and not spans[index].keep]
        if not less:
            break
        shown.remove(_first_to_go(less, spans))
    while _total([spans[index].least for index in shown]) > room:
        less = [index for index in shown if not spans[index].keep]
        if not less:
            return None
        shown.remove(_first_to_go(less, spans))
    if len(shown) < len(spans) and all(spans[index].keep for index in shown):
        return None
    kept = [spans[index] for index in shown]
    floors = [max(_wished(span), span.whole) for span in kept]
    if _total(floors) > room:
        floors = _as_wished(kept, room)
    widths: list[int | None] = [None] * len(spans)
    for index, width in zip(shown, _levelled(kept, floors, room), strict=True):
        widths[index] = width
    return widths


def _first_to_go(columns: Sequence[int], spans: Sequence[Span]) -> int:
    return max(columns, key=lambda index: (spans[index].spare, index))


def _wished(span: Span) -> int:
    return max(span.least, span.wish)


def _as_wished(spans: Sequence[Span], room: int) -> list[int]:
    """What the columns wish for, less what there is no room for: the rightmost give way first."""
    floors = list(map(_wished, spans))
    for index in reversed(range(len(spans))):
        excess = max(0, _total(floors) - room)
        floors[index] -= min(excess, floors[index] - spans[index].least)
    return floors


def _levelled(spans: Sequence[Span], floors: Sequence[int], room: int) -> list[int]:
    """The columns' widths, none above one level that is as high as the room allows; what is left over then goes to the
    columns that the level keeps low, from the left."""

    def at(level: int) -> list[int]:
        return [min(span.width, max(floor, level)) for span, floor in zip(spans, floors, strict=True)]

    low, high = 0, max((span.width for span in spans), default=0)
    while low < high:
        level = (low + high + 1) // 2
        low, high = (level, high) if _total(at(level)) <= room else (low, level - 1)
    widths = at(low)
    for index, span in enumerate(spans):
        if widths[index] == low < span.width and _total(widths) < room:
            widths[index] += 1
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)
