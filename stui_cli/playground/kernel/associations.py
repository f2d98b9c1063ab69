"""Association: a key and a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.accessors import accessors
from stui_cli.playground.kernel.elements import equal
from stui_cli.playground.objects import Association

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Object", "->")
def arrow(machine: Machine, receiver: Value, value: Value) -> Value:
    return Association(receiver, value)


@primitive("Association class", "key:value:")
def key_value(machine: Machine, receiver: Value, key: Value, value: Value) -> Value:
    made = machine.new(receiver)
    made.key, made.value = key, value
    return made


accessors("Association", "key", "value")


@primitive("Association", "key:value:")
def set_both(machine: Machine, receiver: Value, key: Value, value: Value) -> Value:
    receiver.key, receiver.value = key, value
    return receiver


@primitive("Association", "=")
def equals(machine: Machine, receiver: Value, other: Value) -> Value:
    if not isinstance(other, Association):
        return False
    return equal(machine, receiver.key, other.key) and equal(machine, receiver.value, other.value)


@primitive("Association", "hash")
def hash_(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver.key, "hash")


@primitive("Association", "<")
def less(machine: Machine, receiver: Value, other: Value) -> Value:
    """By their keys."""
    return machine.send(receiver.key, "<", machine.send(other, "key"))


@primitive("Association", "<=")
def less_or_equal(machine: Machine, receiver: Value, other: Value) -> Value:
    return machine.send(receiver.key, "<=", machine.send(other, "key"))


@primitive("Association", "isAssociation")
def is_association(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Association", "copy", "shallowCopy")
def copy(machine: Machine, receiver: Value) -> Value:
    made = machine.new(machine.class_of(receiver))
    made.key, made.value = receiver.key, receiver.value
    if hasattr(receiver, "slots"):
        made.slots = list(receiver.slots)
    return made
