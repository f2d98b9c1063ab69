"""What the agent tells of a value: its class, its print, its slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli import __version__
from stui_cli.playground import ticking
from stui_cli.playground.classes import Behavior
from stui_cli.playground.kernel.printing import Enough, Limited, print_on
from stui_cli.playground.objects import (
    Array,
    Association,
    Bag,
    ByteArray,
    Dictionary,
    Hashed,
    Indexed,
    Interval,
    Ordered,
    Point,
    Symbol,
    Text,
    character,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine
    from stui_cli.playground.world import World

# Of the playground as a Smalltalk.
VERSION = __version__
# Bits of an integer that is shown as a key.
_SHORT = 256


def class_of(world: World, value: Value) -> str:
    """The name of its class."""
    return world.class_of(value).name


def print_of(machine: Machine, value: Value, limit: int) -> tuple[str, bool]:
    """What it prints, and whether that was cut. Raises Raised, and Stopped."""
    stream = Limited(machine, limit)

    def write(machine: Machine, value: Value) -> Value:
        try:
            print_on(machine, value, stream)
        except Enough as enough:
            if enough.stream is not stream:
                raise
            return True
        return False

    with ticking.attended(machine):
        cut = machine.within(write, value)
    return "".join(stream.items), cut is True


def hash_of(value: Value) -> int:
    """The same for the same object as long as it lives; of numbers, for the same number."""
    found = hash(value) if value is None or isinstance(value, (bool, int, float)) else id(value) >> 4
    return found & 0x3FFFFFFF


def named_slots(world: World, value: Value) -> list[tuple[str, Any]]:
    """The instance variables with their values."""
    own = _parts(value)
    slots = getattr(value, "slots", None)
    names = world.class_of(value).all_variables()
    return [*own, *zip(names, list(slots or ()), strict=False)]


def _parts(value: Value) -> list[tuple[str, Any]]:
    match value:
        case Association():
            return [("key", value.key), ("value", value.value)]
        case Point():
            return [("x", value.x), ("y", value.y)]
        case Interval():
            return [("start", value.start), ("stop", value.stop), ("step", value.step)]
        case Behavior():
            return [("superclass", value.superclass), *value.pool.items()]
        case _:
            return []


def element_count(value: Value) -> int:
    """How many indexed slots there are."""
    match value:
        case Text():
            return len(value.chars)
        case Symbol():
            return len(value.name)
        case Array() | Indexed() | ByteArray() | Ordered():
            return len(value.items or ())
        case Bag():
            return sum(count for _, count in list(value.entries.values()))
        case Hashed():
            return len(value.entries)
        case _:
            return 0


def elements(world: World, value: Value, start: int, count: int) -> list[tuple[str, Any]]:
    """A page of the indexed slots with their names; `start` counts from 1."""
    page = slice(start - 1, start - 1 + count)
    match value:
        case Text():
            return _numbered((character(ord(c)) for c in value.chars[page]), start)
        case Symbol():
            return _numbered((character(ord(c)) for c in value.name[page]), start)
        case Array() | Indexed() | ByteArray() | Ordered():
            return _numbered((value.items or [])[page], start)
        case Bag():
            every = [element for element, many in list(value.entries.values()) for _ in range(many)]
            return _numbered(every[page], start)
        case Dictionary():
            return [(_key(world, each.key), each.value) for each in list(value.entries.values())[page]]
        case Hashed():
            return _numbered(list(value.entries.values())[page], start)
        case _:
            return []


def _numbered(values: Iterator[Value] | list[Value] | bytearray, start: int) -> list[tuple[str, Any]]:
    return [(str(number), each) for number, each in enumerate(values, start)]


def _key(world: World, key: Value) -> str:
    """A key that is text or a number, as it is written; of others, its class."""
    match key:
        case Symbol():
            return f"#{key.name}"
        case Text():
            return "'" + key.chars[:100].replace("'", "''") + "'"
        case None:
            return "nil"
        case bool():
            return "true" if key else "false"
        case int() if key.bit_length() < _SHORT:
            return str(key)
        case float():
            return repr(key)
        case _:
            return f"a {class_of(world, key)}"
