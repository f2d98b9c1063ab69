"""Numbers of four kinds together: how an operator finds the kind of its result, and how numbers compare.

    Integer and Fraction     exact; a whole result is an Integer
    with a ScaledDecimal     exact, and a ScaledDecimal of the larger scale
    with a Float             a Float
    anything else            the argument is asked: adaptToNumber:andSend:

Comparisons are exact, also of Floats: 9007199254740993 = 9007199254740992.0 is false.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import arity, primitive
from stui_cli.playground.kernel.complaints import subclass_responsibility
from stui_cli.playground.objects import Block, ScaledDecimal, Symbol, symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

    Exact = int | Fraction

NUMBERS = frozenset((int, Fraction, ScaledDecimal, float))
_WORK_BITS = 600_000  # a greatest common divisor of larger ones takes seconds, and nothing interrupts it


def whole(value: Exact) -> Exact:
    """A Fraction that is an Integer, as one."""
    return value.numerator if value.denominator == 1 else value


def exact(value: Value) -> Exact:
    """The value of a number of any kind but an infinite Float."""
    if type(value) is ScaledDecimal:
        return value.value
    return Fraction(value) if type(value) is float else value


def to_float(value: Value) -> float:
    """The nearest one; what is too large is infinite."""
    if type(value) is float:
        return value
    number = value.value if type(value) is ScaledDecimal else value
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def zero_divide(machine: Machine, dividend: Value) -> Value:
    return machine.raise_("ZeroDivide", dividend=dividend)


def arithmetic_error(machine: Machine, text: str) -> Value:
    return machine.raise_("ArithmeticError", text)


def domain_error(machine: Machine, text: str) -> Value:
    return machine.raise_("DomainError", text)


def bits_of(*values: Value) -> int:
    """Of the integers in these numbers together."""
    found = 0
    for value in values:
        number = value.value if type(value) is ScaledDecimal else value
        if type(number) is int:
            found += number.bit_length()
        elif type(number) is Fraction:
            found += number.numerator.bit_length() + number.denominator.bit_length()
    return found


def charge_work(machine: Machine, *values: Value) -> None:
    """Before a greatest common divisor is looked for."""
    bits = bits_of(*values)
    if bits > 1024:
        machine.charge_bits(bits)
        if bits > _WORK_BITS and any(type(value) is not int for value in values):
            arithmetic_error(machine, "the fraction is too large for this")


def adapted(machine: Machine, receiver: Value, argument: Value, selector: str) -> Value:
    """The argument is no number of ours: it may know what to do with one."""
    return machine.send(argument, "adaptToNumber:andSend:", receiver, symbol(selector))


def is_number(value: Value) -> bool:
    return type(value) in NUMBERS


# Operators


def _combined(
    machine: Machine, receiver: Value, argument: Value, selector: str, compute: Callable[[Any, Any], Any], scale: int
) -> Value:
    """The operator of two numbers of any kinds; `compute` is for two exact values and for two Floats."""
    mine, other = type(receiver), type(argument)
    if other not in NUMBERS:
        return adapted(machine, receiver, argument, selector)
    if mine not in NUMBERS:
        return subclass_responsibility(machine, receiver, selector)
    if mine is float or other is float:
        return compute(to_float(receiver), to_float(argument))
    charge_work(machine, receiver, argument)
    if mine is ScaledDecimal or other is ScaledDecimal:
        return ScaledDecimal(Fraction(compute(exact(receiver), exact(argument))), scale)
    result = compute(receiver, argument)
    return result if type(result) is int else whole(result)


def scale_of(value: Value) -> int:
    return value.scale if type(value) is ScaledDecimal else 0


def _wider(receiver: Value, argument: Value) -> int:
    return max(scale_of(receiver), scale_of(argument))


def is_zero(value: Value) -> bool:
    """Of any number."""
    return bool((value.value if type(value) is ScaledDecimal else value) == 0)


@primitive("Number", "+", category="arithmetic")
def plus(machine: Machine, receiver: Value, argument: Value) -> Value:
    if type(receiver) is float is type(argument):
        return receiver + argument
    return _combined(machine, receiver, argument, "+", operator.add, _wider(receiver, argument))


@primitive("Number", "-", category="arithmetic")
def minus(machine: Machine, receiver: Value, argument: Value) -> Value:
    if type(receiver) is float is type(argument):
        return receiver - argument
    return _combined(machine, receiver, argument, "-", operator.sub, _wider(receiver, argument))


@primitive("Number", "*", category="arithmetic")
def times(machine: Machine, receiver: Value, argument: Value) -> Value:
    if type(receiver) is float is type(argument):
        return receiver * argument
    return _combined(machine, receiver, argument, "*", operator.mul, scale_of(receiver) + scale_of(argument))


@primitive("Number", "/", category="arithmetic")
def divided(machine: Machine, receiver: Value, argument: Value) -> Value:
    if type(argument) in NUMBERS and is_zero(argument):
        return zero_divide(machine, receiver)
    return _combined(machine, receiver, argument, "/", _quotient, _wider(receiver, argument))


def _quotient(one: Any, other: Any) -> Any:
    return one / other if type(one) is float else Fraction(one) / other


@primitive("Number", "//", category="arithmetic")
def floor_divided(machine: Machine, receiver: Value, argument: Value) -> Value:
    """Rounded to the next Integer below."""
    if type(argument) not in NUMBERS or is_zero(argument):
        return divided(machine, receiver, argument)
    if type(receiver) is int is type(argument):
        return receiver // argument
    return machine.send(divided(machine, receiver, argument), "floor")


@primitive("Number", "\\\\", "%", "mod:", category="arithmetic")
def modulo(machine: Machine, receiver: Value, argument: Value) -> Value:
    """What // leaves, of the sign of the argument."""
    if type(argument) not in NUMBERS:
        return adapted(machine, receiver, argument, "\\\\")
    if is_zero(argument):
        return zero_divide(machine, receiver)
    if type(receiver) is int is type(argument):
        return receiver % argument
    return minus(machine, receiver, times(machine, floor_divided(machine, receiver, argument), argument))


@primitive("Number", "quo:", category="arithmetic")
def quo(machine: Machine, receiver: Value, argument: Value) -> Value:
    """Rounded towards zero."""
    if type(argument) not in NUMBERS or is_zero(argument):
        return divided(machine, receiver, argument)
    if type(receiver) is int is type(argument):
        result = abs(receiver) // abs(argument)
        return result if (receiver < 0) is (argument < 0) else -result
    return machine.send(divided(machine, receiver, argument), "truncated")


@primitive("Number", "rem:", category="arithmetic")
def rem(machine: Machine, receiver: Value, argument: Value) -> Value:
    """What quo: leaves, of the sign of the receiver."""
    if type(argument) not in NUMBERS:
        return adapted(machine, receiver, argument, "rem:")
    if is_zero(argument):
        return zero_divide(machine, receiver)
    if type(receiver) is int is type(argument):
        rest = abs(receiver) % abs(argument)
        return rest if receiver >= 0 else -rest
    return minus(machine, receiver, times(machine, quo(machine, receiver, argument), argument))


@primitive("Number", "negated", category="arithmetic")
def negated(machine: Machine, receiver: Value) -> Value:
    if type(receiver) is ScaledDecimal:
        return ScaledDecimal(-receiver.value, receiver.scale)
    return -receiver if type(receiver) in NUMBERS else machine.send(0, "-", receiver)


@primitive("Number", "reciprocal", category="arithmetic")
def reciprocal(machine: Machine, receiver: Value) -> Value:
    return divided(machine, 1.0 if type(receiver) is float else 1, receiver)


# Comparing


def _compared(
    machine: Machine, receiver: Value, argument: Value, selector: str, compare: Callable[[Any, Any], bool]
) -> Value:
    if type(argument) not in NUMBERS:
        return adapted(machine, receiver, argument, selector)
    if type(receiver) not in NUMBERS:
        return subclass_responsibility(machine, receiver, selector)
    return compare(_comparable(receiver), _comparable(argument))


def _comparable(value: Value) -> Any:
    """Python compares integers, fractions and floats exactly."""
    return value.value if type(value) is ScaledDecimal else value


@primitive("Number", "<", category="comparing")
def less(machine: Machine, receiver: Value, argument: Value) -> Value:
    return _compared(machine, receiver, argument, "<", operator.lt)


@primitive("Number", ">", category="comparing")
def greater(machine: Machine, receiver: Value, argument: Value) -> Value:
    return _compared(machine, receiver, argument, ">", operator.gt)


@primitive("Number", "<=", category="comparing")
def at_most(machine: Machine, receiver: Value, argument: Value) -> Value:
    return _compared(machine, receiver, argument, "<=", operator.le)


@primitive("Number", ">=", category="comparing")
def at_least(machine: Machine, receiver: Value, argument: Value) -> Value:
    return _compared(machine, receiver, argument, ">=", operator.ge)


@primitive("Number", "=", category="comparing")
def equal(machine: Machine, receiver: Value, argument: Value) -> Value:
    if type(argument) not in NUMBERS or type(receiver) not in NUMBERS:
        return receiver is argument
    return bool(_comparable(receiver) == _comparable(argument))


@primitive("Number", "hash", category="comparing")
def hash_of_number(machine: Machine, receiver: Value) -> Value:
    """Equal numbers of different kinds have the same."""
    return hash(_comparable(receiver)) if type(receiver) in NUMBERS else id(receiver) >> 4


@primitive("Number", "adaptToNumber:andSend:", category="converting")
def adapt_to_number(machine: Machine, receiver: Value, number: Value, selector: Value) -> Value:
    """A user's own kind of number that does not say how it mixes with others."""
    return subclass_responsibility(machine, receiver, "adaptToNumber:andSend:")


@primitive("Collection", "adaptToNumber:andSend:", category="converting")
def adapt_collection_to_number(machine: Machine, receiver: Value, number: Value, selector: Value) -> Value:
    """Of each element with the number."""
    name = selector.name if isinstance(selector, Symbol) and arity(selector.name) == 1 else "+"
    return machine.send(receiver, "collect:", Block(lambda machine, each: machine.send(number, name, each), 1))
