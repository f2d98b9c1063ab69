"""Where something stands in a sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import bad_index, not_found
from stui_cli.playground.kernel.elements import elements, equal, gathered, one

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def starts_here(machine: Machine, items: list[Value], index: int, wanted: list[Value]) -> bool:
    if index < 0 or index + len(wanted) > len(items):
        return False
    for offset, each in enumerate(wanted):
        if not equal(machine, items[index + offset], each):
            return False
    return True


def place_of(machine: Machine, receiver: Value, value: Value, start: int = 0) -> int | None:
    """The first place (from 0) of what is equal."""
    for index, each in enumerate(elements(machine, receiver)):
        if index >= start and equal(machine, each, value):
            return index
    return None


def last_place_of(machine: Machine, receiver: Value, value: Value) -> int | None:
    items = gathered(machine, receiver)
    for index in range(len(items) - 1, -1, -1):
        if equal(machine, items[index], value):
            return index
    return None


@primitive("SequenceableCollection", "indexOf:")
def index_of(machine: Machine, receiver: Value, value: Value) -> Value:
    found = place_of(machine, receiver, value)
    return 0 if found is None else found + 1


@primitive("SequenceableCollection", "identityIndexOf:")
def identity_index_of(machine: Machine, receiver: Value, value: Value) -> Value:
    for index, each in enumerate(elements(machine, receiver), start=1):
        if each is value or (type(each) is int and type(value) is int and each == value):
            return index
    return 0


@primitive("SequenceableCollection", "indexOf:startingAt:")
def index_of_starting_at(machine: Machine, receiver: Value, value: Value, start: Value) -> Value:
    if type(start) is not int:
        return bad_index(machine, receiver, start)
    found = place_of(machine, receiver, value, start - 1)
    return 0 if found is None else found + 1


@primitive("SequenceableCollection", "indexOf:ifAbsent:")
def index_of_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    found = place_of(machine, receiver, value)
    return machine.call(otherwise) if found is None else found + 1


@primitive("SequenceableCollection", "lastIndexOf:")
def last_index_of(machine: Machine, receiver: Value, value: Value) -> Value:
    found = last_place_of(machine, receiver, value)
    return 0 if found is None else found + 1


@primitive("SequenceableCollection", "indexOfSubCollection:")
def index_of_sub_collection(machine: Machine, receiver: Value, other: Value) -> Value:
    items, wanted = gathered(machine, receiver), gathered(machine, other)
    for index in range(len(items) - len(wanted) + 1):
        if starts_here(machine, items, index, wanted):
            return index + 1
    return 0


@primitive("SequenceableCollection", "beginsWith:", "startsWith:")
def begins_with(machine: Machine, receiver: Value, other: Value) -> Value:
    return starts_here(machine, gathered(machine, receiver), 0, gathered(machine, other))


@primitive("SequenceableCollection", "endsWith:")
def ends_with(machine: Machine, receiver: Value, other: Value) -> Value:
    items, wanted = gathered(machine, receiver), gathered(machine, other)
    return starts_here(machine, items, len(items) - len(wanted), wanted)


@primitive("SequenceableCollection", "before:")
def before(machine: Machine, receiver: Value, value: Value) -> Value:
    found = place_of(machine, receiver, value)
    if found is None:
        return not_found(machine, receiver, value)
    return machine.send(receiver, "at:", found)


@primitive("SequenceableCollection", "after:")
def after(machine: Machine, receiver: Value, value: Value) -> Value:
    found = place_of(machine, receiver, value)
    if found is None:
        return not_found(machine, receiver, value)
    return machine.send(receiver, "at:", found + 2)


@primitive("SequenceableCollection", "detectIndex:", "findFirst:")
def find_first(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    for index, each in enumerate(elements(machine, receiver), start=1):
        if machine.truth(function(machine, each)):
            return index
    return 0


@primitive("SequenceableCollection", "findLast:")
def find_last(machine: Machine, receiver: Value, block: Value) -> Value:
    function, items = one(block), gathered(machine, receiver)
    for index in range(len(items), 0, -1):
        if machine.truth(function(machine, items[index - 1])):
            return index
    return 0


@primitive("SequenceableCollection", "indexOf:startingAt:ifAbsent:")
def index_of_from(machine: Machine, receiver: Value, value: Value, start: Value, otherwise: Value) -> Value:
    found = place_of(machine, receiver, value, start - 1 if type(start) is int else 0)
    return machine.call(otherwise) if found is None else found + 1


@primitive("SequenceableCollection", "lastIndexOf:ifAbsent:")
def last_index_of_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    found = last_place_of(machine, receiver, value)
    return machine.call(otherwise) if found is None else found + 1


@primitive("SequenceableCollection", "identityIndexOf:ifAbsent:")
def identity_index_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    found = identity_index_of(machine, receiver, value)
    return machine.call(otherwise) if found == 0 else found


@primitive("SequenceableCollection", "indexOfAnyOf:")
def index_of_any(machine: Machine, receiver: Value, wanted: Value) -> Value:
    for index, each in enumerate(elements(machine, receiver), start=1):
        if machine.truth(machine.send(wanted, "includes:", each)):
            return index
    return 0


@primitive("SequenceableCollection", "indexOfSubCollection:startingAt:")
def index_of_sub_from(machine: Machine, receiver: Value, other: Value, start: Value) -> Value:
    if type(start) is not int:
        return bad_index(machine, receiver, start)
    items, wanted = gathered(machine, receiver), gathered(machine, other)
    for index in range(max(start - 1, 0), len(items) - len(wanted) + 1):
        if starts_here(machine, items, index, wanted):
            return index + 1
    return 0


@primitive("SequenceableCollection", "includesSubCollection:")
def includes_sub(machine: Machine, receiver: Value, other: Value) -> Value:
    return index_of_sub_collection(machine, receiver, other) != 0


@primitive("SequenceableCollection", "before:ifAbsent:")
def before_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    found = place_of(machine, receiver, value)
    return machine.call(otherwise) if not found else machine.send(receiver, "at:", found)


@primitive("SequenceableCollection", "after:ifAbsent:")
def after_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    found = place_of(machine, receiver, value)
    if found is None or found + 2 > len(gathered(machine, receiver)):
        return machine.call(otherwise)
    return machine.send(receiver, "at:", found + 2)


@primitive("SequenceableCollection", "detectIndex:ifNone:")
def detect_index_if_none(machine: Machine, receiver: Value, block: Value, otherwise: Value) -> Value:
    found = find_first(machine, receiver, block)
    return machine.call(otherwise) if found == 0 else found
