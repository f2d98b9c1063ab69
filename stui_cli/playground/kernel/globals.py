"""Smalltalk: the globals by name, and what it says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import stui_cli
from stui_cli.playground.classes import Behavior, primitive
from stui_cli.playground.kernel.complaints import key_not_found
from stui_cli.playground.kernel.elements import one, two
from stui_cli.playground.kernel.printing import put
from stui_cli.playground.objects import Array, Association, Symbol, Text, symbol

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_GLOBAL_BYTES = 300


def _name(key: Value) -> str:
    return key.name if isinstance(key, Symbol) else key.chars if isinstance(key, Text) else ""


@primitive("SystemDictionary", "at:")
def at(machine: Machine, receiver: Value, key: Value) -> Value:
    there = machine.image.globals
    return there[_name(key)] if _name(key) in there else key_not_found(machine, receiver, key)


@primitive("SystemDictionary", "at:put:")
def at_put(machine: Machine, receiver: Value, key: Value, value: Value) -> Value:
    world, name = machine.image, _name(key)
    if not name.isidentifier():
        return machine.raise_("Error", "the name of a global is a symbol, as #Point3")
    if name in world.classes or name in ("Transcript", "Smalltalk", "Processor"):
        return machine.raise_("Error", f"{name} is a part of the playground itself: it stays")
    machine.charge(_GLOBAL_BYTES)
    world.globals[name] = value
    return value


@primitive("SystemDictionary", "at:ifAbsent:")
def at_if_absent(machine: Machine, receiver: Value, key: Value, otherwise: Value) -> Value:
    there = machine.image.globals
    return there[_name(key)] if _name(key) in there else machine.call(otherwise)


@primitive("SystemDictionary", "at:ifAbsentPut:")
def at_if_absent_put(machine: Machine, receiver: Value, key: Value, otherwise: Value) -> Value:
    there = machine.image.globals
    return there[_name(key)] if _name(key) in there else at_put(machine, receiver, key, machine.call(otherwise))


@primitive("SystemDictionary", "at:ifPresent:")
def at_if_present(machine: Machine, receiver: Value, key: Value, block: Value) -> Value:
    there = machine.image.globals
    return machine.call_with(block, there[_name(key)]) if _name(key) in there else None


@primitive("SystemDictionary", "at:ifPresent:ifAbsent:")
def at_if_present_if_absent(machine: Machine, receiver: Value, key: Value, block: Value, otherwise: Value) -> Value:
    there = machine.image.globals
    return machine.call_with(block, there[_name(key)]) if _name(key) in there else machine.call(otherwise)


@primitive("SystemDictionary", "includesKey:", "hasClassNamed:")
def includes_key(machine: Machine, receiver: Value, key: Value) -> Value:
    return _name(key) in machine.image.globals


@primitive("SystemDictionary", "removeKey:")
def remove_key(machine: Machine, receiver: Value, key: Value) -> Value:
    return remove_key_if_absent(machine, receiver, key, None)


@primitive("SystemDictionary", "removeKey:ifAbsent:")
def remove_key_if_absent(machine: Machine, receiver: Value, key: Value, otherwise: Value) -> Value:
    world, name = machine.image, _name(key)
    if name not in world.globals:
        return key_not_found(machine, receiver, key) if otherwise is None else machine.call(otherwise)
    if name in world.classes or name in ("Transcript", "Smalltalk", "Processor"):
        return machine.raise_("Error", f"{name} is a part of the playground itself: it stays")
    return world.globals.pop(name)


@primitive("SystemDictionary", "keys")
def keys(machine: Machine, receiver: Value) -> Value:
    return Array([symbol(name) for name in machine.image.globals])


@primitive("SystemDictionary", "values")
def values(machine: Machine, receiver: Value) -> Value:
    return Array(list(machine.image.globals.values()))


@primitive("SystemDictionary", "keysDo:")
def keys_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    for name in list(machine.image.globals):
        function(machine, symbol(name))
    return receiver


@primitive("SystemDictionary", "keysAndValuesDo:")
def keys_and_values_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = two(block)
    for name, value in list(machine.image.globals.items()):
        function(machine, symbol(name), value)
    return receiver


@primitive("SystemDictionary", "associations")
def associations(machine: Machine, receiver: Value) -> Value:
    return Array([Association(symbol(name), value) for name, value in machine.image.globals.items()])


@primitive("SystemDictionary", "size")
def size(machine: Machine, receiver: Value) -> Value:
    return len(machine.image.globals)


@primitive("SystemDictionary", "globals", "environment", "image")
def globals_(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("SystemDictionary", "classNamed:", "classOrTraitNamed:")
def class_named(machine: Machine, receiver: Value, key: Value) -> Value:
    found = machine.image.globals.get(_name(key))
    return found if isinstance(found, Behavior) else None


@primitive("SystemDictionary", "allClasses", "classes")
def all_classes(machine: Machine, receiver: Value) -> Value:
    return Array([each for each in machine.image.globals.values() if isinstance(each, Behavior)])


@primitive("SystemDictionary", "version")
def version(machine: Machine, receiver: Value) -> Value:
    return Text(f"stui playground {stui_cli.__version__}")


@primitive("SystemDictionary", "garbageCollect")
def garbage_collect(machine: Machine, receiver: Value) -> Value:
    return 0


@primitive("SystemDictionary", "printOn:", category="printing")
def print_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, "Smalltalk")
    return receiver
