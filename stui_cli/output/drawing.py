"""Lines of cells drawn by rich.table.Table. Only this module and `syntax` import rich, and only to print.

The columns' widths and what stands in each line of each cell are decided before, by `table` and `fitting`. Left to
itself, rich measures each cell, looks for markup in it, makes a Text of it and folds that: 150 to 170 ms of processor
time for 1,000 rows of 8 columns. So the Table has columns of fixed widths, and one row for each _BLOCK rows of the
listing, whose cells are blocks of ready lines. That takes 0.5 ms for 10 rows, 2.4 for 100, 25 for 1,000 and 350 for
10,000; with one row of the Table for each of the listing it takes 73 and 880 ms for the last two. A listing of a
thousand may take 1.25 times as long as one of ten. rich.table takes 3 ms more to import than rich.console.
"""

from __future__ import annotations

from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.table import Table

from stui_cli.named_tuples import NamedTuple
from stui_cli.output.fitting import GAP
from stui_cli.output.palette import MANY, SIXTEEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import ConsoleOptions, RenderResult

    from stui_cli.output.looks import Tone
    from stui_cli.output.palette import Paint
    from stui_cli.output.screen import Screen

_BLOCK: Final = 200

# Where a word that is wider than a line may be parted.
_PARTING: Final = "/:@,;.=-)"


class Cell(NamedTuple):
    """What stands in one place of a table, or in one line of it; its tone, and its width on the terminal."""

    text: str
    tone: Tone
    width: int


width_of = cell_len


def folded(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken between words; within one that is wider than a line after a mark
    that parts it, as those of an address do, else anywhere."""
    width = max(width, 2)  # a letter may be two cells wide
    lines = []
    while width_of(text) > width:
        end = _letters_within(text, width)
        if text[end] != " ":
            end = _last_break(text, end)
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*lines, text] if text or not lines else lines


def _letters_within(text: str, width: int) -> int:
    if text[: width + 1].isascii():
        return width
    end = taken = 0
    while (taken := taken + width_of(text[end])) <= width:
        end += 1
    return end


def _last_break(text: str, end: int) -> int:
    """Where a line of at most `end` letters ends."""
    if text[: (blank := max(text.rfind(" ", 0, end), 0))].strip():
        return blank
    mark = max(text.rfind(each, end // 2, end) for each in _PARTING)
    return mark + 1 if mark > 0 else end


def cut(text: str, width: int, ellipsis: str) -> str:
    """As much of `text` as stands before an ellipsis in `width` cells."""
    return f"{set_cell_size(text, max(width - len(ellipsis), 0)).rstrip()}{ellipsis}"


def drawn(
    rows: Sequence[Sequence[Sequence[Cell]]],
    widths: Sequence[int],
    screen: Screen,
    *,
    right: Sequence[bool] | None = None,
    headings: Sequence[Cell] | None = None,
) -> str:
    """`rows` of cells of lines, below `headings` and a light line if there are any; no line ends in blanks."""
    right = right or [False] * len(widths)
    paints = MANY if screen.many_colors else SIXTEEN
    rule = "─" if screen.unicode else "-"
    table = Table(box=None, show_header=headings is not None, padding=0, header_style="")
    room = [max(width + GAP, 1) for width in widths[:-1]] + [max(widths[-1], 1)]
    for index, width in enumerate(room):
        heading = [] if headings is None else [headings[index], Cell(rule * width, "faint", width)]
        table.add_column(_Block(heading, widths[index], right[index], paints), width=width)
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        heights = [max(map(len, row)) for row in part]
        cells = (_filled(part, heights, index) for index in range(len(widths)))
        table.add_row(*map(_Block, cells, widths, right, [paints] * len(widths)))
    console = _console(sum(room), screen)
    console.print(table, crop=False, no_wrap=True)
    assert isinstance(console.file, StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().split("\n")[:-1])


class _Block:
    """The cells of one column in many rows of a listing, line by line, each as wide as the column."""

    __slots__ = ("_at_right", "_lines", "_paints", "_width")

    def __init__(self, lines: Sequence[Cell], width: int, at_right: bool, paints: Mapping[Tone, Paint]) -> None:
        self._lines = lines
        self._width = width
        self._at_right = at_right
        self._paints = paints

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del console, options
        for text, tone, width in self._lines:
            blanks = " " * (self._width - width)
            if not tone:
                yield Segment(f"{blanks}{text}" if self._at_right else f"{text}{blanks}")
            elif self._at_right:
                yield Segment(blanks)
                yield Segment(text, style_of(self._paints[tone]))
            else:
                yield Segment(text, style_of(self._paints[tone]))
                yield Segment(blanks)
            yield _LINE_END


_LINE_END: Final = Segment.line()
_EMPTY: Final = Cell("", "", 0)


def _filled(rows: Sequence[Sequence[Sequence[Cell]]], heights: Sequence[int], index: int) -> list[Cell]:
    """The lines of the column `index`: each cell as high as its row."""
    lines: list[Cell] = []
    for row, height in zip(rows, heights, strict=True):
        cell = row[index]
        lines += cell if len(cell) == height else (*cell, *[_EMPTY] * (height - len(cell)))
    return lines


@cache
def style_of(paint: Paint) -> Style:
    """The same as rich has it."""
    return Style(color=None if paint.color is None else f"color({paint.color})", bold=paint.bold or None)


def _console(width: int, screen: Screen) -> Console:
    """One that decides nothing: encoding, colour and width are the screen's to decide, not rich's."""
    return Console(
        file=StringIO(),
        width=width,
        force_terminal=screen.color_out,
        color_system=("256" if screen.many_colors else "standard") if screen.color_out else None,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
