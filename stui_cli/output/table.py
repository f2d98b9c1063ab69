"""Tables for a terminal: what stands in each cell and how wide each column is. `drawing` draws them, by rich."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.blocks import block_of
from stui_cli.model.results import Show
from stui_cli.output.cells import NOTHING, cells_of, is_right_aligned
from stui_cli.output.cleaning import clean
from stui_cli.output.drawing import Cell, cut, drawn, folded, width_of
from stui_cli.output.fitting import GAP, Span, fit
from stui_cli.output.looks import LOOKS
from stui_cli.output.selection import spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stui_cli.model.blocks import Block
    from stui_cli.model.results import Column, Result
    from stui_cli.output.looks import Look, Tone
    from stui_cli.output.screen import Screen

# A column of free text is never narrower than this: less of a sentence or an address says nothing.
_LEAST_TEXT: Final = 12

# Nor narrower than what folds its longest cell to a few lines, or than this, which is good to read.
_FEW_LINES: Final = 3
_READABLE: Final = 18

# One that can be left out is, rather than folded to more lines than these, unless it has this width.
_TOO_MANY_LINES: Final = 6
_WIDE: Final = 36

# To see a word of so many letters unbroken is worth more than the columns right of it.
_WIDE_WORD: Final = 24

# A cell of a list is folded to so many lines: a source of a hundred lines would push all else off the screen.
_MOST_LINES: Final = 10

_FOLDED: Final = (Show.TEXT, Show.PHRASE, Show.CODE, Show.LINES, Show.LABELS)
_NAMES: Final = frozenset({"name", "image", "session"})


def print_table(result: Result, columns: Sequence[Column], screen: Screen) -> Sequence[str]:
    """Print the items as a table; return the headings of the columns that had no room.

    Names are neither cut nor folded. Free text gives way first: it goes on in further lines of its cell. Where that
    does not help whole columns are left out, from the right, unless the user asked for them by `--columns`. Where not
    even so a table fits, each item is described in lines of its own.
    """
    block = block_of(result.items)
    if result.vertical:
        screen.print(_described(block, columns, result.kind.name_key, screen, whole=True, group_key=result.group_key))
        return ()
    left_out: list[str] = []
    screen.print("".join(listing_read([block], columns, result.kind.name_key, screen, left_out, result.group_key)))
    return left_out


def listing_read(
    blocks: Iterable[Block],
    columns: Sequence[Column],
    name_key: str,
    screen: Screen,
    left_out: list[str],
    group_key: str | None = None,
) -> Iterator[str]:
    """The table of items that are read meanwhile, a text for each block. The first one decides which columns there are,
    those that there are not come into `left_out`; a later one makes them wider where it has to."""
    parts = iter(blocks)
    first = next(parts, None)
    if first is None:
        return
    titles, cells = _titles(columns), _cells(first, columns, screen, group_key=group_key)
    fitting = fit(_spans(cells, columns, titles, name_key, screen), screen.width)
    if fitting is None:
        yield _described(first, columns, name_key, screen, group_key=group_key)
        yield from (f"\n{_described(block, columns, name_key, screen, group_key=group_key)}" for block in parts)
        return
    left_out += [title.text for title, width in zip(titles, fitting, strict=True) if width is None]
    shown = [index for index, width in enumerate(fitting) if width is not None]
    widths = [width for width in fitting if width is not None]
    columns, titles = [columns[index] for index in shown], [titles[index] for index in shown]
    headings = titles if screen.headers else None
    yield _listing([cells[index] for index in shown], columns, headings, widths, screen)
    for block in parts:
        cells = _cells(block, columns, screen, group_key=group_key)
        spans = _spans(cells, columns, titles, name_key, screen)
        widths = _widened(spans, widths, screen.width)
        yield _listing(cells, columns, None, widths, screen)


def _widened(spans: Sequence[Span], widths: Sequence[int], room: int | None) -> list[int]:
    """The widths of columns that are there, with what comes now. Where they have no room, what must not be folded has
    it all the same: the terminal breaks the line."""
    wider = [span._replace(width=max(span.width, width), keep=True) for span, width in zip(spans, widths, strict=True)]
    fitting = [width for width in fit(wider, room) or () if width is not None]
    if len(fitting) == len(widths):
        return fitting
    return [max(span.least, width) for span, width in zip(spans, widths, strict=True)]


def _described(
    block: Block,
    columns: Sequence[Column],
    name_key: str,
    screen: Screen,
    *,
    whole: bool = False,
    group_key: str | None = None,
) -> str:
    """Each item in lines of its own."""
    named = spelled_out(columns)
    names = [_is_name(column, name_key) for column in named]
    cells = _cells(block, named, screen, whole=whole, group_key=group_key)
    return _descriptions(list(zip(*cells, strict=True)), _titles(named), names, screen)


def _is_name(column: Column, name_key: str) -> bool:
    return column.key in _NAMES or column.key in name_key.split("/")


def _titles(columns: Sequence[Column]) -> list[Cell]:
    return [_cell(clean(column.title), "strong") for column in columns]


def _cells(
    block: Block, columns: Sequence[Column], screen: Screen, *, whole: bool = False, group_key: str | None = None
) -> list[list[Cell]]:
    """The cells of each column."""
    cells = []
    for column, texts in zip(columns, cells_of(block, columns, screen.clock(), whole=whole), strict=True):
        said = _said_once(texts) if column.key == group_key else texts
        cells.append(_dressed(said, column.show, screen))
    return cells


def _said_once(texts: Sequence[str]) -> list[str]:
    """The same, empty where one says what the one above it does."""
    return ["" if text == above else text for text, above in zip(texts, (None, *texts), strict=False)]


def _cell(text: str, tone: Tone = "") -> Cell:
    return Cell(text, tone, width_of(text))


def _dressed(texts: Sequence[str], show: Show, screen: Screen) -> list[Cell]:
    looks = LOOKS.get(show)
    if looks is None:
        return [_cell(text, "faint" if text == NOTHING else "") for text in texts]
    return [_with_look(text, looks.get(text), screen) for text in texts]


def _with_look(text: str, look: Look | None, screen: Screen) -> Cell:
    if look is None:
        return _cell(text, "faint" if text == NOTHING else "")
    return _cell(f"{look.symbol if screen.unicode else look.ascii} {text}", look.tone)


def _spans(
    cells: Sequence[Sequence[Cell]],
    columns: Sequence[Column],
    titles: Sequence[Cell],
    name_key: str,
    screen: Screen,
) -> list[Span]:
    spans = []
    for index, (column, title, below) in enumerate(zip(columns, titles, cells, strict=True)):
        is_name = _is_name(column, name_key)
        width = max(title.width, *(cell.width for cell in below))
        keep = index == 0 or is_name or column.keep or screen.columns is not None
        least = whole = width
        wish = column.wish
        if column.show in _FOLDED and not is_name and width > _LEAST_TEXT:
            whole = min(width, max(map(len, " ".join(cell.text for cell in below).split(" "))))
            least = min(width, max(_LEAST_TEXT, column.least, title.width, _readable(width, keep=keep)))
            wish = max(wish, min(_WIDE_WORD, whole))
        spans.append(Span(width, least, keep, min(width, wish), whole, column.spare))
    return spans


def _readable(width: int, *, keep: bool) -> int:
    """How narrow a column may be whose longest cell has that width."""
    readable = min(_READABLE, -(-width // _FEW_LINES))
    return readable if keep else max(readable, min(_WIDE, -(-width // _TOO_MANY_LINES)))


def _listing(
    cells: Sequence[Sequence[Cell]],
    columns: Sequence[Column],
    headings: Sequence[Cell] | None,
    widths: Sequence[int],
    screen: Screen,
) -> str:
    """The items below the headings and a light line, each in as many lines as its longest cell takes."""
    lines = [[_lines(cell, width, screen) for cell in below] for below, width in zip(cells, widths, strict=True)]
    right = [is_right_aligned(column.show) for column in columns]
    return drawn(list(zip(*lines, strict=True)), widths, screen, right=right, headings=headings)


def _lines(cell: Cell, width: int, screen: Screen) -> list[Cell]:
    if cell.width <= width:
        return [cell]
    lines = folded(cell.text, width)
    if len(lines) > _MOST_LINES:
        last = " ".join(lines[_MOST_LINES - 1 : _MOST_LINES + 1])
        lines[_MOST_LINES - 1 :] = [cut(last, width, "…" if screen.unicode else "...")]
    return [Cell(line, cell.tone, width_of(line)) for line in lines]


def _descriptions(
    cells: Sequence[Sequence[Cell]], titles: Sequence[Cell], names: Sequence[bool], screen: Screen
) -> str:
    """Key and value below each other; long values go on over further lines and are never cut."""
    indent = max(title.width for title in titles) + GAP if screen.headers else 0
    # Bare values are there to be copied: they are not folded.
    room = max(screen.width - indent, _LEAST_TEXT) if screen.width is not None and screen.headers else None
    blocks = []
    for row in cells:
        lines = []
        for title, cell, is_name in zip(titles, row, names, strict=True):
            texts = cell.text.expandtabs().split("\n")
            parts = texts if room is None or is_name else [part for text in texts for part in folded(text, room)]
            value = [Cell(part, cell.tone, width_of(part)) for part in parts]
            lines.append([[title], value] if screen.headers else [value])
        widest = max(part.width for line in lines for part in line[-1])
        blocks.append(drawn(lines, [indent - GAP, widest] if screen.headers else [widest], screen))
    return "\n".join(blocks)
