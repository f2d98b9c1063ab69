"""Numbers read from text: by a string that is asked for one, and by Number readFrom: a string or stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.text import as_text, chars, is_text
from stui_cli.playground.numerals import NotANumber, digits_value, number

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_NUMBER = re.compile(r"-?[0-9]+(?:r-?[0-9A-Z]+)?(?:\.[0-9A-Z]+)?(?:e-?[0-9]+|s[0-9]*)?")
_NAMED = {"Infinity": float("inf"), "-Infinity": float("-inf"), "NaN": float("nan")}
_NO_DIGIT = "a digit expected"


def _read(text: str) -> Value:
    """The number that the text begins with. Raises NotANumber."""
    bare = text.strip(" \t\n\r\f")
    found = _NUMBER.match(bare)
    if found is not None:
        return number(found[0])
    if bare in _NAMED:
        return _NAMED[bare]
    raise NotANumber(_NO_DIGIT)


def failed(machine: Machine, error: NotANumber) -> Value:
    return machine.raise_("Error", f"Reading a number failed: {error}")


@primitive("String", "asNumber", category="converting")
def as_number(machine: Machine, receiver: Value) -> Value:
    """Of the number that it begins with."""
    try:
        return _read(chars(receiver))
    except NotANumber as error:
        return failed(machine, error)


def _text_of(machine: Machine, source: Value) -> str:
    """Of a string, or of what a stream still has."""
    return chars(source) if is_text(source) else as_text(machine, machine.send(source, "upToEnd"))


@primitive("Number class", "readFrom:", category="instance creation")
def read_from(machine: Machine, receiver: Value, source: Value) -> Value:
    try:
        return _read(_text_of(machine, source))
    except NotANumber as error:
        return failed(machine, error)


@primitive("Number class", "readFrom:ifFail:", category="instance creation")
def read_from_if_fail(machine: Machine, receiver: Value, source: Value, block: Value) -> Value:
    try:
        return _read(_text_of(machine, source))
    except NotANumber:
        return machine.call(block)


@primitive("Number class", "readFrom:base:", "readFrom:radix:", category="instance creation")
def read_from_base(machine: Machine, receiver: Value, source: Value, base: Value) -> Value:
    text = _text_of(machine, source).strip()
    if type(base) is not int or not 2 <= base <= 36:
        return machine.raise_("Error", "a base is an integer between 2 and 36")
    found = re.match(r"-?[0-9A-Z]+", text)
    try:
        value = digits_value(found[0].removeprefix("-") if found else "", base)
    except NotANumber as error:
        return failed(machine, error)
    return -value if text.startswith("-") else value


@primitive("String", "asInteger", "asSignedInteger", category="converting")
def as_integer(machine: Machine, receiver: Value) -> Value:
    """The first integer in it, or nil."""
    return _integer(machine, re.search("-?[0-9]+", chars(receiver)))


@primitive("String", "asUnsignedInteger", category="converting")
def as_unsigned_integer(machine: Machine, receiver: Value) -> Value:
    return _integer(machine, re.search("[0-9]+", chars(receiver)))


def _integer(machine: Machine, found: re.Match[str] | None) -> Value:
    if found is None:
        return None
    try:
        value = digits_value(found[0].removeprefix("-"), 10)
    except NotANumber as error:
        return failed(machine, error)
    return -value if found[0].startswith("-") else value
