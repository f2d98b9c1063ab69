"""Array and ByteArray."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import bad_index, improper_store, no_count
from stui_cli.playground.kernel.elements import make
from stui_cli.playground.objects import Array, ByteArray, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("ArrayedCollection class", "new:")
def new_of_size(machine: Machine, receiver: Value, size: Value) -> Value:
    return filled(machine, receiver, size, 0 if receiver.payload is ByteArray else None)


@primitive("ArrayedCollection class", "new:withAll:")
def new_with_all(machine: Machine, receiver: Value, size: Value, value: Value) -> Value:
    return filled(machine, receiver, size, value)


def filled(machine: Machine, behavior: Value, size: Value, value: Value) -> Value:
    """A collection of the class, of so many times the value."""
    if type(size) is not int or size < 0:
        return no_count(machine, size)
    machine.charge_slots(size)
    return make(machine, behavior, [value] * size)


@primitive("Array", "at:")
def array_at(machine: Machine, receiver: Value, index: Value) -> Value:
    items = receiver.items
    if type(index) is int and 0 < index <= len(items):
        return items[index - 1]
    return bad_index(machine, receiver, index)


@primitive("Array", "at:put:")
def array_at_put(machine: Machine, receiver: Value, index: Value, value: Value) -> Value:
    items = receiver.items
    if type(index) is int and 0 < index <= len(items):
        items[index - 1] = value
        return value
    return bad_index(machine, receiver, index)


@primitive("Array", "size")
@primitive("ByteArray", "size")
def array_size(machine: Machine, receiver: Value) -> Value:
    return len(receiver.items)


@primitive("Array", "isArray")
def is_array(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("ByteArray", "at:put:")
def byte_at_put(machine: Machine, receiver: Value, index: Value, value: Value) -> Value:
    items = receiver.items
    if type(index) is not int or not 0 < index <= len(items):
        return bad_index(machine, receiver, index)
    if type(value) is not int or not 0 <= value < 256:
        return improper_store(machine)
    items[index - 1] = value
    return value


@primitive("ByteArray", "asString")
def bytes_as_string(machine: Machine, receiver: Value) -> Value:
    return Text(receiver.items.decode("latin-1"))


@primitive("ByteArray", "utf8Decoded")
def utf8_decoded(machine: Machine, receiver: Value) -> Value:
    try:
        return Text(receiver.items.decode("utf-8"))
    except UnicodeDecodeError:
        return machine.raise_("Error", "these bytes are no UTF-8")


@primitive("ByteArray", "hex")
def as_hex(machine: Machine, receiver: Value) -> Value:
    return Text(receiver.items.hex())


@primitive("Array", "asArray")
def as_array(machine: Machine, receiver: Value) -> Value:
    return receiver if type(receiver) is Array else Array(list(receiver.items))


@primitive("ArrayedCollection", "basicAt:")
def basic_at(machine: Machine, receiver: Value, index: Value) -> Value:
    return machine.send(receiver, "at:", index)


@primitive("ArrayedCollection", "basicAt:put:")
def basic_at_put(machine: Machine, receiver: Value, index: Value, value: Value) -> Value:
    return machine.send(receiver, "at:put:", index, value)


@primitive("ArrayedCollection", "basicSize")
def basic_size(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, "size")
