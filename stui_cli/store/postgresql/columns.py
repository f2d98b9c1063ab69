"""Values in the binary form in which PostgreSQL sends and takes them: of the few types that the tables have."""

from __future__ import annotations

from struct import pack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Row = tuple[Any, ...]

# The format of a parameter or a column, as libpq numbers them: 0 is text.
BINARY = 1

# pg_type.dat of PostgreSQL: numbers that stay as they are.
_BOOL, _BYTEA, _NAME, _INT8, _INT2, _INT4, _TEXT, _VARCHAR, _VOID = 16, 17, 19, 20, 21, 23, 25, 1043, 2278
_ARRAYS = {_BYTEA: 1001, _TEXT: 1009, _INT8: 1016}


def encoded(value: object) -> tuple[int, bytes | None]:
    """The type of a parameter and its value. A list has values of one type, none of them None."""
    match value:
        case None:
            return 0, None
        case bool():
            return _BOOL, bytes([value])
        case int():
            return _INT8, pack("!q", value)
        case str():
            return _TEXT, value.encode(errors="surrogatepass")  # which the server refuses
        case bytes():
            return _BYTEA, value
        case list():
            return _array(value)
        case _:
            raise TypeError(f"{type(value).__name__} is no parameter of a statement")


def _array(values: list[Any]) -> tuple[int, bytes]:
    """A list as an array of one dimension. An empty one is an array of text, that the statement casts."""
    elements = [encoded(value) for value in values]
    kind = elements[0][0] if elements else _TEXT
    if not elements:
        return _ARRAYS[kind], pack("!iii", 0, 0, kind)
    parts = [pack("!iiiii", 1, 0, kind, len(elements), 1)]
    for _, content in elements:
        assert content is not None
        parts += (pack("!i", len(content)), content)
    return _ARRAYS[kind], b"".join(parts)


def value_of(kind: int, content: bytes) -> object:
    """A value of a row. Raises ValueError for what no table of a store has: who owns the tables may change them."""
    reader = _READERS.get(kind)
    if reader is None:
        raise ValueError(f"a column has a type that no table of the store has (pg_type {kind})")
    return reader(content)


def _integer(content: bytes) -> int:
    return int.from_bytes(content, "big", signed=True)


_READERS: dict[int, Callable[[bytes], object]] = {
    _BOOL: lambda content: content != b"\0",
    _BYTEA: bytes,
    _NAME: bytes.decode,
    _INT8: _integer,
    _INT2: _integer,
    _INT4: _integer,
    _TEXT: bytes.decode,
    _VARCHAR: bytes.decode,
    _VOID: lambda _content: None,
}
