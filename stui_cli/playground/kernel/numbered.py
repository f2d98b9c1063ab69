"""Sequences walked with the numbers of their elements, or beside another sequence."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import bad_index, sizes_differ
from stui_cli.playground.kernel.elements import elements, gathered, like, one, size_of, two
from stui_cli.playground.objects import Array, Block, Interval

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("SequenceableCollection", "doWithIndex:", "withIndexDo:")
def do_with_index(machine: Machine, receiver: Value, block: Value) -> Value:
    function = two(block)
    for index, each in enumerate(elements(machine, receiver), start=1):
        function(machine, each, index)
    return receiver


@primitive("SequenceableCollection", "keysAndValuesDo:")
def keys_and_values_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = two(block)
    for index, each in enumerate(elements(machine, receiver), start=1):
        function(machine, index, each)
    return receiver


@primitive("SequenceableCollection", "keysDo:")
def keys_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    for index in range(1, size_of(machine, receiver) + 1):
        function(machine, index)
    return receiver


@primitive("SequenceableCollection", "keys")
def keys(machine: Machine, receiver: Value) -> Value:
    return Interval(1, size_of(machine, receiver), 1)


@primitive("SequenceableCollection", "withIndexCollect:", "collectWithIndex:")
def with_index_collect(machine: Machine, receiver: Value, block: Value) -> Value:
    function = two(block)
    found: list[Value] = []
    for index, each in enumerate(elements(machine, receiver), start=1):
        found.append(function(machine, each, index))
    return like(machine, receiver, found)


@primitive("SequenceableCollection", "withIndexSelect:")
def with_index_select(machine: Machine, receiver: Value, block: Value) -> Value:
    function = two(block)
    found: list[Value] = []
    for index, each in enumerate(elements(machine, receiver), start=1):
        if machine.truth(function(machine, each, index)):
            found.append(each)
    return like(machine, receiver, found)


@primitive("SequenceableCollection", "reverseDo:")
def reverse_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function, items = one(block), gathered(machine, receiver)
    for index in range(len(items) - 1, -1, -1):
        function(machine, items[index])
    return receiver


@primitive("SequenceableCollection", "from:to:do:")
def from_to_do(machine: Machine, receiver: Value, start: Value, stop: Value, block: Value) -> Value:
    if type(start) is not int or type(stop) is not int:
        return bad_index(machine, receiver, start if type(start) is not int else stop)
    function = one(block)
    for index in range(start, stop + 1):
        if machine.attention:
            machine.poll()
        function(machine, machine.send(receiver, "at:", index))
    return receiver


@primitive("SequenceableCollection", "with:do:")
def with_do(machine: Machine, receiver: Value, other: Value, block: Value) -> Value:
    function, items = two(block), gathered(machine, receiver)
    others = gathered(machine, other)
    if len(items) != len(others):
        return sizes_differ(machine)
    for index, each in enumerate(items):
        function(machine, each, others[index])
    return receiver


@primitive("SequenceableCollection", "with:collect:")
def with_collect(machine: Machine, receiver: Value, other: Value, block: Value) -> Value:
    function, items = two(block), gathered(machine, receiver)
    others = gathered(machine, other)
    if len(items) != len(others):
        return sizes_differ(machine)
    found: list[Value] = []
    for index, each in enumerate(items):
        found.append(function(machine, each, others[index]))
    return like(machine, receiver, found)


@primitive("SequenceableCollection", "groupsOf:atATimeDo:")
def groups_do(machine: Machine, receiver: Value, count: Value, block: Value) -> Value:
    items = gathered(machine, receiver)
    if type(count) is not int or count < 1:
        return bad_index(machine, receiver, count)
    for index in range(0, len(items) - count + 1, count):
        given_group(machine, block, like(machine, receiver, items[index : index + count]))
    return receiver


@primitive("SequenceableCollection", "pairsDo:")
def pairs_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function, items = two(block), gathered(machine, receiver)
    for index in range(0, len(items) - 1, 2):
        function(machine, items[index], items[index + 1])
    return receiver


@primitive("SequenceableCollection", "overlappingPairsDo:")
def overlapping_pairs_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function, items = two(block), gathered(machine, receiver)
    for index in range(len(items) - 1):
        function(machine, items[index], items[index + 1])
    return receiver


@primitive("SequenceableCollection", "overlappingPairsCollect:")
def overlapping_pairs_collect(machine: Machine, receiver: Value, block: Value) -> Value:
    function, items = two(block), gathered(machine, receiver)
    found: list[Value] = []
    for index in range(len(items) - 1):
        found.append(function(machine, items[index], items[index + 1]))
    return like(machine, receiver, found)


@primitive("SequenceableCollection", "permutationsDo:")
def permutations_do(machine: Machine, receiver: Value, block: Value) -> Value:
    """One collection, put into each order: a block that keeps one copies it."""
    function = one(block)
    for each in itertools.permutations(gathered(machine, receiver)):
        if machine.attention:
            machine.poll()
        function(machine, like(machine, receiver, list(each)))
    return receiver


@primitive("SequenceableCollection", "combinations:atATimeDo:")
def combinations_do(machine: Machine, receiver: Value, count: Value, block: Value) -> Value:
    if type(count) is not int or count < 0:
        return bad_index(machine, receiver, count)
    function = one(block)
    for each in itertools.combinations(gathered(machine, receiver), count):
        if machine.attention:
            machine.poll()
        function(machine, Array(list(each)))
    return receiver


@primitive("SequenceableCollection", "allButFirstDo:")
def all_but_first_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    for each in gathered(machine, receiver)[1:]:
        function(machine, each)
    return receiver


@primitive("SequenceableCollection", "allButLastDo:")
def all_but_last_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    for each in gathered(machine, receiver)[:-1]:
        function(machine, each)
    return receiver


@primitive("SequenceableCollection", "reverseWithIndexDo:")
def reverse_with_index_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function, items = two(block), gathered(machine, receiver)
    for index in range(len(items), 0, -1):
        function(machine, items[index - 1], index)
    return receiver


@primitive("SequenceableCollection", "reverseWith:do:")
def reverse_with_do(machine: Machine, receiver: Value, other: Value, block: Value) -> Value:
    function, items, others = two(block), gathered(machine, receiver), gathered(machine, other)
    if len(items) != len(others):
        return sizes_differ(machine)
    for index in range(len(items) - 1, -1, -1):
        function(machine, items[index], others[index])
    return receiver


@primitive("SequenceableCollection", "pairsCollect:")
def pairs_collect(machine: Machine, receiver: Value, block: Value) -> Value:
    function, items = two(block), gathered(machine, receiver)
    found: list[Value] = []
    for index in range(0, len(items) - 1, 2):
        found.append(function(machine, items[index], items[index + 1]))
    return like(machine, receiver, found)


@primitive("SequenceableCollection", "allPairsDo:")
def all_pairs_do(machine: Machine, receiver: Value, block: Value) -> Value:
    function, items = two(block), gathered(machine, receiver)
    for first in items:
        for second in items:
            function(machine, first, second)
    return receiver


@primitive("SequenceableCollection", "collect:from:to:")
def collect_from_to(machine: Machine, receiver: Value, block: Value, start: Value, stop: Value) -> Value:
    return machine.send(machine.send(receiver, "copyFrom:to:", start, stop), "collect:", block)


@primitive("SequenceableCollection", "groupsOf:atATimeCollect:")
def groups_collect(machine: Machine, receiver: Value, count: Value, block: Value) -> Value:
    found: list[Value] = []
    action = Block(lambda machine, group: found.append(given_group(machine, block, group)), 1)
    groups_do(machine, receiver, count, action)
    return like(machine, receiver, found)


def given_group(machine: Machine, block: Value, group: Value) -> Value:
    """To a block of one argument as a collection, to another one by one."""
    if type(block) is Block and block.arity != 1:
        return machine.call_these(block, gathered(machine, group))
    return machine.call(block, group)


@primitive("SequenceableCollection", "combinations")
def combinations(machine: Machine, receiver: Value) -> Value:
    items, found = gathered(machine, receiver), []
    for count in range(1, len(items) + 1):
        for each in itertools.combinations(items, count):
            found.append(Array(list(each)))
            machine.charge_slots(count)
            if machine.attention:
                machine.poll()
    return Array(found)
