"""The text of state.toml, made of what was its text before: only what a change touched is rendered again.

# The registry of stui ...
schema, client_id, head
[contexts.default] ...
[images.alpha] ...              a record is a text of its own, and the chunks of a state (store/chunks.py)
[images.beta] ...               have those of their records
[shards]
...
# This is the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.model.state import State
from stui_cli.store.chunks import Chunk, PackedState, pack_state
from stui_cli.store.encoding import STATES
from stui_cli.store.envelope import pack, unpack_all
from stui_cli.store.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

SCHEMA = 1

# A table that is missing at the end would be read as one that is empty, so the last line tells that nothing is. It is a
# comment: whoever edits the file may add tables after it, and an older stui neither minds it nor promises it.
PROMISE = "# Its end is a line of its own."
END = "# This is the end."
_ABOUT = (
    f"# The registry of stui: see stui images, stui switch, stui log. Change it by hand only if you must.\n{PROMISE}\n"
)
_SHARDS = b"[shards]\n"

# What stands between two records: between images an empty line.
_BETWEEN_IMAGES, _BETWEEN_SHARDS = b"\n", b""


class Rendered:
    """A state in pieces with the text of each record. `starts` is where the images and the shards begin in the text."""

    __slots__ = ("contexts", "packed", "starts")

    def __init__(self, packed: PackedState, contexts: Mapping[str, str], starts: tuple[int, int] = (0, 0)) -> None:
        self.packed = packed
        self.contexts = contexts
        self.starts = starts

    def chunks(self) -> bytes:
        """What `rendered_before` makes the same of, given the text and the packed state."""
        rows = [_row(chunk) for chunks in (self.packed.images, self.packed.shards) for chunk in chunks]
        starts = (*self.starts, *self.packed.starts, len(self.packed.images))
        return b"".join((pack([starts, self.contexts]), *rows))


NOTHING_RENDERED = Rendered(PackedState(State(), b"", (), ()), {})


def render(state: State, before: Rendered) -> tuple[bytes, Rendered]:
    """The text of `state`, rendering only what `before` does not have."""
    packed = pack_state(state, before.packed)
    _render_chunks(packed.images, before.packed.images, _BETWEEN_IMAGES, _image_text)
    _render_chunks(packed.shards, before.packed.shards, _BETWEEN_SHARDS, _shard_text)
    contexts = dict(_context_texts(state, before))
    fields = {"schema": SCHEMA, "client_id": state.client_id, "head": state.head, **state.extra}
    head = _encoded("".join(f"{each}\n" for each in (_ABOUT, toml_text(fields), *contexts.values())))
    images, shards = _texts(packed.images, _BETWEEN_IMAGES), _texts(packed.shards, _BETWEEN_SHARDS)
    data = b"".join((head, *images, _SHARDS, *shards, b"\n", _encoded(f"{END}\n")))
    starts = len(head), len(head) + sum(map(len, images)) + len(_SHARDS)
    return data, Rendered(packed, contexts, starts)


def rendered_before(state: State, data: bytes, packed: bytes, chunks: bytes) -> Rendered:
    """What was rendered as `data`, and is `packed`, from what `chunks` says of both: nothing where it fits neither."""
    try:
        (starts, contexts), *rows = unpack_all(chunks)
        images_at, shards_at, packed_images, packed_shards, count = starts
        if data[shards_at - len(_SHARDS) : shards_at] != _SHARDS:
            return NOTHING_RENDERED
        images = _chunks(state.images, rows[:count], (data, images_at), (packed, packed_images), _BETWEEN_IMAGES)
        shards = _chunks(state.shards, rows[count:], (data, shards_at), (packed, packed_shards), _BETWEEN_SHARDS)
        return Rendered(PackedState(state, b"", list(images), list(shards)), contexts, (images_at, shards_at))
    except (TypeError, ValueError):  # of another stui
        return NOTHING_RENDERED


def _row(chunk: Chunk) -> bytes:
    if chunk.row is None:
        sizes = len(chunk.keys), len(chunk.packed), chunk.known_squeezed, len(chunk.text or b"")
        chunk.row = pack((*sizes, chunk.lengths))
    return chunk.row


def _chunks(
    records: Mapping[str, Any],
    rows: Iterable[Sequence[Any]],
    text: tuple[bytes, int],
    packed: tuple[bytes, int],
    between: bytes,
) -> Iterator[Chunk]:
    keys, values = tuple(records), tuple(records.values())
    (data, at), (content, place), first = text, packed, 0
    for count, size, squeezed, length, lengths in rows:
        last = first + count
        chunk = Chunk(keys[first:last], values[first:last], content[place : place + size], squeezed)
        chunk.text, chunk.lengths = data[at : at + length], tuple(lengths)
        yield chunk
        first, place, at = last, place + size, at + length + len(between)


def _texts(chunks: Iterable[Chunk], between: bytes) -> list[bytes]:
    return [each for chunk in chunks for each in (chunk.text or b"", between)]


def _render_chunks(
    chunks: Iterable[Chunk], before: Iterable[Chunk], between: bytes, render_one: Callable[[str, Any], bytes]
) -> None:
    """Give those that are new their texts: what of a record is the same as before has its text already."""
    new = [chunk for chunk in chunks if chunk.text is None]
    if not new:
        return
    kept = {id(chunk) for chunk in chunks}
    known = {key: found for chunk in before if id(chunk) not in kept for key, *found in _texts_of(chunk, between)}
    for chunk in new:
        texts = []
        for key, value in zip(chunk.keys, chunk.values, strict=True):
            formerly, text = known.get(key, (None, b""))
            texts.append(text if formerly is value else render_one(key, value))
        chunk.text, chunk.lengths = between.join(texts), tuple(map(len, texts))


def _texts_of(chunk: Chunk, between: bytes) -> Iterator[tuple[str, Any, bytes]]:
    place = 0
    for key, value, length in zip(chunk.keys, chunk.values, chunk.lengths, strict=True):
        yield key, value, (chunk.text or b"")[place : place + length]
        place += length + len(between)


def _image_text(name: str, image: Any) -> bytes:
    return _encoded(toml_text({"images": {name: STATES.encode(image)}}))


def _shard_text(image_id: str, sha256: Any) -> bytes:
    return _encoded(toml_text({image_id: sha256}))


def _context_texts(state: State, before: Rendered) -> Iterator[tuple[str, str]]:
    for scope, context in state.contexts.items():
        kept = before.contexts.get(scope) if before.packed.state.contexts.get(scope) is context else None
        yield scope, kept if kept is not None else toml_text({"contexts": {scope: STATES.encode(context)}})


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
