"""OrderedCollection and SortedCollection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.arrays import filled
from stui_cli.playground.kernel.complaints import bad_index, empty, not_found, should_not
from stui_cli.playground.kernel.elements import gathered, one
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.places import place_of
from stui_cli.playground.kernel.sorting import in_order, place
from stui_cli.playground.objects import Array, Sorted

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


_GROWN_BY = 64  # bytes of an element more


@primitive("OrderedCollection class", "basicNew", category="instance creation")
def basic_new(machine: Machine, receiver: Value) -> Value:
    """One that was never initialized: as elsewhere nothing works on it, not even its print."""
    made = machine.new(receiver)
    made.items = None
    return made


@primitive("OrderedCollection class", "new:")
def new_of_size(machine: Machine, receiver: Value, size: Value) -> Value:
    """Empty: the size is what it is made ready for."""
    return machine.send(receiver, "new")


@primitive("OrderedCollection class", "new:withAll:")
def new_with_all(machine: Machine, receiver: Value, size: Value, value: Value) -> Value:
    return filled(machine, receiver, size, value)


@primitive("OrderedCollection", "at:")
def at(machine: Machine, receiver: Value, index: Value) -> Value:
    if receiver.gone:
        return _at(machine, receiver, index)
    items = receiver.held
    if type(index) is int and 0 < index <= len(items):
        return items[index - 1]
    return bad_index(machine, receiver, index)


def _at(machine: Machine, receiver: Value, index: Value) -> Value:
    if type(index) is int and 0 < index <= receiver.size():
        return receiver.at(index - 1)
    return bad_index(machine, receiver, index)


@primitive("OrderedCollection", "at:put:")
def at_put(machine: Machine, receiver: Value, index: Value, value: Value) -> Value:
    items = receiver.items if receiver.gone else receiver.held
    if type(index) is int and 0 < index <= len(items):
        items[index - 1] = value
        return value
    return bad_index(machine, receiver, index)


@primitive("OrderedCollection", "size")
def size(machine: Machine, receiver: Value) -> Value:
    return receiver.size()


# Added


@primitive("OrderedCollection", "add:", "addLast:")
def add(machine: Machine, receiver: Value, value: Value) -> Value:
    receiver.held.append(value)
    machine.charge(_GROWN_BY)
    return value


@primitive("OrderedCollection", "addFirst:")
def add_first(machine: Machine, receiver: Value, value: Value) -> Value:
    receiver.items.insert(0, value)
    machine.charge(_GROWN_BY)
    return value


@primitive("OrderedCollection", "addAll:", "addAllLast:")
def add_all(machine: Machine, receiver: Value, others: Value) -> Value:
    receiver.items.extend(gathered(machine, others))
    return others


@primitive("OrderedCollection", "addAllFirst:")
def add_all_first(machine: Machine, receiver: Value, others: Value) -> Value:
    receiver.items[:0] = gathered(machine, others)
    return others


@primitive("OrderedCollection", "add:beforeIndex:", "insert:before:")
def add_before_index(machine: Machine, receiver: Value, value: Value, index: Value) -> Value:
    if type(index) is not int or not 0 < index <= len(receiver.items) + 1:
        return bad_index(machine, receiver, index)
    receiver.items.insert(index - 1, value)
    return value


@primitive("OrderedCollection", "add:afterIndex:")
def add_after_index(machine: Machine, receiver: Value, value: Value, index: Value) -> Value:
    if type(index) is not int or not 0 <= index <= len(receiver.items):
        return bad_index(machine, receiver, index)
    receiver.items.insert(index, value)
    return value


@primitive("OrderedCollection", "add:before:")
def add_before(machine: Machine, receiver: Value, value: Value, neighbour: Value) -> Value:
    found = place_of(machine, receiver, neighbour)
    if found is None:
        return not_found(machine, receiver, neighbour)
    receiver.items.insert(found, value)
    return value


@primitive("OrderedCollection", "add:after:")
def add_after(machine: Machine, receiver: Value, value: Value, neighbour: Value) -> Value:
    found = place_of(machine, receiver, neighbour)
    if found is None:
        return not_found(machine, receiver, neighbour)
    receiver.items.insert(found + 1, value)
    return value


# Removed


@primitive("OrderedCollection", "removeFirst")
def remove_first(machine: Machine, receiver: Value) -> Value:
    return receiver.take_first() if receiver.size() else empty(machine, receiver)


@primitive("OrderedCollection", "removeLast")
def remove_last(machine: Machine, receiver: Value) -> Value:
    return receiver.items.pop() if receiver.items else empty(machine, receiver)


@primitive("OrderedCollection", "removeFirst:")
def remove_first_of(machine: Machine, receiver: Value, count: Value) -> Value:
    if type(count) is not int or not 0 <= count <= len(receiver.items):
        return empty(machine, receiver)
    taken = receiver.items[:count]
    del receiver.items[:count]
    return Array(taken)


@primitive("OrderedCollection", "removeLast:")
def remove_last_of(machine: Machine, receiver: Value, count: Value) -> Value:
    if type(count) is not int or not 0 <= count <= len(receiver.items):
        return empty(machine, receiver)
    start = len(receiver.items) - count
    taken = receiver.items[start:]
    del receiver.items[start:]
    return Array(taken)


@primitive("OrderedCollection", "removeAt:", "removeIndex:")
def remove_at(machine: Machine, receiver: Value, index: Value) -> Value:
    if type(index) is not int or not 0 < index <= len(receiver.items):
        return bad_index(machine, receiver, index)
    return receiver.items.pop(index - 1)


@primitive("OrderedCollection", "remove:ifAbsent:")
def remove_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    found = place_of(machine, receiver, value)
    return machine.call(otherwise) if found is None else receiver.items.pop(found)


@primitive("OrderedCollection", "removeAll")
def remove_all(machine: Machine, receiver: Value) -> Value:
    receiver.items.clear()
    return receiver


@primitive("OrderedCollection", "removeAllSuchThat:")
def remove_all_such_that(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    kept: list[Value] = []
    for each in list(receiver.items):
        if not machine.truth(function(machine, each)):
            kept.append(each)
    receiver.items[:] = kept
    return receiver


# Sorted


@primitive("SortedCollection class", "sortBlock:", "sortUsing:")
def with_sort_block(machine: Machine, receiver: Value, block: Value) -> Value:
    made = machine.new(receiver)
    made.block = block
    return made


@primitive("SortedCollection", "sortBlock")
def sort_block(machine: Machine, receiver: Value) -> Value:
    return receiver.block


@primitive("SortedCollection", "sortBlock:")
def set_sort_block(machine: Machine, receiver: Value, block: Value) -> Value:
    receiver.block = block
    receiver.items[:] = in_order(machine, receiver.items, block)
    return receiver


@primitive("SortedCollection", "add:")
def sorted_add(machine: Machine, receiver: Value, value: Value) -> Value:
    receiver.items.insert(place(machine, receiver.items, value, receiver.block), value)
    machine.charge(_GROWN_BY)
    return value


@primitive("SortedCollection", "addAll:")
def sorted_add_all(machine: Machine, receiver: Value, others: Value) -> Value:
    receiver.items[:] = in_order(machine, receiver.items + gathered(machine, others), receiver.block)
    return others


def _not_at_a_place(selector: str, count: int) -> None:
    def refuse(machine: Machine, receiver: Value, *arguments: Value) -> Value:
        return should_not(machine, receiver, selector)

    primitive("SortedCollection", selector)(distinct(refuse, selector))


for _selector in (
    "addFirst:",
    "addLast:",
    "at:put:",
    "add:beforeIndex:",
    "insert:before:",
    "addAllFirst:",
    "addAllLast:",
):
    _not_at_a_place(_selector, _selector.count(":"))


@primitive("SortedCollection", "copyWith:")
def sorted_copy_with(machine: Machine, receiver: Value, value: Value) -> Value:
    made = Sorted(list(receiver.items), receiver.block)
    sorted_add(machine, made, value)
    return made
