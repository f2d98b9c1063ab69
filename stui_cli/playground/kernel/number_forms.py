"""Numbers: rounding, asking, and turning one kind into another."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.numbers import (
    NUMBERS,
    charge_work,
    divided,
    exact,
    is_zero,
    minus,
    negated,
    scale_of,
    times,
    to_float,
    whole,
    zero_divide,
)
from stui_cli.playground.objects import Point, ScaledDecimal, character

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

# Rounding


def _finite(machine: Machine, receiver: Value) -> Any:
    """The exact value; an infinite Float has none, and that is an error."""
    if type(receiver) is float and not math.isfinite(receiver):
        return machine.raise_("Error", "Cannot truncate this number")
    return exact(receiver)


def round_half_up(value: Any) -> int:
    """To the nearest; away from zero in the middle."""
    size: int = math.floor(abs(value) + Fraction(1, 2))
    return size if value >= 0 else -size


@primitive("Number", "truncated", "asInteger", category="truncation and round off")
def truncated(machine: Machine, receiver: Value) -> Value:
    value = _finite(machine, receiver)
    return value if type(value) is int else None if value is None else math.trunc(value)


@primitive("Number", "floor", category="truncation and round off")
def floor(machine: Machine, receiver: Value) -> Value:
    value = _finite(machine, receiver)
    return None if value is None else math.floor(value)


@primitive("Number", "ceiling", category="truncation and round off")
def ceiling(machine: Machine, receiver: Value) -> Value:
    value = _finite(machine, receiver)
    return None if value is None else math.ceil(value)


@primitive("Number", "rounded", category="truncation and round off")
def rounded(machine: Machine, receiver: Value) -> Value:
    value = _finite(machine, receiver)
    return None if value is None else round_half_up(value)


@primitive("Number", "roundTo:", category="truncation and round off")
def round_to(machine: Machine, receiver: Value, quantum: Value) -> Value:
    """The nearest multiple."""
    return times(machine, machine.send(divided(machine, receiver, quantum), "rounded"), quantum)


@primitive("Number", "roundUpTo:", category="truncation and round off")
def round_up_to(machine: Machine, receiver: Value, quantum: Value) -> Value:
    return times(machine, machine.send(divided(machine, receiver, quantum), "ceiling"), quantum)


@primitive("Number", "roundDownTo:", category="truncation and round off")
def round_down_to(machine: Machine, receiver: Value, quantum: Value) -> Value:
    return times(machine, machine.send(divided(machine, receiver, quantum), "floor"), quantum)


@primitive("Number", "truncateTo:", category="truncation and round off")
def truncate_to(machine: Machine, receiver: Value, quantum: Value) -> Value:
    return times(machine, machine.send(divided(machine, receiver, quantum), "truncated"), quantum)


@primitive("Number", "round:", category="truncation and round off")
def round_places(machine: Machine, receiver: Value, places: Value) -> Value:
    """So many digits behind the point."""
    if type(receiver) is int:
        return receiver
    digits = min(max(places, -400), 400) if type(places) is int else 0
    value = _finite(machine, receiver)
    if value is None:
        return None
    unit = Fraction(10) ** -digits
    result = round_half_up(Fraction(value) / unit) * unit
    if type(receiver) is ScaledDecimal:
        return ScaledDecimal(result, max(receiver.scale, digits))
    return to_float(result) if type(receiver) is float else whole(result)


@primitive("Number", "integerPart", category="truncation and round off")
def integer_part(machine: Machine, receiver: Value) -> Value:
    if type(receiver) is float:
        return float(math.trunc(receiver)) if math.isfinite(receiver) else receiver
    return truncated(machine, receiver)


@primitive("Number", "fractionPart", category="truncation and round off")
def fraction_part(machine: Machine, receiver: Value) -> Value:
    return minus(machine, receiver, integer_part(machine, receiver))


# Asking


@primitive("Number", "abs", category="arithmetic")
def absolute(machine: Machine, receiver: Value) -> Value:
    if type(receiver) is ScaledDecimal:
        return ScaledDecimal(abs(receiver.value), receiver.scale)
    return abs(receiver) if type(receiver) in NUMBERS else receiver


@primitive("Number", "sign", category="testing")
def sign(machine: Machine, receiver: Value) -> Value:
    value = receiver if type(receiver) is float else exact(receiver)
    return (value > 0) - (value < 0)


@primitive("Number", "sign:", "copySignFrom:", category="converting")
def with_sign(machine: Machine, receiver: Value, number: Value) -> Value:
    size = absolute(machine, receiver)
    return negated(machine, size) if machine.send(number, "<", 0) is True else size


@primitive("Number", "signBit", category="testing")
def sign_bit(machine: Machine, receiver: Value) -> Value:
    return int(math.copysign(1, receiver) < 0) if type(receiver) is float else int(exact(receiver) < 0)


@primitive("Number", "isZero", category="testing")
def zero(machine: Machine, receiver: Value) -> Value:
    return is_zero(receiver)


@primitive("Number", "negative", category="testing")
def negative(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, "<", 0)


@primitive("Number", "positive", category="testing")
def positive(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, ">=", 0)


@primitive("Number", "strictlyPositive", category="testing")
def strictly_positive(machine: Machine, receiver: Value) -> Value:
    return machine.send(receiver, ">", 0)


@primitive("Number", "isNumber", category="testing")
def is_number(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Integer", "isInteger", category="testing")
def is_integer(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Integer", "isFraction", category="testing")
@primitive("Fraction", "isFraction", category="testing")
def is_fraction(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Float", "isFloat", category="testing")
def is_float(machine: Machine, receiver: Value) -> Value:
    return True


@primitive("Number", "isNaN", category="testing")
def is_nan(machine: Machine, receiver: Value) -> Value:
    return type(receiver) is float and math.isnan(receiver)


@primitive("Number", "isInfinite", category="testing")
def is_infinite(machine: Machine, receiver: Value) -> Value:
    return type(receiver) is float and math.isinf(receiver)


@primitive("Number", "isFinite", category="testing")
def is_finite(machine: Machine, receiver: Value) -> Value:
    return type(receiver) is not float or math.isfinite(receiver)


@primitive("Number", "even", category="testing")
def even(machine: Machine, receiver: Value) -> Value:
    value = _finite(machine, receiver)
    return value is not None and value % 2 == 0


@primitive("Number", "odd", category="testing")
def odd(machine: Machine, receiver: Value) -> Value:
    return not even(machine, receiver)


@primitive("Number", "isDivisibleBy:", category="testing")
def is_divisible_by(machine: Machine, receiver: Value, divisor: Value) -> Value:
    return type(divisor) is int and divisor != 0 and machine.send(machine.send(receiver, "\\\\", divisor), "=", 0)


@primitive("Number", "closeTo:", category="comparing")
def close_to(machine: Machine, receiver: Value, other: Value) -> Value:
    return close_to_within(machine, receiver, other, 0.0001)


@primitive("Number", "closeTo:precision:", category="comparing")
def close_to_within(machine: Machine, receiver: Value, other: Value, precision: Value) -> Value:
    if type(other) not in NUMBERS or type(precision) not in NUMBERS:
        return False
    if float not in (type(receiver), type(other)):
        return machine.send(receiver, "=", other)
    if type(precision) not in NUMBERS:
        return machine.raise_("Error", f"{machine.article(precision)} is no precision")
    one, two = to_float(receiver), to_float(other)
    return one == two or abs(one - two) <= to_float(precision)


# Other kinds


@primitive("Number", "asNumber", "asCollectionElement", category="converting")
def as_number(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("Number", "asFloat", category="converting")
def as_float(machine: Machine, receiver: Value) -> Value:
    return to_float(receiver)


@primitive("Number", "asFraction", "asTrueFraction", "asExactFraction", category="converting")
def as_fraction(machine: Machine, receiver: Value) -> Value:
    if type(receiver) is float and not math.isfinite(receiver):
        name = "Not-a-Number" if math.isnan(receiver) else "infinity"
        return machine.raise_("Error", f"Cannot represent {name} as a fraction")
    return whole(Fraction(exact(receiver)))


@primitive("Float", "asMinimalDecimalFraction", category="converting")
def as_minimal_decimal_fraction(machine: Machine, receiver: float) -> Value:
    """The shortest decimal one that is this Float."""
    if not math.isfinite(receiver):
        return machine.raise_("Error", "Only finite Float can be converted to a Fraction")
    return whole(Fraction(repr(receiver)))


@primitive("Float", "asApproximateFraction", category="converting")
def as_approximate_fraction(machine: Machine, receiver: float) -> Value:
    if not math.isfinite(receiver):
        return as_fraction(machine, receiver)
    return whole(Fraction(receiver).limit_denominator(10_000_000_000))


@primitive("Number", "asScaledDecimal:", category="converting")
def as_scaled_decimal_of(machine: Machine, receiver: Value, scale: Value) -> Value:
    value = as_fraction(machine, receiver)
    if type(scale) is not int or not 0 <= scale <= 10_000:
        return machine.raise_("Error", "a scale is an integer between 0 and 10000")
    return ScaledDecimal(Fraction(value), scale)


@primitive("Number", "asScaledDecimal", category="converting")
def as_scaled_decimal(machine: Machine, receiver: Value) -> Value:
    if type(receiver) is ScaledDecimal:
        return receiver
    if type(receiver) is float:
        return as_scaled_decimal_of(machine, receiver, 14)
    return as_scaled_decimal_of(machine, receiver, _decimal_places(Fraction(receiver)))


def _decimal_places(value: Fraction) -> int:
    """As many as it takes, or 8."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0 and twos < 1000:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0 and fives < 1000:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else 8


@primitive("ScaledDecimal", "scale", category="accessing")
def scale(machine: Machine, receiver: Value) -> Value:
    return scale_of(receiver)


@primitive("Number", "numerator", category="accessing")
def numerator(machine: Machine, receiver: Value) -> Value:
    value = as_fraction(machine, receiver)
    return Fraction(value).numerator if type(value) in NUMBERS else value


@primitive("Number", "denominator", category="accessing")
def denominator(machine: Machine, receiver: Value) -> Value:
    value = as_fraction(machine, receiver)
    return Fraction(value).denominator if type(value) in NUMBERS else value


@primitive("Fraction class", "numerator:denominator:", category="instance creation")
def ratio(machine: Machine, receiver: Value, above: Value, below: Value) -> Value:
    if type(above) is not int or type(below) is not int:
        return machine.raise_("Error", "a Fraction is made of two integers")
    if below == 0:
        return zero_divide(machine, above)
    charge_work(machine, above, below, Fraction(1, 2))
    return whole(Fraction(above, below))


@primitive("Fraction", "reduced", category="private")
def reduced(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("Integer", "asCharacter", category="converting")
def as_character(machine: Machine, receiver: int) -> Value:
    if not 0 <= receiver < 0x110000:
        return machine.raise_(
            "Error", f"{receiver if abs(receiver) < 10**20 else 'the number'} is no code of a character"
        )
    return character(receiver)


@primitive("Integer", "asCharacterDigit", "asHexDigit", category="converting")
def digit_character(machine: Machine, receiver: int) -> Value:
    if not 0 <= receiver < 36:
        return machine.raise_("Error", "a digit has a value between 0 and 35")
    return character(receiver + (48 if receiver < 10 else 55))


@primitive("Character class", "digitValue:", category="instance creation")
def character_of_digit(machine: Machine, receiver: Value, value: Value) -> Value:
    return machine.send(value, "asCharacterDigit")


@primitive("Number", "interpolateTo:at:", category="mathematical functions")
def interpolate(machine: Machine, receiver: Value, other: Value, share: Value) -> Value:
    own = times(machine, receiver, minus(machine, 1, share))
    return machine.send(own, "+", machine.send(other, "*", share))


@primitive("Number", "percent", category="converting")
def percent(machine: Machine, receiver: Value) -> Value:
    return divided(machine, receiver, 100)


@primitive("Point", "adaptToNumber:andSend:", category="converting")
def adapt_point_to_number(machine: Machine, receiver: Any, number: Value, selector: Value) -> Value:
    """With the number for both coordinates of a point."""
    return machine.send(Point(number, number), "perform:with:", selector, receiver)
