"""What every collection understands besides: made by its class, its size, added to, combined, made into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import empty, not_found, should_not, subclass_responsibility
from stui_cli.playground.kernel.elements import (
    elements,
    equal,
    fill,
    gathered,
    is_native,
    like,
    make,
    one,
    size_of,
)
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.sorting import in_order
from stui_cli.playground.kernel.walking import chosen
from stui_cli.playground.objects import Array, Block, Hashed, Set, Sorted, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Collection class", "withAll:", "newFrom:")
def with_all(machine: Machine, receiver: Value, collection: Value) -> Value:
    return make(machine, receiver, gathered(machine, collection))


def _with(count: int) -> None:
    """with:, with:with: and so on."""

    def with_these(machine: Machine, receiver: Value, *items: Value) -> Value:
        return make(machine, receiver, list(items))

    selector = "with:" * count
    primitive("Collection class", selector)(distinct(with_these, selector))


for _count in range(1, 7):
    _with(_count)


@primitive("Collection", "size")
def size(machine: Machine, receiver: Value) -> Value:
    if is_native(receiver):
        return size_of(machine, receiver)
    return len(gathered(machine, receiver))


@primitive("Collection", "isEmpty")
def is_empty(machine: Machine, receiver: Value) -> Value:
    return _is_empty(machine, receiver)


@primitive("Collection", "notEmpty", "isNotEmpty")
def not_empty(machine: Machine, receiver: Value) -> Value:
    return not _is_empty(machine, receiver)


def _is_empty(machine: Machine, receiver: Value) -> bool:
    return bool(machine.send(receiver, "size") == 0)


@primitive("Collection", "isEmptyOrNil")
def is_empty_or_nil(machine: Machine, receiver: Value) -> Value:
    return _is_empty(machine, receiver)


@primitive("Collection", "ifEmpty:")
def if_empty(machine: Machine, receiver: Value, block: Value) -> Value:
    return machine.call(block) if _is_empty(machine, receiver) else receiver


@primitive("Collection", "ifNotEmpty:", "ifNotEmptyDo:")
def if_not_empty(machine: Machine, receiver: Value, block: Value) -> Value:
    return receiver if _is_empty(machine, receiver) else machine.call_with(block, receiver)


@primitive("Collection", "ifEmpty:ifNotEmpty:", "ifEmpty:ifNotEmptyDo:")
def if_empty_else(machine: Machine, receiver: Value, block: Value, otherwise: Value) -> Value:
    return machine.call(block) if _is_empty(machine, receiver) else machine.call_with(otherwise, receiver)


@primitive("Collection", "ifNotEmpty:ifEmpty:")
def if_not_empty_else(machine: Machine, receiver: Value, block: Value, otherwise: Value) -> Value:
    return machine.call(otherwise) if _is_empty(machine, receiver) else machine.call_with(block, receiver)


@primitive("Collection", "add:")
def add(machine: Machine, receiver: Value, value: Value) -> Value:
    if not is_native(receiver):
        return subclass_responsibility(machine, receiver, "add:")
    return should_not(machine, receiver, "add:")


@primitive("Collection", "addAll:")
def add_all(machine: Machine, receiver: Value, others: Value) -> Value:
    for each in gathered(machine, others):
        machine.send(receiver, "add:", each)
    return others


@primitive("Collection", "addIfNotPresent:")
def add_if_not_present(machine: Machine, receiver: Value, value: Value) -> Value:
    if not machine.truth(machine.send(receiver, "includes:", value)):
        machine.send(receiver, "add:", value)
    return value


@primitive("Collection", "remove:")
def remove(machine: Machine, receiver: Value, value: Value) -> Value:
    absent = Block(lambda machine: not_found(machine, receiver, value), 0)
    return machine.send(receiver, "remove:ifAbsent:", value, absent)


@primitive("Collection", "remove:ifAbsent:")
def remove_if_absent(machine: Machine, receiver: Value, value: Value, otherwise: Value) -> Value:
    if not is_native(receiver):
        return subclass_responsibility(machine, receiver, "remove:ifAbsent:")
    return should_not(machine, receiver, "remove:ifAbsent:")


@primitive("Collection", "removeAll:")
def remove_all(machine: Machine, receiver: Value, others: Value) -> Value:
    for each in gathered(machine, others):
        machine.send(receiver, "remove:", each)
    return others


@primitive("Collection", "removeAllFoundIn:")
def remove_all_found_in(machine: Machine, receiver: Value, others: Value) -> Value:
    absent = Block(lambda _: None, 0)
    for each in gathered(machine, others):
        machine.send(receiver, "remove:ifAbsent:", each, absent)
    return others


@primitive("Collection", "removeAllSuchThat:")
def remove_such_that(machine: Machine, receiver: Value, block: Value) -> Value:
    for each in chosen(machine, receiver, block, True):
        machine.send(receiver, "remove:", each)
    return receiver


@primitive("Collection", "copyWith:")
def copy_with(machine: Machine, receiver: Value, value: Value) -> Value:
    return like(machine, receiver, [*gathered(machine, receiver), value])


@primitive("Collection", "copyWithout:")
def copy_without(machine: Machine, receiver: Value, value: Value) -> Value:
    return like(machine, receiver, without(machine, receiver, [value]))


@primitive("Collection", "copyWithoutAll:")
def copy_without_all(machine: Machine, receiver: Value, values: Value) -> Value:
    return like(machine, receiver, without(machine, receiver, gathered(machine, values)))


def without(machine: Machine, receiver: Value, values: list[Value]) -> list[Value]:
    kept = []
    for each in elements(machine, receiver):
        for value in values:
            if equal(machine, value, each):
                break
        else:
            kept.append(each)
    return kept


@primitive("Collection", "copyEmpty")
def copy_empty(machine: Machine, receiver: Value) -> Value:
    return like(machine, receiver, [])


@primitive("Collection", "union:", "|")
def union(machine: Machine, receiver: Value, others: Value) -> Value:
    both = gathered(machine, receiver) + gathered(machine, others)
    return like(machine, receiver, distinct_of(machine, both))


@primitive("Collection", "intersection:", "&")
def intersection(machine: Machine, receiver: Value, others: Value) -> Value:
    return like(machine, receiver, distinct_of(machine, _in_others(machine, receiver, others, True)))


@primitive("Collection", "difference:", "\\")
def difference(machine: Machine, receiver: Value, others: Value) -> Value:
    return like(machine, receiver, _in_others(machine, receiver, others, False))


def _in_others(machine: Machine, receiver: Value, others: Value, wanted: bool) -> list[Value]:
    there = fill(machine, Set(), gathered(machine, others)).entries
    found = []
    for each in gathered(machine, receiver):
        if (machine.key_of(each) in there) is wanted:
            found.append(each)
    return found


@primitive("Collection", "groupedBy:")
def grouped_by(machine: Machine, receiver: Value, block: Value) -> Value:
    """Key -> those elements for which the block answers it."""
    function = one(block)
    groups: dict[object, tuple[Value, list[Value]]] = {}
    for each in elements(machine, receiver):
        key = function(machine, each)
        groups.setdefault(machine.key_of(key), (key, []))[1].append(each)
    made = machine.new(machine.image.classes["OrderedDictionary"])
    for key, members in groups.values():
        machine.send(made, "at:put:", key, like(machine, receiver, members))
    return made


@primitive("Collection", "groupBy:having:", "groupedBy:having:")
def group_by_having(machine: Machine, receiver: Value, block: Value, condition: Value) -> Value:
    return machine.send(grouped_by(machine, receiver, block), "select:", condition)


def _conversion(selector: str, class_name: str) -> None:
    @primitive("Collection", selector)
    def convert(machine: Machine, receiver: Value) -> Value:
        return make(machine, machine.image.classes[class_name], gathered(machine, receiver))

    distinct(convert, selector)


for _selector, _class_name in {
    "asArray": "Array",
    "asOrderedCollection": "OrderedCollection",
    "asSet": "Set",
    "asIdentitySet": "IdentitySet",
    "asBag": "Bag",
    "asSortedCollection": "SortedCollection",
    "asByteArray": "ByteArray",
    "asDictionary": "Dictionary",
    "asOrderedDictionary": "OrderedDictionary",
}.items():
    _conversion(_selector, _class_name)


@primitive("Collection", "as:")
def as_(machine: Machine, receiver: Value, kind: Value) -> Value:
    if machine.class_of(receiver) is kind:
        return receiver
    return machine.send(kind, "newFrom:", receiver)


@primitive("Collection", "asSortedCollection:")
def as_sorted(machine: Machine, receiver: Value, block: Value) -> Value:
    return fill(machine, Sorted([], block), gathered(machine, receiver))


@primitive("Collection", "asCollection", "contents")
def itself(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("Collection", "isCollection")
def is_collection(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Collection", "isSequenceable")
def is_sequenceable(machine: Machine, receiver: Value) -> Value:
    return False


@primitive("Collection", "sorted", "asSortedArray")
def sorted_(machine: Machine, receiver: Value) -> Value:
    return Array(in_order(machine, gathered(machine, receiver), None))


@primitive("Collection", "sorted:", "asSortedArray:")
def sorted_by(machine: Machine, receiver: Value, block: Value) -> Value:
    return Array(in_order(machine, gathered(machine, receiver), block))


@primitive("Collection", "=")
def equals(machine: Machine, receiver: Value, other: Value) -> Value:
    return receiver is other


@primitive("Collection", "hash")
def hash_(machine: Machine, receiver: Value) -> Value:
    if isinstance(receiver, Hashed):
        return len(receiver.entries)
    return id(receiver) >> 4


@primitive("SequenceableCollection", "copy", "shallowCopy")
def copy(machine: Machine, receiver: Value) -> Value:
    if type(receiver) is Text:
        return Text(receiver.chars)
    made = like(machine, receiver, gathered(machine, receiver))
    if hasattr(receiver, "slots") and hasattr(made, "slots"):
        made.slots = list(receiver.slots)
    return made


@primitive("Collection", "emptyCheck")
def empty_check(machine: Machine, receiver: Value) -> Value:
    return empty(machine, receiver) if _is_empty(machine, receiver) else receiver


@primitive("Collection", "copyWithoutDuplicates")
def copy_without_duplicates(machine: Machine, receiver: Value) -> Value:
    return like(machine, receiver, distinct_of(machine, gathered(machine, receiver)))


def distinct_of(machine: Machine, items: list[Value]) -> list[Value]:
    """Each of them once, in their order."""
    return list(fill(machine, Set(), items).entries.values())
