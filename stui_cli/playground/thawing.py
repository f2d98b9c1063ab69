"""An image made again from what freezing.py made of it.

First the classes, without methods; then every object, empty; then what they hold; then the methods; and last the sets
and dictionaries, for where an element belongs its own methods say.
"""

from __future__ import annotations

import threading
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stui_cli.playground import ticking
from stui_cli.playground.kernel.elements import key_for
from stui_cli.playground.machine import Machine, Workspace
from stui_cli.playground.objects import (
    PAYLOADS,
    Association,
    Bag,
    Hashed,
    Instance,
    ScaledDecimal,
    Signal,
    character,
    symbol,
)
from stui_cli.playground.reading import NotCompiled
from stui_cli.playground.signals import Raised, Stopped
from stui_cli.playground.tree import new_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.playground.classes import Behavior, Value
    from stui_cli.playground.image import Playground

# How long the methods of users may take that say where elements belong, in seconds.
_HASHING_S = 10.0


class Thawer:
    """Makes the objects of one table; `lost` says what could not be made again."""

    def __init__(self, image: Playground, table: list[Any]) -> None:
        self.lost: list[str] = []
        self.image = image
        self._table = table
        self._made: list[Value] = []

    def make(self, classes: list[Any]) -> None:
        """All of it. Raises KeyError, TypeError, ValueError and the like for what is no frozen image."""
        for told in classes:
            if told["own"]:
                self._make_class(told)
        self._made = [self._shell(*row) for row in self._table]
        for made, row in zip(self._made, self._table, strict=True):
            self._fill(made, *row)
        for told in classes:
            self._finish_class(told)
        self._place_all()

    def value(self, frozen: Any) -> Value:
        """A value of the data."""
        if not isinstance(frozen, list):
            return frozen
        match frozen:
            case ["i", text]:
                return int(text, 16)
            case ["f", one, other]:
                return Fraction(int(one, 16), int(other, 16))
            case ["s", name]:
                return symbol(name)
            case ["c", code]:
                return character(code)
            case ["k", name]:
                return self._class(name)
            case ["m", name]:
                return self._class(name).cls
            case ["g", name]:
                return self.image.globals[name]
            case ["o", number]:
                return self._made[number]
            case _:
                raise ValueError(f"no value: {frozen!r:.50}")

    def values(self, frozen: list[Any]) -> list[Value]:
        """Several of them."""
        return [self.value(each) for each in frozen]

    # Classes

    def _class(self, name: str) -> Behavior:
        found = self.image.classes.get(name) or self.image.globals[name]
        behavior: Behavior = found
        return behavior

    def _make_class(self, told: dict[str, Any]) -> None:
        above = None if told["superclass"] is None else self._class(told["superclass"])
        payload = PAYLOADS["Indexed"] if told.get("indexed") else None if above is None else above.payload
        made = new_class(told["name"], above, payload, self.image.classes["Metaclass"])
        if above is None:
            made.cls.superclass = self.image.classes["Class"]
        made.variables, made.cls.variables = told["variables"], told["class_variables"]
        made.slots = [None] * len(made.cls.all_variables())
        made.comment, made.category = told["comment"], told["category"]
        made.pool.update((name, None) for name, _ in told["pool"])
        self.image.globals[made.name] = made

    def _finish_class(self, told: dict[str, Any]) -> None:
        behavior = self._class(told["name"])
        for name, value in told["pool"]:
            behavior.pool[name] = self.value(value)
        for index, value in enumerate(told["values"][: len(behavior.slots)]):
            behavior.slots[index] = self.value(value)
        for side, source, category in told["methods"]:
            try:
                self.image.compile_method(source, behavior if side == "instance" else behavior.cls, category)
            except NotCompiled as error:
                self.lost.append(f"a method of {behavior.name}: {error}")

    # Objects

    def _shell(self, kind: str, content: Any, class_name: str | None, slots: list[Any]) -> Value:
        del slots
        if kind == "nothing":
            return None
        if kind == "Instance":
            return Instance(self._class(class_name or ""), payload=self._payload(content))
        if kind == "ScaledDecimal":
            return ScaledDecimal(self.value(content[0]), content[1])
        if kind == "Signal":
            return Signal(self._class(class_name or ""))
        return PAYLOADS[kind]() if class_name is None else self.image.instance_of(self._class(class_name))

    def _payload(self, frozen: Any) -> Any:
        match frozen:
            case ["u", text]:
                return text
            case ["t", name, parts]:
                made = [self._payload(part) for part in parts]
                return tuple(made) if name == "tuple" else _payload_classes()[name](*made)
            case _:
                return self.value(frozen)

    def _fill(self, made: Value, kind: str, content: Any, class_name: str | None, slots: list[Any]) -> None:
        del class_name
        if kind in _FILL:
            _FILL[kind](self, made, content)
        elif kind in _STREAMS:
            items, made.kind, made.at = content
            made.items = list(items) if made.kind in ("text", "bytes") else self.values(items)
        if slots:
            made.slots[: len(slots)] = self.values(slots)[: len(made.slots)]

    # Elements

    def _place_all(self) -> None:
        stop = threading.Event()
        timer = threading.Timer(_HASHING_S, stop.set)
        timer.daemon = True
        timer.start()
        machine = Machine(self.image, Workspace(), lambda _: None, stop)
        try:
            with ticking.attended(machine):
                for number in self._inner_first():
                    self._place(machine, number)
        finally:
            timer.cancel()

    def _place(self, machine: Machine, number: int) -> None:
        collection, content = self._made[number], self._table[number][1]
        for element in content:
            try:
                machine.within(lambda m, c, e: self._put(m, c, e), collection, element)
            except (Raised, Stopped) as error:
                name = self.image.class_of(collection).name
                self.lost.append(f"an element of a {name}: {str(error) or 'it took too long to find its place'}")

    def _put(self, machine: Machine, collection: Hashed, frozen: Any) -> Value:
        if isinstance(collection, Bag):
            element = self.value(frozen[0])
            collection.entries[key_for(machine, collection, element)] = [element, frozen[1]]
            return None
        value = self.value(frozen)
        key = value.key if isinstance(value, Association) and _is_dictionary(collection) else value
        collection.entries[key_for(machine, collection, key)] = value
        return None

    def _inner_first(self) -> Iterator[int]:
        """The numbers of the sets and dictionaries, those that are elements of others before these."""
        hashed = {number for number, made in enumerate(self._made) if isinstance(made, Hashed)}
        done: set[int] = set()
        for first in sorted(hashed):
            path = [(first, iter(self._inside(first, hashed)))]
            seen = {first}
            while path:
                number, inside = path[-1]
                below = next((each for each in inside if each not in done and each not in seen), None)
                if below is not None:
                    seen.add(below)
                    path.append((below, iter(self._inside(below, hashed))))
                    continue
                path.pop()
                if number not in done:
                    done.add(number)
                    yield number

    def _inside(self, number: int, hashed: set[int]) -> list[int]:
        """The sets and dictionaries that are elements, or keys, of one."""
        found = []
        for each in self._table[number][1]:
            match each:
                case ["o", other] if other in hashed:
                    found.append(other)
                case ["o", other] if self._table[other][0] == "Association":
                    match self._table[other][1]:
                        case [["o", key], _] if key in hashed:
                            found.append(key)
                case [["o", other], int()] if other in hashed:
                    found.append(other)
        return found


def _is_dictionary(collection: Hashed) -> bool:
    return isinstance(collection, PAYLOADS["Dictionary"])


def _payload_classes() -> dict[str, Callable[..., Any]]:
    from stui_cli.playground.kernel.clock_times import Moment

    return {"Moment": Moment}


def _set_parts(*names: str) -> Callable[[Thawer, Any, Any], None]:
    def fill(thawer: Thawer, made: Any, content: Any) -> None:
        for name, value in zip(names, thawer.values(content), strict=True):
            setattr(made, name, value)

    return fill


def _fill_text(thawer: Thawer, made: Any, content: Any) -> None:
    del thawer
    made.chars = content


def _fill_bytes(thawer: Thawer, made: Any, content: Any) -> None:
    del thawer
    made.items = bytearray(content)


def _fill_items(thawer: Thawer, made: Any, content: Any) -> None:
    made.items = thawer.values(content)


def _fill_sorted(thawer: Thawer, made: Any, content: Any) -> None:
    made.items, made.block = thawer.values(content[0]), thawer.value(content[1])


def _fill_message(thawer: Thawer, made: Any, content: Any) -> None:
    made.selector, made.arguments = content[0], thawer.values(content[1])


def _fill_kinds(thawer: Thawer, made: Any, content: Any) -> None:
    made.kinds = thawer.values(content)


def _fill_signal(thawer: Thawer, made: Any, content: Any) -> None:
    made.text, made.values = content[0], {name: thawer.value(value) for name, value in content[1]}


_STREAMS = ("ReadStream", "WriteStream", "ReadWriteStream")
_FILL: dict[str, Callable[[Thawer, Any, Any], None]] = {
    "Text": _fill_text,
    "ByteArray": _fill_bytes,
    "Array": _fill_items,
    "Indexed": _fill_items,
    "Ordered": _fill_items,
    "Sorted": _fill_sorted,
    "Association": _set_parts("key", "value"),
    "Interval": _set_parts("start", "stop", "step"),
    "Point": _set_parts("x", "y"),
    "Message": _fill_message,
    "ExceptionSet": _fill_kinds,
    "Signal": _fill_signal,
}
