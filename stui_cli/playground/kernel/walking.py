"""Collections walked: do:, collect:, select: and what is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import subclass_responsibility
from stui_cli.playground.kernel.elements import elements, equal, fill, gathered, like, make, native_elements, one
from stui_cli.playground.objects import Array, Ordered, Sorted

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_NESTED = 1000


@primitive("Collection", "do:")
def do(machine: Machine, receiver: Value, block: Value) -> Value:
    found = native_elements(machine, receiver)
    if found is None:
        return subclass_responsibility(machine, receiver, "do:")
    function = one(block)
    for each in found:
        function(machine, each)
    return receiver


@primitive("Collection", "do:separatedBy:")
def do_separated(machine: Machine, receiver: Value, block: Value, between: Value) -> Value:
    function = one(block)
    first = True
    for each in elements(machine, receiver):
        if not first:
            machine.call(between)
        first = False
        function(machine, each)
    return receiver


@primitive("Collection", "do:without:")
def do_without(machine: Machine, receiver: Value, block: Value, left_out: Value) -> Value:
    function = one(block)
    for each in elements(machine, receiver):
        if not equal(machine, left_out, each):
            function(machine, each)
    return receiver


@primitive("Collection", "collect:")
def collect(machine: Machine, receiver: Value, block: Value) -> Value:
    return like(machine, _to_fill(receiver), collected(machine, receiver, block))


def _to_fill(receiver: Value) -> Value:
    """A sorted collection collects into an ordered one."""
    return Ordered() if isinstance(receiver, Sorted) else receiver


def collected(machine: Machine, receiver: Value, block: Value) -> list[Value]:
    function = one(block)
    found: list[Value] = []
    for each in elements(machine, receiver):
        found.append(function(machine, each))
    machine.charge_slots(len(found))
    return found


@primitive("Collection", "select:")
def select(machine: Machine, receiver: Value, block: Value) -> Value:
    return like(machine, receiver, chosen(machine, receiver, block, True))


@primitive("Collection", "reject:")
def reject(machine: Machine, receiver: Value, block: Value) -> Value:
    return like(machine, receiver, chosen(machine, receiver, block, False))


def chosen(machine: Machine, receiver: Value, block: Value, wanted: bool) -> list[Value]:
    function, truth = one(block), machine.truth
    found: list[Value] = []
    for each in elements(machine, receiver):
        if truth(function(machine, each)) is wanted:
            found.append(each)
    return found


@primitive("Collection", "partition:")
def partition(machine: Machine, receiver: Value, block: Value) -> Value:
    yes, no = [chosen(machine, receiver, block, wanted) for wanted in (True, False)]
    return Array([like(machine, receiver, yes), like(machine, receiver, no)])


@primitive("Collection", "collect:as:")
def collect_as(machine: Machine, receiver: Value, block: Value, kind: Value) -> Value:
    return make(machine, kind, collected(machine, receiver, block))


@primitive("Collection", "collect:into:")
def collect_into(machine: Machine, receiver: Value, block: Value, into: Value) -> Value:
    return fill(machine, into, collected(machine, receiver, block))


@primitive("Collection", "select:as:")
def select_as(machine: Machine, receiver: Value, block: Value, kind: Value) -> Value:
    return make(machine, kind, chosen(machine, receiver, block, True))


@primitive("Collection", "collect:thenSelect:")
def collect_then_select(machine: Machine, receiver: Value, block: Value, condition: Value) -> Value:
    return machine.send(machine.send(receiver, "collect:", block), "select:", condition)


@primitive("Collection", "collect:thenReject:")
def collect_then_reject(machine: Machine, receiver: Value, block: Value, condition: Value) -> Value:
    return machine.send(machine.send(receiver, "collect:", block), "reject:", condition)


@primitive("Collection", "select:thenCollect:")
def select_then_collect(machine: Machine, receiver: Value, condition: Value, block: Value) -> Value:
    return machine.send(machine.send(receiver, "select:", condition), "collect:", block)


@primitive("Collection", "reject:thenCollect:")
def reject_then_collect(machine: Machine, receiver: Value, condition: Value, block: Value) -> Value:
    return machine.send(machine.send(receiver, "reject:", condition), "collect:", block)


@primitive("Collection", "collect:thenDo:")
def collect_then_do(machine: Machine, receiver: Value, block: Value, action: Value) -> Value:
    function, then = one(block), one(action)
    for each in elements(machine, receiver):
        then(machine, function(machine, each))
    return receiver


@primitive("Collection", "select:thenDo:")
def select_then_do(machine: Machine, receiver: Value, condition: Value, action: Value) -> Value:
    function, then = one(condition), one(action)
    for each in elements(machine, receiver):
        if machine.truth(function(machine, each)):
            then(machine, each)
    return receiver


@primitive("Collection", "flatCollect:")
def flat_collect(machine: Machine, receiver: Value, block: Value) -> Value:
    return like(machine, receiver, _flat(machine, collected(machine, receiver, block)))


@primitive("Collection", "flatCollect:as:")
def flat_collect_as(machine: Machine, receiver: Value, block: Value, kind: Value) -> Value:
    return make(machine, kind, _flat(machine, collected(machine, receiver, block)))


def _flat(machine: Machine, collections: list[Value]) -> list[Value]:
    found: list[Value] = []
    for each in collections:
        found.extend(gathered(machine, each))
    return found


@primitive("Collection", "flattened", "flatten")
def flattened(machine: Machine, receiver: Value) -> Value:
    """Strings are not taken apart."""
    found: list[Value] = []
    waiting = [iter(gathered(machine, receiver))]
    while waiting:
        for each in waiting[-1]:
            if machine.is_kind(each, "Collection") and not machine.is_kind(each, "String"):
                if len(waiting) > _NESTED:
                    return machine.raise_("RecursionTooDeep", "the collection holds itself, or is nested too deep")
                waiting.append(iter(gathered(machine, each)))
                break
            found.append(each)
        else:
            waiting.pop()
    return Array(found)
