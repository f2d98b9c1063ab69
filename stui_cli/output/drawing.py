"""Lines of cells drawn by rich.table.Table. Only this module and `syntax` import rich, and only to print.

The columns' widths and what stands in each line of each cell are decided before, by `table` and `fitting`. Left to
itself, rich measures each cell, looks for markup in it, makes a Text of it and folds that: 150 to 170 ms of processor
time for 1,000 rows of 8 columns. With a column of the Table for each of the listing, of a fixed width and of ready
cells, it takes 25 ms: what rich does to each piece of a line is most of it. So the Table has one column, whose cells
are whole lines, in as few pieces as the colours allow: 0.2 ms for 10 rows, 0.7 for 100, 7 for 1,000 and 90 for
10,000. A listing of a thousand may take 1.25 times as long as one of ten. rich.table takes 3 ms more to import than
rich.console.
"""

from __future__ import annotations

from functools import cache
from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment, SegmentLines
from rich.style import Style
from rich.table import Table

from stui_cli.named_tuples import NamedTuple
from stui_cli.output.fitting import GAP
from stui_cli.output.palette import MANY, SIXTEEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from stui_cli.output.looks import Tone
    from stui_cli.output.palette import Paint
    from stui_cli.output.screen import Screen

# Where a word that is wider than a line may be parted.
_PARTING: Final = "/:@,;.=-)"


class Cell(NamedTuple):
    """What stands in one place of a table, or in one line of it; its tone, and its width on the terminal."""

    text: str
    tone: Tone
    width: int


def width_of(text: str) -> int:
    """How many cells of a terminal a clean `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


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
    room = [max(width + GAP, 1) for width in widths[:-1]] + [max(widths[-1], 1)]
    places = list(zip(widths, room, right or [False] * len(widths), strict=True))
    paints = MANY if screen.many_colors else SIXTEEN
    rule = "─" if screen.unicode else "-"
    above = [] if headings is None else [headings, [Cell(rule * width, "faint", width) for width in room]]
    below = (line for row in rows for line in zip_longest(*row, fillvalue=_EMPTY))
    table = Table(box=None, show_header=headings is not None, padding=0, header_style="")
    table.add_column(SegmentLines([_pieces(line, places, paints) for line in above]), width=sum(room))
    table.add_row(SegmentLines([_pieces(line, places, paints) for line in below]))
    console = _console(sum(room), screen)
    console.print(table, crop=False, no_wrap=True)
    assert isinstance(console.file, StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().split("\n")[:-1])


_EMPTY: Final = Cell("", "", 0)


def _pieces(
    cells: Sequence[Cell], places: Sequence[tuple[int, int, bool]], paints: Mapping[Tone, Paint]
) -> list[Segment]:
    """A line: one piece for each cell that has a tone, and one for all that stands between two of them. The `places`
    say of each column how wide its cells are, how much room they have with the gap behind, and whether they stand at
    the right."""
    found = []
    plain = ""
    for (text, tone, width), (column, room, at_right) in zip(cells, places, strict=True):
        before = max(column - width, 0) if at_right else 0
        plain += " " * before
        if tone:
            if plain:
                found.append(Segment(plain))
            found.append(Segment(text, style_of(paints[tone])))
            plain = ""
        else:
            plain += text
        plain += " " * (room - before - width)
    found.append(Segment(plain))
    return found


class _Console(Console):
    """Takes lines that are in pieces as they are. Left to itself it joins all of them and parts them again."""

    def render_lines(self, renderable: RenderableType, *args: Any, **settings: Any) -> list[list[Segment]]:
        if isinstance(renderable, SegmentLines):
            return list(renderable.lines)
        return super().render_lines(renderable, *args, **settings)


@cache
def style_of(paint: Paint) -> Style:
    """The same as rich has it."""
    return Style(color=None if paint.color is None else f"color({paint.color})", bold=paint.bold or None)


def _console(width: int, screen: Screen) -> _Console:
    """One that decides nothing: encoding, colour and width are the screen's to decide, not rich's."""
    return _Console(
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
