"""How collections, associations, points and blocks print and store."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior, primitive
from stui_cli.playground.kernel.elements import elements, size_of
from stui_cli.playground.kernel.number_storing import has_places
from stui_cli.playground.kernel.printing import print_on, put, store_on
from stui_cli.playground.kernel.sorting import safely_sorted
from stui_cli.playground.objects import (
    Array,
    Association,
    ByteArray,
    Character,
    Interval,
    Point,
    ScaledDecimal,
    Symbol,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_FULLY_PRINTED = 100  # a dictionary of more entries prints its size
_NESTED = 100  # arrays within arrays that may still be literals


def separated(machine: Machine, items: Iterable[Value], stream: Value, between: str) -> None:
    for index, each in enumerate(items):
        if index:
            put(machine, stream, between)
        print_on(machine, each, stream)


@primitive("Collection", "printOn:", category="printing")
def print_collection(machine: Machine, receiver: Value, stream: Value) -> Value:
    machine.send(receiver, "printNameOn:", stream)
    machine.send(receiver, "printElementsOn:", stream)
    return receiver


@primitive("Collection", "printNameOn:", category="printing")
def print_name(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, machine.article(receiver))
    return receiver


@primitive("Collection", "printElementsOn:", category="printing")
def print_elements(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, "(")
    separated(machine, elements(machine, receiver), stream, " ")
    put(machine, stream, ")")
    return receiver


@primitive("Collection", "storeOn:", category="storing")
def store_collection(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, f"(({machine.class_of(receiver).name} new)")
    index = 0
    for index, each in enumerate(elements(machine, receiver), start=1):
        put(machine, stream, " add: " if index == 1 else "; add: ")
        store_on(machine, each, stream)
    put(machine, stream, "; yourself)" if index else ")")
    return receiver


# Arrays


@primitive("Array", "printOn:", category="printing")
def print_array(machine: Machine, receiver: Value, stream: Value) -> Value:
    if is_literal(receiver):
        put(machine, stream, "#")
        return print_elements(machine, receiver, stream)
    if not is_self_evaluating(receiver):
        return print_collection(machine, receiver, stream)
    put(machine, stream, "{")
    separated(machine, receiver.items, stream, ". ")
    put(machine, stream, "}")
    return receiver


def is_literal(value: Value, depth: int = 0) -> bool:
    """Whether it can stand in a literal array."""
    if value is None or isinstance(value, int | Symbol | ByteArray):
        return True
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is Array:
        return depth < _NESTED and _all(value.items, is_literal, depth + 1)
    if isinstance(value, Character):
        return value.code > 32 and value.code != 127
    return type(value) is Text or (type(value) is ScaledDecimal and has_places(value))


def is_self_evaluating(value: Value, depth: int = 0) -> bool:
    """Whether what it prints makes it again, in braces."""
    match value:
        case Behavior() | Fraction():
            return True
        case Array():
            return type(value) is Array and depth < _NESTED and _all(value.items, is_self_evaluating, depth + 1)
        case Association():
            parts = [value.key, value.value]
            return type(value) is Association and depth < _NESTED and _all(parts, is_self_evaluating, depth + 1)
        case Point() | Interval():
            return type(value) in (Point, Interval)
        case _:
            return is_literal(value)


def _all(items: Iterable[Value], condition: Value, depth: int) -> bool:
    return all(condition(each, depth) for each in items)


@primitive("Array", "isLiteral", category="testing")
def array_is_literal(machine: Machine, receiver: Value) -> Value:
    return is_literal(receiver)


@primitive("Object", "isSelfEvaluating", category="testing")
def object_is_self_evaluating(machine: Machine, receiver: Value) -> Value:
    return is_self_evaluating(receiver)


@primitive("Array", "storeOn:", category="storing")
def store_array(machine: Machine, receiver: Value, stream: Value) -> Value:
    if is_literal(receiver):
        return print_array(machine, receiver, stream)
    put(machine, stream, f"(({machine.class_of(receiver).name} new: {len(receiver.items)})")
    for index, each in enumerate(receiver.items, start=1):
        put(machine, stream, f"{'' if index == 1 else ';'} at: {index} put: ")
        store_on(machine, each, stream)
    put(machine, stream, "; yourself)")
    return receiver


@primitive("ByteArray", "printOn:", "storeOn:", category="printing")
def print_bytes(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, "#[" + " ".join(map(str, receiver.items)) + "]")
    return receiver


# Dictionaries


@primitive("Dictionary", "printElementsOn:", category="printing")
def print_dictionary(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, "(")
    if size_of(machine, receiver) > _FULLY_PRINTED:
        put(machine, stream, f"size {size_of(machine, receiver)}")
    else:
        for each in safely_sorted(machine, list(receiver.entries.values())):
            _print_entry(machine, each, stream)
            put(machine, stream, " ")
    put(machine, stream, ")")
    return receiver


def _print_entry(machine: Machine, entry: Association, stream: Value) -> None:
    print_on(machine, entry.key, stream)
    put(machine, stream, "->")
    print_on(machine, entry.value, stream)


@primitive("OrderedDictionary", "printElementsOn:", category="printing")
def print_ordered_dictionary(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, "(")
    if size_of(machine, receiver) > _FULLY_PRINTED:
        put(machine, stream, f"size {size_of(machine, receiver)}")
    else:
        for index, each in enumerate(list(receiver.entries.values())):
            if index:
                put(machine, stream, " ")
            _print_entry(machine, each, stream)
    put(machine, stream, ")")
    return receiver


@primitive("Dictionary", "storeOn:", category="storing")
def store_dictionary(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, f"(({machine.class_of(receiver).name} new)")
    for index, each in enumerate(list(receiver.entries.values())):
        put(machine, stream, "; add: " if index else " add: ")
        store_on(machine, each, stream)
    put(machine, stream, "; yourself)" if receiver.entries else ")")
    return receiver


# Associations, points, intervals, blocks


@primitive("Association", "printOn:", category="printing")
def print_association(machine: Machine, receiver: Value, stream: Value) -> Value:
    print_on(machine, receiver.key, stream)
    put(machine, stream, "->")
    print_on(machine, receiver.value, stream)
    return receiver


@primitive("Association", "storeOn:", category="storing")
def store_association(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, "(")
    store_on(machine, receiver.key, stream)
    put(machine, stream, "->")
    store_on(machine, receiver.value, stream)
    put(machine, stream, ")")
    return receiver


@primitive("BlockClosure", "printOn:", category="printing")
def print_block(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, receiver.source)
    return receiver


@primitive("Point", "printOn:", "storeOn:", category="printing")
def print_point(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, "(")
    print_on(machine, receiver.x, stream)
    y = receiver.y
    negative = isinstance(y, int | float | Fraction) and y < 0
    put(machine, stream, "@ " if negative else "@")
    print_on(machine, y, stream)
    put(machine, stream, ")")
    return receiver


@primitive("Interval", "printOn:", "storeOn:", category="printing")
def print_interval(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, "(")
    print_on(machine, receiver.start, stream)
    put(machine, stream, " to: ")
    print_on(machine, receiver.stop, stream)
    if receiver.step != 1:
        put(machine, stream, " by: ")
        print_on(machine, receiver.step, stream)
    put(machine, stream, ")")
    return receiver
