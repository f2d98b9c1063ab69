"""What numbers, characters, dates and times share: the comparisons that follow from < and =."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import subclass_responsibility

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Magnitude", "<", category="comparing")
def less(machine: Machine, receiver: Value, other: Value) -> Value:
    return subclass_responsibility(machine, receiver, "<")


@primitive("Magnitude", ">", category="comparing")
def greater(machine: Machine, receiver: Value, other: Value) -> Value:
    return machine.send(other, "<", receiver)


@primitive("Magnitude", "<=", category="comparing")
def at_most(machine: Machine, receiver: Value, other: Value) -> Value:
    return not machine.truth(machine.send(receiver, ">", other))


@primitive("Magnitude", ">=", category="comparing")
def at_least(machine: Machine, receiver: Value, other: Value) -> Value:
    return not machine.truth(machine.send(receiver, "<", other))


@primitive("Magnitude", "between:and:", category="testing")
def between(machine: Machine, receiver: Value, low: Value, high: Value) -> Value:
    if type(receiver) is int and type(low) is int and type(high) is int:
        return low <= receiver <= high
    if not machine.truth(machine.send(receiver, ">=", low)):
        return False
    return machine.send(receiver, "<=", high)


@primitive("Magnitude", "max:", category="testing")
def larger(machine: Machine, receiver: Value, other: Value) -> Value:
    if type(receiver) is int is type(other):
        return receiver if receiver > other else other
    return receiver if machine.truth(machine.send(receiver, ">", other)) else other


@primitive("Magnitude", "min:", category="testing")
def smaller(machine: Machine, receiver: Value, other: Value) -> Value:
    if type(receiver) is int is type(other):
        return receiver if receiver < other else other
    return receiver if machine.truth(machine.send(receiver, "<", other)) else other


@primitive("Magnitude", "min:max:", category="testing")
def within(machine: Machine, receiver: Value, high: Value, low: Value) -> Value:
    return larger(machine, smaller(machine, receiver, high), low)


@primitive("Magnitude", "beBetween:and:", "clampBetween:and:", category="testing")
def clamped(machine: Machine, receiver: Value, low: Value, high: Value) -> Value:
    """Also where the two are given the other way round."""
    if machine.truth(machine.send(low, "<=", high)):
        return larger(machine, smaller(machine, receiver, high), low)
    return larger(machine, smaller(machine, receiver, low), high)
