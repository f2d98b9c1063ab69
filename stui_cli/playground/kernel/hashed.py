"""Set, IdentitySet and Bag. The order is that of adding: nothing promises another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import no_count, should_not
from stui_cli.playground.kernel.elements import add_to_bag, elements, fill, key_for, one
from stui_cli.playground.objects import Array, Association, Bag, Hashed, Set

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


_GROWN_BY = 200  # bytes of an entry more


@primitive("HashedCollection class", "new:")
@primitive("Bag class", "new:")
def new_of_size(machine: Machine, receiver: Value, size: Value) -> Value:
    """Empty: the size is what it is made ready for."""
    return machine.send(receiver, "new")


@primitive("HashedCollection", "size")
def size(machine: Machine, receiver: Value) -> Value:
    return len(receiver.entries)


@primitive("HashedCollection", "capacity")
def capacity(machine: Machine, receiver: Value) -> Value:
    return max(32, len(receiver.entries))


@primitive("HashedCollection", "rehash")
def rehash(machine: Machine, receiver: Value) -> Value:
    """After its elements were changed so that they hash otherwise."""
    kept = list(receiver.entries.values())
    receiver.entries.clear()
    return fill(machine, receiver, kept)


@primitive("Set", "add:")
def add(machine: Machine, receiver: Value, value: Value) -> Value:
    receiver.entries.setdefault(key_for(machine, receiver, value), value)
    machine.charge(_GROWN_BY)
    return value


@primitive("Set", "includes:")
def includes(machine: Machine, receiver: Value, value: Value) -> Value:
    return key_for(machine, receiver, value) in receiver.entries


@primitive("Set", "remove:ifAbsent:")
def remove_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    key = key_for(machine, receiver, value)
    return receiver.entries.pop(key) if key in receiver.entries else machine.call(otherwise)


@primitive("Set", "like:")
def the_equal_one(machine: Machine, receiver: Value, value: Value) -> Value:
    return receiver.entries.get(key_for(machine, receiver, value))


@primitive("Set", "occurrencesOf:")
def occurrences(machine: Machine, receiver: Value, value: Value) -> Value:
    return int(key_for(machine, receiver, value) in receiver.entries)


@primitive("Set", "collect:")
def collect(machine: Machine, receiver: Value, block: Value) -> Value:
    """A plain Set: what is collected may be equal."""
    function = one(block)
    found: list[Value] = []
    for each in elements(machine, receiver):
        found.append(function(machine, each))
    return fill(machine, Set(), found)


@primitive("Set", "asSet")
def as_set(machine: Machine, receiver: Value) -> Value:
    return receiver if type(receiver) is Set else fill(machine, Set(), elements(machine, receiver))


@primitive("Set", "=")
def set_equals(machine: Machine, receiver: Value, other: Value) -> Value:
    if receiver is other:
        return True
    if machine.class_of(receiver) is not machine.class_of(other) or len(receiver.entries) != len(other.entries):
        return False
    return receiver.entries.keys() == other.entries.keys()


@primitive("HashedCollection", "removeAll")
@primitive("Bag", "removeAll")
def remove_all(machine: Machine, receiver: Value) -> Value:
    receiver.entries.clear()
    return receiver


@primitive("HashedCollection", "at:")
@primitive("Bag", "at:")
def at(machine: Machine, receiver: Value, index: Value) -> Value:
    return machine.raise_("Error", f"Instances of {machine.class_of(receiver).name} are not indexable")


@primitive("Set", "at:put:")
@primitive("Bag", "at:put:")
def at_put(machine: Machine, receiver: Value, index: Value, value: Value) -> Value:
    return should_not(machine, receiver, "at:put:")


@primitive("HashedCollection", "copy", "shallowCopy")
@primitive("Bag", "copy", "shallowCopy")
def copy(machine: Machine, receiver: Value) -> Value:
    made = machine.new(machine.class_of(receiver))
    made.entries = {key: _copied(entry) for key, entry in receiver.entries.items()}
    if hasattr(receiver, "slots"):
        made.slots = list(receiver.slots)
    return made


def _copied(entry: Value) -> Value:
    """What a collection changes of an entry belongs to it alone."""
    if type(entry) is Association:
        return Association(entry.key, entry.value)
    return list(entry) if type(entry) is list else entry


# Bags


@primitive("Bag", "add:")
def bag_add(machine: Machine, receiver: Value, value: Value) -> Value:
    add_to_bag(machine, receiver, value, 1)
    machine.charge(_GROWN_BY)
    return value


@primitive("Bag", "add:withOccurrences:")
def bag_add_many(machine: Machine, receiver: Value, value: Value, count: Value) -> Value:
    if type(count) is not int or count < 0:
        return no_count(machine, count)
    if count:
        add_to_bag(machine, receiver, value, count)
    return value


@primitive("Bag", "occurrencesOf:")
def bag_occurrences(machine: Machine, receiver: Value, value: Value) -> Value:
    entry = receiver.entries.get(key_for(machine, receiver, value))
    return entry[1] if entry else 0


@primitive("Bag", "includes:")
def bag_includes(machine: Machine, receiver: Value, value: Value) -> Value:
    return key_for(machine, receiver, value) in receiver.entries


@primitive("Bag", "remove:ifAbsent:")
def bag_remove(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    key = key_for(machine, receiver, value)
    entry = receiver.entries.get(key)
    if entry is None:
        return machine.call(otherwise)
    entry[1] -= 1
    if entry[1] == 0:
        del receiver.entries[key]
    return value


@primitive("Bag", "asSet")
def bag_as_set(machine: Machine, receiver: Value) -> Value:
    return fill(machine, Set(), [each for each, _ in receiver.entries.values()])


@primitive("Bag", "valuesAndCounts")
def values_and_counts(machine: Machine, receiver: Value) -> Value:
    made = machine.new(machine.image.classes["Dictionary"])
    for each, count in receiver.entries.values():
        machine.send(made, "at:put:", each, count)
    return made


@primitive("Bag", "sortedCounts")
def sorted_counts(machine: Machine, receiver: Value) -> Value:
    """count->element, the most frequent first."""
    ranked = sorted(receiver.entries.values(), key=lambda entry: -entry[1])
    return Array([Association(count, each) for each, count in ranked])


@primitive("Bag", "=")
def bag_equals(machine: Machine, receiver: Value, other: Value) -> Value:
    if not isinstance(other, Bag) or machine.class_of(receiver) is not machine.class_of(other):
        return receiver is other
    mine, theirs = receiver.entries, other.entries
    return mine.keys() == theirs.keys() and all(mine[key][1] == theirs[key][1] for key in mine)


@primitive("Bag", "hash")
def bag_hash(machine: Machine, receiver: Value) -> Value:
    return len(receiver.entries)


@primitive("HashedCollection", "isHealthy")
def is_healthy(machine: Machine, receiver: Value) -> Value:
    return isinstance(receiver, Hashed)
