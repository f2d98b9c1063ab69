"""Long lists, read while they are shown: a block of items after the other, each with its fields as columns.

100,000 sessions as maps are 140 MB, and to make them and ask each for each field took ten times as long as to read
them. A column is made only where it is shown, by one pass over the records, and a block is forgotten when it is
written.
"""

from __future__ import annotations

from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeVar

from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from stui_cli.model.results import Column, Item, ItemKind

T = TypeVar("T")

# So many items are a piece of work that is worth its beginning, and are there within a few milliseconds.
ENOUGH: Final = 1000


class Block:
    """`length` items that follow each other in a list. `column` returns what they have under a key, in their order,
    null where one has none; `items` are they themselves. With `keys` they have these and no others, and are made of
    their columns where they are asked for."""

    __slots__ = ("_items", "column", "keys", "length")

    def __init__(
        self,
        length: int,
        column: Callable[[str], Sequence[object]],
        items: Callable[[], Sequence[Item]] | None = None,
        keys: Collection[str] = (),
    ) -> None:
        self.length = length
        self.column = column
        self.keys = keys
        self._items = items

    def items(self) -> Sequence[Item]:
        if self._items is not None:
            return self._items()
        columns = map(self.column, self.keys)
        return [dict(zip(self.keys, fields, strict=True)) for fields in zip(*columns, strict=True)]

    def picked(self, places: Sequence[int]) -> Block:
        """The items at these places, in their order."""

        def of(values: Sequence[T]) -> Sequence[T]:
            return [values[place] for place in places]

        items = None if self.keys else lambda: of(self.items())
        return Block(len(places), lambda key: of(self.column(key)), items, self.keys)

    def remembered(self) -> Block:
        """The same, each column made once, for who goes over them in parts."""
        return Block(self.length, cache(self.column), self._items, self.keys)


class Listing(NamedTuple):
    """What a command lists whose items are many. All of them have the keys of their `kind`. The `blocks` can be gone
    over once; `notes` returns what people should know beside them, when they were. The rest is as in a Result."""

    kind: ItemKind
    blocks: Iterable[Block]
    columns: Sequence[Column]
    notes: Callable[[], Sequence[str]]
    empty: str = ""
    newest_last: bool = False


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
    `least`; that grows from block to block up to ENOUGH, for who begins with less. Where the rest cannot be read, what
    was read comes before the reason."""
    waiting: list[Block] = []
    count = 0
    try:
        for block in blocks:
            if not block.length:
                continue
            waiting.append(block)
            count += block.length
            if count >= least:
                yield one_of(waiting)
                waiting, count, least = [], 0, min(2 * least, ENOUGH)
    except Exception:
        if count:
            yield one_of(waiting)
        raise
    if count:
        yield one_of(waiting)


def one_of(blocks: Sequence[Block]) -> Block:
    """All of their items."""
    if len(blocks) == 1:
        return blocks[0]
    keys = blocks[0].keys if blocks and all(block.keys is blocks[0].keys for block in blocks) else ()
    return Block(
        sum(block.length for block in blocks),
        lambda key: list(chain.from_iterable(block.column(key) for block in blocks)),
        None if keys else lambda: list(chain.from_iterable(block.items() for block in blocks)),
        keys,
    )
