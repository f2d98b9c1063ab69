"""The errors that collections and streams raise, with the texts that Pharo gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.objects import Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_SHOWN = 200  # characters of an object within a message


def shown(machine: Machine, value: Value) -> str:
    """What the object prints, short."""
    printed = machine.send(value, "printString")
    text = printed.chars if isinstance(printed, Text) else machine.article(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def bad_index(machine: Machine, receiver: Value, index: Value) -> Value:
    if type(index) is not int:
        return machine.raise_("Error", "only integers should be used as indices")
    return machine.raise_("SubscriptOutOfBounds", f"{index} in {shown(machine, receiver)}", subscript=index)


def no_count(machine: Machine, value: Value) -> Value:
    return machine.raise_("Error", f"{shown(machine, value)} is no number of elements: that is an integer of 0 or more")


def not_found(machine: Machine, receiver: Value, value: Value) -> Value:
    text = f"{shown(machine, value)} not found in {machine.class_of(receiver).name}"
    return machine.raise_("NotFound", text, object=value, collection=receiver)


def key_not_found(machine: Machine, receiver: Value, key: Value) -> Value:
    text = f"key {shown(machine, key)} not found in {machine.class_of(receiver).name}"
    return machine.raise_("KeyNotFound", text, object=key, key=key, collection=receiver)


def value_not_found(machine: Machine, receiver: Value, value: Value) -> Value:
    text = f"value {shown(machine, value)} not found in {machine.class_of(receiver).name}"
    return machine.raise_("ValueNotFound", text, object=value, value=value, collection=receiver)


def empty(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("CollectionIsEmpty", f"{shown(machine, receiver)} is empty", collection=receiver)


def sizes_differ(machine: Machine) -> Value:
    return machine.raise_("SizeMismatch", "Collections sizes do not match")


def improper_store(machine: Machine) -> Value:
    return machine.raise_("Error", "Improper store into indexable object")


def should_not(machine: Machine, receiver: Value, selector: str) -> Value:
    text = f"#{selector} should not have been implemented in {machine.class_of(receiver).name}"
    return machine.raise_("ShouldNotImplement", text, selector=selector)


def subclass_responsibility(machine: Machine, receiver: Value, selector: str) -> Value:
    text = f"{machine.class_of(receiver).name} had the subclass responsibility to implement #{selector}"
    return machine.raise_("SubclassResponsibility", text, selector=selector)


def sender(machine: Machine) -> str:
    """The selector of the method that sent what is answered now."""
    for line in machine.stack()[1:2]:
        return line.partition(">>")[2].partition(" line ")[0]
    return "this message"
