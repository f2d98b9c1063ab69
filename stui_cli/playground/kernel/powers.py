"""Numbers: powers, roots, logarithms and trigonometry. A root that is exact is exact: 100 sqrt is the Integer 10."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.numbers import (
    NUMBERS,
    adapted,
    arithmetic_error,
    bits_of,
    divided,
    domain_error,
    exact,
    is_zero,
    minus,
    plus,
    times,
    to_float,
    whole,
    zero_divide,
)
from stui_cli.playground.objects import ScaledDecimal

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_LN10 = math.log(10.0)
_HALF_PI = math.pi / 2
_DEGREE = math.pi / 180.0
_NOT_A_ROOT = "nth root only defined for positive Integer n."
_NO_EVEN_ROOT = "Negative numbers don't have even roots."


def safely(function: Callable[[float], float], value: float) -> float:
    """What is too large is infinite, what is undefined no number."""
    try:
        return function(value)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


# Powers


@primitive("Number", "raisedTo:", "**", category="mathematical functions")
def raised_to(machine: Machine, receiver: Value, exponent: Value) -> Value:
    if type(exponent) is int:
        return power(machine, receiver, exponent)
    if type(exponent) not in NUMBERS:
        return adapted(machine, receiver, exponent, "raisedTo:")
    if type(exponent) is Fraction:
        return _to_a_fraction(machine, receiver, exponent)
    if exact(receiver) < 0 if type(receiver) is not float else receiver < 0:
        return arithmetic_error(machine, "Negative numbers can't be raised to float powers.")
    if is_zero(exponent):
        return 1.0 if type(receiver) is float else 1
    if is_zero(receiver):
        return zero_divide(machine, 1) if to_float(exponent) < 0 else receiver
    return _natural(machine, receiver, to_float(exponent))


def _natural(machine: Machine, receiver: Value, exponent: float) -> Value:
    """e to the exponent times the logarithm."""
    logarithm = ln(machine, receiver)
    return safely(math.exp, logarithm * exponent) if type(logarithm) is float else logarithm


@primitive("Number", "raisedToInteger:", category="mathematical functions")
def power(machine: Machine, receiver: Value, exponent: Value) -> Value:
    if type(exponent) is not int:
        return raised_to(machine, receiver, exponent)
    if exponent < 0:
        return divided(machine, 1.0 if type(receiver) is float else 1, power(machine, receiver, -exponent))
    if type(receiver) is float:
        return _multiplied(receiver, exponent)
    if type(receiver) is ScaledDecimal:
        return ScaledDecimal(Fraction(power(machine, whole(receiver.value), exponent)), receiver.scale)
    if type(receiver) is int and abs(receiver) < 2:
        return receiver ** (2 - exponent % 2 if exponent else 0)
    machine.charge_bits(exponent)
    machine.charge_bits(int(exponent * _size(receiver)) + 1)
    return receiver**exponent if type(receiver) is int else whole(receiver**exponent)


def _size(value: Any) -> float:
    """Of an integer or fraction, in bits."""
    return (
        math.log2(abs(value)) if type(value) is int else math.log2(abs(value.numerator)) + math.log2(value.denominator)
    )


def _multiplied(receiver: float, exponent: int) -> float:
    """By squaring, as Smalltalk does it: the last digit is that of its multiplications."""
    result = 1.0
    for digit in bin(exponent)[2:]:
        result *= result
        if digit == "1":
            result *= receiver
    return result


def _to_a_fraction(machine: Machine, receiver: Value, exponent: Fraction) -> Value:
    if is_zero(receiver):
        return zero_divide(machine, 1) if exponent < 0 else receiver
    if type(receiver) is not float:
        root = exact_root(machine, exact(receiver), exponent.denominator)
        if root is not None:
            value = power(machine, root, exponent.numerator)
            return ScaledDecimal(Fraction(value), receiver.scale) if type(receiver) is ScaledDecimal else value
    if to_float(receiver) >= 0:
        return _natural(machine, receiver, float(exponent))
    if exponent.denominator % 2 == 0:
        return arithmetic_error(machine, _NOT_A_ROOT)
    found = _natural(machine, machine.send(receiver, "negated"), float(exponent))
    return -found if exponent.numerator % 2 else found


@primitive("Integer", "raisedTo:modulo:", "raisedToInteger:modulo:", category="mathematical functions")
def power_modulo(machine: Machine, receiver: int, exponent: Value, modulus: Value) -> Value:
    """Step by step, so that it can be interrupted."""
    if type(exponent) is not int or type(modulus) is not int or exponent < 0:
        return machine.raise_("Error", "raisedTo:modulo: takes two integers, the first not negative")
    if modulus == 0:
        return zero_divide(machine, receiver)
    result = 1
    for digit in bin(exponent)[2:]:
        if machine.attention:
            machine.poll()
        result = result * result % modulus
        if digit == "1":
            result = result * receiver % modulus
    return result


@primitive("Number", "squared", category="mathematical functions")
def squared(machine: Machine, receiver: Value) -> Value:
    if type(receiver) is ScaledDecimal:
        return ScaledDecimal(receiver.value**2, receiver.scale)
    return times(machine, receiver, receiver)


# Roots


def root_below(machine: Machine, value: int, degree: int) -> int:
    """The integer part of the root of an integer that is not negative."""
    if value < 2 or degree == 1:
        return value
    if degree == 2:
        return math.isqrt(value)
    if degree >= value.bit_length():
        return 1
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        if machine.attention:
            machine.poll()
        below = guess ** (degree - 1)
        better = ((degree - 1) * guess + value // below) // degree
        if better >= guess:
            return guess
        guess = better


def exact_root(machine: Machine, value: Any, degree: int) -> Any:
    """The root of an integer or fraction where it is exact; else None."""
    if value < 0:
        if degree % 2 == 0:
            return None
        found = exact_root(machine, -value, degree)
        return None if found is None else -found
    parts = [root_below(machine, part, degree) for part in (Fraction(value).numerator, Fraction(value).denominator)]
    machine.charge_bits(bits_of(*parts) * degree)
    result = Fraction(*parts)
    return whole(result) if result**degree == value else None


@primitive("Number", "sqrt", category="mathematical functions")
def square_root(machine: Machine, receiver: Value) -> Value:
    if type(receiver) is float:
        return math.sqrt(receiver) if not receiver < 0 else _no_square_root(machine)
    if type(receiver) is int and 0 <= receiver < 1 << 53:
        root = math.isqrt(receiver)
        return root if root * root == receiver else math.sqrt(receiver)
    value = exact(receiver)
    if value < 0:
        return _no_square_root(machine)
    found = exact_root(machine, value, 2)
    if found is None:
        return _near_square_root(machine, value)
    return ScaledDecimal(Fraction(found), receiver.scale) if type(receiver) is ScaledDecimal else found


def _no_square_root(machine: Machine) -> Value:
    return domain_error(machine, "sqrt undefined for number less than zero.")


def _near_square_root(machine: Machine, value: Any) -> float:
    if type(value) is Fraction:
        above = to_float(square_root(machine, value.numerator))
        below = to_float(square_root(machine, value.denominator))
        return above / below if math.isfinite(above) and math.isfinite(below) else safely(math.sqrt, to_float(value))
    near = to_float(value)
    if value < 1 << 106 and math.isfinite(near):
        return math.sqrt(near)
    doubled = math.isqrt(value * 4)
    return to_float(doubled // 2 + doubled % 2)


@primitive("Integer", "sqrtFloor", category="mathematical functions")
def square_root_below(machine: Machine, receiver: int) -> Value:
    return math.isqrt(receiver) if receiver >= 0 else _no_square_root(machine)


@primitive("Number", "nthRoot:", category="mathematical functions")
def nth_root(machine: Machine, receiver: Value, degree: Value) -> Value:
    if type(degree) is not int or degree < 1:
        return arithmetic_error(machine, _NOT_A_ROOT)
    if type(receiver) is float:
        return _root_of_float(machine, receiver, degree)
    value = exact(receiver)
    if value < 0 and degree % 2 == 0:
        return arithmetic_error(machine, _NO_EVEN_ROOT)
    found = exact_root(machine, value, degree)
    if found is None:
        near = _near_root(machine, abs(value), degree)
        return near if value > 0 else -near
    return ScaledDecimal(Fraction(found), receiver.scale) if type(receiver) is ScaledDecimal else found


def _root_of_float(machine: Machine, receiver: float, degree: int) -> Value:
    if degree == 2:
        return square_root(machine, receiver)
    if receiver < 0 and degree % 2 == 0:
        return arithmetic_error(machine, _NO_EVEN_ROOT)
    if receiver == 0 or not math.isfinite(receiver):
        return receiver
    return math.copysign(safely(math.exp, math.log(abs(receiver)) * (1.0 / degree)), receiver)


def _near_root(machine: Machine, value: Any, degree: int) -> float:
    """The nearest Float to the root of an integer; near to that of a fraction."""
    if type(value) is Fraction:
        return safely(math.exp, _ln_of_exact(value) / degree)
    places = max(53 - value.bit_length() // degree, 0)
    machine.charge_bits(value.bit_length() + places * degree)
    return float(Fraction(root_below(machine, value << (places * degree), degree), 1 << places))


# Logarithms


def _ln_of_exact(value: Any) -> float:
    """Of an integer or fraction above 0, also where it is too large or small for a Float."""
    if type(value) is int:
        return math.log(value)
    if value < 1:
        return -_ln_of_exact(whole(1 / value))
    near = to_float(value)
    return math.log(near) if math.isfinite(near) else math.log(value.numerator) - math.log(value.denominator)


@primitive("Number", "ln", category="mathematical functions")
def ln(machine: Machine, receiver: Value) -> Value:
    if type(receiver) is float:
        if receiver <= 0:
            return domain_error(machine, "ln is only defined for x > 0")
        return math.log(receiver)
    value = exact(receiver)
    return _ln_of_exact(value) if value > 0 else domain_error(machine, "ln is only defined for x > 0")


@primitive("Number", "log", category="mathematical functions")
def log(machine: Machine, receiver: Value) -> Value:
    return divided(machine, ln(machine, receiver), _LN10)


@primitive("Number", "log:", category="mathematical functions")
def log_of(machine: Machine, receiver: Value, base: Value) -> Value:
    return divided(machine, ln(machine, receiver), machine.send(base, "ln"))


@primitive("Number", "floorLog:", category="mathematical functions")
def floor_log(machine: Machine, receiver: Value, base: Value) -> Value:
    return machine.send(log_of(machine, receiver, base), "floor")


@primitive("Number", "exp", category="mathematical functions")
def exp(machine: Machine, receiver: Value) -> Value:
    return safely(math.exp, to_float(receiver))


# Angles, in radians


@primitive("Number", "sin", category="mathematical functions")
def sin(machine: Machine, receiver: Value) -> Value:
    return safely(math.sin, to_float(receiver))


@primitive("Number", "cos", category="mathematical functions")
def cos(machine: Machine, receiver: Value) -> Value:
    """As Pharo has it, of which the last digit is not always that of a library."""
    return safely(math.sin, to_float(receiver) + _HALF_PI)


@primitive("Number", "tan", category="mathematical functions")
def tan(machine: Machine, receiver: Value) -> Value:
    return divided(machine, sin(machine, receiver), cos(machine, receiver))


@primitive("Number", "arcSin", category="mathematical functions")
def arc_sin(machine: Machine, receiver: Value) -> Value:
    value = to_float(receiver)
    if not -1.0 <= value <= 1.0:
        return domain_error(machine, "Value out of range")
    return _HALF_PI * value if abs(value) == 1.0 else math.atan(value / math.sqrt(1.0 - value * value))


@primitive("Number", "arcCos", category="mathematical functions")
def arc_cos(machine: Machine, receiver: Value) -> Value:
    return minus(machine, _HALF_PI, arc_sin(machine, receiver))


@primitive("Number", "arcTan", category="mathematical functions")
def arc_tan(machine: Machine, receiver: Value) -> Value:
    return math.atan(to_float(receiver))


@primitive("Number", "arcTan:", category="mathematical functions")
def arc_tan_of(machine: Machine, receiver: Value, denominator: Value) -> Value:
    """The angle of the point denominator @ receiver."""
    if type(denominator) not in NUMBERS:
        return adapted(machine, receiver, denominator, "arcTan:")
    return math.atan2(to_float(receiver), to_float(denominator))


@primitive("Number", "degreesToRadians", category="converting")
def degrees_to_radians(machine: Machine, receiver: Value) -> Value:
    return to_float(receiver) * _DEGREE


@primitive("Number", "radiansToDegrees", category="converting")
def radians_to_degrees(machine: Machine, receiver: Value) -> Value:
    return to_float(receiver) / _DEGREE


@primitive("Number", "degreeCos", category="mathematical functions")
def degree_cos(machine: Machine, receiver: Value) -> Value:
    """Exact for the multiples of 90."""
    turned = machine.send(plus(machine, 180, receiver), "\\\\", 360)
    return math.sin(to_float(minus(machine, 90, machine.send(minus(machine, turned, 180), "abs"))) * _DEGREE)


@primitive("Number", "degreeSin", category="mathematical functions")
def degree_sin(machine: Machine, receiver: Value) -> Value:
    return degree_cos(machine, minus(machine, 90, receiver))
