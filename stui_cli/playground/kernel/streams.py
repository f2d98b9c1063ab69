"""Streams on strings, byte arrays and arrays: reading.

A stream keeps a list of its own of what it is of; `kind` tells what that list becomes again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import no_count, shown
from stui_cli.playground.kernel.elements import equal, gathered, one
from stui_cli.playground.objects import (
    Array,
    ByteArray,
    Character,
    ReadStream,
    ReadWriteStream,
    Stream,
    Symbol,
    Text,
    WriteStream,
    character,
)

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


# Made


def load(machine: Machine, stream: Stream, collection: Value) -> None:
    """Let it be of what the collection holds now."""
    match collection:
        case Text():
            stream.kind, stream.items = "text", list(collection.chars)
        case Symbol():
            stream.kind, stream.items = "text", list(collection.name)
        case ByteArray():
            stream.kind, stream.items = "bytes", list(collection.items)
        case _:
            stream.kind, stream.items = "any", gathered(machine, collection)
    machine.charge_slots(len(stream.items))


@primitive("PositionableStream class", "on:")
def on(machine: Machine, receiver: Value, collection: Value) -> Value:
    stream = machine.new(receiver)
    load(machine, stream, collection)
    if isinstance(stream, WriteStream) and not isinstance(stream, ReadWriteStream):
        stream.items = []
    return stream


@primitive("ReadWriteStream class", "on:")
def read_write_on(machine: Machine, receiver: Value, collection: Value) -> Value:
    """Empty at first, as what it writes goes over the collection."""
    stream = machine.new(receiver)
    load(machine, stream, collection)
    stream.items = []
    return stream


@primitive("PositionableStream class", "on:from:to:")
def on_from_to(machine: Machine, receiver: Value, collection: Value, start: Value, stop: Value) -> Value:
    return on(machine, receiver, machine.send(collection, "copyFrom:to:", start, stop))


@primitive("WriteStream class", "with:")
def with_(machine: Machine, receiver: Value, collection: Value) -> Value:
    """At its end, so that what is written comes behind."""
    stream = machine.new(receiver)
    load(machine, stream, collection)
    stream.at = len(stream.items)
    return stream


@primitive("SequenceableCollection", "readStream")
def read_stream(machine: Machine, receiver: Value) -> Value:
    stream = ReadStream()
    load(machine, stream, receiver)
    return stream


@primitive("SequenceableCollection", "writeStream")
def write_stream(machine: Machine, receiver: Value) -> Value:
    stream = WriteStream()
    load(machine, stream, receiver)
    stream.items = []
    return stream


@primitive("SequenceableCollection", "readWriteStream")
def read_write_stream(machine: Machine, receiver: Value) -> Value:
    stream = ReadWriteStream()
    load(machine, stream, receiver)
    return stream


@primitive("SequenceableCollection class", "streamContents:")
def stream_contents(machine: Machine, receiver: Value, block: Value) -> Value:
    stream = WriteStream()
    load(machine, stream, machine.send(receiver, "new"))
    machine.call(block, stream)
    found = taken(machine, stream, stream.items[: stream.at])
    return found if machine.class_of(found) is receiver else machine.send(receiver, "withAll:", found)


@primitive("SequenceableCollection class", "new:streamContents:")
def sized_stream_contents(machine: Machine, receiver: Value, size: Value, block: Value) -> Value:
    return stream_contents(machine, receiver, block)


# What is in them, as values of Smalltalk


def value_of(stream: Stream, item: Value) -> Value:
    return character(ord(item)) if stream.kind == "text" else item


def taken(machine: Machine, stream: Stream, items: list[Value]) -> Value:
    """Items of the stream as a collection of the kind that it is on."""
    machine.charge_slots(len(items))
    if stream.kind == "text":
        return Text("".join(items))
    return ByteArray(bytes(items)) if stream.kind == "bytes" else Array(items)


def item_equal(machine: Machine, stream: Stream, item: Value, value: Value) -> bool:
    if stream.kind == "text":
        return type(value) is Character and value.code == ord(item)
    return equal(machine, item, value)


# Read


@primitive("PositionableStream", "next")
def next_(machine: Machine, receiver: Value) -> Value:
    """nil at the end."""
    if receiver.at >= len(receiver.items):
        return None
    receiver.at += 1
    return value_of(receiver, receiver.items[receiver.at - 1])


@primitive("PositionableStream", "next:")
def next_of(machine: Machine, receiver: Value, count: Value) -> Value:
    """Fewer at the end."""
    if type(count) is not int or count < 0:
        return no_count(machine, count)
    start, receiver.at = receiver.at, min(receiver.at + count, max(len(receiver.items), receiver.at))
    return taken(machine, receiver, receiver.items[start : receiver.at])


@primitive("PositionableStream", "peek")
def peek(machine: Machine, receiver: Value) -> Value:
    return value_of(receiver, receiver.items[receiver.at]) if receiver.at < len(receiver.items) else None


@primitive("PositionableStream", "peekFor:")
def peek_for(machine: Machine, receiver: Value, value: Value) -> Value:
    """Whether it comes next; then it is passed."""
    if receiver.at >= len(receiver.items) or not item_equal(machine, receiver, receiver.items[receiver.at], value):
        return False
    receiver.at += 1
    return True


@primitive("PositionableStream", "atEnd")
def at_end(machine: Machine, receiver: Value) -> Value:
    return receiver.at >= len(receiver.items)


@primitive("PositionableStream", "upTo:")
def up_to(machine: Machine, receiver: Value, value: Value) -> Value:
    start, items = receiver.at, receiver.items
    for index in range(start, len(items)):
        if item_equal(machine, receiver, items[index], value):
            receiver.at = index + 1
            return taken(machine, receiver, items[start:index])
    return up_to_end(machine, receiver)


@primitive("PositionableStream", "upToEnd")
def up_to_end(machine: Machine, receiver: Value) -> Value:
    start, receiver.at = receiver.at, max(len(receiver.items), receiver.at)
    return taken(machine, receiver, receiver.items[start:])


@primitive("PositionableStream", "upToAll:")
def up_to_all(machine: Machine, receiver: Value, wanted: Value) -> Value:
    start, items, values = receiver.at, receiver.items, gathered(machine, wanted)
    for index in range(start, len(items) - len(values) + 1):
        if _matches(machine, receiver, index, values):
            receiver.at = index + len(values)
            return taken(machine, receiver, items[start:index])
    return up_to_end(machine, receiver)


def _matches(machine: Machine, stream: Stream, index: int, values: list[Value]) -> bool:
    for offset, value in enumerate(values):
        if not item_equal(machine, stream, stream.items[index + offset], value):
            return False
    return True


@primitive("PositionableStream", "upToAny:", "upToAnyOf:")
def up_to_any(machine: Machine, receiver: Value, wanted: Value) -> Value:
    start = receiver.at
    for index in range(start, len(receiver.items)):
        if machine.truth(machine.send(wanted, "includes:", value_of(receiver, receiver.items[index]))):
            receiver.at = index + 1
            return taken(machine, receiver, receiver.items[start:index])
    return up_to_end(machine, receiver)


@primitive("PositionableStream", "nextLine")
def next_line(machine: Machine, receiver: Value) -> Value:
    """nil at the end; lines end by CR, LF or both."""
    items, start = receiver.items, receiver.at
    if start >= len(items):
        return None
    stop = start
    while stop < len(items) and items[stop] not in ("\r", "\n"):
        stop += 1
    receiver.at = stop + (2 if items[stop : stop + 2] == ["\r", "\n"] else 1)
    receiver.at = min(receiver.at, len(items))
    return taken(machine, receiver, items[start:stop])


@primitive("PositionableStream", "skip:")
def skip(machine: Machine, receiver: Value, count: Value) -> Value:
    """No further than both ends."""
    if type(count) is not int:
        return no_count(machine, count)
    receiver.at = max(0, min(receiver.at + count, len(receiver.items)))
    return receiver


@primitive("PositionableStream", "skipTo:")
def skip_to(machine: Machine, receiver: Value, value: Value) -> Value:
    """Whether it was found; the stream is then behind it."""
    for index in range(receiver.at, len(receiver.items)):
        if item_equal(machine, receiver, receiver.items[index], value):
            receiver.at = index + 1
            return True
    receiver.at = len(receiver.items)
    return False


@primitive("PositionableStream", "skipSeparators")
def skip_separators(machine: Machine, receiver: Value) -> Value:
    while receiver.at < len(receiver.items) and str(receiver.items[receiver.at]).isspace():
        receiver.at += 1
    return receiver


@primitive("PositionableStream", "do:")
def do(machine: Machine, receiver: Value, block: Value) -> Value:
    function = one(block)
    while receiver.at < len(receiver.items):
        receiver.at += 1
        function(machine, value_of(receiver, receiver.items[receiver.at - 1]))
    return receiver


# Positions


@primitive("PositionableStream", "position")
def position(machine: Machine, receiver: Value) -> Value:
    return receiver.at


@primitive("PositionableStream", "position:")
def set_position(machine: Machine, receiver: Value, place: Value) -> Value:
    if type(place) is not int or not 0 <= place <= len(receiver.items):
        return machine.raise_("Error", f"Position out of bounds: {shown(machine, place)}")
    receiver.at = place
    return receiver


@primitive("PositionableStream", "reset", "setToStart")
def reset(machine: Machine, receiver: Value) -> Value:
    receiver.at = 0
    return receiver


@primitive("PositionableStream", "setToEnd")
def set_to_end(machine: Machine, receiver: Value) -> Value:
    receiver.at = len(receiver.items)
    return receiver


@primitive("PositionableStream", "contents")
def contents(machine: Machine, receiver: Value) -> Value:
    return taken(machine, receiver, list(receiver.items))


@primitive("PositionableStream", "size")
def size(machine: Machine, receiver: Value) -> Value:
    return len(receiver.items)


@primitive("PositionableStream", "isEmpty")
def is_empty(machine: Machine, receiver: Value) -> Value:
    return not receiver.items


@primitive("PositionableStream", "notEmpty")
def not_empty(machine: Machine, receiver: Value) -> Value:
    return bool(receiver.items)


@primitive("PositionableStream", "readStream")
def its_read_stream(machine: Machine, receiver: Value) -> Value:
    made = ReadStream(list(receiver.items), receiver.kind)
    made.at = receiver.at if isinstance(receiver, ReadStream) else 0
    return made


@primitive("Stream", "isStream")
def is_stream(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Stream", "close", "flush")
def close(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("PositionableStream", "copy", "shallowCopy")
def copy(machine: Machine, receiver: Value) -> Value:
    made = machine.new(machine.class_of(receiver))
    made.items, made.kind, made.at = list(receiver.items), receiver.kind, receiver.at
    if hasattr(receiver, "slots") and hasattr(made, "slots"):
        made.slots = list(receiver.slots)
    return made
