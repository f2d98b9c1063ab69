"""What compiled code calls: the only names of Python that it has."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stui_cli.playground.objects import Array, Block, ByteArray, Character, Symbol, Text
from stui_cli.playground.signals import Home, NonLocalReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine
    from stui_cli.playground.world import World


def namespace(image: World) -> dict[str, Any]:
    """Fresh, for one method or do-it."""
    return {
        "__builtins__": {}, "T": image.tables, "type": type, "int": int, "none": {}, "Array": Array, "Block": Block,
        "Home": Home, "NonLocalReturn": NonLocalReturn, "copied": copied, "go_home": go_home, "look_up": look_up,
        "same": same, "steps": steps, "times": times, "truth": truth,
    }  # fmt: skip


def copied(value: Value) -> Value:
    """A literal of its own, nested arrays too."""
    match value:
        case Text(chars=chars):
            return Text(chars)
        case Array(items=items):
            return Array([copied(item) for item in items])
        case ByteArray(items=items):
            return ByteArray(items)
        case _:
            return value


def look_up(machine: Machine, variables: dict[str, Value], name: str) -> Value:
    """A variable of the session, or a class or other global; nil if there is none."""
    if name in variables:
        return variables[name]
    return machine.image.globals.get(name)


def go_home(machine: Machine, home: Home, value: Value) -> Value:
    """`^ value` of a block."""
    if home.alive and home.strand is machine.strand:
        raise NonLocalReturn(home, value)
    text = "return from a method of another process" if home.alive else "return from a dead method context"
    return machine.raise_("BlockCannotReturn", text, result=value)


def truth(machine: Machine, value: Value) -> bool:
    return machine.truth(value)


def same(one: Value, other: Value) -> bool:
    """== : numbers and what is there once are the same where they are equal."""
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other):
        return False
    if kind is int:
        return bool(one == other) and -(1 << 60) <= one < 1 << 60
    return (kind is float and one == other) or (kind in (Symbol, Character) and one is other)


def times(machine: Machine, count: Value) -> Iterable[int]:
    """For an inlined timesRepeat:"""
    if type(count) is int:
        return range(count)
    _no_number(machine, count, "timesRepeat:")
    return ()


def steps(machine: Machine, start: Value, stop: Value, step: Value) -> Iterable[Value]:
    """For an inlined to:do: or to:by:do:"""
    if type(start) is int and type(step) is int and step != 0:
        if type(stop) is int:
            return range(start, stop + (1 if step > 0 else -1), step)
        if type(stop) in (float, Fraction):
            return _counted(start, stop, step)
    for number in (start, stop, step):
        if type(number) not in (int, float, Fraction) and not machine.is_kind(number, "Number"):
            _no_number(machine, number, "to:do:")
            return ()
    if machine.send(step, "=", 0) is True:
        machine.raise_("InvalidArgument", "a step of 0 never ends")
        return ()
    return _counted_by_sends(machine, start, stop, step)


def _counted(start: Value, stop: Value, step: Value) -> Iterator[Value]:
    number = start
    while (number <= stop) if step > 0 else (number >= stop):
        yield number
        number += step


def _counted_by_sends(machine: Machine, start: Value, stop: Value, step: Value) -> Iterator[Value]:
    upwards = machine.truth(machine.send(step, ">", 0))
    count = 0
    number = start
    while machine.truth(machine.send(number, "<=" if upwards else ">=", stop)):
        yield number
        count += 1
        number = machine.send(start, "+", machine.send(step, "*", count))


def _no_number(machine: Machine, value: Value, selector: str) -> None:
    machine.not_understood(value, selector, [])
