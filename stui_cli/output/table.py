"""Tables for a terminal, by rich: the only module that imports it, and imported only to print one.

A table is one rich Text, laid out here, and no rich.table.Table, which was tried and measured. It leaves no column
out, and shrinks all of them alike where room is short; so `fitting` would still decide every width, and rich would
only pad. For that it takes 340 ms for a listing of a thousand images (this takes 28 ms) and 3 ms more to import: a
listing of a thousand may take 1.25 times as long as one of ten.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from stui_cli.model.results import Show
from stui_cli.output.cells import NOTHING, is_right_aligned, rows
from stui_cli.output.cleaning import clean
from stui_cli.output.fitting import GAP, Span, fit
from stui_cli.output.looks import LOOKS
from stui_cli.output.selection import spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stui_cli.model.results import Column, Result
    from stui_cli.output.screen import Screen

# A column of free text is never cut below this: less of a sentence or an address says nothing.
_LEAST_TEXT: Final = 12

_NAMES: Final = frozenset({"name", "image", "session"})


class Cell(NamedTuple):
    """What stands in one place of the table, the style it has there, and its width on the terminal."""

    text: str
    style: str
    width: int


def print_table(result: Result, columns: Sequence[Column], screen: Screen) -> Sequence[str]:
    """Print the items as a table; return the headings of the columns that had no room.

    Names are never cut. Free text gives way first, from the right, down to an ellipsis; then whole columns,
    from the right, unless the user asked for them by `--columns`. Where not even so a table fits, each item
    is described in lines of its own.
    """
    if not result.vertical:
        titles, cells = _titles(columns), _cells(result, columns, screen)
        spans = _spans(cells, columns, titles, result.kind.name_key, screen)
        widths = fit(spans, screen.width)
        if widths is not None:
            _print(_listing(cells, columns, titles, widths, screen), screen)
            return [title.text for title, width in zip(titles, widths, strict=True) if width is None]
    named = spelled_out(columns)
    names = [_is_name(column, result.kind.name_key) for column in named]
    _print(_descriptions(_cells(result, named, screen), _titles(named), names, screen), screen)
    return ()


def _is_name(column: Column, name_key: str) -> bool:
    return column.key in _NAMES or column.key in name_key.split("/")


def _titles(columns: Sequence[Column]) -> list[Cell]:
    return [_cell(clean(column.title), "bold") for column in columns]


def _cells(result: Result, columns: Sequence[Column], screen: Screen) -> list[list[Cell]]:
    texts = rows(result.items, columns, screen.clock(), whole=result.vertical)
    for index, column in enumerate(columns):
        if column.key == result.group_key:
            _say_once(texts, index)
    return [[_dressed(text, column.show, screen) for text, column in zip(row, columns, strict=True)] for row in texts]


def _say_once(texts: Sequence[list[str]], index: int) -> None:
    """Leave a cell empty that says the same as the one above it."""
    above: str | None = None
    for row in texts:
        row[index], above = ("" if row[index] == above else row[index]), row[index]


def _cell(text: str, style: str = "") -> Cell:
    return Cell(text, style, cell_len(text))


def _dressed(text: str, show: Show, screen: Screen) -> Cell:
    look = LOOKS[show].get(text) if show in LOOKS else None
    if look is not None:
        return _cell(f"{look.symbol if screen.unicode else look.ascii} {text}", look.style)
    return _cell(text, "dim" if text == NOTHING else "")


def _spans(
    cells: Sequence[Sequence[Cell]],
    columns: Sequence[Column],
    titles: Sequence[Cell],
    name_key: str,
    screen: Screen,
) -> list[Span]:
    spans = []
    for index, (column, title) in enumerate(zip(columns, titles, strict=True)):
        is_name = _is_name(column, name_key)
        width = max(title.width, *(row[index].width for row in cells))
        elastic = column.show in (Show.TEXT, Show.CODE, Show.LINES, Show.LABELS) and not is_name
        least = min(width, max(_LEAST_TEXT, column.least, title.width)) if elastic else width
        keep = index == 0 or is_name or column.keep or screen.columns is not None
        spans.append(Span(width, least, keep, wish=min(width, column.wish)))
    return spans


def _listing(
    cells: Iterable[Sequence[Cell]],
    columns: Sequence[Column],
    titles: Sequence[Cell],
    widths: Sequence[int | None],
    screen: Screen,
) -> Text:
    """One line per item below the headings and a light line."""
    text = Text()
    shown = [
        (index, width, is_right_aligned(columns[index].show)) for index, width in enumerate(widths) if width is not None
    ]
    for row in (titles, *cells) if screen.headers else cells:
        for place, (index, width, at_right) in enumerate(shown):
            cell = _cut(row[index], width, screen)
            padding = " " * (width - cell.width)
            text.append(f"{' ' * GAP if place else ''}{padding if at_right else ''}")
            text.append(cell.text, cell.style)
            text.append("" if at_right else padding)
        text.append("\n")
        if row is titles:
            rule = "─" if screen.unicode else "-"
            text.append(rule * (sum(width + GAP for _, width, _ in shown) - GAP), "dim").append("\n")
    return text


def _cut(cell: Cell, width: int, screen: Screen) -> Cell:
    if cell.width <= width:
        return cell
    ellipsis = "…" if screen.unicode else "..."
    return Cell(set_cell_size(cell.text, width - len(ellipsis)) + ellipsis, cell.style, width)


def _descriptions(
    cells: Iterable[Sequence[Cell]], titles: Sequence[Cell], names: Sequence[bool], screen: Screen
) -> Text:
    """Key and value below each other; long values go on over further lines and are never cut."""
    text = Text()
    console = Console(file=StringIO(), _environ={})  # wrap wants one for the size of a tab, and no cell has tabs
    indent = max(title.width for title in titles) + GAP if screen.headers else 0
    for row in cells:
        text.append("\n" if text else "")
        for title, cell, is_name in zip(titles, row, names, strict=True):
            room = cell.width
            if screen.width is not None and screen.headers and not is_name:  # bare values are there to be copied
                room = max(screen.width - indent, _LEAST_TEXT)
            heading = title if screen.headers else _cell("")
            for line in Text(cell.text, cell.style).wrap(console, max(room, 1), overflow="fold"):
                text.append(heading.text, heading.style).append(" " * (indent - heading.width))
                line.rstrip()
                text.append_text(line).append("\n")
                heading = _cell("")
    return text


def _print(text: Text, screen: Screen) -> None:
    """Print `text` as it is laid out: encoding, colour and width are the screen's to decide, not rich's."""
    target = StringIO()
    console = Console(
        file=target,
        force_terminal=screen.color_out,
        color_system="standard" if screen.color_out else None,
        legacy_windows=False,
        _environ={},
    )
    console.print(text, end="", soft_wrap=True, highlight=False)
    screen.print("".join(f"{line.rstrip()}\n" for line in target.getvalue().splitlines()))
