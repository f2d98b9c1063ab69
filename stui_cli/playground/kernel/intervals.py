"""Interval: numbers that are counted, not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import bad_index, should_not
from stui_cli.playground.kernel.elements import interval_size, one
from stui_cli.playground.objects import Array, Interval

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def interval(machine: Machine, start: Value, stop: Value, step: Value) -> Value:
    """One from start to stop. A step of 0 is an error."""
    if step == 0:
        return machine.raise_("DomainError", "Zero size steps not allowed")
    return Interval(start, stop, step)


@primitive("Number", "to:")
def to(machine: Machine, receiver: Value, stop: Value) -> Value:
    return interval(machine, receiver, stop, 1)


@primitive("Number", "to:by:")
def to_by(machine: Machine, receiver: Value, stop: Value, step: Value) -> Value:
    return interval(machine, receiver, stop, step)


@primitive("Number", "to:collect:")
def to_collect(machine: Machine, receiver: Value, stop: Value, block: Value) -> Value:
    return machine.send(Interval(receiver, stop, 1), "collect:", block)


@primitive("Interval class", "from:to:")
def from_to(machine: Machine, receiver: Value, start: Value, stop: Value) -> Value:
    return interval(machine, start, stop, 1)


@primitive("Interval class", "from:to:by:")
def from_to_by(machine: Machine, receiver: Value, start: Value, stop: Value, step: Value) -> Value:
    return interval(machine, start, stop, step)


@primitive("Interval", "size")
def size(machine: Machine, receiver: Value) -> Value:
    return interval_size(machine, receiver)


@primitive("Interval", "first")
def first(machine: Machine, receiver: Value) -> Value:
    return receiver.start


@primitive("Interval", "last")
def last(machine: Machine, receiver: Value) -> Value:
    count = interval_size(machine, receiver)
    return machine.send(receiver, "at:", count) if count else receiver.stop


@primitive("Interval", "stop")
def stop(machine: Machine, receiver: Value) -> Value:
    return receiver.stop


@primitive("Interval", "increment", "step")
def increment(machine: Machine, receiver: Value) -> Value:
    return receiver.step


@primitive("Interval", "isInterval")
def is_interval(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Interval", "includes:")
def includes(machine: Machine, receiver: Value, value: Value) -> Value:
    if type(receiver.start) is int and type(receiver.step) is int and type(value) is int:
        step = receiver.step
        return value in range(receiver.start, receiver.start + interval_size(machine, receiver) * step, step)
    found = machine.send(Array(_listed(machine, receiver)), "includes:", value)
    return found is True


def _listed(machine: Machine, receiver: Value) -> list[Value]:
    machine.charge_slots(interval_size(machine, receiver))
    return [machine.send(receiver, "at:", index + 1) for index in range(interval_size(machine, receiver))]


@primitive("Interval", "reverseDo:")
def reverse_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    for index in range(interval_size(machine, receiver), 0, -1):
        function(machine, machine.send(receiver, "at:", index))
    return receiver


@primitive("Interval", "sum")
def sum_(machine: Machine, receiver: Value) -> Value:
    count = interval_size(machine, receiver)
    if count == 0:
        return 0
    ends = machine.send(receiver.start, "+", machine.send(receiver, "at:", count))
    return machine.send(machine.send(ends, "*", count), "/", 2)


@primitive("Interval", "copyFrom:to:")
def copy_from_to(machine: Machine, receiver: Value, start: Value, end: Value) -> Value:
    if type(start) is not int or type(end) is not int:
        return bad_index(machine, receiver, start if type(start) is not int else end)
    if end < start:
        return Array([])
    if start < 1 or end > interval_size(machine, receiver):
        return bad_index(machine, receiver, start if start < 1 else end)
    low, high = machine.send(receiver, "at:", start), machine.send(receiver, "at:", end)
    return Interval(low, high, receiver.step)


@primitive("Interval", "+")
def plus(machine: Machine, receiver: Value, number: Value) -> Value:
    low, high = machine.send(receiver.start, "+", number), machine.send(receiver.stop, "+", number)
    return Interval(low, high, receiver.step)


@primitive("Interval", "-")
def minus(machine: Machine, receiver: Value, number: Value) -> Value:
    low, high = machine.send(receiver.start, "-", number), machine.send(receiver.stop, "-", number)
    return Interval(low, high, receiver.step)


@primitive("Interval", "copy", "shallowCopy", "deepCopy")
def copy(machine: Machine, receiver: Value) -> Value:
    return Interval(receiver.start, receiver.stop, receiver.step)


@primitive("Interval", "at:put:")
def at_put(machine: Machine, receiver: Value, index: Value, value: Value) -> Value:
    return machine.raise_("Error", "you can not store into an interval")


@primitive("Interval", "remove:")
def remove(machine: Machine, receiver: Value, value: Value) -> Value:
    return machine.raise_("Error", "elements cannot be removed from an Interval")


@primitive("Interval", "sort:")
def sort(machine: Machine, receiver: Value, block: Value) -> Value:
    return should_not(machine, receiver, "sort:")


@primitive("Interval", "asOpenInterval")
def as_open(machine: Machine, receiver: Value) -> Value:
    low, high = machine.send(receiver.start, "+", receiver.step), machine.send(receiver.stop, "-", receiver.step)
    return Interval(low, high, receiver.step)
