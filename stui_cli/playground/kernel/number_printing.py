"""How numbers are written: integers in any base, Floats with as few digits as tell them apart, ScaledDecimals."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.number_forms import round_half_up
from stui_cli.playground.kernel.numbers import NUMBERS, exact
from stui_cli.playground.kernel.printing import Limited, put
from stui_cli.playground.kernel.printing import print_string as printed
from stui_cli.playground.numerals import decimal_digits
from stui_cli.playground.objects import Character, ScaledDecimal, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AT_ONCE = 12_000  # bits
PLACES = 100_000  # that a number is padded to, or is written with behind its point


# Integers


def digits(machine: Machine, value: int, base: int) -> str:
    """With a minus before a negative one."""
    if value < 0:
        return "-" + digits(machine, -value, base)
    machine.charge(value.bit_length())
    if base == 10:
        return decimal_digits(value)
    form = {2: "b", 8: "o", 16: "X"}.get(base)
    return format(value, form) if form else _in_base(machine, value, base, {}) or "0"


def _in_base(machine: Machine, value: int, base: int, powers: dict[int, int]) -> str:
    """By halves; nothing for 0."""
    if machine.attention:
        machine.poll()
    if value.bit_length() <= _AT_ONCE // 10:
        found = ""
        while value:
            value, digit = divmod(value, base)
            found = DIGITS[digit] + found
        return found
    half = int(value.bit_length() / math.log2(base)) // 2
    power = powers.setdefault(half, base**half)
    high, low = divmod(value, power)
    return _in_base(machine, high, base, powers) + _in_base(machine, low, base, powers).rjust(half, "0")


def radix_of(machine: Machine, base: Value) -> int:
    if type(base) is int and 2 <= base <= 36:
        return base
    machine.raise_("Error", "a base is an integer between 2 and 36")
    return 10


def in_digits(machine: Machine, value: Value, base: int) -> str:
    """A number of any kind in the base, as printOn:base: writes it."""
    if type(value) is int:
        return digits(machine, value, base)
    if type(value) is float:
        return float_text(value, base)
    if type(value) is Fraction:
        return f"({digits(machine, value.numerator, base)}/{digits(machine, value.denominator, base)})"
    return scaled_text(machine, value)


# Floats


def float_text(value: float, base: int = 10) -> str:
    """As Pharo prints it."""
    if math.isnan(value):
        return "Float nan"
    if math.isinf(value):
        return "Float infinity" if value > 0 else "Float infinity negated"
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return sign + "0.0"
    found, point = _shortest(abs(value)) if base == 10 else _shortest_in(abs(value), base)
    return sign + _with_point(found, point)


def _with_point(found: str, point: int) -> str:
    """The digits of 0.ddd times the base to the power of `point`: up to a million without an exponent."""
    if -3 <= point <= 0:
        return "0." + "0" * -point + found
    if 0 < point <= 6:
        return found[:point].ljust(point, "0") + "." + (found[point:] or "0")
    return f"{found[0]}.{found[1:] or '0'}e{point - 1}"


def _shortest(value: float) -> tuple[str, int]:
    """The digits, and where the point is."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, part = mantissa.partition(".")
    found = whole + part
    bare = found.lstrip("0")
    point = len(whole) - (len(found) - len(bare)) + int(exponent or 0)
    return bare.rstrip("0"), point


def _shortest_in(value: float, base: int) -> tuple[str, int]:
    """In another base: digits are taken until what is left is less than half of the distance to the next Float."""
    number = Fraction(value)
    room = Fraction(math.ulp(value)) / 2
    point = math.floor(math.log(value, base)) + 1
    while Fraction(base) ** point <= number:
        point += 1
    while Fraction(base) ** (point - 1) > number:
        point -= 1
    rest, unit, found = number, Fraction(base) ** (point - 1), ""
    while True:
        digit = int(rest / unit)
        rest -= digit * unit
        if rest <= room or unit - rest <= room:
            return found + DIGITS[min(digit + (rest * 2 >= unit), base - 1)], point
        found, unit = found + DIGITS[digit], unit / base


# ScaledDecimals, and places behind the point


def scaled_text(machine: Machine, value: ScaledDecimal) -> str:
    return f"{places_text(machine, value.value, value.scale)}s{value.scale}"


def places_text(machine: Machine, value: Any, places: int) -> str:
    """With exactly so many digits behind the point, rounded; without a sign where all of them are 0."""
    machine.charge_bits(places * 4)
    scaled = round_half_up(Fraction(value) * 10**places)
    text = digits(machine, abs(scaled), 10).rjust(places + 1, "0")
    if places:
        text = f"{text[:-places]}.{text[-places:]}"
    return "-" + text if scaled < 0 else text


@primitive("Number", "printShowingDecimalPlaces:", category="printing")
def print_showing_decimal_places(machine: Machine, receiver: Value, places: Value) -> Value:
    if type(receiver) is float and not math.isfinite(receiver):
        return machine.raise_("Error", "Cannot represent it as a fraction")
    count = min(max(places, 0), PLACES) if type(places) is int else 0
    return Text(places_text(machine, exact(receiver), count))


@primitive("Number", "printOn:showingDecimalPlaces:", category="printing")
def print_on_showing_decimal_places(machine: Machine, receiver: Value, stream: Value, places: Value) -> Value:
    text = print_showing_decimal_places(machine, receiver, places)
    put(machine, stream, text.chars if isinstance(text, Text) else "")
    return receiver


# Printing


@primitive("Number", "printOn:", category="printing")
def print_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    if type(receiver) not in NUMBERS:
        put(machine, stream, machine.article(receiver))
    elif type(receiver) is int and isinstance(stream, Limited) and receiver.bit_length() > _AT_ONCE:
        put(machine, stream, _leading(machine, receiver, stream.room - stream.at + 1))
    else:
        put(machine, stream, in_digits(machine, receiver, 10))
    return receiver


def _leading(machine: Machine, value: int, wanted: int) -> str:
    """The first digits at least, where there is no room for all of them."""
    count = int(value.bit_length() * math.log10(2))
    if count - wanted < 1000:
        return digits(machine, value, 10)
    first = abs(value) // 10 ** (count - wanted - 10)
    return ("-" if value < 0 else "") + digits(machine, first, 10)


@primitive("Number", "printString", category="printing")
def print_string(machine: Machine, receiver: Value) -> Value:
    return Text(in_digits(machine, receiver, 10) if type(receiver) in NUMBERS else printed(machine, receiver))


@primitive("Number", "asString", "displayString", category="printing")
def as_string(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, "printString")


@primitive("Number", "printStringBase:", "printString:", "radix:", category="printing")
def print_string_base(machine: Machine, receiver: Value, base: Value) -> Value:
    return Text(in_digits(machine, receiver, radix_of(machine, base)))


@primitive("Number", "printOn:base:", category="printing")
def print_on_base(machine: Machine, receiver: Value, stream: Value, base: Value) -> Value:
    put(machine, stream, in_digits(machine, receiver, radix_of(machine, base)))
    return receiver


@primitive("Integer", "printStringHex", category="printing")
def print_string_hex(machine: Machine, receiver: int) -> Value:
    return Text(digits(machine, receiver, 16))


@primitive("Integer", "printStringRadix:", "printRadix:", category="printing")
def print_string_radix(machine: Machine, receiver: int, base: Value) -> Value:
    """With the base before it, also where that is 10."""
    radix = radix_of(machine, base)
    return Text(f"{'-' if receiver < 0 else ''}{radix}r{digits(machine, abs(receiver), radix)}")


@primitive("Integer", "printPaddedWith:to:", category="printing")
def print_padded(machine: Machine, receiver: int, pad: Value, width: Value) -> Value:
    return print_padded_base(machine, receiver, pad, width, 10)


@primitive("Integer", "printPaddedWith:to:base:", category="printing")
def print_padded_base(machine: Machine, receiver: int, pad: Value, width: Value, base: Value) -> Value:
    if type(pad) is not Character or type(width) is not int or width > PLACES:
        return machine.raise_("Error", "printPaddedWith:to: takes a character and a width")
    return Text(digits(machine, receiver, radix_of(machine, base)).rjust(width, chr(pad.code)))


@primitive("Float", "printPaddedWith:to:", category="printing")
def print_float_padded(machine: Machine, receiver: float, pad: Value, width: Value) -> Value:
    """Before the point as many digits as the width's integer part, behind it as many as its decimals say."""
    if type(pad) is not Character or type(width) not in (int, float) or not 0 <= width <= 1000:
        return machine.raise_("Error", "printPaddedWith:to: takes a character and a width")
    whole, _, part = float_text(receiver).partition(".")
    places = int(str(width).partition(".")[2] or 0)
    return Text(f"{whole.rjust(int(width), chr(pad.code))}.{part.ljust(min(places, 1000), chr(pad.code))}")


@primitive("Integer", "printStringLength:", category="printing")
def print_string_length(machine: Machine, receiver: int, width: Value) -> Value:
    return print_string_base_length(machine, receiver, 10, width, False)


@primitive("Integer", "printStringPadded:", category="printing")
def print_string_padded(machine: Machine, receiver: int, width: Value) -> Value:
    return print_string_base_length(machine, receiver, 10, width, True)


@primitive("Integer", "printStringLength:padded:", category="printing")
def print_string_length_padded(machine: Machine, receiver: int, width: Value, zeros: Value) -> Value:
    return print_string_base_length(machine, receiver, 10, width, zeros)


@primitive("Integer", "printStringBase:length:padded:", category="printing")
def print_string_base_length(machine: Machine, receiver: int, base: Value, width: Value, zeros: Value) -> Value:
    """Zeros go behind the sign, blanks before it."""
    room = min(width, PLACES) if type(width) is int else 0
    found = digits(machine, abs(receiver), radix_of(machine, base))
    sign = "-" if receiver < 0 else ""
    return Text(sign + found.rjust(room - len(sign), "0") if zeros is True else (sign + found).rjust(room))


@primitive("Integer", "printOn:base:length:padded:", category="printing")
def print_on_base_length(
    machine: Machine, receiver: int, stream: Value, base: Value, width: Value, zeros: Value
) -> Value:
    text = print_string_base_length(machine, receiver, base, width, zeros)
    put(machine, stream, text.chars if isinstance(text, Text) else "")
    return receiver


@primitive("Integer", "asStringWithCommas", category="printing")
def as_string_with_commas(machine: Machine, receiver: int) -> Value:
    return Text(with_commas(machine, receiver))


def with_commas(machine: Machine, value: int) -> str:
    found = digits(machine, abs(value), 10)
    head = len(found) % 3 or 3
    groups = [found[:head], *(found[start : start + 3] for start in range(head, len(found), 3))]
    return ("-" if value < 0 else "") + ",".join(groups)


@primitive("Integer", "numberOfDigits", category="printing")
def number_of_digits(machine: Machine, receiver: int) -> Value:
    return len(digits(machine, abs(receiver), 10))


@primitive("Integer", "numberOfDigitsInBase:", category="printing")
def number_of_digits_in(machine: Machine, receiver: int, base: Value) -> Value:
    return len(digits(machine, abs(receiver), radix_of(machine, base)))


@primitive("Integer", "digitSum", category="accessing")
def digit_sum(machine: Machine, receiver: int) -> Value:
    return sum(map(int, digits(machine, abs(receiver), 10)))
