"""MessagePack with limits: encoding one message, and cutting a byte stream into messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgpack

from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, RemoteProtocolError
from stui_cli.protocol.limits import DEFAULT_LIMITS, WireLimits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# A message of so many bytes at most, with so few items in each of its arrays and maps, is read in one go where nothing
# else came with it; nearly every one is such. That takes a third of the time, and what it announces costs little. Any
# other is read by the careful way, which has the last word on what is no message, too.
_SMALL, _FEW = 4096, 64

# Fed in slices, so that the buffer never holds more than one unfinished message and one slice, however much
# a peer sends in one go.
_SLICE = 64 * 1024


class Message(NamedTuple):
    """One message that was framed well. `flaw` says what in it stui protocol 1 cannot use, "" if nothing."""

    value: object
    flaw: str = ""


class Unusable:
    """Stands in a decoded message for what MessagePack can say and this protocol does not use. No tuple, which an array
    could be taken for."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unusable) and other.what == self.what

    def __hash__(self) -> int:
        return hash(self.what)


# Timestamp is the one extension that the library knows by itself.
_NOTEWORTHY = (list, tuple, dict, Unusable, msgpack.Timestamp)


def encode(message: object, limits: WireLimits = DEFAULT_LIMITS) -> bytes:
    """One message as bytes. Raises LocalProtocolError for what MessagePack cannot say or a limit forbids."""
    too_deep, flaw = _surveyed(message, limits.depth)
    if too_deep:
        raise LocalProtocolError(f"a message nested deeper than {limits.depth} levels")
    if flaw:
        raise LocalProtocolError(f"{flaw}, which stui protocol 1 does not use")
    try:
        # surrogateescape: text that an image sent as invalid UTF-8 goes back as the same bytes.
        data: bytes = msgpack.packb(message, unicode_errors="surrogateescape")
    except (TypeError, ValueError, OverflowError) as error:
        raise LocalProtocolError(f"a value that MessagePack cannot carry: {error}") from error
    if len(data) > limits.message:
        raise LocalProtocolError(f"a message of {len(data):,} bytes; the limit is {limits.message:,}")
    return data


class Decoder:
    """Cuts a stream of bytes into messages; raises RemoteProtocolError for anything that is none.

    Nothing is built before a message is there whole: what a header announces costs nothing until it has come. What of
    a message is built then is bounded by its values, not by its bytes alone.
    """

    def __init__(self, limits: WireLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._held = bytearray()  # what is not a whole message yet
        # Only finds where messages end: it skips them. Made for the first that is not small: it takes 15 us and 1 MB.
        self._ends: msgpack.Unpacker | None = None
        self._consumed = 0

    def allow(self, limits: WireLimits) -> None:
        """From now on other limits hold."""
        self._limits = limits

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield each message that `data` completes."""
        if not self._held and (message := self._small(data)) is not None:
            yield message
            return
        if self._ends is None:
            most = max(self._limits.message, DEFAULT_LIMITS.message)
            self._ends = msgpack.Unpacker(max_buffer_size=most + _SLICE)
        for start in range(0, len(data), _SLICE):
            part = data[start : start + _SLICE]
            self._held += part
            self._ends.feed(part)
            yield from self._complete(self._ends)
            self._check_size(self._announced())

    def _small(self, data: bytes) -> Message | None:
        """The one small message that `data` is; None if it is not just that."""
        if len(data) > min(_SMALL, self._limits.message, self._limits.values):
            return None
        try:
            value = msgpack.unpackb(
                data,
                strict_map_key=False,
                unicode_errors="surrogateescape",
                ext_hook=_extension,
                max_array_len=_FEW,
                max_map_len=_FEW,
            )
        except _NO_MESSAGE:
            return None
        too_deep, flaw = _surveyed(value, self._limits.depth)
        return None if too_deep else Message(value, flaw)

    def _complete(self, ends: msgpack.Unpacker) -> Iterator[Message]:
        while True:
            try:
                ends.skip()
            except msgpack.OutOfData:
                return
            except _NO_MESSAGE as error:
                raise _no_message(error) from error
            size = ends.tell() - self._consumed
            self._check_size(size)
            self._consumed += size
            value = self._built(self._held if size == len(self._held) else self._held[:size])
            del self._held[:size]
            too_deep, flaw = _surveyed(value, self._limits.depth)
            if too_deep:
                raise RemoteProtocolError(
                    f"a message nested deeper than {self._limits.depth} levels", ErrorCode.LIMIT_EXCEEDED
                )
            yield Message(value, flaw)

    def _built(self, message: bytearray) -> object:
        """The value of a whole message."""
        most = self._limits.values
        if len(message) > most and _has_more_values(message, most):  # each takes a byte at least
            raise RemoteProtocolError(f"a message of more than {most:,} values", ErrorCode.LIMIT_EXCEEDED)
        try:
            return msgpack.unpackb(
                message,
                strict_map_key=False,
                unicode_errors="surrogateescape",
                ext_hook=_extension,
                object_pairs_hook=_map,
            )
        except _NO_MESSAGE as error:
            raise _no_message(error) from error

    def _announced(self) -> int:
        """How many bytes the message that is not whole has, at least: those that are here, or one for each item of an
        array that it announces."""
        held = self._held
        items = int.from_bytes(held[1:5], "big") if len(held) >= 5 and held[0] in _LONG_ARRAY_OR_MAP else 0
        return max(len(held), items)

    def _check_size(self, size: int) -> None:
        if size > self._limits.message:
            raise RemoteProtocolError(
                f"a message over the limit of {self._limits.message:,} bytes", ErrorCode.LIMIT_EXCEEDED
            )


# What the library raises for bytes that are no message.
_NO_MESSAGE = (msgpack.UnpackException, ValueError, TypeError, RecursionError, MemoryError)

# The first bytes of an array and of a map whose length has four bytes.
_LONG_ARRAY_OR_MAP = (0xDD, 0xDF)


def _no_message(error: Exception) -> RemoteProtocolError:
    told = f"bytes that are no MessagePack: {str(error) or type(error).__name__}"
    return RemoteProtocolError(told, _code_of(error))


def _sizes() -> Iterator[tuple[int, int]]:
    """What each first byte of a value says: how many bytes stand before its items, or before the next value; and how
    many of them, after the first, tell a length that comes on top. From the table of formats of the MessagePack
    specification."""
    lengths = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
    fixed = {0xCA: 5, 0xCB: 9, 0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9, 0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9}
    fixed |= {0xD4: 3, 0xD5: 4, 0xD6: 6, 0xD7: 10, 0xD8: 18, 0xDC: 3, 0xDD: 5, 0xDE: 3, 0xDF: 5}
    for head in range(256):
        if head in lengths:
            with_type = 0xC7 <= head <= 0xC9  # an extension
            yield 1 + lengths[head] + with_type, lengths[head]
        elif 0xA0 <= head <= 0xBF:  # a short text
            yield 1 + (head & 0x1F), 0
        else:
            yield fixed.get(head, 1), 0


def _has_more_values(message: bytearray, most: int) -> bool:
    """Whether a whole message has more than `most` values. Builds none of them; a million take 0.1 s, and a long text
    as little as a short one."""
    sizes, end = tuple(_sizes()), len(message)
    at = count = 0
    while at < end:
        count += 1
        if count > most:
            return True
        size, length = sizes[message[at]]
        if length:
            size += int.from_bytes(message[at + 1 : at + 1 + length], "big")
        at += size
    return False


def _code_of(error: Exception) -> ErrorCode:
    """The library has limits of its own: of nesting, of which it tells by the type, and of sizes, by a word."""
    beyond = isinstance(error, (msgpack.StackError, RecursionError, MemoryError)) or "exceeds" in str(error)
    return ErrorCode.LIMIT_EXCEEDED if beyond else ErrorCode.INVALID_REQUEST


def _extension(code: int, data: bytes) -> object:
    del data
    return Unusable(f"a value of extension type {code}")


def _map(pairs: list[tuple[object, object]]) -> object:
    try:
        return dict(pairs)
    except TypeError:  # Python finds no place for it, and no map of this protocol is keyed so
        return Unusable("a map keyed by an array or a map")


def _surveyed(value: object, levels: int) -> tuple[bool, str]:
    """Whether arrays and maps nest deeper than `levels`, and what in them is unusable.

    Looks level by level, so that its own depth is one.
    """
    flaw = ""
    level: list[object] = [value]
    for depth in range(levels + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, (list, tuple)):
                below += _noteworthy_in(item)
            elif isinstance(item, dict):
                below += _noteworthy_in(item.values())
                below += _noteworthy_in(item)
            elif isinstance(item, Unusable):
                flaw = flaw or item.what
            elif isinstance(item, msgpack.Timestamp):
                flaw = flaw or "a value of extension type -1"
        if depth == levels and any(isinstance(item, (list, tuple, dict)) for item in level):
            return True, flaw
        if not below:
            break
        level = below
    return False, flaw


_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})


def _noteworthy_in(items: Collection[object]) -> list[object]:
    if _PLAIN.issuperset(map(type, items)):  # as nearly all are, and this is three times as quick
        return []
    return [item for item in items if isinstance(item, _NOTEWORTHY)]
