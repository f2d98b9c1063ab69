"""MessagePack with limits: encoding one message, and cutting a byte stream into messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgpack

from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, RemoteProtocolError
from stui_cli.protocol.limits import DEFAULT_LIMITS, WireLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """Cuts a stream of bytes into messages; raises RemoteProtocolError for anything that is none."""

    def __init__(self, limits: WireLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._unpacker = msgpack.Unpacker(
            max_buffer_size=max(limits.message, DEFAULT_LIMITS.message) + _SLICE,
            strict_map_key=False,
            unicode_errors="surrogateescape",
            ext_hook=_extension,
            object_pairs_hook=_map,
        )
        self._consumed = 0
        self._fed = 0

    def allow(self, limits: WireLimits) -> None:
        """From now on other limits hold."""
        self._limits = limits

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield each message that `data` completes."""
        for start in range(0, len(data), _SLICE):
            part = data[start : start + _SLICE]
            self._fed += len(part)
            self._unpacker.feed(part)
            yield from self._complete()
            self._check_size(self._fed)

    def _complete(self) -> Iterator[Message]:
        while True:
            try:
                value = self._unpacker.unpack()
            except msgpack.OutOfData:
                return
            # MemoryError: a few bytes can announce arrays of millions.
            except (msgpack.UnpackException, ValueError, TypeError, RecursionError, MemoryError) as error:
                told = f"bytes that are no MessagePack: {str(error) or type(error).__name__}"
                raise RemoteProtocolError(told, _code_of(error)) from error
            self._check_size(end := self._unpacker.tell())
            self._consumed = end
            too_deep, flaw = _surveyed(value, self._limits.depth)
            if too_deep:
                raise RemoteProtocolError(
                    f"a message nested deeper than {self._limits.depth} levels", ErrorCode.LIMIT_EXCEEDED
                )
            yield Message(value, flaw)

    def _check_size(self, end: int) -> None:
        if end - self._consumed > self._limits.message:
            raise RemoteProtocolError(
                f"a message over the limit of {self._limits.message:,} bytes", ErrorCode.LIMIT_EXCEEDED
            )


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
                below.extend(i for i in item if isinstance(i, _NOTEWORTHY))
            elif isinstance(item, dict):
                below.extend(i for i in item.values() if isinstance(i, _NOTEWORTHY))
                below.extend(i for i in item if isinstance(i, _NOTEWORTHY))
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
