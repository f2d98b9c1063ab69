"""One value of all elements: inject:into:, sums, the largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import empty
from stui_cli.playground.kernel.elements import elements, gathered, one, size_of, two
from stui_cli.playground.kernel.walking import collected
from stui_cli.playground.objects import Array, Block

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Collection", "inject:into:")
def inject(machine: Machine, receiver: Value, value: Value, block: Value) -> Value:
    function = two(block)
    for each in elements(machine, receiver):
        value = function(machine, value, each)
    return value


@primitive("Collection", "fold:", "reduce:")
def fold(machine: Machine, receiver: Value, block: Value) -> Value:
    items = gathered(machine, receiver)
    if not items:
        return empty(machine, receiver)
    if type(block) is Block and block.arity > 2:
        return _fold_many(machine, items, block)
    function, value = two(block), items[0]
    for each in items[1:]:
        value = function(machine, value, each)
    return value


def _fold_many(machine: Machine, items: list[Value], block: Block) -> Value:
    """By a block that takes more than one element at a time."""
    value, step = items[0], block.arity - 1
    if (len(items) - 1) % step:
        return machine.raise_("Error", f"{len(items)} elements cannot be taken {step} at a time")
    for index in range(1, len(items), step):
        value = block.function(machine, value, *items[index : index + step])
    return value


@primitive("Collection", "inject:intoWithIndex:")
def inject_with_index(machine: Machine, receiver: Value, value: Value, block: Value) -> Value:
    for index, each in enumerate(elements(machine, receiver), start=1):
        value = machine.call(block, value, each, index)
    return value


@primitive("Collection", "sumNumbers")
def sum_numbers(machine: Machine, receiver: Value) -> Value:
    return added(machine, 0, elements(machine, receiver))


@primitive("Collection", "sumNumbers:", "detectSum:")
def sum_numbers_of(machine: Machine, receiver: Value, block: Value) -> Value:
    return added(machine, 0, collected(machine, receiver, block))


@primitive("Collection", "sum:")
def sum_of(machine: Machine, receiver: Value, block: Value) -> Value:
    found = collected(machine, receiver, block)
    return added(machine, found[0], found[1:]) if found else 0


@primitive("Collection", "sum")
def sum_(machine: Machine, receiver: Value) -> Value:
    found = gathered(machine, receiver)
    return added(machine, found[0], found[1:]) if found else 0


def added(machine: Machine, total: Value, values: Value) -> Value:
    for each in values:
        total = total + each if type(total) is int and type(each) is int else machine.send(total, "+", each)
    return total


@primitive("Collection", "average", "mean")
def average(machine: Machine, receiver: Value) -> Value:
    size = size_of(machine, receiver)
    if size == 0:
        return empty(machine, receiver)
    return machine.send(sum_(machine, receiver), "/", size)


@primitive("Collection", "max")
def max_(machine: Machine, receiver: Value) -> Value:
    return fold_by(machine, receiver, "max:")


@primitive("Collection", "min")
def min_(machine: Machine, receiver: Value) -> Value:
    return fold_by(machine, receiver, "min:")


def fold_by(machine: Machine, receiver: Value, selector: str) -> Value:
    found = gathered(machine, receiver)
    if not found:
        return empty(machine, receiver)
    best = found[0]
    for each in found[1:]:
        best = machine.send(best, selector, each)
    return best


@primitive("Collection", "max:")
def max_of(machine: Machine, receiver: Value, block: Value) -> Value:
    return fold_by(machine, Array(collected(machine, receiver, block)), "max:")


@primitive("Collection", "min:")
def min_of(machine: Machine, receiver: Value, block: Value) -> Value:
    return fold_by(machine, Array(collected(machine, receiver, block)), "min:")


@primitive("Collection", "detectMax:")
def detect_max(machine: Machine, receiver: Value, block: Value) -> Value:
    return _best(machine, receiver, block, ">")


@primitive("Collection", "detectMin:")
def detect_min(machine: Machine, receiver: Value, block: Value) -> Value:
    return _best(machine, receiver, block, "<")


def _best(machine: Machine, receiver: Value, block: Value, selector: str) -> Value:
    function = one(block)
    best, best_value, first = None, None, True
    for each in elements(machine, receiver):
        value = function(machine, each)
        if first or machine.truth(machine.send(value, selector, best_value)):
            best, best_value, first = each, value, False
    return best
