"""state.toml, the truth that a person can read, and its cache.

With 1,000 images parsing the TOML costs 60 ms and writing it as much. So the cache keeps the same state as MessagePack,
together with the fingerprint (size, CRC-32) of the state.toml it was made from, and where each record stands in it, so
that a change renders only what it changed. A state.toml edited by hand has another fingerprint: it is parsed itself.
Time and inode would not do: two versions of one size within a tick of the clock (4 ms) can have both in common, and
one process would then overwrite what another had just committed. Reading 1,000 images for it costs 0.2 ms.
"""

from __future__ import annotations

import errno
import os
from binascii import crc32
from operator import index
from typing import TYPE_CHECKING

from stui_cli.model.state import State
from stui_cli.store.encoding import STATE_FILE, STATES, TOO_DEEP, checked_depth
from stui_cli.store.files.disk import NO_PLAIN_FILE, exists
from stui_cli.store.problems import Damaged, Newer, checked_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home
    from stui_cli.store.files.state_text import Rendered

# What tells one version of state.toml from another: its size and CRC-32. A class of its own would cost every start
# 0.06 ms.
Fingerprint = tuple[int, int]


class Loaded:
    """A state as read. `fingerprint` is that of the state.toml it belongs to. `names_of` is the operation that the
    names for completion should be of: the last one that changed any; None where that is not known."""

    __slots__ = ("_rendered", "fingerprint", "names_of", "state")

    def __init__(
        self,
        state: State,
        fingerprint: Fingerprint,
        names_of: int | None = None,
        rendered: Callable[[], Rendered] | None = None,
    ) -> None:
        self.state = state
        self.names_of = names_of
        self.fingerprint = fingerprint
        self._rendered: Rendered | Callable[[], Rendered] | None = rendered

    def rendered(self) -> Rendered:
        """The state in pieces, with the text of each record, as far as that is known."""
        from stui_cli.store.files.state_text import NOTHING_RENDERED, Rendered

        if not isinstance(self._rendered, Rendered):
            self._rendered = self._rendered() if self._rendered else NOTHING_RENDERED
        return self._rendered


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
    fingerprint = fingerprint_of(data)
    if known is not None and known.fingerprint == fingerprint:
        return known
    cached = _read_cache(home, disk, data)
    if cached is not None and cached.fingerprint == fingerprint:
        return cached
    return Loaded(parse_state(home.state, data), fingerprint)


def fingerprint_of(data: bytes) -> Fingerprint:
    """That of a text of state.toml."""
    return len(data), crc32(data)


def parse_state(path: str, data: bytes) -> State:
    """The state that the text of a state.toml says. Raises Damaged, or Newer."""
    import tomllib

    from stui_cli.store.files.state_text import SCHEMA

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
    from stui_cli.store.files.state_text import END, PROMISE

    lines = data.splitlines()
    if PROMISE.encode() in lines[:5]:
        if END.encode() not in lines:
            raise ValueError(f"its end is cut off (if it is not, put back the last line: {END})")
    elif not has_last_table:  # the file of an earlier stui
        raise ValueError("its end is cut off: it has no table [shards]")


def write_cache(home: Home, disk: Disk, fingerprint: Fingerprint, rendered: Rendered, names_of: int | None) -> None:
    """Keep a state for quick reading, whose text has this fingerprint.

    Neither synced nor put there whole: a cache that is lost or torn counts as none, and is made again.
    """
    from stui_cli.store.envelope import seal_with

    fields = {"fingerprint": fingerprint, "head": rendered.packed.state.head, "names_of": names_of}
    content = seal_with(fields, {"state": rendered.packed.whole, "chunks": rendered.chunks()})
    try:
        disk.put_in_place(home.cache, content)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO):  # a link, or no plain file
            raise
        disk.replace(home.cache, content, durable=False)


def cached_state(home: Home, disk: Disk) -> State | None:
    """The state in the cache, whether or not it belongs to state.toml: for when nothing else is left."""
    cached = _read_cache(home, disk, b"")
    return None if cached is None else cached.state


def _read_cache(home: Home, disk: Disk, data: bytes) -> Loaded | None:
    """What the cache says; `data` is the text that it may belong to."""
    from stui_cli.store.envelope import unpack, unseal

    try:
        body = unseal(home.cache, disk.read(home.cache))
        packed, chunks = body["state"], body["chunks"]
        state = STATES.decode(State, unpack(packed), index(body["head"]))
        size, checksum = body["fingerprint"]
    except (Damaged, Newer, OSError, KeyError, TypeError, ValueError):
        return None  # whatever is wrong with a cache, state.toml has it right

    def rendered() -> Rendered:
        from stui_cli.store.files.state_text import rendered_before

        return rendered_before(state, data, packed, chunks)

    return Loaded(state, (size, checksum), body.get("names_of"), rendered)


def _has_operations(home: Home) -> bool:
    try:
        return any(name.endswith(".msgpack") for name in os.listdir(home.operations))
    except FileNotFoundError:
        return False
