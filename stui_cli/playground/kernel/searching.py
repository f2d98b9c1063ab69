"""What a collection holds: detect:, includes:, and what asks all of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import empty, not_found
from stui_cli.playground.kernel.elements import elements, equal, fill, gathered, one
from stui_cli.playground.kernel.walking import chosen
from stui_cli.playground.objects import Bag

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Collection", "detect:")
def detect(machine: Machine, receiver: Value, block: Value) -> Value:
    for each in found_by(machine, receiver, block):
        return each
    return not_found(machine, receiver, block)


@primitive("Collection", "detect:ifNone:")
def detect_if_none(machine: Machine, receiver: Value, block: Value, otherwise: Value) -> Value:
    for each in found_by(machine, receiver, block):
        return each
    return machine.call(otherwise)


@primitive("Collection", "detect:ifFound:")
def detect_if_found(machine: Machine, receiver: Value, block: Value, action: Value) -> Value:
    for each in found_by(machine, receiver, block):
        machine.call_with(action, each)
    return receiver


@primitive("Collection", "detect:ifFound:ifNone:")
def detect_if_found_if_none(machine: Machine, receiver: Value, block: Value, action: Value, otherwise: Value) -> Value:
    for each in found_by(machine, receiver, block):
        return machine.call_with(action, each)
    return machine.call(otherwise)


def found_by(machine: Machine, receiver: Value, block: Value) -> list[Value]:
    """The first element that the block is true for, or none."""
    function, truth = one(block), machine.truth
    for each in elements(machine, receiver):
        if truth(function(machine, each)):
            return [each]
    return []


@primitive("Collection", "anySatisfy:", "contains:")
def any_satisfy(machine: Machine, receiver: Value, block: Value) -> Value:
    return bool(found_by(machine, receiver, block))


@primitive("Collection", "noneSatisfy:")
def none_satisfy(machine: Machine, receiver: Value, block: Value) -> Value:
    return not found_by(machine, receiver, block)


@primitive("Collection", "allSatisfy:", "conform:")
def all_satisfy(machine: Machine, receiver: Value, block: Value) -> Value:
    function, truth = one(block), machine.truth
    for each in elements(machine, receiver):
        if not truth(function(machine, each)):
            return False
    return True


@primitive("Collection", "count:")
def count(machine: Machine, receiver: Value, block: Value) -> Value:
    return len(chosen(machine, receiver, block, True))


@primitive("Collection", "includes:")
def includes(machine: Machine, receiver: Value, value: Value) -> Value:
    for each in elements(machine, receiver):
        if equal(machine, value, each):
            return True
    return False


@primitive("Collection", "identityIncludes:")
def identity_includes(machine: Machine, receiver: Value, value: Value) -> Value:
    for each in elements(machine, receiver):
        if each is value or (type(each) is int and type(value) is int and each == value):
            return True
    return False


@primitive("Collection", "includesAll:", "includesAllOf:")
def includes_all(machine: Machine, receiver: Value, others: Value) -> Value:
    for each in elements(machine, others):
        if not machine.truth(machine.send(receiver, "includes:", each)):
            return False
    return True


@primitive("Collection", "includesAny:", "includesAnyOf:")
def includes_any(machine: Machine, receiver: Value, others: Value) -> Value:
    for each in elements(machine, others):
        if machine.truth(machine.send(receiver, "includes:", each)):
            return True
    return False


@primitive("Collection", "occurrencesOf:")
def occurrences(machine: Machine, receiver: Value, value: Value) -> Value:
    found = 0
    for each in elements(machine, receiver):
        if equal(machine, value, each):
            found += 1
    return found


@primitive("Collection", "allOccurrencesOf:")
def all_occurrences(machine: Machine, receiver: Value, value: Value) -> Value:
    same = []
    for each in elements(machine, receiver):
        if equal(machine, value, each):
            same.append(each)
    return fill(machine, Bag(), same)


@primitive("Collection", "anyOne")
def any_one(machine: Machine, receiver: Value) -> Value:
    for each in elements(machine, receiver):
        return each
    return empty(machine, receiver)


@primitive("Collection", "atRandom")
def at_random(machine: Machine, receiver: Value) -> Value:
    found = gathered(machine, receiver)
    return random.choice(found) if found else empty(machine, receiver)  # noqa: S311  a die, no key  # nosec B311
