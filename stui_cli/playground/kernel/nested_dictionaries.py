"""Dictionaries within dictionaries: at:at:put: and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.dictionaries import found

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Dictionary", "at:at:")
def at_at(machine: Machine, receiver: Value, key: Value, inner: Value) -> Value:
    return machine.send(machine.send(receiver, "at:", key), "at:", inner)


@primitive("Dictionary", "at:at:put:")
def at_at_put(machine: Machine, receiver: Value, key: Value, inner: Value, value: Value) -> Value:
    below = found(machine, receiver, key)
    if below is None:
        made = machine.new(machine.class_of(receiver))
        machine.send(receiver, "at:put:", key, made)
        return machine.send(made, "at:put:", inner, value)
    return machine.send(below.value, "at:put:", inner, value)


@primitive("Dictionary", "at:at:ifAbsent:")
def at_at_if_absent(machine: Machine, receiver: Value, key: Value, inner: Value, otherwise: Value) -> Value:
    below = found(machine, receiver, key)
    if below is None:
        return machine.call(otherwise)
    return machine.send(below.value, "at:ifAbsent:", inner, otherwise)
