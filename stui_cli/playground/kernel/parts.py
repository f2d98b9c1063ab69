"""Parts of a sequence, and sequences put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import bad_index
from stui_cli.playground.kernel.elements import gathered, like, size_of
from stui_cli.playground.kernel.places import last_place_of, place_of, starts_here
from stui_cli.playground.objects import Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def part(machine: Machine, receiver: Value, start: int, stop: int) -> Value:
    """From the place `start` (from 0) up to before `stop`, as a collection of the same species."""
    if isinstance(receiver, Text) and type(receiver) is Text:
        return Text(receiver.chars[start:stop])
    return like(machine, receiver, gathered(machine, receiver)[start:stop])


@primitive("SequenceableCollection", "first:")
def first_of(machine: Machine, receiver: Value, count: Value) -> Value:
    return copy_from_to(machine, receiver, 1, count)


@primitive("SequenceableCollection", "last:")
def last_of(machine: Machine, receiver: Value, count: Value) -> Value:
    size = size_of(machine, receiver)
    if type(count) is not int:
        return bad_index(machine, receiver, count)
    return copy_from_to(machine, receiver, size - count + 1, size)


@primitive("SequenceableCollection", "copyFrom:to:")
def copy_from_to(machine: Machine, receiver: Value, start: Value, stop: Value) -> Value:
    if type(start) is not int or type(stop) is not int:
        return bad_index(machine, receiver, start if type(start) is not int else stop)
    if stop < start:
        return part(machine, receiver, 0, 0)
    if start < 1 or stop > size_of(machine, receiver):
        return bad_index(machine, receiver, start if start < 1 else stop)
    return part(machine, receiver, start - 1, stop)


@primitive("SequenceableCollection", "copyFrom:")
def copy_from(machine: Machine, receiver: Value, start: Value) -> Value:
    return copy_from_to(machine, receiver, start, size_of(machine, receiver))


@primitive("SequenceableCollection", "allButFirst")
def all_but_first(machine: Machine, receiver: Value) -> Value:
    return all_but_first_of(machine, receiver, 1)


@primitive("SequenceableCollection", "allButFirst:")
def all_but_first_of(machine: Machine, receiver: Value, count: Value) -> Value:
    if type(count) is not int:
        return bad_index(machine, receiver, count)
    return copy_from_to(machine, receiver, count + 1, size_of(machine, receiver))


@primitive("SequenceableCollection", "allButLast")
def all_but_last(machine: Machine, receiver: Value) -> Value:
    return all_but_last_of(machine, receiver, 1)


@primitive("SequenceableCollection", "allButLast:")
def all_but_last_of(machine: Machine, receiver: Value, count: Value) -> Value:
    if type(count) is not int:
        return bad_index(machine, receiver, count)
    return copy_from_to(machine, receiver, 1, size_of(machine, receiver) - count)


@primitive("SequenceableCollection", "copyUpTo:")
def copy_up_to(machine: Machine, receiver: Value, value: Value) -> Value:
    found = place_of(machine, receiver, value)
    return part(machine, receiver, 0, size_of(machine, receiver) if found is None else found)


@primitive("SequenceableCollection", "copyUpToLast:")
def copy_up_to_last(machine: Machine, receiver: Value, value: Value) -> Value:
    found = last_place_of(machine, receiver, value)
    return part(machine, receiver, 0, size_of(machine, receiver) if found is None else found)


@primitive("SequenceableCollection", "copyAfter:")
def copy_after(machine: Machine, receiver: Value, value: Value) -> Value:
    found = place_of(machine, receiver, value)
    size = size_of(machine, receiver)
    return part(machine, receiver, size if found is None else found + 1, size)


@primitive("SequenceableCollection", "copyAfterLast:")
def copy_after_last(machine: Machine, receiver: Value, value: Value) -> Value:
    found = last_place_of(machine, receiver, value)
    size = size_of(machine, receiver)
    return part(machine, receiver, size if found is None else found + 1, size)


@primitive("SequenceableCollection", ",")
def concatenated(machine: Machine, receiver: Value, other: Value) -> Value:
    if type(receiver) is Text and type(other) is Text:  # 2,000 of these took 40 times as long as in GNU Smalltalk
        machine.charge_text(len(receiver.chars) + len(other.chars))
        return Text(receiver.chars + other.chars)
    if type(receiver) is Text and isinstance(other, Text):
        machine.charge_text(len(receiver.chars) + len(other.chars))
        return Text(receiver.chars + other.chars)
    machine.charge_slots(size_of(machine, receiver) + size_of(machine, other))
    return like(machine, receiver, gathered(machine, receiver) + gathered(machine, other))


@primitive("SequenceableCollection", "copyReplaceAll:with:")
def copy_replace_all(machine: Machine, receiver: Value, old: Value, new: Value) -> Value:
    wanted, items = gathered(machine, old), gathered(machine, receiver)
    replacement = gathered(machine, new)
    found: list[Value] = []
    index = 0
    while index < len(items):
        if wanted and starts_here(machine, items, index, wanted):
            found.extend(replacement)
            index += len(wanted)
        else:
            found.append(items[index])
            index += 1
    machine.charge_slots(len(found))
    return like(machine, receiver, found)


@primitive("SequenceableCollection", "copyReplaceFrom:to:with:")
def copy_replace_from_to(machine: Machine, receiver: Value, start: Value, stop: Value, new: Value) -> Value:
    items = gathered(machine, receiver)
    if type(start) is not int or type(stop) is not int or start < 1 or stop > len(items):
        return bad_index(machine, receiver, start)
    items[start - 1 : max(stop, start - 1)] = gathered(machine, new)
    return like(machine, receiver, items)


@primitive("SequenceableCollection", "copyWithFirst:")
def copy_with_first(machine: Machine, receiver: Value, value: Value) -> Value:
    return like(machine, receiver, [value, *gathered(machine, receiver)])


@primitive("SequenceableCollection", "replaceFrom:to:with:startingAt:")
def replace_from_to(
    machine: Machine, receiver: Value, start: Value, stop: Value, other: Value, other_start: Value
) -> Value:
    for each in (start, stop, other_start):
        if type(each) is not int:
            return bad_index(machine, receiver, each)
    source = gathered(machine, other)
    for offset in range(max(stop - start + 1, 0)):
        if not 0 < other_start + offset <= len(source):
            return bad_index(machine, other, other_start + offset)
        machine.send(receiver, "at:put:", start + offset, source[other_start + offset - 1])
    return receiver


@primitive("SequenceableCollection", "replaceFrom:to:with:")
def replace_from_to_with(machine: Machine, receiver: Value, start: Value, stop: Value, other: Value) -> Value:
    return replace_from_to(machine, receiver, start, stop, other, 1)
