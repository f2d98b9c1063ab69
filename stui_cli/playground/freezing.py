"""An image as plain data, from which thawing.py makes it again: classes and methods as source, objects as a table.

A value in the data is nil, a boolean, a float or an integer of 64 bits as itself, and anything else an array:

    ["i", text]                  a larger integer, in base 16
    ["f", text, text]            a fraction
    ["s", name] ["c", code]      a symbol, a character
    ["k", name] ["m", name]      a class, its metaclass
    ["g", name]                  an object that is there once in every image
    ["o", number]                an object of the table

An object of the table is [kind, its content, class name or nil for that of its kind, its variables]. What cannot be
kept is nil, and told: blocks, for they are in the middle of something, and what runs.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import Behavior
from stui_cli.playground.objects import (
    Array,
    Association,
    Bag,
    Block,
    ByteArray,
    Character,
    Dictionary,
    ExceptionSet,
    Indexed,
    Instance,
    Interval,
    Message,
    Ordered,
    Point,
    ScaledDecimal,
    Set,
    Signal,
    Sorted,
    Stream,
    Symbol,
    Text,
)
from stui_cli.playground.world import ONLY_ONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.playground.classes import Value
    from stui_cli.playground.world import World

_SMALL = range(-(2**63), 2**63)


class Freezer:
    """Collects the objects that are met; `lost` says where something was left out."""

    def __init__(self, world: World) -> None:
        self.lost: list[str] = []
        self.world = world
        self._once = {id(world.globals.get(name)): name for name in ONLY_ONE}
        self._numbers: dict[int, int] = {}
        self._met: list[Value] = []  # also keeps them, so that no id is given twice
        self._where: list[str] = []
        self._waiting: deque[int] = deque()
        self._here = ""

    def value(self, value: Value, where: str = "") -> object:
        """A value as data; `where` it stands, for what has to be left out."""
        if where:
            self._here = where
        match value:
            case None | bool() | float():
                return value
            case int():
                return value if value in _SMALL else ["i", f"{value:x}"]
            case Fraction():
                return ["f", f"{value.numerator:x}", f"{value.denominator:x}"]
            case Symbol():
                return ["s", value.name]
            case Character():
                return ["c", value.code]
            case Behavior():
                return self._class(value)
            case Instance() if id(value) in self._once:
                return ["g", self._once[id(value)]]
            case Block():
                self.lost.append(f"a block in {self._here}")
                return None
            case _:
                return ["o", self._number_of(value)]

    def _class(self, behavior: Behavior) -> object:
        plain = behavior if behavior.sole is None else behavior.sole
        if not self.is_there(plain):
            self.lost.append(f"the removed class {plain.name} in {self._here}")
            return None
        return ["k" if plain is behavior else "m", plain.name]

    def is_there(self, behavior: Behavior) -> bool:
        """Whether a class is found by its name."""
        return behavior in (self.world.globals.get(behavior.name), self.world.classes.get(behavior.name))

    def objects(self) -> list[object]:
        """The table: all that was met, and what that holds."""
        table: list[object] = []
        while self._waiting:
            number = self._waiting.popleft()
            self._here = self._where[number]
            table.append(self._object(self._met[number]))
        return table

    def _number_of(self, value: Value) -> int:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._met)
            self._met.append(value)
            self._where.append(self._here)
            self._waiting.append(number)
        return number

    def _object(self, value: Value) -> object:
        freeze = next((freeze for kind, freeze in _KINDS if isinstance(value, kind)), None)
        cls = getattr(value, "cls", None)
        is_kept = not isinstance(cls, Behavior) or self.is_there(cls)
        if freeze is None or not is_kept or (isinstance(value, Instance) and not self.is_plain(value.payload)):
            self.lost.append(f"{self._article(value)} in {self._here}")
            return ["nothing", None, None, []]
        name = cls.name if isinstance(cls, Behavior) else None
        return [*freeze(self, value), name, [self.value(each) for each in list(getattr(value, "slots", ()))]]

    def _article(self, value: Value) -> str:
        name = self.world.class_of(value).name
        return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"

    def is_plain(self, payload: object) -> bool:
        """Whether what Python keeps of an object is numbers and text."""
        if isinstance(payload, tuple):
            return all(self.is_plain(each) for each in payload)
        return payload is None or isinstance(payload, (bool, int, float, str, Fraction))

    def payload(self, payload: Any) -> object:
        """What Python keeps of an object, as data."""
        if isinstance(payload, tuple):
            return ["t", type(payload).__name__, [self.payload(each) for each in payload]]
        return ["u", payload] if isinstance(payload, str) else self.value(payload)

    def values(self, values: list[Value] | None) -> list[object]:
        """Several values as data."""
        return [self.value(each) for each in list(values or ())]


def _freeze_bag(freezer: Freezer, value: Bag) -> tuple[str, object]:
    return "Bag", [[freezer.value(element), count] for element, count in list(value.entries.values())]


def _freeze_dictionary(freezer: Freezer, value: Dictionary) -> tuple[str, object]:
    return _kind(value), freezer.values(list(value.entries.values()))


def _freeze_set(freezer: Freezer, value: Set) -> tuple[str, object]:
    return _kind(value), freezer.values(list(value.entries.values()))


def _freeze_stream(freezer: Freezer, value: Stream) -> tuple[str, object]:
    items: object = "".join(value.items) if value.kind == "text" else list(value.items)
    if value.kind not in ("text", "bytes"):
        items = freezer.values(value.items)
    return _kind(value), [items, value.kind, value.at]


def _freeze_signal(freezer: Freezer, value: Signal) -> tuple[str, object]:
    return "Signal", [value.text, [[name, freezer.value(each)] for name, each in list(value.values.items())]]


def _kind(value: Value) -> str:
    """The name of the class of objects.py: a user's subclass has one of that name, too."""
    return type(value).__name__


# In this order: some are kinds of others.
_KINDS: tuple[tuple[type, Callable[[Freezer, Any], tuple[str, object]]], ...] = (
    (Text, lambda _, value: ("Text", value.chars)),
    (ByteArray, lambda _, value: ("ByteArray", bytes(value.items))),
    (Indexed, lambda freezer, value: ("Indexed", freezer.values(value.items))),
    (Array, lambda freezer, value: ("Array", freezer.values(value.items))),
    (Sorted, lambda freezer, value: ("Sorted", [freezer.values(value.items), freezer.value(value.block)])),
    (Ordered, lambda freezer, value: ("Ordered", freezer.values(value.items))),
    (Bag, _freeze_bag),
    (Dictionary, _freeze_dictionary),
    (Set, _freeze_set),
    (Association, lambda freezer, value: ("Association", freezer.values([value.key, value.value]))),
    (Interval, lambda freezer, value: ("Interval", freezer.values([value.start, value.stop, value.step]))),
    (Point, lambda freezer, value: ("Point", freezer.values([value.x, value.y]))),
    (ScaledDecimal, lambda freezer, value: ("ScaledDecimal", [freezer.value(value.value), value.scale])),
    (Message, lambda freezer, value: ("Message", [value.selector, freezer.values(value.arguments)])),
    (ExceptionSet, lambda freezer, value: ("ExceptionSet", freezer.values(value.kinds))),
    (Stream, _freeze_stream),
    (Signal, _freeze_signal),
    (Instance, lambda freezer, value: ("Instance", freezer.payload(value.payload))),
)


def frozen_classes(freezer: Freezer) -> list[object]:
    """What was defined: classes from the top down, each with its methods, and the methods more of those that are always
    there."""
    world = freezer.world
    own = {behavior.name: behavior for behavior in _defined(world)}
    ordered: list[Behavior] = []

    def add(behavior: Behavior) -> None:
        above = behavior.superclass
        if above is not None and own.get(above.name) is above:
            add(above)
        if behavior not in ordered:
            ordered.append(behavior)

    for behavior in own.values():
        add(behavior)
    extended = [each for each in world.classes.values() if each.name not in own and _has_source(each)]
    frozen: list[object] = [_class(freezer, behavior, is_own=True) for behavior in ordered]
    return frozen + [_class(freezer, behavior, is_own=False) for behavior in extended]


def _has_source(behavior: Behavior) -> bool:
    return any(method.source for each in (behavior, behavior.cls) for method in list(each.methods.values()))


def _defined(world: World) -> Iterator[Behavior]:
    for value in list(world.globals.values()):
        if isinstance(value, Behavior) and value.sole is None and world.classes.get(value.name) is not value:
            yield value


def _class(freezer: Freezer, behavior: Behavior, *, is_own: bool) -> dict[str, object]:
    where = behavior.name
    return {
        "name": behavior.name,
        "own": is_own,
        "indexed": behavior.payload is Indexed,
        "superclass": behavior.superclass.name if behavior.superclass is not None else None,
        "variables": list(behavior.variables),
        "class_variables": list(behavior.cls.variables),
        "comment": behavior.comment,
        "category": behavior.category,
        "pool": [[name, freezer.value(value, where)] for name, value in list(behavior.pool.items())],
        "values": [freezer.value(value, where) for value in list(behavior.slots or ())] if is_own else [],
        "methods": [
            [side, method.source, method.category]
            for side, each in (("instance", behavior), ("class", behavior.cls))
            for method in list(each.methods.values())
            if method.source is not None
        ],
    }


def frozen_globals(freezer: Freezer) -> list[object]:
    """The globals that are no classes and were not there from the beginning."""
    world = freezer.world
    return [
        [name, freezer.value(value, f"the global {name}")]
        for name, value in list(world.globals.items())
        if name not in ONLY_ONE and not (isinstance(value, Behavior) and value.name == name)
    ]
