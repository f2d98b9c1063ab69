"""Point: two numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.accessors import accessors
from stui_cli.playground.kernel.elements import equal
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.objects import Point

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Number", "@")
def at_sign(machine: Machine, receiver: Value, y: Value) -> Value:
    return Point(receiver, y)


@primitive("Number", "asPoint")
def number_as_point(machine: Machine, receiver: Value) -> Value:
    return Point(receiver, receiver)


@primitive("Point", "asPoint")
def as_point(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("Point", "isPoint")
def is_point(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Point class", "x:y:")
def x_y(machine: Machine, receiver: Value, x: Value, y: Value) -> Value:
    made = machine.new(receiver)
    made.x, made.y = x, y
    return made


@primitive("Point class", "r:degrees:")
def r_degrees(machine: Machine, receiver: Value, radius: Value, degrees: Value) -> Value:
    angle = machine.send(degrees, "degreesToRadians")
    x = machine.send(radius, "*", machine.send(angle, "cos"))
    return Point(x, machine.send(radius, "*", machine.send(angle, "sin")))


accessors("Point", "x", "y")


@primitive("Point", "setX:setY:", "x:y:")
def set_both(machine: Machine, receiver: Value, x: Value, y: Value) -> Value:
    receiver.x, receiver.y = x, y
    return receiver


def _with_each(selector: str) -> None:
    """An arithmetic message that goes to both numbers; the argument is a point, or a number for both."""

    @primitive("Point", selector)
    def with_each(machine: Machine, receiver: Value, other: Value) -> Value:
        right = other if isinstance(other, Point) else Point(other, other)
        return Point(machine.send(receiver.x, selector, right.x), machine.send(receiver.y, selector, right.y))

    distinct(with_each, selector)


for _selector in ("+", "-", "*", "/", "//", "\\\\", "max:", "min:", "truncateTo:", "roundTo:"):
    _with_each(_selector)


def _of_each(selector: str) -> None:
    """A message without argument that goes to both numbers."""

    @primitive("Point", selector)
    def of_each(machine: Machine, receiver: Value) -> Value:
        return Point(machine.send(receiver.x, selector), machine.send(receiver.y, selector))

    distinct(of_each, selector)


for _selector in ("abs", "negated", "rounded", "truncated", "floor", "ceiling", "sign", "squared"):
    _of_each(_selector)


def _both(selector: str) -> None:
    """A comparison that holds when it holds for both numbers."""

    @primitive("Point", selector)
    def both(machine: Machine, receiver: Value, other: Value) -> Value:
        right = machine.send(other, "asPoint")
        x = machine.truth(machine.send(receiver.x, selector, right.x))
        return x and machine.truth(machine.send(receiver.y, selector, right.y))

    distinct(both, selector)


for _selector in ("<", "<=", ">", ">="):
    _both(_selector)


@primitive("Point", "=")
def equals(machine: Machine, receiver: Value, other: Value) -> Value:
    if not isinstance(other, Point):
        return False
    return equal(machine, receiver.x, other.x) and equal(machine, receiver.y, other.y)


@primitive("Point", "hash")
def hash_(machine: Machine, receiver: Value) -> Value:
    x, y = machine.send(receiver.x, "hash"), machine.send(receiver.y, "hash")
    return (x * 31 + y) & 0x3FFFFFFF if type(x) is int and type(y) is int else 0


@primitive("Point", "transposed", "transpose")
def transposed(machine: Machine, receiver: Value) -> Value:
    return Point(receiver.y, receiver.x)


@primitive("Point", "dotProduct:")
def dot_product(machine: Machine, receiver: Value, other: Value) -> Value:
    x = machine.send(receiver.x, "*", machine.send(other, "x"))
    return machine.send(x, "+", machine.send(receiver.y, "*", machine.send(other, "y")))


@primitive("Point", "r")
def length(machine: Machine, receiver: Value) -> Value:
    return machine.send(machine.send(dot_product(machine, receiver, receiver), "asFloat"), "sqrt")


@primitive("Point", "dist:", "distanceTo:")
def distance(machine: Machine, receiver: Value, other: Value) -> Value:
    return length(machine, machine.send(receiver, "-", other))


@primitive("Point", "theta")
def theta(machine: Machine, receiver: Value) -> Value:
    return machine.send(machine.send(receiver.y, "asFloat"), "arcTan:", receiver.x)


@primitive("Point", "isZero")
def is_zero(machine: Machine, receiver: Value) -> Value:
    return receiver.x == 0 and receiver.y == 0


@primitive("Point", "copy", "shallowCopy")
def copy(machine: Machine, receiver: Value) -> Value:
    made = machine.new(machine.class_of(receiver))
    made.x, made.y = receiver.x, receiver.y
    if hasattr(receiver, "slots"):
        made.slots = list(receiver.slots)
    return made
