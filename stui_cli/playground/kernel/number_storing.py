"""What numbers store: text that is read back as the same number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.number_printing import PLACES, digits, in_digits, radix_of
from stui_cli.playground.kernel.numbers import NUMBERS
from stui_cli.playground.kernel.printing import put, store_string
from stui_cli.playground.objects import ScaledDecimal, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Number", "storeOn:", category="storing")
def store_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    """A negative number with a blank before it, so that it is none with an operator before it."""
    if type(receiver) in NUMBERS:
        put(machine, stream, _stored(machine, receiver))
    else:
        put(machine, stream, machine.article(receiver))
    return receiver


def has_places(value: ScaledDecimal) -> bool:
    """Whether what it prints is all of it."""
    return bool(10**value.scale % value.value.denominator == 0)


def _stored(machine: Machine, value: Value) -> str:
    if type(value) is ScaledDecimal and not has_places(value):
        ratio = f"{digits(machine, value.value.numerator, 10)}/{digits(machine, value.value.denominator, 10)}"
        return f"({ratio}s{value.scale})"
    text = in_digits(machine, value, 10)
    return " " + text if text.startswith("-") and type(value) in (int, float) else text


@primitive("Integer", "storeStringBase:", category="storing")
def store_string_base(machine: Machine, receiver: int, base: Value) -> Value:
    radix = radix_of(machine, base)
    return Text(_radix_text(machine, receiver, radix))


def _radix_text(machine: Machine, value: int, radix: int) -> str:
    prefix = "" if radix == 10 else f"{radix}r"
    return f"{'-' if value < 0 else ''}{prefix}{digits(machine, abs(value), radix)}"


@primitive("Integer", "storeStringHex", "hex", "hexString", category="storing")
def store_string_hex(machine: Machine, receiver: int) -> Value:
    return Text(_radix_text(machine, receiver, 16))


@primitive("Integer", "storeStringBase:length:padded:", category="storing")
def store_string_base_length(machine: Machine, receiver: int, base: Value, width: Value, zeros: Value) -> Value:
    text = _radix_text(machine, receiver, radix_of(machine, base))
    sign, _, rest = text.rpartition("r") if "r" in text else ("", "", text)
    room = (min(width, PLACES) if type(width) is int else 0) - (len(sign) + 1 if sign else 0)
    return Text(f"{sign}r{rest.rjust(room, '0')}" if sign and zeros is True else text.rjust(room))


@primitive("Integer", "storeOn:base:", category="storing")
def store_on_base(machine: Machine, receiver: int, stream: Value, base: Value) -> Value:
    put(machine, stream, _radix_text(machine, receiver, radix_of(machine, base)))
    return receiver


@primitive("Number", "storeString", category="storing")
def store_string_of(machine: Machine, receiver: Value) -> Value:
    return Text(_stored(machine, receiver)) if type(receiver) in NUMBERS else Text(store_string(machine, receiver))
