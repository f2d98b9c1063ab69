"""Collections told as one string, with something between the elements, and sequences cut at what stands between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.elements import elements, equal, gathered, like, one
from stui_cli.playground.kernel.printing import display_string, print_on, put
from stui_cli.playground.objects import Array, Block, Ordered, Symbol, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def words(machine: Machine, value: Value) -> str:
    """A string as it is, anything else as it displays."""
    match value:
        case Text():
            return value.chars
        case Symbol():
            return value.name
        case _:
            return display_string(machine, value)


def _joined(machine: Machine, receiver: Value, between: Value, last: Value) -> str:
    parts = [words(machine, each) for each in gathered(machine, receiver)]
    machine.charge_text(sum(map(len, parts)))
    if len(parts) < 2:
        return "".join(parts)
    return words(machine, between).join(parts[:-1]) + words(machine, last) + parts[-1]


@primitive("Collection", "joinUsing:")
def join_using(machine: Machine, receiver: Value, between: Value) -> Value:
    return Text(_joined(machine, receiver, between, between))


@primitive("Collection", "joinUsing:last:")
def join_using_last(machine: Machine, receiver: Value, between: Value, last: Value) -> Value:
    return Text(_joined(machine, receiver, between, last))


@primitive("Collection", "asCommaString")
def as_comma_string(machine: Machine, receiver: Value) -> Value:
    return Text(_joined(machine, receiver, Text(", "), Text(", ")))


@primitive("Collection", "asCommaStringAnd")
def as_comma_string_and(machine: Machine, receiver: Value) -> Value:
    return Text(_joined(machine, receiver, Text(", "), Text(" and ")))


@primitive("Collection", "asStringOn:delimiter:")
def as_string_on(machine: Machine, receiver: Value, stream: Value, between: Value) -> Value:
    put(machine, stream, _joined(machine, receiver, between, between))
    return receiver


@primitive("Collection", "asStringOn:delimiter:last:")
def as_string_on_last(machine: Machine, receiver: Value, stream: Value, between: Value, last: Value) -> Value:
    put(machine, stream, _joined(machine, receiver, between, last))
    return receiver


@primitive("Collection", "printOn:delimiter:")
def print_on_delimiter(machine: Machine, receiver: Value, stream: Value, between: Value) -> Value:
    return print_on_delimiter_last(machine, receiver, stream, between, between)


@primitive("Collection", "printOn:delimiter:last:")
def print_on_delimiter_last(machine: Machine, receiver: Value, stream: Value, between: Value, last: Value) -> Value:
    items = gathered(machine, receiver)
    for index, each in enumerate(items):
        if index:
            put(machine, stream, words(machine, last if index == len(items) - 1 else between))
        print_on(machine, each, stream)
    return receiver


@primitive("SequenceableCollection", "join:")
def join(machine: Machine, receiver: Value, others: Value) -> Value:
    """The elements of the others, with the receiver between them."""
    between, found = gathered(machine, receiver), []
    for index, each in enumerate(elements(machine, others)):
        if index:
            found.extend(between)
        found.extend(gathered(machine, each))
        machine.charge_slots(len(found) // 64)
    return like(machine, receiver, found)


# Cut


def _cut(machine: Machine, receiver: Value, wanted: Value) -> list[Value]:
    """The parts between elements that a block is true for, or that are equal to something."""
    function = one(wanted)
    parts: list[list[Value]] = [[]]
    for each in elements(machine, receiver):
        splits = function(machine, each) if isinstance(wanted, Block) else equal(machine, each, wanted)
        if machine.truth(splits):
            parts.append([])
        else:
            parts[-1].append(each)
    return [like(machine, receiver, part) for part in parts]


@primitive("SequenceableCollection", "splitOn:")
def split_on(machine: Machine, receiver: Value, wanted: Value) -> Value:
    return Ordered(_cut(machine, receiver, wanted))


@primitive("SequenceableCollection", "splitOn:do:")
def split_on_do(machine: Machine, receiver: Value, wanted: Value, block: Value) -> Value:
    function = one(block)
    for each in _cut(machine, receiver, wanted):
        function(machine, each)
    return receiver


@primitive("BlockClosure", "split:")
def split(machine: Machine, receiver: Value, sequence: Value) -> Value:
    return Ordered(_cut(machine, sequence, receiver))


@primitive("SequenceableCollection", "groupByRuns:")
def group_by_runs(machine: Machine, receiver: Value, block: Value) -> Value:
    """Neighbours for which the block answers the same stay together."""
    function = one(block)
    runs: list[tuple[Value, list[Value]]] = []
    for each in elements(machine, receiver):
        key = function(machine, each)
        if runs and equal(machine, runs[-1][0], key):
            runs[-1][1].append(each)
        else:
            runs.append((key, [each]))
    return Array([like(machine, receiver, run) for _, run in runs])
