"""What peers in other languages write in another way than our own codec, and what they mean by it.

Perl writes text as bytes unless told otherwise, JavaScript and Lua know no integers, and in Lua one kind of table
serves for arrays and maps, so that an empty map looks like an empty array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def text_in(value: object) -> str | None:
    """The text that `value` is, or the UTF-8 of; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    return None


# Larger floats are no numbers of anything that the protocol counts.
_BEYOND = 2.0**62


def integer_in(value: object) -> int | None:
    """The integer that `value` is, be it a float; None for anything else. To Python, true is a 1; it is none here."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _BEYOND else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def map_in(value: object) -> Mapping[str, Any] | None:
    """The map that `value` is, its keys as text; None for anything else."""
    if isinstance(value, dict):
        if any(key.__class__ is bytes for key in value):
            return {text if (text := text_in(key)) is not None else key: each for key, each in value.items()}
        return value
    return {} if value == [] else None


def usual(message: object) -> object:
    """`message` with its kind, its id and its method as our own codec would have written them."""
    if not isinstance(message, list) or _UNUSUAL.isdisjoint(map(type, message[:3])):
        return message
    return [*map(_usual, message[:3]), *message[3:]]


_UNUSUAL = frozenset({float, bytes})


def _usual(part: object) -> object:
    found = integer_in(part) if isinstance(part, float) else text_in(part)
    return part if found is None else found
