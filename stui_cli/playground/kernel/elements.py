"""What a collection holds, seen from Python, and collections made of Python's lists.

A list is walked while it lives, as in other Smalltalks: what a block adds behind the place is met. A set or dictionary
is walked as it was when that began. A user's collection is asked by its do:.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior
from stui_cli.playground.kernel.complaints import improper_store
from stui_cli.playground.objects import (
    Array,
    Bag,
    Block,
    ByteArray,
    Character,
    Dictionary,
    Hashed,
    IdentityDictionary,
    IdentitySet,
    Instance,
    Interval,
    Ordered,
    Set,
    Sorted,
    Symbol,
    Text,
    character,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_LISTS = (Array, Ordered, Sorted, ByteArray)


def elements(machine: Machine, collection: Value) -> Iterable[Value]:
    """What do: would give, one after the other."""
    if type(collection) in _LISTS:
        return collection.items  # type: ignore[no-any-return]
    own = machine.class_of(collection).lookup("do:")
    if own is not None and own.source is None:
        native = native_elements(machine, collection)
        if native is not None:
            return native
    found: list[Value] = []
    machine.send(collection, "do:", Block(lambda _, each: found.append(each), 1))
    return found


def native_elements(machine: Machine, collection: Value) -> Iterable[Value] | None:
    """Without asking its do:. None for what holds none."""
    match collection:
        case Array() | Ordered() | ByteArray():
            return collection.items
        case Text():
            return characters(collection.chars)
        case Symbol():
            return characters(collection.name)
        case Interval():
            return _steps(machine, collection)
        case Set():
            return list(collection.entries.values())
        case Dictionary():
            return [each.value for each in list(collection.entries.values())]
        case Bag():
            return _repeated(collection)
        case _:
            return None


def is_native(collection: Value) -> bool:
    """Whether its elements are found without asking its do:."""
    return isinstance(collection, Array | Ordered | ByteArray | Text | Symbol | Interval | Hashed)


def _repeated(bag: Bag) -> Iterator[Value]:
    for each, count in list(bag.entries.values()):
        for _ in range(count):
            yield each


def characters(text: str) -> list[Value]:
    return [character(ord(each)) for each in text]


def _steps(machine: Machine, interval: Interval) -> Iterator[Value]:
    start, step = interval.start, interval.step
    count = interval_size(machine, interval)
    if type(start) is int and type(step) is int:
        yield from range(start, start + count * step, step)
        return
    for index in range(count):
        yield machine.send(start, "+", machine.send(step, "*", index))


def interval_size(machine: Machine, interval: Interval) -> int:
    start, stop, step = interval.start, interval.stop, interval.step
    if type(start) is int and type(stop) is int and type(step) is int:
        return len(range(start, stop + (1 if step > 0 else -1), step))
    rising = machine.truth(machine.send(step, ">", 0))
    if machine.truth(machine.send(start, ">" if rising else "<", stop)):
        return 0
    steps = machine.send(machine.send(stop, "-", start), "//", step)
    return int(steps) + 1 if type(steps) is int else 0


def gathered(machine: Machine, collection: Value) -> list[Value]:
    """What it holds now, as a new list."""
    if is_native(collection):
        machine.charge_slots(size_of(machine, collection))
    return list(elements(machine, collection))


def size_of(machine: Machine, collection: Value) -> int:
    """How many elements it holds."""
    match collection:
        case Array() | ByteArray():
            return len(collection.items)
        case Ordered():
            return collection.size()
        case Text():
            return len(collection.chars)
        case Symbol():
            return len(collection.name)
        case Interval():
            return interval_size(machine, collection)
        case Bag():
            return sum(count for _, count in collection.entries.values())
        case Hashed():
            return len(collection.entries)
        case _:
            size = machine.send(collection, "size")
            return size if type(size) is int else 0


def one(block: Value) -> Callable[[Machine, Value], Value]:
    """How to give a block, or a symbol, one argument: `function(machine, argument)`."""
    if type(block) is Block and block.arity == 1:
        return block.function
    return lambda machine, value: _polled(machine, block, value)


def two(block: Value) -> Callable[[Machine, Value, Value], Value]:
    if type(block) is Block and block.arity == 2:
        return block.function
    return lambda machine, first, second: _polled(machine, block, first, second)


def _polled(machine: Machine, block: Value, *arguments: Value) -> Value:
    """Code that was compiled looks at `attention` itself; a symbol that is sent does not."""
    if machine.attention:
        machine.poll()
    return machine.call_these(block, arguments)


def equal(machine: Machine, one: Value, other: Value) -> bool:
    """By the `=` of Smalltalk."""
    if one is other:
        return True
    kind = type(one)
    if kind is int and type(other) is int:
        return bool(one == other)
    return machine.send(one, "=", other) is True


# Collections of lists


def like(machine: Machine, receiver: Value, items: list[Value]) -> Value:
    """A new collection of the receiver's species; a text for a symbol, an Array for an interval."""
    kind = type(receiver)
    if kind is Array:
        return Array(items)
    if kind is Ordered:
        return Ordered(items)
    made: Value
    match receiver:
        case Text() | Symbol():
            made = text_of(machine, items)
        case ByteArray():
            made = bytes_of(machine, items)
        case Interval():
            return Array(items)
        case Sorted():
            made = Sorted(items, receiver.block)
        case Array():
            made = Array(items)
        case Ordered():
            made = Ordered(items)
        case Hashed():
            return fill(machine, machine.new(machine.class_of(receiver)), items)
        case _:
            made = machine.send(machine.class_of(receiver), "new")
            for each in items:
                machine.send(made, "add:", each)
            return made
    return _of_class(machine, receiver, made)


def _of_class(machine: Machine, receiver: Value, made: Value) -> Value:
    """The same for a user's subclass: an instance of it, that holds what `made` holds."""
    behavior = machine.class_of(receiver)
    if isinstance(receiver, Symbol) or machine.class_of(made) is behavior:
        return made
    own = machine.new(behavior)
    for name in ("chars", "items", "block"):
        if hasattr(made, name):
            setattr(own, name, getattr(made, name))
    return own


def text_of(machine: Machine, items: list[Value]) -> Text:
    """A string of characters; anything else is an improper store."""
    codes = [each.code if type(each) is Character else _refused(machine) for each in items]
    return Text("".join(map(chr, codes)))


def bytes_of(machine: Machine, items: list[Value]) -> ByteArray:
    return ByteArray(bytes(each if type(each) is int and 0 <= each < 256 else _refused(machine) for each in items))


def _refused(machine: Machine) -> int:
    """When the error is resumed, a blank is stored."""
    improper_store(machine)
    return 32


def key_for(machine: Machine, collection: Hashed, value: Value) -> object:
    """What stands for the value in the collection's dictionary."""
    if isinstance(collection, IdentitySet | IdentityDictionary):
        return identity_key(value)
    return machine.key_of(value)


def identity_key(value: Value) -> object:
    kind = type(value)
    if kind is int or kind is float or value is None or kind is Symbol or kind is Character:
        return (kind, value)
    return id(value)  # whoever uses it keeps the value alive beside it


def fill(machine: Machine, collection: Value, items: Iterable[Value]) -> Value:
    """Add them to a Set, Bag or Dictionary, or to whatever understands add:."""
    match collection:
        case Set():
            for each in items:
                collection.entries.setdefault(key_for(machine, collection, each), each)
        case Bag():
            for each in items:
                add_to_bag(machine, collection, each, 1)
        case Ordered() if not isinstance(collection, Sorted):
            collection.items.extend(items)
        case _:
            for each in items:
                machine.send(collection, "add:", each)
    return collection


def add_to_bag(machine: Machine, bag: Bag, value: Value, count: int) -> None:
    bag.entries.setdefault(key_for(machine, bag, value), [value, 0])[1] += count


def make(machine: Machine, behavior: Value, items: list[Value]) -> Value:
    """A new collection of a class, which holds the items."""
    if not isinstance(behavior, Behavior):
        return machine.send(behavior, "withAll:", Array(items))
    template = machine.new(behavior)
    if isinstance(template, Instance) or template is None:
        template = machine.send(behavior, "new")
        return fill(machine, template, items)
    if isinstance(template, Sorted):
        return fill(machine, template, items)
    if isinstance(template, Hashed):
        return fill(machine, template, items)
    return like(machine, template, items)
