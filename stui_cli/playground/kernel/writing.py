"""Streams that are written, and what every stream of characters understands: print:, tab, <<."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.complaints import improper_store, no_count, should_not
from stui_cli.playground.kernel.elements import gathered
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.printing import display_on, print_on, put, store_on
from stui_cli.playground.kernel.streams import taken, value_of
from stui_cli.playground.objects import Array, ByteArray, Character, Stream, Symbol, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_ITEM = 16  # bytes of an item more


def write_items(machine: Machine, stream: Stream, items: list[Value]) -> None:
    """Over what is there, and behind it."""
    machine.charge(len(items) * _ITEM)
    stream.items[stream.at : stream.at + len(items)] = items
    stream.at += len(items)


@primitive("WriteStream", "nextPut:")
def next_put(machine: Machine, receiver: Value, value: Value) -> Value:
    if receiver.kind == "text":
        if type(value) is not Character:
            return improper_store(machine)
        put(machine, receiver, chr(value.code))
        return value
    if receiver.kind == "bytes" and not (type(value) is int and 0 <= value < 256):
        return improper_store(machine)
    write_items(machine, receiver, [value])
    return value


@primitive("WriteStream", "nextPutAll:")
def next_put_all(machine: Machine, receiver: Value, collection: Value) -> Value:
    if receiver.kind == "text" and isinstance(collection, Text | Symbol):
        put(machine, receiver, collection.chars if isinstance(collection, Text) else collection.name)
    elif (receiver.kind == "bytes" and isinstance(collection, ByteArray)) or (
        receiver.kind == "any" and isinstance(collection, Array)
    ):
        write_items(machine, receiver, list(collection.items))
    else:
        for each in gathered(machine, collection):
            next_put(machine, receiver, each)
    return collection


@primitive("WriteStream", "next:put:")
def next_put_many(machine: Machine, receiver: Value, count: Value, value: Value) -> Value:
    if type(count) is not int:
        return no_count(machine, count)
    machine.charge_slots(count)
    for _ in range(count):
        next_put(machine, receiver, value)
    return value


@primitive("WriteStream", "next:putAll:startingAt:")
def next_put_all_from(machine: Machine, receiver: Value, count: Value, collection: Value, start: Value) -> Value:
    if type(count) is not int or type(start) is not int:
        return no_count(machine, count)
    part = machine.send(collection, "copyFrom:to:", start, start + count - 1)
    return next_put_all(machine, receiver, part)


@primitive("WriteStream", "contents")
def contents(machine: Machine, receiver: Value) -> Value:
    return taken(machine, receiver, receiver.items[: receiver.at])


@primitive("ReadWriteStream", "contents")
def all_contents(machine: Machine, receiver: Value) -> Value:
    return taken(machine, receiver, list(receiver.items))


@primitive("WriteStream", "readStream")
def read_stream(machine: Machine, receiver: Value) -> Value:
    return machine.send(machine.send(receiver, "contents"), "readStream")


@primitive("WriteStream", "resetToStart")
def reset_to_start(machine: Machine, receiver: Value) -> Value:
    receiver.items, receiver.at = [], 0
    return receiver


@primitive("WriteStream", "peekLast")
def peek_last(machine: Machine, receiver: Value) -> Value:
    return value_of(receiver, receiver.items[receiver.at - 1]) if receiver.at else None


def _no_reading(selector: str) -> None:
    def refuse(machine: Machine, receiver: Value, *arguments: Value) -> Value:
        return should_not(machine, receiver, selector)

    primitive("WriteStream", selector)(distinct(refuse, selector))


for _selector in ("next", "peek", "next:", "upTo:", "upToEnd", "do:"):
    _no_reading(_selector)


def _reading_again(selector: str) -> None:
    """A ReadWriteStream reads as a PositionableStream does."""
    from stui_cli.playground.classes import PRIMITIVES

    primitive("ReadWriteStream", selector)(PRIMITIVES["PositionableStream", selector].function)


for _selector in ("next", "peek", "next:", "upTo:", "upToEnd", "do:", "readStream"):
    _reading_again(_selector)


# What every stream of characters understands, the Transcript too


@primitive("Stream", "print:")
def print_(machine: Machine, receiver: Value, value: Value) -> Value:
    print_on(machine, value, receiver)
    return receiver


@primitive("Stream", "store:")
def store(machine: Machine, receiver: Value, value: Value) -> Value:
    store_on(machine, value, receiver)
    return receiver


@primitive("Stream", "display:")
def display(machine: Machine, receiver: Value, value: Value) -> Value:
    display_on(machine, value, receiver)
    return receiver


@primitive("Stream", "<<")
def write(machine: Machine, receiver: Value, value: Value) -> Value:
    """A string as it is, another collection element by element, anything else as it displays."""
    own = machine.class_of(value).lookup("putOn:")
    if own is not None and own.source is not None:
        machine.send(value, "putOn:", receiver)
    elif isinstance(value, Text | Symbol):
        machine.send(receiver, "nextPutAll:", value)
    elif type(value) is Character:
        machine.send(receiver, "nextPut:", value)
    elif machine.is_kind(value, "Collection"):
        for each in gathered(machine, value):
            write(machine, receiver, each)
    elif isinstance(receiver, Stream) and receiver.kind != "text":
        machine.send(receiver, "nextPut:", value)
    else:
        display_on(machine, value, receiver)
    return receiver


def _character(selector: str, text: str) -> None:
    @primitive("Stream", selector)
    def once(machine: Machine, receiver: Value) -> Value:
        put(machine, receiver, text)
        return receiver

    distinct(once, selector)


for _selector, _text in {"cr": "\r", "lf": "\n", "nl": "\n", "crlf": "\r\n", "tab": "\t", "space": " "}.items():
    _character(_selector, _text)


def _repeated(selector: str, text: str) -> None:
    @primitive("Stream", selector)
    def repeated(machine: Machine, receiver: Value, count: Value) -> Value:
        if type(count) is not int:
            return no_count(machine, count)
        machine.charge_slots(count)
        put(machine, receiver, text * count)
        return receiver

    distinct(repeated, selector)


for _selector, _text in {"tab:": "\t", "space:": " ", "nl:": "\n"}.items():
    _repeated(_selector, _text)


@primitive("Stream", "nlTab")
def nl_tab(machine: Machine, receiver: Value) -> Value:
    put(machine, receiver, "\n\t")
    return receiver


@primitive("Stream", "ensureSpace", "ensureASpace")
def ensure_space(machine: Machine, receiver: Value) -> Value:
    if isinstance(receiver, Stream) and receiver.at and receiver.items[receiver.at - 1] == " ":
        return receiver
    put(machine, receiver, " ")
    return receiver


@primitive("Stream", "show:")
def show(machine: Machine, receiver: Value, value: Value) -> Value:
    return write(machine, receiver, value)
