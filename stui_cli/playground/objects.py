"""The values of Smalltalk.

nil, true, false, integers, floats and fractions are Python's None, bool, int, float and Fraction. Everything else is an
instance of a class below. Which Smalltalk class an instance has is told by its Python class, of which an image keeps a
table, but for those of a `cls` of their own: plain objects, exceptions, classes, and instances of a user's subclass of
a collection (their Python class is made by `with_class`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from stui_cli.playground.classes import Behavior, Value


class Text:
    """A String: mutable. While a long one is changed character by character its characters are in a list."""

    __slots__ = ("_chars", "_list")

    def __init__(self, chars: str = "") -> None:
        self._chars = chars
        self._list: list[str] | None = None

    @property
    def chars(self) -> str:
        if self._list is not None:
            self._chars, self._list = "".join(self._list), None
        return self._chars

    @chars.setter
    def chars(self, chars: str) -> None:
        self._chars, self._list = chars, None

    def size(self) -> int:
        return len(self._chars if self._list is None else self._list)

    def at(self, place: int) -> str:
        """The character at a place from 0."""
        return (self._chars if self._list is None else self._list)[place]

    def put(self, place: int, char: str) -> None:
        if self._list is None:
            if len(self._chars) < _SHORT:
                self._chars = self._chars[:place] + char + self._chars[place + 1 :]
                return
            self._list = list(self._chars)
        self._list[place] = char


_SHORT = 200  # characters; a string of so many is made anew as fast as a list is changed


class Symbol:
    """One of each name: make them by `symbol`."""

    __slots__ = ("__weakref__", "name")

    def __init__(self, name: str) -> None:
        self.name = name


_symbols: WeakValueDictionary[str, Symbol] = WeakValueDictionary()


def symbol(name: str) -> Symbol:
    found = _symbols.get(name)
    if found is None:
        found = _symbols.setdefault(name, Symbol(name))
    return found


class Character:
    """One of each code: make them by `character`."""

    __slots__ = ("__weakref__", "code")

    def __init__(self, code: int) -> None:
        self.code = code


_characters: dict[int, Character] = {code: Character(code) for code in range(256)}
_rare_characters: WeakValueDictionary[int, Character] = WeakValueDictionary()


def character(code: int) -> Character:
    found = _characters.get(code) or _rare_characters.get(code)
    if found is None:
        found = _rare_characters.setdefault(code, Character(code))
    return found


class ScaledDecimal:
    __slots__ = ("scale", "value")

    def __init__(self, value: Fraction, scale: int) -> None:
        self.value = value
        self.scale = scale


class Array:
    __slots__ = ("items",)

    def __init__(self, items: list[Value] | None = None) -> None:
        self.items: list[Value] = [] if items is None else items


class Indexed:
    """Of a user's class with indexed variables (variableSubclass:); it has named ones besides."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[Value] = []


class ByteArray:
    __slots__ = ("items",)

    def __init__(self, items: bytes | bytearray = b"") -> None:
        self.items = bytearray(items)


class Ordered:
    """An OrderedCollection; one made by basicNew has no items, and nothing works on it.

    Of what is `held` the first `gone` were removed: of a long one to move all others each time would be slow. `items`
    are those that are left. Another evaluation may go on at each call of a function: so none is called between the
    reading of `gone` and what that is for.
    """

    __slots__ = ("gone", "held")

    def __init__(self, items: list[Value] | None = None) -> None:
        self.held: list[Value] = [] if items is None else list(items)
        self.gone = 0

    @property
    def items(self) -> list[Value]:
        if self.gone:
            self._close_up()
        return self.held

    @items.setter
    def items(self, items: list[Value]) -> None:
        self.held, self.gone = items, 0

    def _close_up(self) -> None:
        gone, self.gone = self.gone, 0
        del self.held[:gone]

    def size(self) -> int:
        return -self.gone + len(self.held)

    def at(self, place: int) -> Value:
        """What is at a place from 0. Raises IndexError."""
        return self.held[self.gone + place]

    def take_first(self) -> Value:
        """Remove it. Raises IndexError of an empty one."""
        if not self.gone and len(self.held) < _LONG:
            return self.held.pop(0)
        first = self.held[self.gone]
        self.gone += 1
        if self.gone * 2 >= len(self.held):
            self._close_up()
        return first


_LONG = 1000  # elements; so few are moved as fast as they are counted


class Sorted(Ordered):
    """A SortedCollection: its block, or nil for <=."""

    __slots__ = ("block",)

    def __init__(self, items: list[Value] | None = None, block: Value = None) -> None:
        super().__init__(items)
        self.block = block


class Hashed:
    """Set, IdentitySet, Bag, Dictionary, IdentityDictionary: `entries` is keyed by `key_of` of the machine."""

    __slots__ = ("entries",)

    def __init__(self) -> None:
        self.entries: dict[Any, Any] = {}


class Set(Hashed):
    """key -> element."""

    __slots__ = ()


class IdentitySet(Set):
    __slots__ = ()


class Bag(Hashed):
    """key -> [element, count]."""

    __slots__ = ()


class Dictionary(Hashed):
    """key -> Association."""

    __slots__ = ()


class IdentityDictionary(Dictionary):
    __slots__ = ()


class OrderedDictionary(Dictionary):
    """Prints in the order of adding; all dictionaries here keep it."""

    __slots__ = ()


class Association:
    __slots__ = ("key", "value")

    def __init__(self, key: Value = None, value: Value = None) -> None:
        self.key = key
        self.value = value


class Interval:
    __slots__ = ("start", "step", "stop")

    def __init__(self, start: Value = 1, stop: Value = 0, step: Value = 1) -> None:
        self.start = start
        self.stop = stop
        self.step = step


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x: Value = None, y: Value = None) -> None:
        self.x = x
        self.y = y


class Block:
    """`function(machine, *arguments)`; `source` is its text, or none of one that Python made."""

    __slots__ = ("arity", "function", "source")

    def __init__(self, function: Callable[..., Value], arity: int, source: str = "[ ... ]") -> None:
        self.function = function
        self.arity = arity
        self.source = source


class Message:
    """What was not understood."""

    __slots__ = ("arguments", "selector")

    def __init__(self, selector: str = "", arguments: list[Value] | None = None) -> None:
        self.selector = selector
        self.arguments: list[Value] = [] if arguments is None else arguments


class ExceptionSet:
    __slots__ = ("kinds",)

    def __init__(self, kinds: list[Value] | None = None) -> None:
        self.kinds: list[Value] = [] if kinds is None else kinds


class Stream:
    """ReadStream, WriteStream, ReadWriteStream: of characters (`kind` "text"), bytes or anything.

    `items` is a list of what the stream is of (one-character strings for text); `at` is the position.
    """

    __slots__ = ("at", "items", "kind")

    def __init__(self, items: list[Any] | None = None, kind: str = "text", at: int = 0) -> None:
        self.items: list[Any] = [] if items is None else items
        self.kind = kind
        self.at = at


class ReadStream(Stream):
    __slots__ = ()


class WriteStream(Stream):
    __slots__ = ()


class ReadWriteStream(WriteStream):
    __slots__ = ()


class Instance:
    """An object of which only the class and its variables matter; `payload` is for what Python has to keep of it."""

    __slots__ = ("cls", "payload", "slots")

    def __init__(self, cls: Behavior, slots: list[Value] | None = None, payload: Any = None) -> None:
        self.cls = cls
        self.slots: list[Value] = [None] * len(cls.all_variables()) if slots is None else slots
        self.payload = payload


class Signal:
    """An exception object. `text` is its messageText, or None; `values` are what its class has besides: receiver..."""

    __slots__ = ("cls", "context", "handled", "slots", "text", "values")

    def __init__(self, cls: Behavior, text: str | None = None, values: dict[str, Value] | None = None) -> None:
        self.cls = cls
        self.text = text
        self.values: dict[str, Value] = {} if values is None else values
        self.slots: list[Value] = [None] * len(cls.all_variables())
        self.context: Any = None  # signals.Signalled, while it is being handled
        self.handled = False


PAYLOADS: dict[str, type] = {
    "Text": Text, "Symbol": Symbol, "Character": Character, "ScaledDecimal": ScaledDecimal, "Array": Array,
    "Indexed": Indexed,
    "ByteArray": ByteArray, "Ordered": Ordered, "Sorted": Sorted, "Set": Set, "IdentitySet": IdentitySet, "Bag": Bag,
    "Dictionary": Dictionary, "IdentityDictionary": IdentityDictionary,
    "OrderedDictionary": OrderedDictionary, "Association": Association,
    "Interval": Interval, "Point": Point, "Block": Block, "Message": Message, "ExceptionSet": ExceptionSet,
    "ReadStream": ReadStream, "WriteStream": WriteStream, "ReadWriteStream": ReadWriteStream,
}  # fmt: skip
_DERIVED: dict[type, type] = {}


def with_class(payload: type) -> type:
    """The Python class for instances of a user's subclass: `payload` with a `cls` and `slots` of its own."""
    found = _DERIVED.get(payload)
    if found is None:
        found = _DERIVED.setdefault(payload, type(payload.__name__, (payload,), {"__slots__": ("cls", "slots")}))
    return found


class Key:
    """An object as a key of a Python dictionary: equal when `=` says so. What needs no Smalltalk code is no Key."""

    __slots__ = ("hash", "machine", "value")
    IDENTITY: ClassVar[tuple[type, ...]] = (Symbol, Character)

    def __init__(self, machine: Any, value: Value) -> None:
        self.machine = machine
        self.value = value
        self.hash: int = machine.hash_of(value)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return type(other) is Key and (self.value is other.value or self.machine.equal_in_c(self.value, other.value))
