"""Sorting: by Python where only numbers or strings are compared, else by blocks that are called from here."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import empty, shown
from stui_cli.playground.kernel.elements import elements, gathered, like, two
from stui_cli.playground.objects import Array, Block, Ordered, Symbol, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine
    from stui_cli.playground.objects import Association


def in_order(machine: Machine, items: list[Value], block: Value) -> list[Value]:
    """A new list, sorted by the block (whether its first argument comes first), or by <= without one.

    It is stable: a sort of Python's own would call the block from C, whose stack is short.
    """
    machine.charge_slots(len(items))
    if block is None:
        kinds = set(map(type, items))
        if kinds == {int} or (kinds == {float} and all(each == each for each in items)):  # no NaN
            return sorted(items)
        if kinds == {Text}:
            return sorted(items, key=lambda each: each.chars)
        if kinds == {Symbol}:
            return sorted(items, key=lambda each: each.name)
        return _merged(machine, items, lambda machine, one, other: machine.send(one, "<=", other))
    return _merged(machine, items, two(block))


def _merged(machine: Machine, items: list[Value], before: Value) -> list[Value]:
    """By merging ever longer runs."""
    runs = [[each] for each in items]
    while len(runs) > 1:
        pairs = zip(runs[::2], [*runs[1::2], []], strict=False)
        runs = [_merge(machine, left, right, before) for left, right in pairs]
    return runs[0] if runs else []


def _merge(machine: Machine, left: list[Value], right: list[Value], before: Value) -> list[Value]:
    merged = []
    at_left = at_right = 0
    while at_left < len(left) and at_right < len(right):
        if machine.truth(before(machine, left[at_left], right[at_right])):
            merged.append(left[at_left])
            at_left += 1
        else:
            merged.append(right[at_right])
            at_right += 1
    return merged + left[at_left:] + right[at_right:]


def place(machine: Machine, items: list[Value], value: Value, block: Value) -> int:
    """Where the value goes in a sorted list: behind those that are equal."""
    before = two(block) if block is not None else lambda machine, one, other: machine.send(one, "<=", other)
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if machine.truth(before(machine, items[middle], value)):
            low = middle + 1
        else:
            high = middle
    return low


@primitive("SequenceableCollection", "reversed", "reverse")
def reversed_(machine: Machine, receiver: Value) -> Value:
    return like(machine, receiver, gathered(machine, receiver)[::-1])


@primitive("SequenceableCollection", "sorted")
def sorted_(machine: Machine, receiver: Value) -> Value:
    return like(machine, receiver, in_order(machine, gathered(machine, receiver), None))


@primitive("SequenceableCollection", "sorted:")
def sorted_by(machine: Machine, receiver: Value, block: Value) -> Value:
    return like(machine, receiver, in_order(machine, gathered(machine, receiver), sort_block(machine, block)))


@primitive("SequenceableCollection", "sort")
def sort(machine: Machine, receiver: Value) -> Value:
    return sort_by(machine, receiver, None)


@primitive("SequenceableCollection", "sort:")
def sort_by(machine: Machine, receiver: Value, block: Value) -> Value:
    ordered = in_order(machine, gathered(machine, receiver), sort_block(machine, block))
    if isinstance(receiver, Array | Ordered):
        receiver.items[:] = ordered
        return receiver
    for index, each in enumerate(ordered, start=1):
        machine.send(receiver, "at:put:", index, each)
    return receiver


def sort_block(machine: Machine, block: Value) -> Value:
    """A symbol of one word sorts by what the elements answer to it."""
    if not isinstance(block, Symbol) or not block.name.isidentifier():
        return block
    name = block.name
    return Block(lambda machine, one, other: machine.send(machine.send(one, name), "<=", machine.send(other, name)), 2)


@primitive("SequenceableCollection", "isSorted")
def is_sorted(machine: Machine, receiver: Value) -> Value:
    items = gathered(machine, receiver)
    for index in range(len(items) - 1):
        if not machine.truth(machine.send(items[index], "<=", items[index + 1])):
            return False
    return True


@primitive("SequenceableCollection", "shuffled", "shuffle")
def shuffled(machine: Machine, receiver: Value) -> Value:
    items = gathered(machine, receiver)
    random.shuffle(items)
    return like(machine, receiver, items)


@primitive("SequenceableCollection", "anyOne")
def any_one(machine: Machine, receiver: Value) -> Value:
    for each in elements(machine, receiver):
        return each
    return empty(machine, receiver)


def safely_sorted(machine: Machine, associations: list[Association]) -> list[Association]:
    """By their keys, as dictionaries print them: numbers and strings by size, others by class and print."""
    return sorted(associations, key=lambda each: _rank(machine, each.key))


def _rank(machine: Machine, key: Value) -> tuple[str, Value]:
    if isinstance(key, int | float | Fraction) and not isinstance(key, bool):
        return ("SmallInteger", key)
    if isinstance(key, Text | Symbol):
        return ("ByteString", key.chars if isinstance(key, Text) else key.name)
    return (machine.class_of(key).name, shown(machine, key))


@primitive("SequenceableCollection", "isSortedBy:")
def is_sorted_by(machine: Machine, receiver: Value, block: Value) -> Value:
    before, items = two(sort_block(machine, block)), gathered(machine, receiver)
    for index in range(len(items) - 1):
        if not machine.truth(before(machine, items[index], items[index + 1])):
            return False
    return True


def _by(machine: Machine, what: Value, selector: str) -> Value:
    """A sort block that compares what a symbol or block answers of the elements."""
    return Block(
        lambda machine, one, other: machine.send(machine.call(what, one), selector, machine.call(what, other)), 2
    )


@primitive("Symbol", "ascending")
@primitive("BlockClosure", "ascending")
def ascending(machine: Machine, receiver: Value) -> Value:
    return _by(machine, receiver, "<=")


@primitive("Symbol", "descending")
@primitive("BlockClosure", "descending")
def descending(machine: Machine, receiver: Value) -> Value:
    return _by(machine, receiver, ">=")


@primitive("Collection", "median")
def median(machine: Machine, receiver: Value) -> Value:
    """The middle one in order, or what is between the two of the middle."""
    items = in_order(machine, gathered(machine, receiver), None)
    if not items:
        return empty(machine, receiver)
    low, high = items[(len(items) - 1) // 2], items[len(items) // 2]
    return low if low is high else machine.send(machine.send(low, "+", high), "/", 2)
