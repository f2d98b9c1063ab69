r"""Tab separated values: the plain values of the fields, not the words of the table.

The headings are keys. Tab, newline, return and backslash are \t, \n, \r and \\, further control characters
\xNN, \uNNNN or \UNNNNNNNN. Truth values are `true` and `false`, null is empty, maps and lists are JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.blocks import blocks_of
from stui_cli.model.times import Moment, texts_of
from stui_cli.output.cleaning import are_texts, escaped_field, escaped_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stui_cli.model.blocks import Block
    from stui_cli.model.results import Column, Item


def listing(items: Sequence[Item], columns: Sequence[Column], *, headers: bool) -> str:
    """One line per item; with `headers`, a line of keys first, for an empty listing too."""
    return "".join(listing_read(blocks_of(items), columns, headers=headers))


def listing_read(blocks: Iterable[Block], columns: Sequence[Column], *, headers: bool) -> Iterator[str]:
    """The same of items that are read meanwhile, a text for each block. Nothing comes before the first block was read:
    reading may find that there is nothing to list."""
    keys = [column.key for column in columns]
    heading = "\t".join(map(escaped_field, keys)) + "\n" if headers and keys else ""
    for block in blocks:
        yield heading + _lines_of(block, keys)
        heading = ""
    yield heading


def _lines_of(block: Block, keys: Sequence[str]) -> str:
    cells = [_fields(block.column(key)) for key in keys]
    rows = map("\t".join, zip(*cells, strict=True)) if cells else [""] * block.length
    return "\n".join((*rows, ""))


def _fields(values: Sequence[object]) -> Sequence[str]:
    """A column. Most have values of one class, which need not be looked at one by one."""
    if are_texts(values):
        return escaped_fields(values)
    classes = set(map(type, values))
    if classes == {Moment}:
        return texts_of(values)  # type: ignore[arg-type]  # moments all of them
    if classes == {bool}:
        return ["true" if value else "false" for value in values]
    if classes == {int}:
        return list(map(str, values))
    if classes == {type(None)}:
        return [""] * len(values)
    return list(map(_field, values))


def _field(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return escaped_field(value)
        case Moment():
            return str(value)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            from stui_cli.output.structured import encoded

            return escaped_field(encoded(value))
