"""What Array, OrderedCollection, String, Symbol, ByteArray and Interval share: elements in an order, by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import bad_index
from stui_cli.playground.kernel.elements import elements, equal, gathered, like, size_of
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.objects import Array, Interval, Symbol, Text, character

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("SequenceableCollection", "at:")
def at(machine: Machine, receiver: Value, index: Value) -> Value:
    if type(index) is int and index > 0:
        found = _at(machine, receiver, index)
        if found is not None:
            return found[0]
    return bad_index(machine, receiver, index)


def _at(machine: Machine, receiver: Value, index: int) -> tuple[Value] | None:
    """The element at a number above 0, or None behind the end."""
    chars = receiver.chars if isinstance(receiver, Text) else receiver.name if isinstance(receiver, Symbol) else None
    if chars is not None:
        return (character(ord(chars[index - 1])),) if index <= len(chars) else None
    if isinstance(receiver, Interval):
        if index > size_of(machine, receiver):
            return None
        return (machine.send(receiver.start, "+", machine.send(receiver.step, "*", index - 1)),)
    items = getattr(receiver, "items", None)
    if items is None:
        items = gathered(machine, receiver)
    return (items[index - 1],) if index <= len(items) else None


@primitive("SequenceableCollection", "at:ifAbsent:")
def at_if_absent(machine: Machine, receiver: Value, index: Value, otherwise: Value) -> Value:
    found = _at(machine, receiver, index) if type(index) is int and index > 0 else None
    return machine.call(otherwise) if found is None else found[0]


@primitive("SequenceableCollection", "at:ifPresent:")
def at_if_present(machine: Machine, receiver: Value, index: Value, block: Value) -> Value:
    found = _at(machine, receiver, index) if type(index) is int and index > 0 else None
    return None if found is None else machine.call_with(block, found[0])


@primitive("SequenceableCollection", "atAll:")
def at_all(machine: Machine, receiver: Value, indices: Value) -> Value:
    return like(machine, receiver, [machine.send(receiver, "at:", each) for each in gathered(machine, indices)])


@primitive("SequenceableCollection", "atWrap:")
def at_wrap(machine: Machine, receiver: Value, index: Value) -> Value:
    size = size_of(machine, receiver)
    if type(index) is not int or size == 0:
        return bad_index(machine, receiver, index)
    return machine.send(receiver, "at:", (index - 1) % size + 1)


@primitive("SequenceableCollection", "atAllPut:")
def at_all_put(machine: Machine, receiver: Value, value: Value) -> Value:
    for index in range(1, size_of(machine, receiver) + 1):
        machine.send(receiver, "at:put:", index, value)
    return receiver


@primitive("SequenceableCollection", "swap:with:")
def swap(machine: Machine, receiver: Value, here: Value, there: Value) -> Value:
    kept = machine.send(receiver, "at:", here)
    machine.send(receiver, "at:put:", here, machine.send(receiver, "at:", there))
    machine.send(receiver, "at:put:", there, kept)
    return receiver


def _numbered(selector: str, number: int) -> None:
    @primitive("SequenceableCollection", selector)
    def numbered(machine: Machine, receiver: Value) -> Value:
        return machine.send(receiver, "at:", number)

    distinct(numbered, selector)


for _number, _selector in enumerate(
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"), start=1
):
    _numbered(_selector, _number)


@primitive("SequenceableCollection", "last")
def last(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, "at:", size_of(machine, receiver))


@primitive("SequenceableCollection", "middle")
def middle(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, "at:", size_of(machine, receiver) // 2 + 1)


@primitive("SequenceableCollection", "nextToLast")
def next_to_last(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, "at:", size_of(machine, receiver) - 1)


@primitive("SequenceableCollection", "atLast:")
def at_last(machine: Machine, receiver: Value, index: Value) -> Value:
    if type(index) is not int:
        return bad_index(machine, receiver, index)
    return machine.send(receiver, "at:", size_of(machine, receiver) + 1 - index)


@primitive("SequenceableCollection", "atLast:put:")
def at_last_put(machine: Machine, receiver: Value, index: Value, value: Value) -> Value:
    if type(index) is not int:
        return bad_index(machine, receiver, index)
    return machine.send(receiver, "at:put:", size_of(machine, receiver) + 1 - index, value)


@primitive("SequenceableCollection", "atLast:ifAbsent:")
def at_last_if_absent(machine: Machine, receiver: Value, index: Value, otherwise: Value) -> Value:
    size = size_of(machine, receiver)
    if type(index) is not int or not 0 < index <= size:
        return machine.call(otherwise)
    return machine.send(receiver, "at:", size + 1 - index)


@primitive("SequenceableCollection", "at:incrementBy:")
def at_increment(machine: Machine, receiver: Value, index: Value, amount: Value) -> Value:
    return machine.send(receiver, "at:put:", index, machine.send(machine.send(receiver, "at:", index), "+", amount))


@primitive("SequenceableCollection", "atAll:put:")
def at_all_these_put(machine: Machine, receiver: Value, indices: Value, value: Value) -> Value:
    for each in gathered(machine, indices):
        machine.send(receiver, "at:put:", each, value)
    return value


@primitive("SequenceableCollection", "from:to:put:")
def from_to_put(machine: Machine, receiver: Value, start: Value, stop: Value, value: Value) -> Value:
    if type(start) is not int or type(stop) is not int:
        return bad_index(machine, receiver, start if type(start) is not int else stop)
    for index in range(start, min(stop, size_of(machine, receiver) + 1) + 1):
        machine.send(receiver, "at:put:", index, value)
    return value


@primitive("SequenceableCollection", "=")
def equals(machine: Machine, receiver: Value, other: Value) -> Value:
    if receiver is other:
        return True
    if not _same_kind(machine, receiver, other) or size_of(machine, receiver) != size_of(machine, other):
        return False
    return same_elements(machine, gathered(machine, receiver), gathered(machine, other))


def _same_kind(machine: Machine, receiver: Value, other: Value) -> bool:
    """Of one species: an interval is of that of arrays."""
    if isinstance(receiver, Interval | Array) and isinstance(other, Interval | Array):
        return isinstance(receiver, Interval) or isinstance(other, Interval) or _one_class(machine, receiver, other)
    return _one_class(machine, receiver, other)


def _one_class(machine: Machine, receiver: Value, other: Value) -> bool:
    return machine.class_of(receiver) is machine.class_of(other)


def same_elements(machine: Machine, one: list[Value], other: list[Value]) -> bool:
    if len(one) != len(other):
        return False
    for index, each in enumerate(one):
        if not equal(machine, each, other[index]):
            return False
    return True


@primitive("SequenceableCollection", "hash")
def hash_(machine: Machine, receiver: Value) -> Value:
    """Of the number of elements and the first few of them: a collection that holds itself has one too."""
    found = 17
    for index, each in enumerate(elements(machine, receiver)):
        if index == _HASHED:
            break
        own = type(each) is int or isinstance(each, Text | Symbol)
        found = (found * 31 + (machine.send(each, "hash") if own else 7)) & 0x3FFFFFFF
    return found


_HASHED = 10


@primitive("SequenceableCollection", "hasEqualElements:")
def has_equal_elements(machine: Machine, receiver: Value, other: Value) -> Value:
    if not machine.is_kind(other, "SequenceableCollection"):
        return False
    return same_elements(machine, gathered(machine, receiver), gathered(machine, other))


@primitive("SequenceableCollection", "isSequenceable")
def is_sequenceable(machine: Machine, receiver: Value) -> Value:
    return True
