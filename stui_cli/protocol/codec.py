"""MessagePack with limits: encoding one message, and cutting a byte stream into messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgpack

from stui_cli.protocol.faults import LocalProtocolError, RemoteProtocolError
from stui_cli.protocol.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

# Fed in slices, so that the buffer never holds more than one unfinished message and one slice, however much
# a peer sends in one go.
_SLICE = 64 * 1024


def encode(message: object, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """One message as bytes. Raises LocalProtocolError for what MessagePack cannot say or a limit forbids."""
    if _deeper_than(message, limits.depth):
        raise LocalProtocolError(f"a message nested deeper than {limits.depth} levels")
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

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._unpacker = msgpack.Unpacker(
            max_buffer_size=limits.message + _SLICE,
            strict_map_key=False,
            unicode_errors="surrogateescape",
            ext_hook=_refuse_extension,
        )
        self._consumed = 0
        self._fed = 0

    def feed(self, data: bytes) -> Iterator[object]:
        """Yield each message that `data` completes."""
        for start in range(0, len(data), _SLICE):
            part = data[start : start + _SLICE]
            self._fed += len(part)
            self._unpacker.feed(part)
            yield from self._complete()
            if self._fed - self._consumed > self._limits.message:
                raise RemoteProtocolError(f"a message over the limit of {self._limits.message:,} bytes")

    def _complete(self) -> Iterator[object]:
        while True:
            try:
                message = self._unpacker.unpack()
            except msgpack.OutOfData:
                return
            except (msgpack.UnpackException, ValueError, TypeError, RecursionError) as error:
                raise RemoteProtocolError(f"bytes that are no MessagePack: {error or type(error).__name__}") from error
            self._consumed = self._unpacker.tell()
            if _deeper_than(message, self._limits.depth):
                raise RemoteProtocolError(f"a message nested deeper than {self._limits.depth} levels")
            yield message


def _refuse_extension(code: int, data: bytes) -> object:
    del data
    raise ValueError(f"extension type {code}, which stui protocol 1 does not use")


def _deeper_than(value: object, levels: int) -> bool:
    """Whether arrays and maps nest deeper than `levels`; looks level by level, so that its own depth is one."""
    level = [value]
    for _ in range(levels + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, (list, tuple)):
                below.extend(i for i in item if isinstance(i, (list, tuple, dict)))
            elif isinstance(item, dict):
                below.extend(i for i in item.values() if isinstance(i, (list, tuple, dict)))
        if not below:
            return False
        level = below
    return True
