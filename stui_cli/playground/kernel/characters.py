"""Characters: one object for each code of Unicode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.printing import character_names
from stui_cli.playground.objects import Array, Character, Text, character, symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_SEPARATORS = " \t\n\r\f"
_SPECIAL = "+-/\\*~<>=@,%|&?!"


def is_separator(text: str) -> bool:
    return text in _SEPARATORS


@primitive("Character class", "value:", "codePoint:", category="instance creation")
def with_value(machine: Machine, receiver: Value, code: Value) -> Value:
    if type(code) is not int or not 0 <= code < 0x110000:
        return machine.raise_("Error", "the code of a character is an integer between 0 and 1114111")
    return character(code)


@primitive("Character class", "new", "basicNew", category="instance creation")
def no_new(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("Error", "cannot create new characters")


def _add_named(name: str, code: int) -> None:
    def named(machine: Machine, receiver: Value) -> Value:
        return character(code)

    primitive("Character class", name, category="accessing untypeable characters")(distinct(named, name))


for _name, _code in (character_names() | {"nl": 10, "euro": 0x20AC, "centeredDot": 183, "divide": 247}).items():
    _add_named(_name, _code)


@primitive("Character class", "alphabet", category="constants")
def alphabet(machine: Machine, receiver: Value) -> Value:
    return Text("abcdefghijklmnopqrstuvwxyz")


@primitive("Character class", "separators", category="constants")
def separators(machine: Machine, receiver: Value) -> Value:
    return Array([character(ord(each)) for each in " \r\t\n\f"])


# As something else


@primitive(
    "Character", "asInteger", "value", "codePoint", "charCode", "asciiValue", "asUnicode", "hash", category="accessing"
)
def code_of(machine: Machine, receiver: Character) -> Value:
    return receiver.code


@primitive("Character", "asCharacter", "copy", "deepCopy", "shallowCopy", category="converting")
def itself(machine: Machine, receiver: Character) -> Value:
    return receiver


@primitive("Character", "asString", "displayString", category="converting")
def as_string(machine: Machine, receiver: Character) -> Value:
    return Text(chr(receiver.code))


@primitive("Character", "displayStringOn:", category="printing")
def display_on(machine: Machine, receiver: Character, stream: Value) -> Value:
    machine.send(stream, "nextPut:", receiver)
    return receiver


@primitive("Character", "asSymbol", category="converting")
def as_symbol(machine: Machine, receiver: Character) -> Value:
    return symbol(chr(receiver.code))


@primitive("Character", "asUppercase", "uppercase", category="converting")
def as_uppercase(machine: Machine, receiver: Character) -> Value:
    return _changed(receiver, str.upper)


@primitive("Character", "asLowercase", "lowercase", category="converting")
def as_lowercase(machine: Machine, receiver: Character) -> Value:
    return _changed(receiver, str.lower)


def _changed(receiver: Character, change: Callable[[str], str]) -> Value:
    """A letter whose other case is more than one character stays as it is."""
    text = chr(receiver.code)
    return character(ord(_one(text, change(text))))


def uppercase(text: str) -> str:
    return text.upper() if text.isascii() else "".join(_one(each, each.upper()) for each in text)


def lowercase(text: str) -> str:
    return text.lower() if text.isascii() else "".join(_one(each, each.lower()) for each in text)


def _one(text: str, changed: str) -> str:
    return changed if len(changed) == 1 else text


@primitive("Character", "digitValue", category="accessing")
def digit_value(machine: Machine, receiver: Character) -> Value:
    """-1 for what is no digit; the letters are digits too."""
    text = chr(receiver.code)
    return int(text, 36) if text.isascii() and text.isalnum() else -1


@primitive("Character", "to:", category="converting")
def to(machine: Machine, receiver: Character, last: Value) -> Value:
    if type(last) is not Character:
        return machine.not_understood(last, "asciiValue", [])
    machine.charge_slots(max(last.code - receiver.code, 0))
    return Array([character(code) for code in range(receiver.code, last.code + 1)])


@primitive("Character", "join:", category="converting")
def join(machine: Machine, receiver: Character, parts: Value) -> Value:
    return machine.send(Text(chr(receiver.code)), "join:", parts)


@primitive("Character", "split:", category="converting")
def split(machine: Machine, receiver: Character, whole: Value) -> Value:
    return machine.send(Text(chr(receiver.code)), "split:", whole)


@primitive("Character", "hex", category="printing")
def hexadecimal(machine: Machine, receiver: Character) -> Value:
    return Text(f"16r{receiver.code:X}")


@primitive("Character", "printStringHex", category="printing")
def hexadecimal_digits(machine: Machine, receiver: Character) -> Value:
    return Text(f"{receiver.code:X}")


# Comparing


def _other(machine: Machine, other: Value) -> Any:
    """The code of the other, which is asked for it."""
    return other.code if type(other) is Character else machine.send(other, "asciiValue")


@primitive("Character", "<", category="comparing")
def less(machine: Machine, receiver: Character, other: Value) -> Value:
    return machine.send(receiver.code, "<", _other(machine, other))


@primitive("Character", ">", category="comparing")
def greater(machine: Machine, receiver: Character, other: Value) -> Value:
    return machine.send(receiver.code, ">", _other(machine, other))


@primitive("Character", "sameAs:", category="comparing")
def same_as(machine: Machine, receiver: Character, other: Value) -> Value:
    return type(other) is Character and chr(receiver.code).lower() == chr(other.code).lower()


# Asking


@primitive("Character", "isCharacter", "isLiteral", category="testing")
def is_character(machine: Machine, receiver: Character) -> Value:
    return True


def _add_question(selector: str, test: Callable[[str], bool]) -> None:
    def question(machine: Machine, receiver: Character) -> Value:
        return test(chr(receiver.code))

    primitive("Character", selector, category="testing")(distinct(question, selector))


_QUESTIONS: dict[str, Callable[[str], bool]] = {
    "isLetter": str.isalpha,
    "isDigit": lambda text: text in "0123456789",
    "isAlphaNumeric": lambda text: text.isalpha() or text in "0123456789",
    "isUppercase": str.isupper,
    "isLowercase": str.islower,
    "isVowel": lambda text: text in "aeiouAEIOU",
    "isSeparator": is_separator,
    "isSpecial": lambda text: text in _SPECIAL,
    "isOctetCharacter": lambda text: ord(text) < 256,
    "isPunctuation": lambda text: text in "()[]{}",
    "tokenish": lambda text: text.isalnum() or text in "_:",
}
for _selector, _test in _QUESTIONS.items():
    _add_question(_selector, _test)
