"""Plain rows: text columns two spaces apart, at full width whatever the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.blocks import block_of
from stui_cli.output.cells import cells_of, is_right_aligned, rows
from stui_cli.output.cleaning import clean
from stui_cli.output.looks import tone_of
from stui_cli.output.selection import spelled_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stui_cli.model.blocks import Block
    from stui_cli.model.results import Column, Item
    from stui_cli.output.looks import Tone

    Painter = Callable[[str, Tone], str]

# Wider cells are not waited for by the others of their column.
_WIDEST: Final = 200


def listing(
    items: Sequence[Item], columns: Sequence[Column], *, headers: bool, now: int, paint: Painter | None = None
) -> str:
    """One line per item below a line of headings."""
    return "".join(listing_read([block_of(items)], columns, headers=headers, now=now, paint=paint))


def listing_read(
    blocks: Iterable[Block], columns: Sequence[Column], *, headers: bool, now: int, paint: Painter | None = None
) -> Iterator[str]:
    """The same of items that are read meanwhile, a text for each block. What comes is not known: a column is as wide as
    what was in it so far, so that the lines of a block stand below each other and it never gets narrower."""
    shows = [column.show for column in columns]
    right = [is_right_aligned(show) for show in shows]
    widths = [0] * len(columns)
    heading = [clean(column.title) for column in columns] if headers else None
    for block in blocks:
        table = [list(row) for row in zip(*cells_of(block, columns, now), strict=True)]
        tones = [[tone_of(cell, show) for cell, show in zip(row, shows, strict=True)] for row in table] if paint else []
        if heading is not None:
            table.insert(0, heading)
            tones.insert(0, ["strong"] * len(columns))
            heading = None
        yield "".join(_aligned(_painted(table, tones, paint), right, widths))


def description(
    items: Sequence[Item], columns: Sequence[Column], *, headers: bool, now: int, paint: Painter | None = None
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
        tones: list[list[Tone]] = [["strong", tone_of(line, show)] for _, line, show in fields]
        blocks.append("".join(_aligned(_painted(pairs, tones, paint), [False, False], [0, 0])))
    return "\n".join(blocks)


def _painted(
    table: Sequence[Sequence[str]], tones: Sequence[Sequence[Tone]], paint: Painter | None
) -> Sequence[Sequence[tuple[str, str]]]:
    """Each cell as it is measured, and as it is printed."""
    if paint is None:
        return [[(cell, cell) for cell in row] for row in table]
    return [
        [(cell, paint(cell, tone)) for cell, tone in zip(row, toned, strict=True)]
        for row, toned in zip(table, tones, strict=True)
    ]


def _aligned(table: Sequence[Sequence[tuple[str, str]]], right: Sequence[bool], widths: list[int]) -> Iterator[str]:
    """The rows with their cells below each other; `widths` are those so far, and grow. A cell wider than most lets its
    own row grow, not all of them: a source of 100 kB in one of 300 evaluations would make 30 MB."""
    for place, column in enumerate(zip(*table, strict=True)):
        widths[place] = max(widths[place], min(_WIDEST, max(text_width(cell) for cell, _ in column)))
    for row in table:
        cells = (
            f"{gap}{shown}" if at_right else f"{shown}{gap}"
            for (cell, shown), width, at_right in zip(row, widths, right, strict=True)
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
