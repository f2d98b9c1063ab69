"""state.toml, the truth that a person can read, and its cache.

With 1,000 images parsing the TOML costs 60 ms and writing it as much. So the cache keeps the same state as MessagePack,
together with the fingerprint (size, CRC-32) of the state.toml it was made from, and with the TOML text of each record,
so that a change renders only what it changed. A state.toml edited by hand has another fingerprint: it is parsed itself.
Time and inode would not do: two versions of one size within a tick of the clock (4 ms) can have both in common, and
one process would then overwrite what another had just committed. Reading 1,000 images for it costs 0.2 ms.
"""

from __future__ import annotations

import errno
import os
from binascii import crc32
from operator import index
from typing import TYPE_CHECKING, Any

from stui_cli.model.state import State
from stui_cli.store.encoding import STATE_FILE, STATES, TOO_DEEP, Fields, checked_depth
from stui_cli.store.files.disk import NO_PLAIN_FILE, exists
from stui_cli.store.problems import Damaged, Newer, checked_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home

SCHEMA = 1

# What tells one version of state.toml from another: its size and CRC-32. A class of its own would cost every start
# 0.06 ms.
Fingerprint = tuple[int, int]

# A table that is missing at the end would be read as one that is empty, so the last line tells that nothing is. It is a
# comment: whoever edits the file may add tables after it, and an older stui neither minds it nor promises it.
_PROMISE = "# Its end is a line of its own."
_END = "# This is the end."
_ABOUT = (
    f"# The registry of stui: see stui images, stui switch, stui log. Change it by hand only if you must.\n{_PROMISE}\n"
)


class Rendered:
    """The TOML text of a state, in pieces: one per image and context, one for all shards."""

    __slots__ = ("contexts", "images", "shards", "state")

    def __init__(self, state: State, images: dict[str, str], contexts: dict[str, str], shards: str) -> None:
        self.state = state
        self.images = images
        self.contexts = contexts
        self.shards = shards


class Loaded:
    """A state as read. `fingerprint` is that of the state.toml it belongs to. `names_of` is the operation that the
    names for completion should be of: the last one that changed any; None where that is not known."""

    __slots__ = ("_texts", "fingerprint", "names_of", "state")

    def __init__(
        self, state: State, texts: bytes | None, fingerprint: Fingerprint, names_of: int | None = None
    ) -> None:
        self.state = state
        self.names_of = names_of
        self.fingerprint = fingerprint
        self._texts = texts

    def rendered(self) -> Rendered:
        """The text of each record, as far as it is known."""
        if self._texts is None:
            return Rendered(State(), {}, {}, "")
        from stui_cli.store.envelope import unpack

        return Rendered(self.state, *unpack(self._texts))


def load(home: Home, disk: Disk, known: Loaded | None = None) -> Loaded | None:
    """The state, None if there is no store yet. Takes no lock: state.toml is replaced whole.

    `known` is what was read before; it is answered again while state.toml is the same. Raises Damaged, Newer, or
    OSError.
    """
    try:
        data = disk.read(home.state)
    except FileNotFoundError:
        if _has_operations(home):
            raise Damaged(home.state, "it is missing, though there are operations") from None
        return None
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.EISDIR):
            raise Damaged(home.state, NO_PLAIN_FILE) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EIO):  # the log may still have what it said
            raise Damaged(home.state, f"it cannot be read ({error.strerror})") from error
        raise
    loaded = _loaded(home, disk, data, known)
    head = loaded.state.head
    # One operation above the head is what a killed process leaves; two mean that state.toml was put back, unless it was
    # replaced while it was read.
    if exists(home.operation(head + 2)):
        if disk.read(home.state) != data:
            return load(home, disk)
        raise Damaged(home.state, f"it stops at operation {head}, but the log goes on")
    return loaded


def _loaded(home: Home, disk: Disk, data: bytes, known: Loaded | None) -> Loaded:
    fingerprint = len(data), crc32(data)
    if known is not None and known.fingerprint == fingerprint:
        return known
    cached = _read_cache(home, disk)
    if cached is not None and cached.fingerprint == fingerprint:
        return cached
    return Loaded(parse_state(home.state, data), None, fingerprint)


def parse_state(path: str, data: bytes) -> State:
    """The state that the text of a state.toml says. Raises Damaged, or Newer."""
    import tomllib

    try:
        # surrogatepass, here and in writing: an address may hold what the user's shell passed, Unicode or not.
        raw = tomllib.loads(data.decode("utf-8", "surrogatepass"))
        if not raw:
            raise ValueError("it is empty")
        checked_depth(raw)
        is_whole = "shards" in raw
        checked_schema(path, raw.pop("schema", None), SCHEMA)
        state = STATE_FILE.decode(State, raw)
        if state.head < 0:
            raise ValueError("head is no operation's number")
        _checked_end(data, is_whole or not state.head)
        return state
    except RecursionError as error:
        raise Damaged(path, TOO_DEEP) from error
    except ValueError as error:  # of TOML, of UTF-8, and of our own
        raise Damaged(path, str(error)) from error


def _checked_end(data: bytes, has_last_table: bool) -> None:
    """Raises ValueError for a file that is cut off between two tables, which reads well and says less."""
    lines = data.splitlines()
    if _PROMISE.encode() in lines[:5]:
        if _END.encode() not in lines:
            raise ValueError(f"its end is cut off (if it is not, put back the last line: {_END})")
    elif not has_last_table:  # the file of an earlier stui
        raise ValueError("its end is cut off: it has no table [shards]")


def render(state: State, before: Rendered) -> tuple[bytes, Rendered]:
    """The text of `state`, rendering only what `before` does not have."""
    rendered = Rendered(
        state,
        _texts("images", state.images, before.state.images, before.images),
        _texts("contexts", state.contexts, before.state.contexts, before.contexts),
        before.shards
        if before.shards and state.shards == before.state.shards
        else _dumps({"shards": dict(state.shards)}),
    )
    head = {"schema": SCHEMA, "client_id": state.client_id, "head": state.head, **state.extra}
    records = (*rendered.contexts.values(), *rendered.images.values())
    pieces = [_ABOUT, _dumps(head), *records, rendered.shards, f"{_END}\n"]
    return "\n".join(pieces).encode("utf-8", "surrogatepass"), rendered


def write_cache(home: Home, disk: Disk, data: bytes, rendered: Rendered, packed: bytes, names_of: int | None) -> None:
    """Keep the state whose text is `data`, `packed` as the operation carries it, for quick reading.

    Not synced: a cache that is lost or torn is made again.
    """
    from stui_cli.store.envelope import pack, seal

    texts = pack([rendered.images, rendered.contexts, rendered.shards])
    body: Fields = {"fingerprint": (len(data), crc32(data)), "head": rendered.state.head, "names_of": names_of}
    body |= {"state": packed, "texts": texts}
    disk.replace(home.cache, seal(body), durable=False)


def cached_state(home: Home, disk: Disk) -> State | None:
    """The state in the cache, whether or not it belongs to state.toml: for when nothing else is left."""
    cached = _read_cache(home, disk)
    return None if cached is None else cached.state


def _read_cache(home: Home, disk: Disk) -> Loaded | None:
    from stui_cli.store.envelope import unpack, unseal

    try:
        body = unseal(home.cache, disk.read(home.cache))
        state = STATES.decode(State, unpack(body["state"]), index(body["head"]))
        size, checksum = body["fingerprint"]
        return Loaded(state, body["texts"], (size, checksum), body.get("names_of"))
    except (Damaged, Newer, OSError, KeyError, TypeError, ValueError):
        return None  # whatever is wrong with a cache, state.toml has it right


def _has_operations(home: Home) -> bool:
    try:
        return any(name.endswith(".msgpack") for name in os.listdir(home.operations))
    except FileNotFoundError:
        return False


def _texts(
    section: str,
    records: Mapping[str, Any],
    old_records: Mapping[str, Any],
    old_texts: dict[str, str],
) -> dict[str, str]:
    texts = {}
    for key, record in records.items():
        kept = old_texts.get(key) if old_records.get(key) is record else None
        texts[key] = kept if kept is not None else _dumps({section: {key: STATES.encode(record)}})
    return texts


def _dumps(table: dict[str, Any]) -> str:
    from stui_cli.store.toml_text import toml_text

    return toml_text(table)
