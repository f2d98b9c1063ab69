"""Values as people read them: one writer of cells for each way of showing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeGuard, assert_never

from stui_cli.model.results import Show
from stui_cli.model.times import Moment
from stui_cli.output import units
from stui_cli.output.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.results import Column, Item

# Never an empty cell for a value that is not known: the columns of a plain row must stay countable.
NOTHING: Final = "-"
MARK: Final = "*"

Writer = Callable[[object], str]


def writer(show: Show, now: int) -> Writer:
    """A function that writes one cell; ages count from `now` (ms). A value of an unforeseen type is text."""
    match show:
        case Show.TEXT | Show.STATUS | Show.HEALTH | Show.NUMBER | Show.LABELS:
            return text
        case Show.CODE:
            return lambda value: text(" ".join(value.split()) if isinstance(value, str) else value)
        case Show.AGE:
            return lambda value: _age(value, now)
        case Show.DURATION:
            return lambda value: units.duration(value) if _is_number(value) else text(value)
        case Show.MILLISECONDS:
            return lambda value: units.milliseconds(value) if _is_number(value) else text(value)
        case Show.BYTES:
            return lambda value: units.size(value) if _is_number(value) else text(value)
        case Show.REASON:
            return _reason
        case Show.MARK:
            return lambda value: text(value) if not isinstance(value, bool) else MARK if value else ""
        case _:
            assert_never(show)


def rows(items: Iterable[Item], columns: Sequence[Column], now: int) -> list[list[str]]:
    """The cells of `items`, clean and ready for any eye."""
    writers = [(column.key, writer(column.show, now)) for column in columns]
    return [[write(item.get(key)) for key, write in writers] for item in items]


def text(value: object) -> str:
    """Any value of an item on one line; an empty one is as good as none."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case str():
            return clean(value) or NOTHING
        case Mapping():
            return " ".join(f"{clean(str(key))}={text(part)}" for key, part in value.items()) or NOTHING
        case list() | tuple():
            return ", ".join(map(text, value)) or NOTHING
        case _:
            return clean(str(value))


def is_right_aligned(show: Show) -> bool:
    """Whether cells line up by their last character: what is compared by size."""
    return show in (Show.NUMBER, Show.MILLISECONDS, Show.BYTES)


def _reason(value: object) -> str:
    from stui_cli.model.orphans import OrphanReason  # with dataclasses 3 ms, and only a sweep has reasons

    return value.word if isinstance(value, OrphanReason) else text(value)


def _age(value: object, now: int) -> str:
    return units.age(now - value.ms) if isinstance(value, Moment) else text(value)


def _is_number(value: object) -> TypeGuard[float]:
    """A number that can be counted with: neither a truth value nor infinite nor NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18
