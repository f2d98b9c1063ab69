"""What objects print, store and display, with a limit that holds while they print.

Everything goes through printOn: and storeOn: of Smalltalk, so that what a user defines is heeded. A print ends by
Enough as soon as its stream is full: what prints without end costs no more than what is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.objects import Stream, Symbol, Text, WriteStream

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

LIMIT = 50_000  # characters of a printString, as in Pharo
_DISPLAY_LIMIT = 1000
_NESTING = 200  # a print deeper than that shows nothing of use


class Enough(BaseException):
    """The stream is full."""

    def __init__(self, stream: Limited) -> None:
        super().__init__()
        self.stream = stream


class Limited(WriteStream):
    """A WriteStream of the image with room for so many characters; `inside` are the objects being printed on it.

    Once the print is over nobody waits for it to be full: code that kept it writes on without a limit.
    """

    __slots__ = ("cls", "inside", "room", "slots")

    def __init__(self, machine: Machine, room: int) -> None:
        super().__init__()
        self.cls = machine.image.classes["WriteStream"]
        self.slots: list[Value] = []
        self.room = room
        self.inside: list[Value] = []


def put(machine: Machine, stream: Value, text: str) -> None:
    """Write the characters on any stream of Smalltalk. Raises Enough when it is full."""
    if not isinstance(stream, Stream) or stream.kind != "text":
        machine.send(stream, "nextPutAll:", Text(text))
        return
    if machine.attention:
        machine.poll()
    if isinstance(stream, Limited) and stream.inside and stream.at + len(text) > stream.room:
        stream.items[stream.at :] = text[: stream.room - stream.at]
        raise Enough(stream)
    machine.charge(len(text) * 8)
    stream.items[stream.at : stream.at + len(text)] = text
    stream.at += len(text)


def print_on(machine: Machine, value: Value, stream: Value) -> None:
    """Send it printOn:; what is being printed further out is told by dots."""
    _write(machine, value, stream, "printOn:")


def store_on(machine: Machine, value: Value, stream: Value) -> None:
    _write(machine, value, stream, "storeOn:")


def display_on(machine: Machine, value: Value, stream: Value) -> None:
    _write(machine, value, stream, "displayStringOn:")


def _write(machine: Machine, value: Value, stream: Value, selector: str) -> None:
    if not isinstance(stream, Limited):
        machine.send(value, selector, stream)
        return
    if any(value is outer for outer in stream.inside) or len(stream.inside) >= _NESTING:
        put(machine, stream, "...")
        return
    stream.inside.append(value)
    try:
        machine.send(value, selector, stream)
    finally:
        stream.inside.pop()


def print_string(machine: Machine, value: Value, limit: int = LIMIT) -> str:
    """What it prints; what is longer than the limit ends with [..]"""
    return _written(machine, value, "printOn:", limit)


def store_string(machine: Machine, value: Value, limit: int = LIMIT * 20) -> str:
    return _written(machine, value, "storeOn:", limit)


def display_string(machine: Machine, value: Value, limit: int = _DISPLAY_LIMIT) -> str:
    return _written(machine, value, "displayStringOn:", limit)


def _written(machine: Machine, value: Value, selector: str, limit: int) -> str:
    stream = Limited(machine, limit)
    try:
        _write(machine, value, stream, selector)
    except Enough as enough:
        if enough.stream is not stream:
            raise
        return _cut("".join(stream.items), limit)
    return "".join(stream.items)


def _cut(text: str, limit: int) -> str:
    return text[: max(limit - 4, 0)] + "[..]"


def quoted(text: str) -> str:
    """As a literal string."""
    return "'" + text.replace("'", "''") + "'"


# The messages that every object understands


@primitive("Object", "printOn:", category="printing")
def _print_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, machine.article(receiver))
    return receiver


@primitive("Object", "storeOn:", category="storing")
def _store_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    """An expression that makes such an object again: of a plain one, with its variables."""
    name = machine.class_of(receiver).name
    put(machine, stream, f"({name} basicNew")
    for index, value in enumerate(getattr(receiver, "slots", []), start=1):
        put(machine, stream, f" instVarAt: {index} put: ")
        store_on(machine, value, stream)
        put(machine, stream, ";")
    put(machine, stream, " yourself)" if getattr(receiver, "slots", []) else ")")
    return receiver


@primitive("Object", "displayStringOn:", category="printing")
def _display_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    return machine.send(receiver, "printOn:", stream)


@primitive("Object", "printString", "fullPrintString", category="printing")
def _print_string(machine: Machine, receiver: Value) -> Value:
    return Text(print_string(machine, receiver))


@primitive("Object", "printStringLimitedTo:", category="printing")
def _print_string_limited(machine: Machine, receiver: Value, limit: Value) -> Value:
    return Text(print_string(machine, receiver, limit if type(limit) is int and limit > 0 else LIMIT))


@primitive("Object", "storeString", category="storing")
def _store_string(machine: Machine, receiver: Value) -> Value:
    return Text(store_string(machine, receiver))


@primitive("Object", "displayString", category="printing")
def _display_string(machine: Machine, receiver: Value) -> Value:
    return Text(display_string(machine, receiver))


@primitive("Object", "asString", category="converting")
def _as_string(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, "printString")


@primitive("Object", "printNl", category="printing")
def _print_nl(machine: Machine, receiver: Value) -> Value:
    """What GNU Smalltalk's users write; here it goes to the Transcript."""
    machine.say(print_string(machine, receiver) + "\n")
    return receiver


@primitive("Object", "displayNl", category="printing")
def _display_nl(machine: Machine, receiver: Value) -> Value:
    machine.say(display_string(machine, receiver) + "\n")
    return receiver


@primitive("Object", "putOn:", category="printing")
def _put_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    machine.send(stream, "nextPut:", receiver)
    return receiver


# Those whose print is a word


@primitive("UndefinedObject", "printOn:", "storeOn:", category="printing")
def _print_nil(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, "nil")
    return receiver


@primitive("Boolean", "printOn:", "storeOn:", category="printing")
def _print_boolean(machine: Machine, receiver: bool, stream: Value) -> Value:
    put(machine, stream, "true" if receiver else "false")
    return receiver


_NAMES = {
    8: "backspace", 13: "cr", 127: "delete", 27: "escape", 10: "lf", 12: "newPage", 32: "space", 9: "tab",
    31: "arrowDown", 28: "arrowLeft", 29: "arrowRight", 30: "arrowUp", 3: "enter", 4: "end", 1: "home",
    5: "insert", 160: "nbsp", 11: "pageUp", 0: "null",
}  # fmt: skip


def character_names() -> dict[str, int]:
    """The class side of Character understands them."""
    return {name: code for code, name in _NAMES.items()} | {"linefeed": 10, "pageDown": 12}


@primitive("Character", "printOn:", category="printing")
def _print_character(machine: Machine, receiver: Any, stream: Value) -> Value:
    code = receiver.code
    plain = code > 32 and code != 127
    put(machine, stream, f"${chr(code)}" if plain else "Character " + _NAMES.get(code, f"value: {code}"))
    return receiver


@primitive("Character", "storeOn:", category="storing")
def _store_character(machine: Machine, receiver: Any, stream: Value) -> Value:
    code = receiver.code
    if 33 <= code <= 255 and code not in _NAMES:
        put(machine, stream, f"${chr(code)}")
    elif code in _NAMES:
        put(machine, stream, "Character " + _NAMES[code])
    else:
        put(machine, stream, f"(Character value: {code})")
    return receiver


@primitive("String", "printOn:", "storeOn:", category="printing")
def _print_text(machine: Machine, receiver: Any, stream: Value) -> Value:
    put(machine, stream, quoted(receiver.chars))
    return receiver


@primitive("String", "displayStringOn:", category="printing")
def _display_text(machine: Machine, receiver: Any, stream: Value) -> Value:
    put(machine, stream, receiver.name if isinstance(receiver, Symbol) else receiver.chars)
    return receiver


@primitive("String", "displayString", category="printing")
def _display_string_of_text(machine: Machine, receiver: Any) -> Value:
    return Text(receiver.name if isinstance(receiver, Symbol) else receiver.chars)


@primitive("String", "putOn:", category="printing")
def _put_text_on(machine: Machine, receiver: Any, stream: Value) -> Value:
    machine.send(stream, "nextPutAll:", receiver)
    return receiver


@primitive("Symbol", "printOn:", "storeOn:", category="printing")
def _print_symbol(machine: Machine, receiver: Symbol, stream: Value) -> Value:
    put(machine, stream, literal_symbol(receiver.name))
    return receiver


def literal_symbol(name: str) -> str:
    """As a literal, with quotes where its characters need them."""
    return f"#{name}" if _is_selector(name) else "#" + quoted(name)


def _is_selector(name: str) -> bool:
    if name and all(each in _WORDLESS for each in name):
        return True
    if name.endswith(":"):
        return all(_is_word(part) for part in name[:-1].split(":"))
    return _is_word(name)


_WORDLESS = frozenset("+-*/\\<>=~,@%&?|!")


def _is_word(text: str) -> bool:
    return bool(text) and not text[0].isdigit() and all(each == "_" or each.isalnum() for each in text)
