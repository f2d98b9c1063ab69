"""Numbers as they are written in source: 16rFF, 1e10, 2.5e-3, 3.14s2."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from stui_cli.playground import limits
from stui_cli.playground.objects import ScaledDecimal

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value

_PARTS = re.compile(
    r"(?P<sign>-?)(?:(?P<radix>\d+)r)?(?P<minus>-?)(?P<whole>[0-9A-Z]+)(?:\.(?P<part>[0-9A-Z]+))?"
    r"(?:(?P<kind>[edqs])(?P<power>-?\d*))?"
)
_LEAF = 4_000  # digits: Python reads and writes no longer ones at once, and takes quadratic time for them
_BITS_OF_A_DIGIT = {radix: radix.bit_length() for radix in range(2, 37)}


class NotANumber(Exception):
    """Why the text is none, in words for its writer."""


def number(text: str) -> Value:
    """Raises NotANumber."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise NotANumber("a number expected")
    radix = _small(parts["radix"]) if parts["radix"] else 10
    if not 2 <= radix <= 36:
        raise NotANumber("a radix is between 2 and 36")
    negative = (parts["sign"] == "-") != (parts["minus"] == "-")
    whole, part, kind, power = parts["whole"], parts["part"], parts["kind"], parts["power"]
    if kind == "s":
        return _scaled(whole, part, power, radix, negative)
    exponent = _small(power) if power else 0
    if part is None:
        return _signed(_with_exponent(digits_value(whole, radix), radix, exponent), negative)
    return _signed(_float(whole, part, radix, exponent), negative)


def _signed(value: Value, negative: bool) -> Value:
    return -value if negative else value


def _small(digits: str) -> int:
    if len(digits) > 9:
        raise NotANumber("the exponent is too large")
    return int(digits)


def digits_value(digits: str, radix: int) -> int:
    """Raises NotANumber for a digit that is none in this radix, or too many."""
    if len(digits) * (radix - 1).bit_length() > limits.INTEGER_BITS * 2:
        raise NotANumber("the number is too large")
    try:
        return _value(digits, radix)
    except ValueError:
        raise NotANumber(f"a digit of radix {radix} expected") from None


def _value(digits: str, radix: int) -> int:
    if len(digits) <= _LEAF:
        return int(digits, radix)
    half = len(digits) // 2
    return int(_value(digits[:-half], radix) * radix**half + _value(digits[-half:], radix))


def _with_exponent(value: int, radix: int, exponent: int) -> Value:
    if abs(exponent) * radix.bit_length() > limits.INTEGER_BITS:
        raise NotANumber("the number is too large")
    if exponent >= 0:
        return value * radix**exponent
    found = Fraction(value, radix**-exponent)
    return found.numerator if found.denominator == 1 else found


def _float(whole: str, part: str, radix: int, exponent: int) -> float:
    if radix == 10:
        if not (whole + part).isdecimal():
            raise NotANumber("a digit of radix 10 expected")
        found = float(f"{whole}.{part}e{exponent}")
    else:
        value = Fraction(digits_value(whole + part, radix)) * Fraction(radix) ** max(
            -5000, min(5000, exponent - len(part))
        )
        try:
            found = float(value)
        except OverflowError:
            found = float("inf")
    if found == float("inf"):
        raise NotANumber("the number is too large for a Float")
    return found


def _scaled(whole: str, part: str | None, power: str, radix: int, negative: bool) -> ScaledDecimal:
    if power.startswith("-"):
        raise NotANumber("a scale is 0 or more")
    scale = _small(power) if power else len(part or "")
    if scale > 10_000:
        raise NotANumber("the scale is too large")
    value = Fraction(digits_value(whole + (part or ""), radix), radix ** len(part or ""))
    return ScaledDecimal(-value if negative else value, scale)


def decimal_digits(value: int) -> str:
    """The digits of an integer of any size, in time that grows little more than with their number."""
    if value.bit_length() < 12_000:
        return str(value)
    if value < 0:
        return "-" + decimal_digits(-value)
    import decimal

    with decimal.localcontext() as context:
        context.prec, context.Emax, context.Emin = decimal.MAX_PREC, decimal.MAX_EMAX, decimal.MIN_EMIN
        context.traps[decimal.Inexact] = True
        return format(_as_decimal(value, value.bit_length(), {}), "f")


def _as_decimal(value: int, bits: int, powers: dict[int, Decimal]) -> Decimal:
    """By halves: decimal multiplies large numbers fast, and int divides them slowly."""
    if bits <= 8_000:
        return Decimal(value)
    half = bits // 2
    power = powers.get(half)
    if power is None:
        power = powers[half] = Decimal(2) ** half
    high = value >> half
    low = value - (high << half)
    return _as_decimal(high, bits - half, powers) * power + _as_decimal(low, half, powers)
