"""MessagePack values byte for byte: each width of each type, at its ends, also where a narrower one would do."""

from __future__ import annotations

import math


def _bytes(*texts: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(text) for text in texts)


def _filled(head: str, fill: bytes, count: int) -> bytes:
    return bytes.fromhex(head) + fill * count


_FIFTEEN_PAIRS = b"".join(b"\xa1" + bytes([97 + i, i]) for i in range(15))
_MANY_PAIRS = b"".join(b"\xcc" + bytes([i]) + b"\xc3" for i in range(256))
_BEYOND_ASCII = "größer: 日本, \U0001f40b ∀".encode()

ECHOED: dict[str, tuple[bytes, ...]] = {
    "nil and booleans": _bytes("c0", "c2", "c3"),
    "small integers": _bytes("00", "7f", "ff", "e0"),
    "unsigned integers": _bytes(
        *("cc00", "ccff", "cd0000", "cdffff", "ce00000000", "ce3fffffff", "ce40000000", "ce7fffffff", "ce80000000"),
        *("ceffffffff", "cf0000000000000000", "cf0000000100000000", "cf3fffffffffffffff", "cf4000000000000000"),
        *("cf7fffffffffffffff", "cf8000000000000000", "cfffffffffffffffff"),
    ),
    "signed integers": _bytes(
        *("d000", "d07f", "d080", "d17fff", "d18000", "d27fffffff", "d280000000", "d2c0000000", "d2bfffffff"),
        *("d3ffffffff7fffffff", "d37fffffffffffffff", "d38000000000000000", "d3c000000000000000"),
        *("d3bfffffffffffffff", "d3ffffffffffffffff"),
    ),
    "float32": _bytes("ca00000000", "ca3fc00000", "cabf800000", "ca7f7fffff", "ca00800000", "ca3dcccccd", "ca80000000"),
    "float64": _bytes(
        *("cb0000000000000000", "cb3ff8000000000000", "cb400921fb54442d18", "cb3fb999999999999a", "cb7fefffffffffffff"),
        *("cb0010000000000000", "cbc00921fb54442d18", "cb8000000000000000", "cb4340000000000000"),
    ),
    "float64 at the edges": _bytes(
        *("cb7ff0000000000000", "cbfff0000000000000", "cb7ff8000000000000", "cb0000000000000001"),
    ),
    "text": (
        *_bytes("a0", "a178", "d900", "a3000a1b"),
        _filled("bf", b"x", 31),
        _filled("d9ff", b"x", 255),
        _filled("da0100", b"x", 256),
        _filled("daffff", b"x", 65_535),
        _filled("db00010000", b"x", 65_536),
        b"\xd9" + bytes([len(_BEYOND_ASCII)]) + _BEYOND_ASCII,
    ),
    "bytes": (
        *_bytes("c400", "c401fe", "c50000", "c600000001ff"),
        _filled("c4ff", b"\xfe", 255),
        _filled("c50100", bytes(range(256)), 1),
        _filled("c5ffff", b"\x80", 65_535),
        _filled("c600010000", b"\xc1", 65_536),
    ),
    "arrays": (
        *_bytes("90", "dc0000", "dd00000000", "dd000000020708", "93c0919081a16b9201a176"),
        _filled("9f", b"\x07", 15),
        _filled("dc0010", b"\x07", 16),
        _filled("dcffff", b"\xc0", 65_535),
        _filled("dd00010000", b"\xc2", 65_536),
    ),
    "maps": (
        *_bytes("80", "81a16ba176", "de0000", "de0001a16b01", "df00000001a16bc0"),
        _filled("8f", _FIFTEEN_PAIRS, 1),
        _filled("de0100", _MANY_PAIRS, 1),
    ),
    # 7 -> "i", nil -> "n", true -> "t", the byte x -> "b", 1.5 -> "f", "k" -> {}
    "maps with keys of any type": _bytes("8607a169c0a16ec3a174c40178a162cb3ff8000000000000a166a16b80"),
}


def alike(one: object, other: object) -> bool:
    """Whether two decoded values are the same MessagePack value: true is not 1, text is not bytes, 1 is not 1.0,
    and neither zero is the other."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and isinstance(other, float):
        same = one == other and math.copysign(1, one) == math.copysign(1, other)
        return same or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and _same_pairs(one, other)
    return one == other


def _same_pairs(one: dict[object, object], other: dict[object, object]) -> bool:
    """Whether each pair of one is in the other, in any order."""
    left = list(other.items())
    for key, value in one.items():
        index = next((i for i, (k, v) in enumerate(left) if alike(k, key) and alike(v, value)), None)
        if index is None:
            return False
        del left[index]
    return True
