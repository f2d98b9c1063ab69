"""Dictionary, IdentityDictionary and OrderedDictionary: keys to associations, in the order of adding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import key_not_found, should_not, value_not_found
from stui_cli.playground.kernel.elements import equal, gathered, key_for, one, two
from stui_cli.playground.objects import Array, Association, Dictionary, Set

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


_GROWN_BY = 300  # bytes of an entry more


def put(machine: Machine, dictionary: Value, key: Value, value: Value) -> None:
    entry = key_for(machine, dictionary, key)
    there = dictionary.entries.get(entry)
    if there is None:
        dictionary.entries[entry] = Association(key, value)
        machine.charge(_GROWN_BY)
    else:
        there.value = value


def found(machine: Machine, dictionary: Value, key: Value) -> Association | None:
    association: Association | None = dictionary.entries.get(key_for(machine, dictionary, key))
    return association


def pairs(dictionary: Value) -> list[Association]:
    """The associations now: blocks may add and remove meanwhile."""
    return list(dictionary.entries.values())


@primitive("Dictionary class", "newFrom:", "withAll:")
def new_from(machine: Machine, receiver: Value, other: Value) -> Value:
    made = machine.send(receiver, "new")
    _add_all(machine, made, other)
    return made


@primitive("Dictionary class", "newFromPairs:")
def new_from_pairs(machine: Machine, receiver: Value, other: Value) -> Value:
    made, items = machine.send(receiver, "new"), gathered(machine, other)
    for index in range(0, len(items) - 1, 2):
        machine.send(made, "at:put:", items[index], items[index + 1])
    return made


@primitive("Dictionary class", "newFromKeys:andValues:")
def new_from_keys(machine: Machine, receiver: Value, keys: Value, values: Value) -> Value:
    made = machine.send(receiver, "new")
    for key, value in zip(gathered(machine, keys), gathered(machine, values), strict=False):
        machine.send(made, "at:put:", key, value)
    return made


# One key


@primitive("Dictionary", "at:")
def at(machine: Machine, receiver: Value, key: Value) -> Value:
    there = found(machine, receiver, key)
    return key_not_found(machine, receiver, key) if there is None else there.value


@primitive("Dictionary", "at:put:")
def at_put(machine: Machine, receiver: Value, key: Value, value: Value) -> Value:
    put(machine, receiver, key, value)
    return value


@primitive("Dictionary", "at:ifAbsent:")
def at_if_absent(machine: Machine, receiver: Value, key: Value, otherwise: Value) -> Value:
    there = found(machine, receiver, key)
    return machine.call(otherwise) if there is None else there.value


@primitive("Dictionary", "at:ifAbsentPut:")
def at_if_absent_put(machine: Machine, receiver: Value, key: Value, otherwise: Value) -> Value:
    there = found(machine, receiver, key)
    if there is not None:
        return there.value
    return machine.send(receiver, "at:put:", key, machine.call(otherwise))


@primitive("Dictionary", "at:ifPresent:")
def at_if_present(machine: Machine, receiver: Value, key: Value, block: Value) -> Value:
    there = found(machine, receiver, key)
    return None if there is None else machine.call_with(block, there.value)


@primitive("Dictionary", "at:ifPresent:ifAbsent:")
def at_if_present_if_absent(machine: Machine, receiver: Value, key: Value, block: Value, otherwise: Value) -> Value:
    there = found(machine, receiver, key)
    return machine.call(otherwise) if there is None else machine.call_with(block, there.value)


@primitive("Dictionary", "at:ifPresent:ifAbsentPut:")
def at_if_present_if_absent_put(machine: Machine, receiver: Value, key: Value, block: Value, otherwise: Value) -> Value:
    there = found(machine, receiver, key)
    if there is not None:
        return machine.call_with(block, there.value)
    return machine.send(receiver, "at:put:", key, machine.call(otherwise))


@primitive("Dictionary", "at:update:")
def at_update(machine: Machine, receiver: Value, key: Value, block: Value) -> Value:
    there = found(machine, receiver, key)
    if there is None:
        return key_not_found(machine, receiver, key)
    there.value = machine.call(block, there.value)
    return there.value


@primitive("Dictionary", "at:update:initial:")
def at_update_initial(machine: Machine, receiver: Value, key: Value, block: Value, initial: Value) -> Value:
    there = found(machine, receiver, key)
    if there is None:
        return machine.send(receiver, "at:put:", key, machine.send(initial, "value"))
    there.value = machine.call(block, there.value)
    return there.value


@primitive("Dictionary", "includesKey:")
def includes_key(machine: Machine, receiver: Value, key: Value) -> Value:
    return found(machine, receiver, key) is not None


@primitive("Dictionary", "associationAt:")
def association_at(machine: Machine, receiver: Value, key: Value) -> Value:
    there = found(machine, receiver, key)
    return key_not_found(machine, receiver, key) if there is None else there


@primitive("Dictionary", "associationAt:ifAbsent:")
def association_at_if_absent(machine: Machine, receiver: Value, key: Value, otherwise: Value) -> Value:
    there = found(machine, receiver, key)
    return machine.call(otherwise) if there is None else there


@primitive("Dictionary", "removeKey:")
def remove_key(machine: Machine, receiver: Value, key: Value) -> Value:
    there = receiver.entries.pop(key_for(machine, receiver, key), None)
    return key_not_found(machine, receiver, key) if there is None else there.value


@primitive("Dictionary", "removeKey:ifAbsent:")
def remove_key_if_absent(machine: Machine, receiver: Value, key: Value, otherwise: Value) -> Value:
    there = receiver.entries.pop(key_for(machine, receiver, key), None)
    return machine.call(otherwise) if there is None else there.value


@primitive("Dictionary", "removeKeys:")
def remove_keys(machine: Machine, receiver: Value, keys: Value) -> Value:
    for key in gathered(machine, keys):
        remove_key(machine, receiver, key)
    return keys


@primitive("Dictionary", "remove:")
def remove(machine: Machine, receiver: Value, value: Value) -> Value:
    return should_not(machine, receiver, "remove:")


@primitive("Dictionary", "remove:ifAbsent:")
def remove_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    return should_not(machine, receiver, "remove:ifAbsent:")


@primitive("Dictionary", "add:")
def add(machine: Machine, receiver: Value, association: Value) -> Value:
    key, value = machine.send(association, "key"), machine.send(association, "value")
    machine.send(receiver, "at:put:", key, value)
    return association


@primitive("Dictionary", "addAll:")
def add_all(machine: Machine, receiver: Value, other: Value) -> Value:
    _add_all(machine, receiver, other)
    return other


def _add_all(machine: Machine, receiver: Value, other: Value) -> None:
    for each in pairs(other) if isinstance(other, Dictionary) else gathered(machine, other):
        add(machine, receiver, each)


# All of them


@primitive("Dictionary", "keys")
def keys(machine: Machine, receiver: Value) -> Value:
    return Array([each.key for each in pairs(receiver)])


@primitive("Dictionary", "values")
def values(machine: Machine, receiver: Value) -> Value:
    return Array([each.value for each in pairs(receiver)])


@primitive("Dictionary", "associations")
def associations(machine: Machine, receiver: Value) -> Value:
    return Array(list(pairs(receiver)))


@primitive("Dictionary", "keysSortedSafely", "keysInOrder")
def keys_sorted(machine: Machine, receiver: Value) -> Value:
    return Array([each.key for each in in_order_of_keys(machine, receiver)])


def in_order_of_keys(machine: Machine, receiver: Value) -> list[Association]:
    """As dictionaries are printed: numbers and strings by size, others by class and print."""
    from stui_cli.playground.kernel.sorting import safely_sorted

    return safely_sorted(machine, pairs(receiver))


@primitive("Dictionary", "keysDo:")
def keys_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    for each in pairs(receiver):
        function(machine, each.key)
    return receiver


@primitive("Dictionary", "valuesDo:")
def values_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    for each in pairs(receiver):
        function(machine, each.value)
    return receiver


@primitive("Dictionary", "associationsDo:")
def associations_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    for each in pairs(receiver):
        function(machine, each)
    return receiver


@primitive("Dictionary", "keysAndValuesDo:")
def keys_and_values_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = two(block)
    for each in pairs(receiver):
        function(machine, each.key, each.value)
    return receiver


@primitive("Dictionary", "keysAndValuesRemove:")
def keys_and_values_remove(machine: Machine, receiver: Value, block: Value) -> Value:
    function = two(block)
    for each in pairs(receiver):
        if machine.truth(function(machine, each.key, each.value)):
            receiver.entries.pop(key_for(machine, receiver, each.key), None)
    return receiver


@primitive("Dictionary", "keyAtValue:")
def key_at_value(machine: Machine, receiver: Value, value: Value) -> Value:
    for each in pairs(receiver):
        if equal(machine, value, each.value):
            return each.key
    return value_not_found(machine, receiver, value)


@primitive("Dictionary", "keyAtValue:ifAbsent:")
def key_at_value_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    for each in pairs(receiver):
        if equal(machine, value, each.value):
            return each.key
    return machine.call(otherwise)


@primitive("Dictionary", "anyKey")
def any_key(machine: Machine, receiver: Value) -> Value:
    for each in pairs(receiver):
        return each.key
    return None


# Made into another


def _chosen(machine: Machine, receiver: Value, kept: list[Association]) -> Value:
    made = machine.new(machine.class_of(receiver))
    for each in kept:
        put(machine, made, each.key, each.value)
    return made


@primitive("Dictionary", "collect:")
def collect(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    made: list[Association] = []
    for each in pairs(receiver):
        made.append(Association(each.key, function(machine, each.value)))
    return _chosen(machine, receiver, made)


@primitive("Dictionary", "select:")
def select(machine: Machine, receiver: Value, block: Value) -> Value:
    return _chosen(machine, receiver, _filtered(machine, receiver, block, "value", True))


@primitive("Dictionary", "reject:")
def reject(machine: Machine, receiver: Value, block: Value) -> Value:
    return _chosen(machine, receiver, _filtered(machine, receiver, block, "value", False))


def _filtered(machine: Machine, receiver: Value, block: Value, name: str, wanted: bool) -> list[Association]:
    function = one(block)
    kept: list[Association] = []
    for each in pairs(receiver):
        if machine.truth(function(machine, getattr(each, name))) is wanted:
            kept.append(each)
    return kept


@primitive("Dictionary", "associationsSelect:")
def associations_select(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    kept: list[Association] = []
    for each in pairs(receiver):
        if machine.truth(function(machine, each)):
            kept.append(each)
    return _chosen(machine, receiver, kept)


@primitive("Dictionary", "keysSelect:")
def keys_select(machine: Machine, receiver: Value, block: Value) -> Value:
    return _chosen(machine, receiver, _filtered(machine, receiver, block, "key", True))


@primitive("Dictionary", "associationsReject:")
def associations_reject(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    kept: list[Association] = []
    for each in pairs(receiver):
        if not machine.truth(function(machine, each)):
            kept.append(each)
    return _chosen(machine, receiver, kept)


@primitive("Dictionary", "keySet")
def key_set(machine: Machine, receiver: Value) -> Value:
    made = Set()
    for each in pairs(receiver):
        made.entries[machine.key_of(each.key)] = each.key
    return made


@primitive("Dictionary", "=")
def equals(machine: Machine, receiver: Value, other: Value) -> Value:
    if receiver is other:
        return True
    if machine.class_of(receiver) is not machine.class_of(other) or len(receiver.entries) != len(other.entries):
        return False
    for key, each in list(receiver.entries.items()):
        there = other.entries.get(key)
        if there is None or not equal(machine, each.value, there.value):
            return False
    return True


@primitive("Dictionary", "isDictionary")
def is_dictionary(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Dictionary", "asDictionary")
def as_dictionary(machine: Machine, receiver: Value) -> Value:
    return receiver
