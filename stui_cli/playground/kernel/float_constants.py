"""The class side of Float, and what a Float is made of."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.naming import distinct

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_CONSTANTS: dict[str, float | int] = {
    "pi": math.pi, "halfPi": math.pi / 2, "twoPi": math.pi * 2, "e": math.e, "infinity": math.inf,
    "negativeInfinity": -math.inf, "nan": math.nan, "negativeZero": -0.0, "zero": 0.0, "one": 1.0,
    "fmax": sys.float_info.max, "maxVal": sys.float_info.max, "fmin": math.ulp(0.0),
    "fminNormalized": sys.float_info.min, "fminDenormalized": math.ulp(0.0),
    "machineEpsilon": sys.float_info.epsilon, "epsilon": sys.float_info.epsilon,
    "precision": 53, "emax": 1023, "emin": -1022, "radix": 2, "maxExactInteger": 1 << 53,
}  # fmt: skip


def _add_constant(name: str, value: float | int) -> None:
    def constant(machine: Machine, receiver: Value) -> Value:
        return value

    primitive("Float class", name, category="constants")(distinct(constant, name))


for _name, _value in _CONSTANTS.items():
    _add_constant(_name, _value)


@primitive("Float", "ulp", category="accessing")
def ulp(machine: Machine, receiver: float) -> Value:
    """The distance to the next Float."""
    return math.ulp(receiver)


@primitive("Float", "successor", category="accessing")
def successor(machine: Machine, receiver: float) -> Value:
    return math.nextafter(receiver, math.inf)


@primitive("Float", "predecessor", category="accessing")
def predecessor(machine: Machine, receiver: float) -> Value:
    return math.nextafter(receiver, -math.inf)


@primitive("Float", "exponent", category="accessing")
def exponent(machine: Machine, receiver: float) -> Value:
    return math.frexp(receiver)[1] - 1 if receiver and math.isfinite(receiver) else -1


@primitive("Float", "significand", category="accessing")
def significand(machine: Machine, receiver: float) -> Value:
    return math.frexp(receiver)[0] * 2


@primitive("Float", "timesTwoPower:", category="mathematical functions")
def times_two_power(machine: Machine, receiver: float, power: Value) -> Value:
    if type(power) is not int:
        return machine.raise_("Error", "timesTwoPower: takes an integer")
    try:
        return math.ldexp(receiver, max(-5000, min(5000, power)))
    except OverflowError:
        return math.copysign(math.inf, receiver)
