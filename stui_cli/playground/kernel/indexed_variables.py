"""Objects with indexed variables, of a class made by variableSubclass:; all other objects say that they have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior, primitive
from stui_cli.playground.kernel.complaints import bad_index, no_count
from stui_cli.playground.objects import Indexed

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def _not_indexable(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("Error", f"Instances of {machine.class_of(receiver).name} are not indexable")


@primitive("Object", "size", "basicSize", category="accessing")
def size(machine: Machine, receiver: Value) -> Value:
    return len(receiver.items) if isinstance(receiver, Indexed) else _not_indexable(machine, receiver)


@primitive("Object", "at:", "basicAt:", category="accessing")
def at(machine: Machine, receiver: Value, index: Value) -> Value:
    if not isinstance(receiver, Indexed):
        return _not_indexable(machine, receiver)
    if type(index) is int and 0 < index <= len(receiver.items):
        return receiver.items[index - 1]
    return bad_index(machine, receiver, index)


@primitive("Object", "at:put:", "basicAt:put:", category="accessing")
def at_put(machine: Machine, receiver: Value, index: Value, element: Value) -> Value:
    if not isinstance(receiver, Indexed):
        return _not_indexable(machine, receiver)
    if type(index) is int and 0 < index <= len(receiver.items):
        receiver.items[index - 1] = element
        return element
    return bad_index(machine, receiver, index)


@primitive("Behavior", "new:", category="making")
def new_of_size(machine: Machine, receiver: Behavior, count: Value) -> Value:
    """An instance of so many, which may then set itself up in its initialize."""
    made = basic_new_of_size(machine, receiver, count)
    machine.send(made, "initialize")
    return made


@primitive("Behavior", "basicNew:", category="making")
def basic_new_of_size(machine: Machine, receiver: Behavior, count: Value) -> Value:
    if receiver.payload is not Indexed:
        text = f"{receiver.name} cannot have variable sized instances: it was made by subclass:, not variableSubclass:"
        return machine.raise_("Error", text)
    if type(count) is not int or count < 0:
        return no_count(machine, count)
    machine.charge_slots(count)
    made = machine.new(receiver)
    made.items = [None] * count
    return made


@primitive("Behavior", "isVariable", category="testing")
def is_variable(machine: Machine, receiver: Behavior) -> Value:
    return receiver.payload is Indexed
