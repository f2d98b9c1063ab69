"""Copies: copy, shallowCopy and deepCopy. Numbers, characters, symbols, classes and blocks are their own copies."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import Behavior, primitive
from stui_cli.playground.kernel.printing import Limited
from stui_cli.playground.objects import (
    Array,
    Block,
    Character,
    Dictionary,
    Hashed,
    Indexed,
    Ordered,
    Signal,
    Symbol,
    WriteStream,
)

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_SAME = (type(None), bool, int, float, Fraction, Symbol, Character, Behavior, Block, Signal)
_CELL = 64  # bytes of an element


def _parts(kind: type) -> list[str]:
    return [name for above in kind.__mro__ for name in getattr(above, "__slots__", ()) if name != "__weakref__"]


def shallow(machine: Machine, value: Any) -> Any:
    """A new object of the same parts."""
    if isinstance(value, _SAME):
        return value
    kind: Any = WriteStream if isinstance(value, Limited) else type(value)
    made = kind.__new__(kind)
    for name in _parts(kind):
        part = getattr(value, name, None)
        if isinstance(part, list | dict | bytearray):
            machine.charge(len(part) * (1 if isinstance(part, bytearray) else _CELL))
            part = part.copy()
        setattr(made, name, part)
    return made


@primitive("Object", "shallowCopy", category="copying")
def shallow_copy(machine: Machine, receiver: Value) -> Value:
    return shallow(machine, receiver)


@primitive("Object", "copy", category="copying")
def copy(machine: Machine, receiver: Value) -> Value:
    """A shallow one, which may then do more in its postCopy."""
    if isinstance(receiver, _SAME):
        return receiver
    made = machine.send(receiver, "shallowCopy")
    machine.send(made, "postCopy")
    return made


@primitive("Object", "postCopy", category="copying")
def post_copy(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("Object", "deepCopy", "veryDeepCopy", category="copying")
def deep_copy(machine: Machine, receiver: Value) -> Value:
    """With copies of all that it is made of; what is met twice is copied once."""
    return _deep(machine, receiver, {})


def _deep(machine: Machine, value: Any, done: dict[int, Any]) -> Any:
    if isinstance(value, _SAME):
        return value
    if id(value) in done:
        return done[id(value)]
    if machine.attention:
        machine.poll()
    made = machine.send(value, "shallowCopy") if isinstance(value, Hashed) else shallow(machine, value)
    done[id(value)] = made
    if isinstance(made, Dictionary):
        for association in made.entries.values():
            association.value = _deep(machine, association.value, done)
    elif isinstance(made, Array | Indexed | Ordered):
        made.items[:] = [_deep(machine, item, done) for item in made.items]
    slots = getattr(made, "slots", None)
    if slots:
        slots[:] = [_deep(machine, item, done) for item in slots]
    for name in ("key", "value", "x", "y"):
        if hasattr(made, name):
            setattr(made, name, _deep(machine, getattr(made, name), done))
    return made
