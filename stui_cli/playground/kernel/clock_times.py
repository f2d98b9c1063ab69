"""Time, of a day, and what a DateAndTime is: a moment told in the hours of some place.

The payload of a Time is its nanoseconds since midnight; that of a DateAndTime are the nanoseconds since 1970 in UTC and
the seconds that its place is ahead.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.dates import UNIX_EPOCH, iso_text, julian_of
from stui_cli.playground.kernel.durations import SECOND, UNITS, duration, fraction_text, nanoseconds_of, scaled
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.printing import put
from stui_cli.playground.kernel.text import as_text
from stui_cli.playground.objects import Instance, Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

DAY = UNITS["day"]


class Moment(NamedTuple):
    """Of a DateAndTime."""

    utc: int  # nanoseconds since 1970
    ahead: int  # seconds

    @property
    def local(self) -> int:
        return self.utc + self.ahead * SECOND

    @property
    def julian(self) -> int:
        return UNIX_EPOCH + self.local // DAY

    @property
    def of_day(self) -> int:
        return self.local % DAY


def time_of_day(machine: Machine, nanoseconds: int) -> Value:
    return Instance(machine.image.classes["Time"], payload=nanoseconds % DAY)


def of_day(machine: Machine, value: Value) -> int:
    """The nanoseconds since midnight of a Time, or of what has asTime."""
    if not machine.is_kind(value, "Time"):
        value = machine.send(value, "asTime")
    return value.payload or 0 if isinstance(value, Instance) and type(value.payload) in (int, type(None)) else 0


def moment(machine: Machine, value: Value) -> Moment:
    if not machine.is_kind(value, "DateAndTime"):
        value = machine.send(value, "asDateAndTime")
    return value.payload if isinstance(value, Instance) and type(value.payload) is Moment else Moment(0, 0)


def date_and_time(machine: Machine, utc: int, ahead: int) -> Value:
    return Instance(machine.image.classes["DateAndTime"], payload=Moment(utc, ahead))


def local_offset(seconds: float) -> int:
    """By how many seconds this machine's place was ahead of UTC."""
    return time.localtime(seconds).tm_gmtoff


def _clock(machine: Machine, hour: Value, minute: Value, second: Value, nanoseconds: Value = 0) -> int:
    """Nanoseconds since midnight. Raises for a time that is none, and then it is midnight."""
    parts = (hour, minute, second, nanoseconds)
    limits = (24, 60, 60, SECOND)
    if all(type(part) is int and 0 <= part < limit for part, limit in zip(parts, limits, strict=True)):
        return ((hour * 60 + minute) * 60 + second) * SECOND + nanoseconds  # type: ignore[no-any-return]
    machine.raise_("Error", "a time has hours below 24, and minutes and seconds below 60")
    return 0


# Making times


@primitive("Time class", "hour:minute:second:", category="instance creation")
def hour_minute_second(machine: Machine, receiver: Value, hour: Value, minute: Value, second: Value) -> Value:
    return time_of_day(machine, _clock(machine, hour, minute, second))


@primitive("Time class", "hour:minute:second:nanoSecond:", category="instance creation")
def hour_to_nanosecond(
    machine: Machine, receiver: Value, hour: Value, minute: Value, second: Value, nano: Value
) -> Value:
    return time_of_day(machine, _clock(machine, hour, minute, second, nano))


@primitive("Time class", "midnight", "new", category="instance creation")
def midnight(machine: Machine, receiver: Value) -> Value:
    return time_of_day(machine, 0)


@primitive("Time class", "noon", category="instance creation")
def noon(machine: Machine, receiver: Value) -> Value:
    return time_of_day(machine, 12 * UNITS["hour"])


@primitive("Time class", "now", "current", category="instance creation")
def now_of_day(machine: Machine, receiver: Value) -> Value:
    return time_of_day(machine, now().of_day)


def now() -> Moment:
    nanoseconds = time.time_ns() // 1000 * 1000
    return Moment(nanoseconds, local_offset(nanoseconds / SECOND))


@primitive("Time class", "fromSeconds:", "seconds:", category="instance creation")
def from_seconds(machine: Machine, receiver: Value, seconds: Value) -> Value:
    return time_of_day(machine, scaled(machine, seconds, SECOND))


@primitive("String", "asTime", category="converting")
def as_time_of_text(machine: Machine, receiver: Value) -> Value:
    """10:30, 10:30:15.5 or 10:30 pm"""
    text = as_text(machine, receiver).strip().lower()
    found = re.fullmatch(r"([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]{1,9}))?)?)? *([ap]m)?", text)
    if found is None:
        return machine.raise_("Error", "a time is read from text like 10:30, 10:30:15 or 10:30 pm")
    hour = int(found[1])
    if found[5]:
        hour = hour % 12 + (12 if found[5] == "pm" else 0)
    nanoseconds = int((found[4] or "0").ljust(9, "0"))
    return time_of_day(machine, _clock(machine, hour, int(found[2] or 0), int(found[3] or 0), nanoseconds))


@primitive("Time class", "fromString:", "readFrom:", category="instance creation")
def time_from_string(machine: Machine, receiver: Value, text: Value) -> Value:
    return as_time_of_text(machine, machine.send(text, "contents"))


@primitive("Time class", "millisecondClockValue", "primMillisecondClock", category="clock")
def millisecond_clock(machine: Machine, receiver: Value) -> Value:
    return time.time_ns() // 10**6


@primitive("Time class", "microsecondClockValue", category="clock")
def microsecond_clock(machine: Machine, receiver: Value) -> Value:
    return time.time_ns() // 1000


@primitive("Time class", "totalSeconds", "primSecondClock", category="clock")
def total_seconds(machine: Machine, receiver: Value) -> Value:
    """Since the beginning of 1901."""
    return int(time.time()) + 2_177_452_800


@primitive("Time class", "millisecondsToRun:", category="clock")
def milliseconds_to_run(machine: Machine, receiver: Value, block: Value) -> Value:
    began = time.monotonic_ns()
    machine.call(block)
    return (time.monotonic_ns() - began) // 10**6


# The parts of both


def _add_part(selectors: str, part: Any) -> None:
    """Of a Time and of a DateAndTime."""
    for selector in selectors.split():

        def of_time(machine: Machine, receiver: Value) -> Value:
            return part(of_day(machine, receiver))

        def of_moment(machine: Machine, receiver: Value) -> Value:
            return part(moment(machine, receiver).of_day)

        primitive("Time", selector, category="accessing")(distinct(of_time, selector))
        primitive("DateAndTime", selector, category="accessing")(distinct(of_moment, selector))


_add_part("hour hours hour24", lambda value: value // UNITS["hour"])
_add_part("hour12", lambda value: (value // UNITS["hour"] + 11) % 12 + 1)
_add_part("minute minutes", lambda value: value // UNITS["minute"] % 60)
_add_part("second seconds", lambda value: value // SECOND % 60)
_add_part("nanoSecond nanoSeconds", lambda value: value % SECOND)
_add_part("meridianAbbreviation", lambda value: Text("AM" if value < DAY // 2 else "PM"))


@primitive("Time", "asSeconds", category="accessing")
def as_seconds(machine: Machine, receiver: Value) -> Value:
    return of_day(machine, receiver) // SECOND


@primitive("Time", "asNanoSeconds", category="accessing")
def as_nanoseconds(machine: Machine, receiver: Value) -> Value:
    return of_day(machine, receiver)


@primitive("Time", "asDuration", category="converting")
def as_duration(machine: Machine, receiver: Value) -> Value:
    return duration(machine, of_day(machine, receiver))


@primitive("Time", "asTime", category="converting")
def time_itself(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("Time", "addSeconds:", category="arithmetic")
def add_seconds(machine: Machine, receiver: Value, seconds: Value) -> Value:
    return time_of_day(machine, of_day(machine, receiver) + scaled(machine, seconds, SECOND))


@primitive("Time", "addTime:", "+", category="arithmetic")
def add_time(machine: Machine, receiver: Value, length: Value) -> Value:
    return time_of_day(machine, of_day(machine, receiver) + nanoseconds_of(machine, length))


@primitive("Time", "subtractTime:", category="arithmetic")
def subtract_time(machine: Machine, receiver: Value, length: Value) -> Value:
    return time_of_day(machine, of_day(machine, receiver) - nanoseconds_of(machine, length))


@primitive("Time", "-", category="arithmetic")
def time_minus(machine: Machine, receiver: Value, other: Value) -> Value:
    return duration(machine, of_day(machine, receiver) - nanoseconds_of(machine, other))


@primitive("Time", "=", category="comparing")
def time_equal(machine: Machine, receiver: Value, other: Value) -> Value:
    return machine.is_kind(other, "Time") and of_day(machine, receiver) == of_day(machine, other)


@primitive("Time", "hash", category="comparing")
def time_hash(machine: Machine, receiver: Value) -> Value:
    return hash(of_day(machine, receiver))


@primitive("Time", "<", category="comparing")
def time_less(machine: Machine, receiver: Value, other: Value) -> Value:
    return of_day(machine, receiver) < of_day(machine, other)


def clock_text(nanoseconds: int, *, seconds: bool = True) -> str:
    """1:05:09.5 pm"""
    hour, minute = nanoseconds // UNITS["hour"], nanoseconds // UNITS["minute"] % 60
    text = f"{(hour + 11) % 12 + 1}:{minute:02}"
    if seconds:
        text += f":{nanoseconds // SECOND % 60:02}{fraction_text(nanoseconds % SECOND)}"
    return text + (" am" if hour < 12 else " pm")


def clock24_text(nanoseconds: int) -> str:
    seconds = nanoseconds // SECOND
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@primitive("Time", "printOn:", category="printing")
def print_time_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    """Without seconds where there are none."""
    value = of_day(machine, receiver)
    put(machine, stream, clock_text(value, seconds=value % UNITS["minute"] != 0))
    return receiver


@primitive("Time", "storeOn:", category="storing")
def store_time_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, f"'{clock_text(of_day(machine, receiver))}' asTime")
    return receiver


@primitive("Time", "print24", category="printing")
def print24(machine: Machine, receiver: Value) -> Value:
    return Text(clock24_text(of_day(machine, receiver)))


@primitive("Time", "hhmm24", category="printing")
def hhmm24(machine: Machine, receiver: Value) -> Value:
    return Text(clock24_text(of_day(machine, receiver))[:5].replace(":", ""))


@primitive("Time", "printMinutes", category="printing")
def print_minutes(machine: Machine, receiver: Value) -> Value:
    return Text(clock_text(of_day(machine, receiver), seconds=False))


@primitive("Date", "asDateAndTime", "start", category="converting")
def as_date_and_time(machine: Machine, receiver: Value) -> Value:
    """Its midnight."""
    return at_local(machine, julian_of(machine, receiver), 0, None)


def at_local(machine: Machine, julian: int, nanoseconds: int, ahead: int | None) -> Value:
    """The moment of a day and a time of it; in the hours of this place where no others are told."""
    local = (julian - UNIX_EPOCH) * DAY + nanoseconds
    if ahead is None:
        try:
            ahead = local_offset(local // SECOND)
        except (OverflowError, ValueError, OSError):  # of a year beyond what the system knows
            ahead = 0
    return date_and_time(machine, local - ahead * SECOND, ahead)


def moment_text(value: Moment) -> str:
    """2026-11-28T12:30:15.25+02:00"""
    sign, ahead = ("-" if value.ahead < 0 else "+"), abs(value.ahead)
    offset = f"{sign}{ahead // 3600:02}:{ahead // 60 % 60:02}" + (f":{ahead % 60}" if ahead % 60 else "")
    return f"{iso_text(value.julian)}T{clock24_text(value.of_day)}{fraction_text(value.of_day % SECOND)}{offset}"
