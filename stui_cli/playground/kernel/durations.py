"""Duration: a length of time, whole nanoseconds, kept as an integer in the object's payload."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.number_printing import with_commas
from stui_cli.playground.kernel.numbers import NUMBERS, exact, whole, zero_divide
from stui_cli.playground.kernel.printing import put
from stui_cli.playground.kernel.text import as_text
from stui_cli.playground.objects import Instance, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

SECOND = 10**9
UNITS = {
    "nanoSecond": 1, "microSecond": 1000, "milliSecond": 10**6, "second": SECOND, "minute": 60 * SECOND,
    "hour": 3600 * SECOND, "day": 86400 * SECOND, "week": 7 * 86400 * SECOND,
}  # fmt: skip
_WORDS = [("day", "day"), ("hour", "hour"), ("minute", "minute"), ("second", "second"), ("milliSecond", "millisecond"),
          ("microSecond", "microsecond"), ("nanoSecond", "nanosecond")]  # fmt: skip


def duration(machine: Machine, nanoseconds: int) -> Value:
    return Instance(machine.image.classes["Duration"], payload=nanoseconds)


def nanoseconds_of(machine: Machine, value: Value) -> int:
    """Of a Duration, or of what has asDuration."""
    if not machine.is_kind(value, "Duration"):
        value = machine.send(value, "asDuration")
    return value.payload or 0 if isinstance(value, Instance) and type(value.payload) in (int, type(None)) else 0


def scaled(machine: Machine, count: Value, unit: int) -> int:
    """So many units, of which the count need not be whole."""
    if type(count) is float and not math.isfinite(count):
        machine.raise_("Error", "Cannot represent it as a duration")
        return 0
    if type(count) not in NUMBERS:
        count = machine.send(count, "asNumber")
    return math.trunc(Fraction(exact(count)) * unit) if type(count) in NUMBERS else 0


# Making


def _add_unit(unit: str, size: int) -> None:
    def of_number(machine: Machine, receiver: Value) -> Value:
        return duration(machine, scaled(machine, receiver, size))

    def of_class(machine: Machine, receiver: Value, count: Value) -> Value:
        return duration(machine, scaled(machine, count, size))

    for name in (unit, f"{unit}s"):
        primitive("Number", name, category="converting")(distinct(of_number, name))
    primitive("Duration class", f"{unit}s:", category="instance creation")(distinct(of_class, f"{unit}s:"))


for _unit, _size in UNITS.items():
    _add_unit(_unit, _size)


@primitive("Number", "asDuration", category="converting")
def as_duration_of_number(machine: Machine, receiver: Value) -> Value:
    """As many nanoseconds."""
    return duration(machine, scaled(machine, receiver, 1))


@primitive("Duration class", "new", "zero", category="instance creation")
def zero(machine: Machine, receiver: Value) -> Value:
    return duration(machine, 0)


@primitive("Duration class", "seconds:nanoSeconds:", category="instance creation")
def with_seconds(machine: Machine, receiver: Value, seconds: Value, nanoseconds: Value) -> Value:
    return duration(machine, scaled(machine, seconds, SECOND) + scaled(machine, nanoseconds, 1))


@primitive("Duration class", "days:seconds:", category="instance creation")
def with_days_and_seconds(machine: Machine, receiver: Value, days: Value, seconds: Value) -> Value:
    return duration(machine, scaled(machine, days, UNITS["day"]) + scaled(machine, seconds, SECOND))


@primitive("Duration class", "days:hours:minutes:seconds:", category="instance creation")
def with_parts(machine: Machine, receiver: Value, days: Value, hours: Value, minutes: Value, seconds: Value) -> Value:
    return with_all(machine, receiver, days, hours, minutes, seconds, 0)


@primitive("Duration class", "days:hours:minutes:seconds:nanoSeconds:", category="instance creation")
def with_all(
    machine: Machine, receiver: Value, days: Value, hours: Value, minutes: Value, seconds: Value, nanoseconds: Value
) -> Value:
    counts = zip(
        ("day", "hour", "minute", "second", "nanoSecond"), (days, hours, minutes, seconds, nanoseconds), strict=True
    )
    return duration(machine, sum(scaled(machine, count, UNITS[unit]) for unit, count in counts))


@primitive("String", "asDuration", category="converting")
def as_duration_of_text(machine: Machine, receiver: Value) -> Value:
    """Of what a Duration prints: 1:02:03:04.5"""
    text = as_text(machine, receiver)
    found = re.fullmatch(r"(-?)([0-9]{1,12}):([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]{1,9}))?", text.strip())
    if found is None:
        return machine.raise_("Error", "a duration is read from text like 1:02:03:04.5")
    days, hours, minutes, seconds = (int(found[group]) for group in range(2, 6))
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    size = total * SECOND + int((found[6] or "0").ljust(9, "0"))
    return duration(machine, -size if found[1] else size)


@primitive("Duration class", "fromString:", "readFrom:", category="instance creation")
def from_string(machine: Machine, receiver: Value, text: Value) -> Value:
    return as_duration_of_text(machine, machine.send(text, "contents"))


# Counting


@primitive("Duration", "+", category="arithmetic")
def plus(machine: Machine, receiver: Value, other: Value) -> Value:
    return duration(machine, nanoseconds_of(machine, receiver) + nanoseconds_of(machine, other))


@primitive("Duration", "-", category="arithmetic")
def minus(machine: Machine, receiver: Value, other: Value) -> Value:
    return duration(machine, nanoseconds_of(machine, receiver) - nanoseconds_of(machine, other))


@primitive("Duration", "*", category="arithmetic")
def times(machine: Machine, receiver: Value, factor: Value) -> Value:
    return duration(machine, scaled(machine, factor, nanoseconds_of(machine, receiver)))


@primitive("Duration", "/", category="arithmetic")
def divided(machine: Machine, receiver: Value, other: Value) -> Value:
    """By a number a Duration, by a Duration a number."""
    mine = nanoseconds_of(machine, receiver)
    if type(other) in NUMBERS:
        return _by_number(machine, receiver, machine.send(mine, "/", other))
    size = nanoseconds_of(machine, other)
    return whole(Fraction(mine, size)) if size else zero_divide(machine, receiver)


def _by_number(machine: Machine, receiver: Value, quotient: Value) -> Value:
    return duration(machine, scaled(machine, quotient, 1)) if type(quotient) in NUMBERS else quotient


@primitive("Duration", "//", category="arithmetic")
def floor_divided(machine: Machine, receiver: Value, other: Value) -> Value:
    mine = nanoseconds_of(machine, receiver)
    if type(other) in NUMBERS:
        return _by_number(machine, receiver, machine.send(mine, "//", other))
    size = nanoseconds_of(machine, other)
    return mine // size if size else zero_divide(machine, receiver)


@primitive("Duration", "\\\\", category="arithmetic")
def modulo(machine: Machine, receiver: Value, other: Value) -> Value:
    size = scaled(machine, other, 1) if type(other) in NUMBERS else nanoseconds_of(machine, other)
    return duration(machine, nanoseconds_of(machine, receiver) % size) if size else zero_divide(machine, receiver)


@primitive("Duration", "negated", category="arithmetic")
def negated(machine: Machine, receiver: Value) -> Value:
    return duration(machine, -nanoseconds_of(machine, receiver))


@primitive("Duration", "abs", category="arithmetic")
def absolute(machine: Machine, receiver: Value) -> Value:
    return duration(machine, abs(nanoseconds_of(machine, receiver)))


@primitive("Duration", "roundTo:", category="truncation and round off")
def round_to(machine: Machine, receiver: Value, other: Value) -> Value:
    size = nanoseconds_of(machine, other)
    mine = nanoseconds_of(machine, receiver)
    return duration(machine, (2 * mine + size) // (2 * size) * size) if size else zero_divide(machine, receiver)


@primitive("Duration", "truncateTo:", category="truncation and round off")
def truncate_to(machine: Machine, receiver: Value, other: Value) -> Value:
    size = nanoseconds_of(machine, other)
    mine = nanoseconds_of(machine, receiver)
    return duration(machine, math.trunc(Fraction(mine, size)) * size) if size else zero_divide(machine, receiver)


# Comparing


@primitive("Duration", "=", category="comparing")
def equal(machine: Machine, receiver: Value, other: Value) -> Value:
    return machine.is_kind(other, "Duration") and nanoseconds_of(machine, receiver) == nanoseconds_of(machine, other)


@primitive("Duration", "hash", category="comparing")
def hash_of(machine: Machine, receiver: Value) -> Value:
    return hash(nanoseconds_of(machine, receiver))


@primitive("Duration", "<", category="comparing")
def less(machine: Machine, receiver: Value, other: Value) -> Value:
    return nanoseconds_of(machine, receiver) < nanoseconds_of(machine, other)


@primitive("Duration", "isZero", category="testing")
def is_zero(machine: Machine, receiver: Value) -> Value:
    return nanoseconds_of(machine, receiver) == 0


@primitive("Duration", "negative", category="testing")
def negative(machine: Machine, receiver: Value) -> Value:
    return nanoseconds_of(machine, receiver) < 0


@primitive("Duration", "positive", category="testing")
def positive(machine: Machine, receiver: Value) -> Value:
    return nanoseconds_of(machine, receiver) >= 0


# Its parts, and the whole in one unit


def _add_part(selector: str, unit: int, within: int | None) -> None:
    def part(machine: Machine, receiver: Value) -> Value:
        value = nanoseconds_of(machine, receiver)
        size = abs(value) // unit
        count = size % within if within else size
        return -count if value < 0 else count

    primitive("Duration", selector, category="accessing")(distinct(part, selector))


for _selector, _size, _within in (
    ("days", UNITS["day"], None), ("hours", UNITS["hour"], 24), ("minutes", UNITS["minute"], 60),
    ("seconds", SECOND, 60), ("nanoSeconds", 1, SECOND), ("asDays", UNITS["day"], None),
    ("asHours", UNITS["hour"], None), ("asMinutes", UNITS["minute"], None), ("asSeconds", SECOND, None),
    ("totalSeconds", SECOND, None),
    ("asMilliSeconds", 10**6, None), ("asMilliseconds", 10**6, None), ("asMicroseconds", 1000, None),
    ("asNanoSeconds", 1, None),
):  # fmt: skip
    _add_part(_selector, _size, _within)


@primitive("Duration", "asDuration", category="converting")
def itself(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("Duration", "wait", category="squeak protocol")
def wait(machine: Machine, receiver: Value) -> Value:
    machine.pause(max(nanoseconds_of(machine, receiver), 0) / SECOND)
    return receiver


# Printing


def duration_text(nanoseconds: int) -> str:
    """-D:HH:MM:SS.S"""
    seconds, rest = divmod(abs(nanoseconds), SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    text = f"{days}:{hours:02}:{minutes:02}:{seconds:02}" + fraction_text(rest)
    return "-" + text if nanoseconds < 0 else text


def fraction_text(nanoseconds: int) -> str:
    """.25, or nothing."""
    return f".{nanoseconds:09}".rstrip("0") if nanoseconds else ""


@primitive("Duration", "printOn:", category="printing")
def print_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, duration_text(nanoseconds_of(machine, receiver)))
    return receiver


@primitive("Duration", "storeOn:", category="storing")
def store_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    value = nanoseconds_of(machine, receiver)
    seconds = math.trunc(Fraction(value, SECOND))
    put(machine, stream, f"(Duration seconds: {seconds} nanoSeconds: {value - seconds * SECOND})")
    return receiver


@primitive("Duration", "humanReadablePrintString", category="printing")
def human_readable(machine: Machine, receiver: Value) -> Value:
    value = nanoseconds_of(machine, receiver)
    parts, rest = [], abs(value)
    for unit, word in _WORDS:
        count, rest = divmod(rest, UNITS[unit])
        if count:
            parts.append(f"{with_commas(machine, count)} {word}{'' if count == 1 else 's'}")
    return Text(("- " if value < 0 else "") + (" ".join(parts) or "0 seconds"))
