"""Values as people read them: one writer of cells for each way of showing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeGuard, assert_never

from stui_cli.model.blocks import block_of
from stui_cli.model.results import Show
from stui_cli.model.times import Moment
from stui_cli.output import units
from stui_cli.output.cleaning import are_texts, clean, first_line, need_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.blocks import Block
    from stui_cli.model.results import Column, Item

# Never an empty cell for a value that is not known: the columns of a plain row must stay countable.
NOTHING: Final = "-"
MARK: Final = "*"

# Of bytes nobody reads more in a row; tsv and JSON have all of them.
_BYTES_SHOWN: Final = 60
_CUT: Final = "..."

# A control character that no text has, or a printed ByteArray, as Pharo and its kin write it. Compiled when the first
# long text is shown.
_BINARY: Final = r"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f-\x9f]|\A#\[[\d ]+"

Writer = Callable[[object], str]


def writer(show: Show, now: int) -> Writer:
    """A function that writes one cell; ages count from `now` (ms). A value of an unforeseen type is text."""
    match show:
        case Show.TEXT | Show.STATUS | Show.HEALTH | Show.NUMBER | Show.LABELS:
            return text
        case Show.PHRASE:
            return lambda value: text(units.spoken(value, now) if isinstance(value, str) else value)
        case Show.CODE:
            return lambda value: text(" ".join(value.split()) if isinstance(value, str) else value)
        case Show.LINES:
            return value_line
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


def rows(items: Sequence[Item], columns: Sequence[Column], now: int, *, whole: bool = False) -> list[list[str]]:
    """The cells of `items`, clean and ready for any eye; `whole`: with all lines of a text that has many."""
    if not columns:
        return [[] for _ in items]
    return list(map(list, zip(*cells_of(block_of(items), columns, now, whole=whole), strict=True)))


def cells_of(block: Block, columns: Sequence[Column], now: int, *, whole: bool = False) -> list[Sequence[str]]:
    """The same by column."""
    return [
        _lines_of(block, column, 0 if whole else column.most, _whole if whole else value_line)
        if column.show is Show.LINES
        else _written(block.column(column.key), column.show, now)
        for column in columns
    ]


def _lines_of(block: Block, column: Column, most: int, of_lines: Callable[[object, object], str]) -> Sequence[str]:
    values = zip(block.column(column.key), block.column("class"), strict=True)
    return [kept_short(of_lines(value, class_name), most) for value, class_name in values]


def _written(values: Sequence[object], show: Show, now: int) -> Sequence[str]:
    """A column of cells. Names and states, of which lists mostly are, need not be looked at one by one."""
    write = writer(show, now)
    if write is text and are_texts(values) and all(values) and need_nothing(values):
        return values
    return list(map(write, values))


def kept_short(cell: str, most: int) -> str:
    """A cell of at most so many letters, of any number where it is 0."""
    return cell if not most or len(cell) <= most else cell[: most - len(_CUT)] + _CUT


def value_line(value: object, class_name: object = None) -> str:
    """What an image printed of a value, or a source, on one line. Other Smalltalks print bytes as they do any
    collection: the class tells."""
    if class_name == "ByteArray" and isinstance(value, str):
        return _beginning(value) or NOTHING
    return text(value, _line_of)


def text(value: object, of_text: Callable[[str], str] = clean) -> str:
    """Any value of an item on one line; an empty one is as good as none, and of bytes the beginning is shown. `of_text`
    makes one line of a text."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case str():
            return of_text(value) or NOTHING
        case bytes():
            return _beginning(value.hex(" ")) or NOTHING
        case Mapping():
            return " ".join(f"{clean(str(key))}={text(part, of_text)}" for key, part in value.items()) or NOTHING
        case list() | tuple():
            return ", ".join(text(part, of_text) for part in value) or NOTHING
        case _:
            return clean(str(value))


def _whole(value: object, class_name: object) -> str:
    del class_name
    return clean(value, multiline=True) or NOTHING if isinstance(value, str) else text(value)


def _line_of(value: str) -> str:
    return _beginning(value) if _is_binary(value) else first_line(value)


def _is_binary(value: str) -> bool:
    return len(value) > _BYTES_SHOWN and re.search(_BINARY, value) is not None


def _beginning(value: str) -> str:
    """As much of a text as there is room for, on one line, with no escape cut in two."""
    shown = clean(value[: _BYTES_SHOWN + 1])
    if len(shown) <= _BYTES_SHOWN:
        return shown
    begun = ""
    for letter in map(clean, value):
        if len(begun) + len(letter) > _BYTES_SHOWN - len(_CUT):
            break
        begun += letter
    return begun + _CUT


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
