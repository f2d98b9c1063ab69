"""The outermost layer of everything that the store keeps as MessagePack: its schema, and a checksum over the rest.

A flipped bit in a MessagePack text still parses; without the checksum it would be believed.
"""

from __future__ import annotations

from binascii import crc32
from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgpack

from stui_cli.model.errors import StoreProblem
from stui_cli.store.problems import Damaged, checked_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SCHEMA = 1

# Of a map that is read item by item so many bytes are looked at in one go.
_AT_ONCE = 64 * 1024

# TOML has dates and times, MessagePack has not: kept as the text that TOML writes for them.
_TOML_DATE = 1


def pack(value: object) -> bytes:
    """`value` as MessagePack. Text that is no Unicode (file names, command lines) passes unharmed."""
    try:
        packed: bytes = msgpack.packb(value, default=_packed_date, unicode_errors="surrogatepass")
    except (OverflowError, ValueError) as error:
        raise StoreProblem(
            f"the store cannot hold a value: {error}", todo="integers have 64 bits at most; see state.toml"
        ) from error
    return packed


def unpack(data: bytes) -> Any:
    """What `pack` packed; raises ValueError for anything else."""
    try:
        return msgpack.unpackb(data, ext_hook=_unpacked_date, unicode_errors="surrogatepass", strict_map_key=False)
    except (msgpack.exceptions.UnpackException, TypeError) as error:
        raise ValueError(f"not MessagePack ({error or type(error).__name__})") from error


def pack_map(items: Iterable[tuple[str, object]], count: int) -> bytes:
    """`pack` of a map of `count` items that are not all held at once."""
    packer = msgpack.Packer(default=_packed_date, unicode_errors="surrogatepass", autoreset=False)
    packer.pack_map_header(count)
    for key, value in items:
        packer.pack(key)
        packer.pack(value)
    packed: bytes = packer.bytes()
    return packed


def unpacked_items(body: bytes) -> Iterator[tuple[Any, Any]]:
    """The items of the map in `body`, which are not all held at once. Raises ValueError for anything else."""
    unpacker = msgpack.Unpacker(
        BytesIO(body),
        read_size=_AT_ONCE,
        max_buffer_size=0,
        ext_hook=_unpacked_date,
        unicode_errors="surrogatepass",
        strict_map_key=False,
    )
    try:
        for _ in range(unpacker.read_map_header()):
            yield unpacker.unpack(), unpacker.unpack()
    except (msgpack.exceptions.UnpackException, TypeError) as error:
        raise ValueError(f"not MessagePack ({error or type(error).__name__})") from error


def map_header(count: int) -> bytes:
    """What a map of so many keys begins with."""
    header: bytes = msgpack.Packer().pack_map_header(count)
    return header


def unpack_pairs(data: bytes) -> dict[Any, Any]:
    """The map of which `data` has the keys and values, without its header; raises ValueError."""
    values = unpack_all(data)
    if len(values) % 2:
        raise ValueError("not MessagePack (a key without a value)")
    return dict(zip(values[::2], values[1::2], strict=True))


def unpack_fields(data: bytes, without: int) -> dict[Any, Any]:
    """The map that `data` begins with, but for its last pairs and what of them stands there; raises ValueError."""
    unpacker = _unpacker(data)
    try:
        count = unpacker.read_map_header() - without
        return {unpacker.unpack(): unpacker.unpack() for _ in range(count)}
    except (msgpack.exceptions.UnpackException, TypeError) as error:
        raise ValueError(f"not MessagePack ({error or type(error).__name__})") from error


def _unpacker(data: bytes) -> Any:
    unpacker = msgpack.Unpacker(
        ext_hook=_unpacked_date, unicode_errors="surrogatepass", strict_map_key=False, max_buffer_size=len(data)
    )
    unpacker.feed(data)
    return unpacker


def unpack_all(data: bytes) -> list[Any]:
    """The values that were packed one after the other; raises ValueError."""
    try:
        return list(_unpacker(data))
    except (msgpack.exceptions.UnpackException, TypeError) as error:
        raise ValueError(f"not MessagePack ({error or type(error).__name__})") from error


def seal(value: object) -> bytes:
    """The content of a piece of the store that holds `value`."""
    return seal_packed(pack(value))


def seal_with(fields: Mapping[str, object], binaries: Mapping[str, bytes]) -> bytes:
    """`seal` of a map of `fields` and of `binaries`, which are large: packed as any value a large one is copied five
    times, which takes 0.2 of the 0.3 ms that it costs to keep a state of 1,000 images for quick reading."""
    parts = [map_header(len(fields) + len(binaries)), pack(fields)[len(map_header(len(fields))) :]]
    for key, data in binaries.items():
        parts += (pack(key), _binary_header(len(data)), data)
    return _sealed(parts)


def seal_packed(body: bytes) -> bytes:
    """The content of a piece of the store that holds what is packed already."""
    return _sealed([body])


def _sealed(parts: Sequence[bytes]) -> bytes:
    checksum = 0
    for part in parts:
        checksum = crc32(part, checksum)
    return b"".join((_SEALED, pack(checksum), _BODY, _binary_header(sum(map(len, parts))), *parts))


def _binary_header(length: int) -> bytes:
    """What binary data of a length begins with."""
    for mark, size in ((b"\xc4", 1), (b"\xc5", 2)):
        if length < 1 << 8 * size:
            return mark + length.to_bytes(size, "big")
    return b"\xc6" + length.to_bytes(4, "big")


def unseal(where: str, data: bytes) -> Any:
    """The value in `data`, the content of what people call `where`. Raises Damaged, or Newer."""
    body = unseal_packed(where, data)
    try:
        return unpack(body)
    except ValueError as error:
        raise Damaged(where, str(error)) from error


def unseal_packed(where: str, data: bytes) -> bytes:
    """The same as it is packed."""
    try:
        outer = unpack(data)
    except ValueError as error:
        raise Damaged(where, str(error)) from error
    if not isinstance(outer, dict):
        raise Damaged(where, "not a file of the store")
    checked_schema(where, outer.get("schema"), SCHEMA)
    body = outer.get("body")
    if not isinstance(body, bytes) or crc32(body) != outer.get("crc32"):
        raise Damaged(where, "its checksum is wrong")
    return body


def _packed_date(value: object) -> msgpack.ExtType:
    """Called for what MessagePack has no form for."""
    if isinstance(value, int):
        raise OverflowError(f"the integer {value} is too large")
    isoformat = getattr(value, "isoformat", None)
    if isoformat is None:
        raise TypeError(f"{type(value).__name__} has no place in the store")
    return msgpack.ExtType(_TOML_DATE, isoformat().encode("ascii"))


def _unpacked_date(code: int, data: bytes) -> object:
    if code != _TOML_DATE:
        raise ValueError(f"unknown extension {code}")
    import tomllib

    return tomllib.loads(f"date = {data.decode('ascii')}")["date"]


# What stands before the checksum, and before the body, of what is sealed.
_SEALED = map_header(3) + pack("schema") + pack(SCHEMA) + pack("crc32")
_BODY = pack("body")
