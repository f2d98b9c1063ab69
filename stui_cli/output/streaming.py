"""Long lists, printed while they are read: what was read is shown at once, and nothing of it is kept.

Where reading fails half way, what was printed stays true: the failure is told behind it, in the document too, and
decides the exit code. A fault of stui's own ends the list as well, but is told by the boundary of the command, which
finds the document open. What has to know all items before it shows the first gathers them: --sort without --limit, and
the document that is indented for a person at a terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from stui_cli.model.blocks import ENOUGH, put_together
from stui_cli.model.errors import StuiError
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode, Result
from stui_cli.output.cleaning import clean
from stui_cli.output.render import render, talk
from stui_cli.output.selection import (
    Selection,
    columns_chosen,
    left_out_note,
    name_joined,
    no_room_note,
    unknown_column,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stui_cli.model.blocks import Block, Listing
    from stui_cli.model.results import Column, Item
    from stui_cli.output.screen import Screen

# So many characters are written in one piece, once the first block is out.
_PIECE: Final = 64 * 1024


def stream(listing: Listing, screen: Screen, warnings: Callable[[], Sequence[str]]) -> int:
    """Print a listing while it is read; return the exit code. `warnings` returns what a document says of the reading.

    Raises what reading raises before the first block was there, OutputFailed and BrokenPipeError.
    """
    for_people = screen.mode in (OutputMode.AUTO, OutputMode.TABLE, OutputMode.PLAIN)
    reading = Reading(listing, screen.selection, aligned=for_people and screen.selection.template is None)
    if screen.mode is OutputMode.JSON and screen.on_terminal:
        _show_gathered(reading, screen, warnings)
    else:
        screen.print_all(_in_pieces(_texts(listing, reading, screen, warnings)))
        if screen.mode not in (OutputMode.JSON, OutputMode.JSONL):
            _tell(reading, screen, warnings())
    if screen.mode in (OutputMode.JSON, OutputMode.JSONL) and reading.left_out and not screen.quiet:
        screen.say(reading.left_out)  # no other notes are for a program, but a part must not pass for the whole
    return int(reading.exit_code)


def _tell(reading: Reading, screen: Screen, warnings: Sequence[str]) -> None:
    result = reading.result((), warnings)
    for_people = screen.mode in (OutputMode.AUTO, OutputMode.TABLE, OutputMode.PLAIN)
    if for_people and not reading.count and screen.on_terminal and not reading.errors and not screen.quiet:
        screen.say(clean(result.empty))
    if reading.no_room and not screen.quiet:
        screen.say(no_room_note(reading.no_room))
    talk(result, screen)


class Reading:
    """A listing that is being read, with what is chosen of it, and what came of it: how many items were shown, what
    went wrong, what is said of those that a limit left out, and the columns that had no room. Items that are `aligned`
    to each other come in large blocks, others at once."""

    def __init__(self, listing: Listing, selection: Selection, *, aligned: bool) -> None:
        self.errors: list[StuiError] = []
        self.left_out = ""
        self.no_room: list[str] = []
        self.count = 0
        self._listing = listing
        self._selection = selection
        self._aligned = aligned
        template = selection.template
        for key in (*(key for key, _ in selection.sort), *(template.keys if template else ())):
            if key not in listing.kind.keys:
                raise unknown_column(key, listing.kind.keys)

    @property
    def exit_code(self) -> Exit:
        return self.errors[0].exit_code if self.errors else Exit.DONE

    def blocks(self) -> Iterator[Block]:
        """What is to be shown. Raises what reading raises before anything was; later it is kept in `errors`."""
        for block in self._chosen():
            self.count += block.length
            yield block

    def _chosen(self) -> Iterator[Block]:
        sort, limit = self._selection.sort, self._selection.limit
        at_once = not self._aligned and limit is None
        read = put_together(self._listing.blocks, 1 if at_once else ENOUGH)
        if sort:
            from stui_cli.output.ordering import best

            found, count = best(read, sort, limit)
        elif limit is not None and self._listing.newest_last:
            from stui_cli.output.ordering import last

            found, count = last(read, limit)
        else:
            read = self._as_far_as_it_goes(read)
            return read if limit is None else self._limited(read, limit)
        self.left_out = left_out_note(max(0, count - (count if limit is None else limit)), count, limit)
        return found

    def result(self, items: Sequence[Item], warnings: Sequence[str]) -> Result:
        """What there is to tell once all was read."""
        listing = self._listing
        notes = [*listing.notes(), *([self.left_out] if self.left_out else ())]
        return Result(
            listing.kind,
            items,
            listing.columns,
            notes=notes,
            errors=self.errors,
            warnings=warnings,
            exit_code=self.exit_code,
            empty=listing.empty,
        )

    def _as_far_as_it_goes(self, blocks: Iterator[Block]) -> Iterator[Block]:
        begun = False
        try:
            for block in blocks:
                yield block
                begun = True
        except StuiError as error:
            if not begun:
                raise
            self.errors.append(error)

    def _limited(self, blocks: Iterator[Block], limit: int) -> Iterator[Block]:
        """Nothing is read behind the block that reaches the limit. If that was the last one, all were counted."""
        seen = 0
        for block in blocks:
            if seen < limit:
                yield block.picked(range(min(limit - seen, block.length)))
            seen += block.length
            if seen > limit:
                self.left_out = left_out_note(seen - limit, seen if block.length < ENOUGH else None, limit)
                return


def _show_gathered(reading: Reading, screen: Screen, warnings: Callable[[], Sequence[str]]) -> None:
    """Read all that is shown before any of it is."""
    items = [item for block in reading.blocks() for item in block.items()]
    chosen = Selection(columns=screen.selection.columns, template=screen.selection.template)
    render(reading.result(items, warnings()), screen.but(selection=chosen))


def _texts(listing: Listing, reading: Reading, screen: Screen, warnings: Callable[[], Sequence[str]]) -> Iterator[str]:
    blocks = reading.blocks()
    every = [dict.fromkeys(listing.kind.keys)]
    columns = columns_chosen(listing.kind, listing.columns, every, screen.columns)
    match screen.mode:
        case OutputMode.TSV:
            from stui_cli.output import tsv

            return tsv.listing_read(blocks, columns, headers=screen.headers)
        case OutputMode.JSON | OutputMode.JSONL:
            from stui_cli.output import structured

            items = (_fields(block, None if screen.columns is None else columns) for block in blocks)
            written = structured.envelope_read if screen.mode is OutputMode.JSON else structured.lines_read
            texts = written(listing.kind.name, items, lambda: (reading.errors, warnings()), now=screen.clock())
            return _document(texts, screen) if screen.mode is OutputMode.JSON else texts
        case OutputMode.NAME:
            return (_names(block, listing.kind.name_key.split("/")) for block in blocks)
        case OutputMode.AUTO | OutputMode.TABLE | OutputMode.PLAIN:
            return _texts_for_people(listing, reading, columns, screen)
        case OutputMode.PROMETHEUS:
            raise ValueError("only images have an exposition")
        case _:
            assert_never(screen.mode)


def _texts_for_people(listing: Listing, reading: Reading, columns: Sequence[Column], screen: Screen) -> Iterator[str]:
    blocks = reading.blocks()
    if (template := screen.selection.template) is not None:
        return (template.lines(block.items()) for block in blocks)
    if screen.tabular:
        from stui_cli.output import table

        return table.listing_read(blocks, columns, listing.kind.name_key, screen, reading.no_room)
    from stui_cli.output import plain

    paint = screen.paint if screen.color_out and screen.color_rows else None
    return plain.listing_read(blocks, columns, headers=screen.headers, now=screen.clock(), paint=paint)


def _fields(block: Block, columns: Sequence[Column] | None) -> Sequence[Item]:
    """Whole items, or what was asked for of them."""
    if columns is None:
        return block.items()
    keys = [column.key for column in columns]
    return [dict(zip(keys, row, strict=True)) for row in zip(*map(block.column, keys), strict=True)]


def _names(block: Block, keys: Sequence[str]) -> str:
    names = map(name_joined, zip(*map(block.column, keys), strict=True))
    return "".join(f"{clean(name)}\n" for name in names if name is not None)


def _document(texts: Iterable[str], screen: Screen) -> Iterator[str]:
    """The same; from the first to the last the screen knows that a document is open."""
    for text in texts:
        screen.in_document = True
        yield text
    screen.in_document = False


def _in_pieces(texts: Iterable[str]) -> Iterator[str]:
    """The same in pieces that are worth writing; the first at once, so that who reads has something to begin with. What
    was there is written also where the rest cannot be made."""
    waiting: list[str] = []
    size = _PIECE
    try:
        for text in texts:
            waiting.append(text)
            size += len(text)
            if size >= _PIECE:
                yield "".join(waiting)
                waiting, size = [], 0
    except Exception:
        yield "".join(waiting)
        raise
    yield "".join(waiting)
