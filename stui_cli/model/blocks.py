"""Long lists, read while they are shown: a block of items after the other, each with its fields as columns.

100,000 sessions as maps are 140 MB, and to make them and ask each for each field took ten times as long as to read
them. A column is made only where it is shown, by one pass over the records, and a block is forgotten when it is
written.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stui_cli.model.results import Column, Item, ItemKind

# So many items are a piece of work that is worth its beginning, and are there within a few milliseconds.
ENOUGH: Final = 1000


class Block:
    """`length` items that follow each other in a list. `column` returns what they have under a key, in their order,
    null where one has none; `items` are they themselves."""

    __slots__ = ("column", "items", "length")

    def __init__(
        self, length: int, column: Callable[[str], Sequence[object]], items: Callable[[], Sequence[Item]]
    ) -> None:
        self.length = length
        self.column = column
        self.items = items

    def first(self, count: int) -> Block:
        """The first so many of them."""
        if count >= self.length:
            return self
        return Block(count, lambda key: self.column(key)[:count], lambda: self.items()[:count])


class Listing(NamedTuple):
    """What a command lists whose items are many. All of them have the keys of their `kind`. The `blocks` can be gone
    over once; `notes` returns what people should know beside them, when they were. The rest is as in a Result."""

    kind: ItemKind
    blocks: Iterable[Block]
    columns: Sequence[Column]
    notes: Callable[[], Sequence[str]]
    empty: str = ""


def block_of(items: Sequence[Item]) -> Block:
    """Items that are there already."""
    return Block(len(items), lambda key: [item.get(key) for item in items], lambda: items)


def blocks_of(items: Iterable[Item]) -> Iterator[Block]:
    """Items, which may be made meanwhile, in pieces that are worth writing."""
    rest = iter(items)
    while part := list(islice(rest, ENOUGH)):
        yield block_of(part)


def put_together(blocks: Iterable[Block], least: int = ENOUGH) -> Iterator[Block]:
    """The same items in blocks of some size, since many images have few sessions each. Only the last has fewer than
    `least`; that grows from block to block up to ENOUGH, for who begins with less."""
    waiting: list[Block] = []
    count = 0
    for block in blocks:
        if not block.length:
            continue
        waiting.append(block)
        count += block.length
        if count >= least:
            yield _one_of(waiting, count)
            waiting, count, least = [], 0, min(2 * least, ENOUGH)
    if count:
        yield _one_of(waiting, count)


def _one_of(blocks: Sequence[Block], length: int) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    return Block(
        length,
        lambda key: list(chain.from_iterable(block.column(key) for block in blocks)),
        lambda: list(chain.from_iterable(block.items() for block in blocks)),
    )
