"""Numbers of the playground against Python's, and what storeString writes against what it is read back as."""

from __future__ import annotations

import math
import operator
import threading
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stui_cli.playground.image import Playground
from stui_cli.playground.kernel.numbers import whole
from stui_cli.playground.machine import Workspace
from stui_cli.playground.objects import Array, Character, ScaledDecimal, Text, character, symbol

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAYGROUND, _WORKSPACE = Playground(), Workspace()
integers = st.one_of(st.integers(-50, 50), st.integers(), st.integers(-(1 << 200), 1 << 200))
exact = st.one_of(integers, st.fractions().map(whole))
floats = st.floats(allow_nan=False, allow_infinity=False)


def value_of(source: str) -> Any:
    return _PLAYGROUND.evaluate(source, _WORKSPACE, lambda text: None, threading.Event())


def sent(receiver: Any, selector: str, *arguments: Any) -> Any:
    """What the message answers; the error's class where it fails."""
    _WORKSPACE.variables.update(r=receiver, s=symbol(selector), a=Array(list(arguments)))
    return value_of("[r perform: s withArguments: a] on: Error do: [:e | e return: e class name]")


def quotient(one: Any, other: Any) -> Any:
    return Fraction(one) / Fraction(other)


def truncated(one: Any, other: Any) -> Any:
    return math.trunc(quotient(one, other))


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "<": operator.lt, ">": operator.gt, "<=": operator.le,
    ">=": operator.ge, "=": operator.eq, "max:": max, "min:": min,
}  # fmt: skip
DIVISIONS: dict[str, Callable[[Any, Any], Any]] = {
    "/": quotient, "//": operator.floordiv, "\\\\": operator.mod, "quo:": truncated,
    "rem:": lambda one, other: one - truncated(one, other) * other,
}  # fmt: skip


@pytest.mark.parametrize("selector", OPERATORS)
@given(one=exact, other=exact)
@settings(max_examples=40)
def test_exact_arithmetic_is_that_of_python(selector: str, one: Any, other: Any) -> None:
    assert sent(one, selector, other) == OPERATORS[selector](one, other)


@pytest.mark.parametrize("selector", DIVISIONS)
@given(one=exact, other=exact)
@settings(max_examples=40)
def test_division_is_that_of_python_and_by_zero_an_error(selector: str, one: Any, other: Any) -> None:
    answer = sent(one, selector, other)
    assert answer == (DIVISIONS[selector](one, other) if other else symbol("ZeroDivide"))


@given(one=exact, other=exact)
@settings(max_examples=40)
def test_a_whole_result_is_an_integer(one: Any, other: Any) -> None:
    answer = sent(one, "*", other)
    assert type(answer) is (int if Fraction(answer).denominator == 1 else Fraction)


@pytest.mark.parametrize("selector", ["+", "-", "*", "<", ">=", "="])
@given(one=floats, other=st.one_of(floats, exact))
@settings(max_examples=40)
def test_a_float_makes_floats_and_compares_exactly(selector: str, one: float, other: Any) -> None:
    answer = sent(one, selector, other)
    if selector in ("<", ">=", "="):
        assert answer == OPERATORS[selector](Fraction(one), Fraction(other))
    elif abs(other) < 1 << 1000:
        assert answer == OPERATORS[selector](one, float(other))


@given(value=exact)
@settings(max_examples=40)
def test_roundings_are_those_of_python(value: Any) -> None:
    assert sent(value, "floor") == math.floor(value)
    assert sent(value, "ceiling") == math.ceil(value)
    assert sent(value, "truncated") == math.trunc(value)
    assert sent(value, "rounded") == math.floor(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


@given(value=st.integers(0, 1 << 300), degree=st.integers(2, 7))
@settings(max_examples=40)
def test_a_root_of_a_power_is_exact(value: int, degree: int) -> None:
    assert sent(value**degree, "nthRoot:", degree) == value
    assert sent(value * value, "sqrt") == value


@given(value=integers, base=st.integers(2, 36))
@settings(max_examples=60)
def test_an_integer_in_any_base_reads_back(value: int, base: int) -> None:
    assert int(sent(value, "printStringBase:", base).chars, base) == value
    assert value_of(sent(value, "storeStringBase:", base).chars) == value


@pytest.mark.parametrize("digits", [3_700, 4_500, 60_000])
def test_integers_of_many_digits_print_whole(digits: int) -> None:
    value = 7 * 10**digits + 3
    printed = sent(value, "printString").chars
    assert printed == "7" + "0" * (digits - 1) + "3"
    short = value // 10 ** (digits - 900)
    assert int(sent(short, "printStringBase:", 7).chars, 7) == short


stored = st.one_of(
    st.none(), st.booleans(), exact, floats, st.just(math.inf), st.just(-math.inf),
    st.builds(ScaledDecimal, st.fractions(), st.integers(0, 30)),
    st.builds(Text, st.text()),
    st.builds(symbol, st.text(min_size=1)),
    st.builds(character, st.integers(0, 0xD7FF)),
)  # fmt: skip


@given(value=st.one_of(stored, st.builds(Array, st.lists(stored, max_size=4))))
@settings(max_examples=200)
def test_what_store_string_writes_is_read_back_as_an_equal_value(value: Any) -> None:
    written = sent(value, "storeString")
    assert isinstance(written, Text)
    again = value_of(written.chars)
    _WORKSPACE.variables.update(one=value, other=again)
    assert value_of("one = other and: [one class = other class]") is True, written.chars
    if isinstance(value, Character):
        assert again is value


@given(value=floats)
@settings(max_examples=100)
def test_a_float_prints_as_few_digits_as_read_back(value: float) -> None:
    printed = sent(value, "printString").chars
    assert float(printed) == value
    assert value_of(printed) == value
    assert len(printed.lstrip("-0.").partition("e")[0]) <= 20


def test_equal_numbers_of_all_kinds_are_one_key() -> None:
    assert value_of("(Set withAll: {1/2. 0.5. 0.5s1}) size") == 1
    assert value_of("(1/2) hash = 0.5 hash and: [0.5s1 hash = 0.5 hash]") is True
