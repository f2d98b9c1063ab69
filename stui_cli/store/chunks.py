"""A state in pieces, so that what a change leaves alone is neither packed nor unpacked again.

The images of a state are a map, and so are its shards. Each is cut into chunks of some records in a row. A chunk ends
after a key whose checksum says so, and not after so many: what comes or goes moves no border but its own.

    others | images, and how many | chunk | chunk ... | shards, and how many | chunk | chunk ...

One after the other the pieces are one map of MessagePack. Squeezed, each is a part of a deflate stream that refers to
nothing before it, so that all of them are one zlib stream: whoever knows nothing of pieces reads the whole. And what of
two states is the same in bytes is the same records, which are unpacked once.
"""

from __future__ import annotations

from binascii import crc32
from operator import is_
from typing import TYPE_CHECKING, Any

from stui_cli.model.images import Image
from stui_cli.model.state import State
from stui_cli.store.encoding import STATES
from stui_cli.store.envelope import map_header, pack, unpack_fields, unpack_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

# One key in so many ends a chunk: more would make a change pack more, fewer would make more chunks to go through.
_BORDERS = 16

# What begins a zlib stream of the quickest compression, and the last block of one: empty.
_BEGIN, _LAST = b"\x78\x01", b"\x03\x00"
_CHECKSUM = 4

# How a chunk is squeezed: with a window of 4 KiB, and 16 KiB to find what it repeats.
_WINDOW_BITS, _MEMORY = 12, 5

# What is no longer than this stands in the stream as it is.
_SHORT = 1024

# Keys of a state that are cut into chunks, as they are packed.
_IMAGES, _SHARDS = pack("images"), pack("shards")


class Chunk:
    """Some records of a map, in their order. `packed` is their keys and values, one after the other. `text` is what a
    person may read of them, of so many bytes each, where the place that keeps the store has such a text."""

    __slots__ = ("_is_closed", "_squeezed", "keys", "lengths", "packed", "row", "text", "values")

    def __init__(
        self, keys: tuple[str, ...], values: tuple[Any, ...], packed: bytes, squeezed: bytes | None = None
    ) -> None:
        self.keys = keys
        self.values = values
        self.packed = packed
        self._squeezed = squeezed
        self._is_closed: bool | None = None
        self.text: bytes | None = None
        self.lengths: tuple[int, ...] = ()
        self.row: bytes | None = None  # what the place that has the text keeps of it, packed

    @property
    def known_squeezed(self) -> bytes | None:
        """What `squeezed` returns, if that was asked for."""
        return self._squeezed

    @property
    def squeezed(self) -> bytes:
        """`packed` as a part of a deflate stream."""
        if self._squeezed is None:
            self._squeezed, self.row = _squeezed(self.packed), None
        return self._squeezed

    @property
    def is_closed(self) -> bool:
        """Whether it ends at a border, and not because the map does."""
        if self._is_closed is None:
            self._is_closed = _is_border(self.keys[-1])
        return self._is_closed


class PackedState:
    """A `state` in pieces. Without `others`, what else it holds, it is one to compare with."""

    __slots__ = ("_contents", "_first", "_middle", "_whole", "images", "shards", "state")

    def __init__(self, state: State, others: bytes, images: Sequence[Chunk], shards: Sequence[Chunk]) -> None:
        self.state = state
        self.images = images
        self.shards = shards
        self._first = others + _IMAGES + map_header(len(state.images))
        self._middle = _SHARDS + map_header(len(state.shards))
        self._whole: bytes | None = None
        self._contents: dict[bool, tuple[Contents, Contents]] = {}

    @property
    def whole(self) -> bytes:
        """The map of MessagePack."""
        if self._whole is None:
            images, shards = ([each.packed for each in chunks] for chunks in (self.images, self.shards))
            self._whole = b"".join((self._first, *images, self._middle, *shards))
        return self._whole

    @property
    def starts(self) -> tuple[int, int]:
        """Where the images and the shards begin in `whole`."""
        first = len(self._first)
        return first, first + sum(len(each.packed) for each in self.images) + len(self._middle)

    def squeezed(self) -> tuple[bytes, tuple[int, ...]]:
        """`whole` as a zlib stream, and what `lengths` says of that."""
        from zlib import adler32

        images, shards = ([each.squeezed for each in chunks] for chunks in (self.images, self.shards))
        pieces = [_stored(self._first), *images, _stored(self._middle), *shards]
        stream = b"".join((_BEGIN, *pieces, _LAST, adler32(self.whole).to_bytes(_CHECKSUM, "big")))
        return stream, (len(images), *map(len, pieces))

    def lengths(self) -> tuple[int, ...]:
        """How many pieces are of images, and how long each of all the pieces is in `whole`."""
        images, shards = ([len(each.packed) for each in chunks] for chunks in (self.images, self.shards))
        return (len(images), len(self._first), *images, len(self._middle), *shards)

    def contents(self, *, squeezed: bool) -> tuple[Contents, Contents]:
        """What is kept of the images and of the shards."""
        found = self._contents.get(squeezed)
        if found is None:
            images, shards = Contents(self.state.images), Contents(self.state.shards)
            for contents, chunks in ((images, self.images), (shards, self.shards)):
                contents.add({each.squeezed if squeezed else each.packed: each for each in chunks})
            found = self._contents[squeezed] = images, shards
        return found


class Contents:
    """The chunks of a map by what is kept of them, and the whole of it."""

    __slots__ = ("by_content", "pieces", "records")

    def __init__(self, records: Mapping[str, Any]) -> None:
        self.records = records
        self.by_content: dict[bytes, Chunk] = {}
        self.pieces: list[bytes] = []

    def add(self, chunks: dict[bytes, Chunk]) -> None:
        """Take the chunks of all records, in their order."""
        self.by_content = chunks
        self.pieces = list(chunks)


def pack_state(state: State, before: PackedState | None = None) -> PackedState:
    """A whole state as operations and the cache carry it. What is the very same record in the state of `before` is not
    packed again."""
    images, shards = (before.images, before.shards) if before else ((), ())
    if before is None or state.images is not before.state.images:
        images = _cut(state.images, images, STATES.encode)
    if before is None or state.shards is not before.state.shards:
        shards = _cut(state.shards, shards, _same)
    others = STATES.encode(state._replace(images={}, shards={}))
    return PackedState(state, map_header(len(others) + 2) + _without_header(others), images, shards)


def _cut(records: Mapping[str, Any], before: Iterable[Chunk], encode: Callable[[Any], Any]) -> list[Chunk]:
    """The chunks of a map; those of `before` that are still right are the same."""
    known = {chunk.keys[0]: chunk for chunk in before}
    keys, values = tuple(records), tuple(records.values())
    chunks: list[Chunk] = []
    start = 0
    while start < len(keys):
        chunk = known.get(keys[start])
        if chunk is None or not _goes_on(chunk, keys, values, start):
            end = _end_of(keys, start)
            fields = dict(zip(keys[start:end], map(encode, values[start:end]), strict=True))
            chunk = Chunk(keys[start:end], values[start:end], _without_header(fields))
        chunks.append(chunk)
        start += len(chunk.keys)
    return chunks


def _goes_on(chunk: Chunk, keys: tuple[str, ...], values: tuple[Any, ...], start: int) -> bool:
    """Whether a chunk is what stands at `start`: the very same values, for what is equal may be packed otherwise."""
    end = start + len(chunk.keys)
    if keys[start:end] != chunk.keys or not (chunk.is_closed or end == len(keys)):
        return False
    return all(map(is_, values[start:end], chunk.values))


def _end_of(keys: tuple[str, ...], start: int) -> int:
    return next((place + 1 for place in range(start, len(keys)) if _is_border(keys[place])), len(keys))


def _is_border(key: str) -> bool:
    return crc32(key.encode("utf-8", "surrogatepass")) % _BORDERS == 0


def unpack_state(
    content: bytes, lengths: Sequence[int], known: PackedState, number: int, *, squeezed: bool
) -> State | None:
    """The state in the `content` of operation `number`: records that `known` has in the same bytes are its own. None
    where the pieces do not say what the whole may. Raises ValueError for what does not fit."""
    pieces = list(_split(content, lengths[1:], squeezed=squeezed))
    middle = lengths[0] + 1
    if not 0 < middle < len(pieces):
        return None
    read = _unsqueezed if squeezed else _same
    known_images, known_shards = known.contents(squeezed=squeezed)
    fields = unpack_fields(read(pieces[0]), without=2)
    images = _records(pieces[1:middle], known_images, read, _images_of)
    shards = _records(pieces[middle + 1 :], known_shards, read, _shards_of)
    return STATES.decode(State, fields, number)._replace(images=images, shards=shards)


def _split(content: bytes, lengths: Iterable[int], *, squeezed: bool) -> Iterator[bytes]:
    place = len(_BEGIN) if squeezed else 0
    for length in lengths:
        yield content[place : place + length]
        place += length
    if place + (len(_LAST) + _CHECKSUM if squeezed else 0) != len(content):
        raise ValueError("its pieces are not as long as the whole")


def _records(
    pieces: list[bytes],
    known: Contents,
    read: Callable[[bytes], bytes],
    decode: Callable[[dict[str, Any]], dict[str, Any]],
) -> Mapping[str, Any]:
    if pieces == known.pieces:
        return known.records
    records: dict[str, Any] = {}
    for piece in pieces:
        chunk = known.by_content.get(piece)
        if chunk is None:
            found = decode(unpack_pairs(read(piece)))
            chunk = known.by_content[piece] = Chunk(tuple(found), tuple(found.values()), b"")
        records.update(zip(chunk.keys, chunk.values, strict=True))
    return records


def _images_of(fields: dict[str, Any]) -> dict[str, Any]:
    return STATES.decode_map(Image, fields)


def _shards_of(fields: dict[str, Any]) -> dict[str, Any]:
    return dict(STATES.decode(State, {"client_id": "", "shards": fields}, 0).shards)


def _without_header(fields: Mapping[str, Any]) -> bytes:
    """The keys and values of a map, packed."""
    return pack(fields)[len(map_header(len(fields))) :]


def _squeezed(data: bytes) -> bytes:
    """A part of a deflate stream. Its window is as large as a chunk: the usual one takes as long to be made as a chunk
    takes to be squeezed."""
    import zlib

    squeezing = zlib.compressobj(1, zlib.DEFLATED, -_WINDOW_BITS, _MEMORY)
    return squeezing.compress(data) + squeezing.flush(zlib.Z_FULL_FLUSH)


def _stored(data: bytes) -> bytes:
    """The same of what is too short to be squeezed: a block as it is, with its length and that turned round."""
    if len(data) > _SHORT:
        return _squeezed(data)
    length = len(data)
    return b"\x00" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + data


def _unsqueezed(piece: bytes) -> bytes:
    import zlib

    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(piece)
    except zlib.error as error:
        raise ValueError(f"a piece of its state cannot be decompressed ({error})") from error


def _same(value: Any) -> Any:
    return value
