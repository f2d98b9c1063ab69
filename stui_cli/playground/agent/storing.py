"""Values as source text that makes them again, in every dialect: numbers, text, collections, classes by name."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior
from stui_cli.playground.kernel.clock_times import of_day
from stui_cli.playground.kernel.dates import calendar, julian_of
from stui_cli.playground.kernel.durations import SECOND
from stui_cli.playground.kernel.printing import store_string
from stui_cli.playground.objects import (
    Array,
    Association,
    Bag,
    ByteArray,
    Character,
    Dictionary,
    IdentitySet,
    Interval,
    Ordered,
    Point,
    ScaledDecimal,
    Set,
    Sorted,
    Symbol,
    Text,
)

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_DEEPEST = 16
_MOST_PARTS = 10_000
_LONGEST_TEXT = 65_536
_LONGEST_BYTES = 16_384
# The elements of a brace all stand on the stack at once.
_AT_ONCE = 50
_MOMENTS = ("Date", "Time", "DateAndTime", "Duration")
_DECIMAL_BITS = 10_000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class _Unstorable(Exception):
    pass


def stored(machine: Machine, value: Value) -> str | None:
    """The text; None if there is none, or it would be too long."""
    try:
        return _Writer(machine).text(value, ())
    except _Unstorable:
        return None


class _Writer:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.image
        self._left = _MOST_PARTS

    def text(self, value: Value, outer: tuple[int, ...]) -> str:
        """In brackets, so that it may stand anywhere. Raises _Unstorable."""
        self._left -= 1
        if self._left < 0 or len(outer) > _DEEPEST or id(value) in outer:
            raise _Unstorable
        if isinstance(value, Behavior):
            return self._class(value)
        if getattr(value, "cls", None) is not None:
            return self._moment(value)
        simple = _simple(value)
        return simple if simple is not None else self._collection(value, (*outer, id(value)))

    def _class(self, value: Behavior) -> str:
        plain = value.sole or value
        if self._world.globals.get(plain.name) is not plain:
            raise _Unstorable
        return plain.name if plain is value else f"{plain.name} class"

    def _moment(self, value: Value) -> str:
        """Of a date, a time or a duration. Raises _Unstorable for an object of another class, which is a user's."""
        behavior = self._world.class_of(value)
        told_by = behavior.lookup("storeOn:")
        if behavior.name not in _MOMENTS or self._world.classes.get(behavior.name) is not behavior:
            return self._global(value)
        if told_by is None or told_by.source is not None:
            raise _Unstorable  # a user tells it in another way
        plain = _plain_moment(self._machine, behavior.name, value)
        return plain or f"({store_string(self._machine, value)})"

    def _collection(self, value: Value, outer: tuple[int, ...]) -> str:
        match value:
            case Array():
                return self._array([self.text(each, outer) for each in list(value.items)])
            case Sorted():
                raise _Unstorable  # its order is a block
            case Ordered():
                return self._added("OrderedCollection", [f"add: {self.text(e, outer)}" for e in list(value.items)])
            case Bag():
                told = [(self.text(element, outer), many) for element, many in list(value.entries.values())]
                return self._added("Bag", [f"add: {text} withOccurrences: {many}" for text, many in told])
            case Dictionary():
                pairs = list(value.entries.values())
                return self._added(
                    type(value).__name__,
                    [f"at: {self.text(p.key, outer)} put: {self.text(p.value, outer)}" for p in pairs],
                )
            case Set():
                kind = "IdentitySet" if isinstance(value, IdentitySet) else "Set"
                return self._added(kind, [f"add: {self.text(e, outer)}" for e in list(value.entries.values())])
            case Association():
                return f"({self.text(value.key, outer)} -> {self.text(value.value, outer)})"
            case Interval():
                parts = [self.text(each, outer) for each in (value.start, value.stop, value.step)]
                return f"({parts[0]} to: {parts[1]} by: {parts[2]})"
            case Point():
                return f"({self.text(value.x, outer)} @ {self.text(value.y, outer)})"
            case _:
                return self._global(value)

    def _global(self, value: Value) -> str:
        """By the name that all know it by."""
        for name, each in list(self._world.globals.items()):
            if each is value and name.isidentifier():
                return name
        raise _Unstorable

    def _array(self, parts: list[str]) -> str:
        if not parts:
            return "#()"
        pieces = [parts[start : start + _AT_ONCE] for start in range(0, len(parts), _AT_ONCE)]
        texts = ["{" + "".join(f"{part}. " for part in piece) + "}" for piece in pieces]
        return texts[0] if len(texts) == 1 else "(" + " , ".join(texts) + ")"

    def _added(self, kind: str, messages: list[str]) -> str:
        return f"({kind} new {'; '.join([*messages, 'yourself'])})"


def _plain_moment(machine: Machine, kind: str, value: Value) -> str | None:
    """As every dialect reads it; None for what only some can say, such as a part of a second."""
    if kind == "Date":
        year, month, day = calendar(julian_of(machine, value))
        return f"(Date newDay: {day} month: #{_MONTHS[month - 1]} year: {year})"
    if kind == "Time":
        seconds, rest = divmod(of_day(machine, value), SECOND)
        return None if rest else f"(Time fromSeconds: {seconds})"
    return None


def _simple(value: Value) -> str | None:
    """The text of what holds no others."""
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case int():
            return _integer(value)
        case float():
            return _float(value)
        case Fraction():
            return f"({_integer(value.numerator)} / {_integer(value.denominator)})"
        case ScaledDecimal():
            return _scaled(value)
        case Symbol():
            return "#" + _quoted(value.name)
        case Character():
            return f"(Character value: {value.code})"
        case Text():
            return _quoted(value.chars)
        case ByteArray() if len(value.items) <= _LONGEST_BYTES:
            return "#[" + " ".join(map(str, value.items)) + "]"
        case _:
            return None


def _integer(value: int) -> str:
    """In base 16 where it is long: that takes no time, and Python refuses the other."""
    if value.bit_length() > 4 * _LONGEST_TEXT:
        raise _Unstorable
    text = str(abs(value)) if value.bit_length() < _DECIMAL_BITS else f"16r{abs(value):X}"
    return text if value >= 0 else f"(-{text})" if text.isdecimal() else f"({text} negated)"


def _quoted(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        raise _Unstorable
    return "'" + text.replace("'", "''") + "'"


def _float(value: float) -> str:
    """The mantissa as an integer and its exponent: no version of any dialect reads that wrongly."""
    if math.isnan(value):
        return "(Float nan)"
    if math.isinf(value):
        return "(Float infinity)" if value > 0 else "(Float infinity negated)"
    fraction, exponent = math.frexp(abs(value))
    mantissa, power = int(fraction * 2**53), exponent - 53
    while mantissa and mantissa % 2 == 0:
        mantissa, power = mantissa // 2, power + 1
    text = f"({mantissa} asFloat timesTwoPower: {power})"
    return f"({text} negated)" if math.copysign(1, value) < 0 else text


def _scaled(value: ScaledDecimal) -> str:
    fraction = f"({_integer(value.value.numerator)} / {_integer(value.value.denominator)})"
    return f"({fraction} asScaledDecimal: {value.scale})"
