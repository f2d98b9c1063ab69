"""Plain rows: text columns two spaces apart, at full width whatever the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.output.cells import is_right_aligned, rows
from stui_cli.output.cleaning import clean
from stui_cli.output.selection import spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.model.results import Column, Item


def listing(items: Sequence[Item], columns: Sequence[Column], *, headers: bool, now: int) -> str:
    """One line per item below a line of headings."""
    table = rows(items, columns, now)
    if headers:
        table.insert(0, [clean(column.title) for column in columns])
    return "".join(_aligned(table, [is_right_aligned(column.show) for column in columns]))


def description(items: Sequence[Item], columns: Sequence[Column], *, headers: bool, now: int) -> str:
    """One line per field, an empty line between items; without headings the values alone."""
    named = spelled_out(columns)
    titles = [clean(column.title) for column in named]
    blocks = []
    for values in rows(items, named, now):
        pairs = [[title, value] for title, value in zip(titles, values, strict=True)]
        lines = _aligned(pairs, [False, False]) if headers else (f"{value}\n" for value in values)
        blocks.append("".join(lines))
    return "\n".join(blocks)


def _aligned(table: Sequence[Sequence[str]], right: Sequence[bool]) -> Iterator[str]:
    widths = [max(map(text_width, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (
            f"{' ' * (width - text_width(cell))}{cell}" if at_right else f"{cell}{' ' * (width - text_width(cell))}"
            for cell, width, at_right in zip(row, widths, right, strict=True)
        )
        yield f"{'  '.join(cells).rstrip()}\n"


def text_width(text: str) -> int:
    """How many cells of a terminal `text` takes (UAX #11): wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(letter) in ("Mn", "Me") else 2 if east_asian_width(letter) in ("W", "F") else 1 for letter in text
    )
