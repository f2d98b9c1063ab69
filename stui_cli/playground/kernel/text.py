"""Strings and symbols: comparing, turning into something else, and what only they understand."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.characters import lowercase, uppercase
from stui_cli.playground.kernel.complaints import bad_index, improper_store
from stui_cli.playground.objects import Array, ByteArray, Character, Symbol, Text, character, symbol

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


def chars(value: Value) -> str:
    """Of a string or symbol."""
    return value.name if isinstance(value, Symbol) else value.chars


def is_text(value: Value) -> bool:
    return isinstance(value, Text | Symbol)


def as_text(machine: Machine, value: Value, selector: str = "asString") -> str:
    """The characters of an argument; what is no string does not understand the selector that a string would be sent."""
    if isinstance(value, Text | Symbol):
        return chars(value)
    found = machine.not_understood(value, selector, [])
    return chars(found) if is_text(found) else ""


def made(machine: Machine, text: str) -> Text:
    """A new string, whose memory is charged."""
    machine.charge(len(text))
    return Text(text)


# Comparing


@primitive("String", "=", category="comparing")
def equal(machine: Machine, receiver: Value, other: Value) -> Value:
    return receiver is other or (is_text(other) and chars(receiver) == chars(other))


@primitive("String", "hash", category="comparing")
def hash_of(machine: Machine, receiver: Value) -> Value:
    """The same for a string and the symbol of its characters."""
    return zlib.crc32(chars(receiver).encode("utf-8", "surrogatepass")) & 0xFFFFFFF


@primitive("String", "<", category="comparing")
def less(machine: Machine, receiver: Value, other: Value) -> Value:
    return chars(receiver) < as_text(machine, other, "size")


@primitive("String", ">", category="comparing")
def greater(machine: Machine, receiver: Value, other: Value) -> Value:
    return chars(receiver) > as_text(machine, other, "size")


@primitive("String", "<=", category="comparing")
def at_most(machine: Machine, receiver: Value, other: Value) -> Value:
    return chars(receiver) <= as_text(machine, other, "size")


@primitive("String", ">=", category="comparing")
def at_least(machine: Machine, receiver: Value, other: Value) -> Value:
    return chars(receiver) >= as_text(machine, other, "size")


@primitive("String", "max:", category="comparing")
def larger(machine: Machine, receiver: Value, other: Value) -> Value:
    return receiver if chars(receiver) > as_text(machine, other, "size") else other


@primitive("String", "min:", category="comparing")
def smaller(machine: Machine, receiver: Value, other: Value) -> Value:
    return receiver if chars(receiver) < as_text(machine, other, "size") else other


@primitive("String", "between:and:", category="comparing")
def between(machine: Machine, receiver: Value, low: Value, high: Value) -> Value:
    return as_text(machine, low, "size") <= chars(receiver) <= as_text(machine, high, "size")


@primitive("String", "sameAs:", "caseInsensitiveEquals:", category="comparing")
def same_as(machine: Machine, receiver: Value, other: Value) -> Value:
    """Apart from upper and lower case."""
    return is_text(other) and lowercase(chars(receiver)) == lowercase(chars(other))


@primitive("String", "compare:", category="comparing")
def compare(machine: Machine, receiver: Value, other: Value) -> Value:
    """1 before, 2 equal, 3 after, apart from case."""
    return _compared(lowercase(chars(receiver)), lowercase(as_text(machine, other, "size")))


@primitive("String", "compare:caseSensitive:", category="comparing")
def compare_case(machine: Machine, receiver: Value, other: Value, sensitive: Value) -> Value:
    if sensitive is not True:
        return compare(machine, receiver, other)
    return _compared(chars(receiver), as_text(machine, other, "size"))


def _compared(one: str, two: str) -> int:
    return (one > two) - (one < two) + 2


@primitive("String", "caseInsensitiveLessOrEqual:", category="comparing")
def at_most_without_case(machine: Machine, receiver: Value, other: Value) -> Value:
    return compare(machine, receiver, other) < 3


@primitive("String", "caseSensitiveLessOrEqual:", category="comparing")
def at_most_with_case(machine: Machine, receiver: Value, other: Value) -> Value:
    return at_most(machine, receiver, other)


# Asking


@primitive("String", "isString", category="testing")
def is_string(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("String", "isAllDigits", category="testing")
def is_all_digits(machine: Machine, receiver: Value) -> Value:
    return re.fullmatch("[0-9]+", chars(receiver)) is not None


@primitive("String", "isAllSeparators", "isAllWhitespace", category="testing")
def is_all_separators(machine: Machine, receiver: Value) -> Value:
    return not chars(receiver).strip(" \t\n\r\f")


@primitive("String", "isAllAlphaNumerics", category="testing")
def is_all_alphanumerics(machine: Machine, receiver: Value) -> Value:
    return all(each.isalnum() for each in chars(receiver))


@primitive("String", "startsWithDigit", category="testing")
def starts_with_digit(machine: Machine, receiver: Value) -> Value:
    return chars(receiver)[:1] in tuple("0123456789")


@primitive("String", "endsWithDigit", category="testing")
def ends_with_digit(machine: Machine, receiver: Value) -> Value:
    return chars(receiver)[-1:] in tuple("0123456789")


# Into something else


@primitive("String", "asString", "yourself", category="converting")
def as_string(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("String", "asSymbol", category="converting")
def as_symbol(machine: Machine, receiver: Value) -> Value:
    return symbol(chars(receiver))


@primitive("String", "asCharacter", category="converting")
def as_character(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, "first")


@primitive("String", "asByteArray", category="converting")
def as_byte_array(machine: Machine, receiver: Value) -> Value:
    """Of the codes, which must be those of bytes."""
    try:
        return ByteArray(chars(receiver).encode("latin-1"))
    except UnicodeEncodeError:
        return machine.raise_("Error", "the string has characters that are no bytes: use utf8Encoded")


@primitive("String", "utf8Encoded", category="converting")
def utf8_encoded(machine: Machine, receiver: Value) -> Value:
    try:
        return ByteArray(chars(receiver).encode("utf-8"))
    except UnicodeEncodeError:
        return machine.raise_("Error", "the string has halves of characters, which UTF-8 cannot tell")


@primitive("String", "asUppercase", category="converting")
def as_uppercase(machine: Machine, receiver: Value) -> Value:
    return made(machine, uppercase(chars(receiver)))


@primitive("String", "asLowercase", category="converting")
def as_lowercase(machine: Machine, receiver: Value) -> Value:
    return made(machine, lowercase(chars(receiver)))


@primitive("String", "capitalized", "asUppercaseFirst", category="converting")
def capitalized(machine: Machine, receiver: Value) -> Value:
    return _like(receiver, uppercase(chars(receiver)[:1]) + chars(receiver)[1:])


@primitive("String", "uncapitalized", "asLowercaseFirst", category="converting")
def uncapitalized(machine: Machine, receiver: Value) -> Value:
    return _like(receiver, lowercase(chars(receiver)[:1]) + chars(receiver)[1:])


def _like(receiver: Value, text: str) -> Value:
    """A symbol of a symbol, a string of a string."""
    return symbol(text) if isinstance(receiver, Symbol) else Text(text)


@primitive("String", "asCamelCase", category="converting")
def as_camel_case(machine: Machine, receiver: Value) -> Value:
    return made(machine, "".join(uppercase(word[:1]) + word[1:] for word in re.split("[ \t\n\r\f]+", chars(receiver))))


@primitive("String", "translateToUppercase", category="converting")
def translate_to_uppercase(machine: Machine, receiver: Value) -> Value:
    return _changed(machine, receiver, uppercase(chars(receiver)))


@primitive("String", "translateToLowercase", category="converting")
def translate_to_lowercase(machine: Machine, receiver: Value) -> Value:
    return _changed(machine, receiver, lowercase(chars(receiver)))


def _changed(machine: Machine, receiver: Value, text: str) -> Value:
    """The receiver, with other characters from now on."""
    if isinstance(receiver, Symbol):
        return no_change(machine)
    receiver.chars = text
    return receiver


def no_change(machine: Machine) -> Value:
    return machine.raise_("Error", "symbols can not be modified.")


# Elements


@primitive("String class", "new:", category="instance creation")
def new_of_size(machine: Machine, receiver: Value, size: Value) -> Value:
    """Of characters of code 0."""
    if type(size) is not int or size < 0:
        return machine.raise_("Error", "a size is an integer of 0 or more")
    machine.charge_slots(size)
    made = machine.new(receiver)
    made.chars = chr(0) * size
    return made


@primitive("String", "at:put:", "basicAt:put:", category="accessing")
def at_put(machine: Machine, receiver: Value, index: Value, element: Value) -> Value:
    if type(index) is not int or not 1 <= index <= receiver.size():
        return bad_index(machine, receiver, index)
    if type(element) is not Character:
        return improper_store(machine)
    receiver.put(index - 1, chr(element.code))
    return element


@primitive("String", "at:", "basicAt:", category="accessing")
def at(machine: Machine, receiver: Value, index: Value) -> Value:
    if type(index) is not int or not 1 <= index <= receiver.size():
        return bad_index(machine, receiver, index)
    return character(ord(receiver.at(index - 1)))


@primitive("String", "size", "basicSize", category="accessing")
def size(machine: Machine, receiver: Value) -> Value:
    return receiver.size()


@primitive("String", "isByteString", "isOctetString", category="testing")
def is_byte_string(machine: Machine, receiver: Value) -> Value:
    return all(ord(each) < 256 for each in chars(receiver))


@primitive("String", "asWideString", "asByteString", "asOctetString", category="converting")
def of_any_width(machine: Machine, receiver: Value) -> Value:
    """Strings here are of any characters."""
    return receiver


@primitive("String", "keywords", category="accessing")
def keywords(machine: Machine, receiver: Value) -> Value:
    name = chars(receiver)
    return Array([Text(part) for part in re.findall("[^:]+:?", name)])


@primitive("String", "isAsciiString", category="testing")
def is_ascii(machine: Machine, receiver: Value) -> Value:
    return chars(receiver).isascii()


@primitive("String", "endsWithAColon", category="testing")
def ends_with_a_colon(machine: Machine, receiver: Value) -> Value:
    return chars(receiver).endswith(":")


def pad_of(value: Value) -> str:
    return chr(value.code) if type(value) is Character else " "


def count_of(machine: Machine, value: Any, limit: int) -> int:
    """A width or count given by code, within what there is room for."""
    if type(value) is not int:
        machine.raise_("Error", "an integer is expected here")
        return 0
    if value > limit:
        machine.charge_slots(value)
    return max(min(value, limit), 0)
