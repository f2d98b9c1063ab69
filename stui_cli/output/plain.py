"""Plain rows: text columns two spaces apart, at full width whatever the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.output.cells import is_right_aligned, rows
from stui_cli.output.cleaning import clean
from stui_cli.output.looks import painted, style_of
from stui_cli.output.selection import spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.model.results import Column, Item

# Wider cells are not waited for by the others of their column.
_WIDEST: Final = 200


def listing(items: Sequence[Item], columns: Sequence[Column], *, headers: bool, now: int, color: bool = False) -> str:
    """One line per item below a line of headings."""
    table = rows(items, columns, now)
    shows = [column.show for column in columns]
    styles = [[style_of(cell, show) for cell, show in zip(row, shows, strict=True)] for row in table] if color else []
    if headers:
        table.insert(0, [clean(column.title) for column in columns])
        styles.insert(0, ["bold"] * len(columns))
    return "".join(_aligned(table, [is_right_aligned(show) for show in shows], styles if color else None))


def description(
    items: Sequence[Item], columns: Sequence[Column], *, headers: bool, now: int, color: bool = False
) -> str:
    """One line per field, an empty line between items; without headings the values alone."""
    named = spelled_out(columns)
    titles = [clean(column.title) for column in named]
    blocks = []
    for values in rows(items, named, now, whole=True):
        if not headers:
            blocks.append("".join(f"{value}\n" for value in values))
            continue
        fields = [
            (title if number == 0 else "", line, column.show)
            for title, value, column in zip(titles, values, named, strict=True)
            for number, line in enumerate(value.split("\n"))
        ]
        pairs = [[title, line] for title, line, _ in fields]
        styles = [["bold", style_of(line, show)] for _, line, show in fields]
        blocks.append("".join(_aligned(pairs, [False, False], styles if color else None)))
    return "\n".join(blocks)


def _aligned(
    table: Sequence[Sequence[str]], right: Sequence[bool], styles: Sequence[Sequence[str]] | None
) -> Iterator[str]:
    """The rows with their cells below each other. A cell wider than most lets its own row grow, not all of them: a
    source of 100 kB in one of 300 evaluations would make 30 MB."""
    widths = [min(_WIDEST, max(map(text_width, column))) for column in zip(*table, strict=True)]
    for number, row in enumerate(table):
        painted_row = row if styles is None else list(map(painted, row, styles[number]))
        cells = (
            f"{gap}{shown}" if at_right else f"{shown}{gap}"
            for shown, cell, width, at_right in zip(painted_row, row, widths, right, strict=True)
            for gap in (" " * (width - text_width(cell)),)
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
