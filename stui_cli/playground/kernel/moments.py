"""DateAndTime: what it understands. clock_times.py says how one is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel import dates
from stui_cli.playground.kernel.clock_times import (
    at_local,
    clock24_text,
    date_and_time,
    local_offset,
    moment,
    moment_text,
    now,
    of_day,
    time_of_day,
)
from stui_cli.playground.kernel.dates import checked, date, julian_of
from stui_cli.playground.kernel.durations import SECOND, duration, nanoseconds_of, scaled
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.printing import put
from stui_cli.playground.kernel.text import as_text
from stui_cli.playground.objects import Text, symbol

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


# Making


@primitive("DateAndTime class", "now", "current", category="instance creation")
def of_now(machine: Machine, receiver: Value) -> Value:
    return date_and_time(machine, *now())


@primitive("DateAndTime class", "today", "midnight", category="instance creation")
def of_today(machine: Machine, receiver: Value) -> Value:
    return at_local(machine, now().julian, 0, None)


@primitive("DateAndTime class", "tomorrow", category="instance creation")
def of_tomorrow(machine: Machine, receiver: Value) -> Value:
    return at_local(machine, now().julian + 1, 0, None)


@primitive("DateAndTime class", "yesterday", category="instance creation")
def of_yesterday(machine: Machine, receiver: Value) -> Value:
    return at_local(machine, now().julian - 1, 0, None)


@primitive("DateAndTime class", "unixEpoch", category="instance creation")
def unix_epoch(machine: Machine, receiver: Value) -> Value:
    return date_and_time(machine, 0, 0)


@primitive("DateAndTime class", "epoch", "new", category="instance creation")
def smalltalk_epoch(machine: Machine, receiver: Value) -> Value:
    return date_and_time(machine, -2_177_452_800 * SECOND, 0)


@primitive("DateAndTime class", "fromUnixTime:", category="instance creation")
def from_unix_time(machine: Machine, receiver: Value, seconds: Value) -> Value:
    nanoseconds = scaled(machine, seconds, SECOND)
    return date_and_time(machine, nanoseconds if abs(nanoseconds) < 10**25 else 0, 0)


@primitive("DateAndTime class", "localOffset", category="accessing")
def offset_of_here(machine: Machine, receiver: Value) -> Value:
    return duration(machine, now().ahead * SECOND)


def _made(machine: Machine, parts: tuple[Value, ...], offset: Value = None) -> Value:
    """Of year, month and day, and as much of the time as there is."""
    julian = checked(machine, *parts[:3])
    hour, minute, second, nanoseconds = (*parts[3:], 0, 0, 0, 0)[:4]
    clock = machine.send(
        machine.image.classes["Time"], "hour:minute:second:nanoSecond:", hour, minute, second, nanoseconds
    )
    ahead = None if offset is None else nanoseconds_of(machine, offset) // SECOND
    return at_local(machine, julian, of_day(machine, clock), ahead)


@primitive("DateAndTime class", "year:month:day:", category="instance creation")
@primitive("DateAndTime class", "year:month:day:hour:minute:", category="instance creation")
@primitive("DateAndTime class", "year:month:day:hour:minute:second:", category="instance creation")
def with_local_parts(machine: Machine, receiver: Value, *parts: Value) -> Value:
    return _made(machine, parts)


@primitive("DateAndTime class", "year:month:day:offset:", category="instance creation")
@primitive("DateAndTime class", "year:month:day:hour:minute:offset:", category="instance creation")
@primitive("DateAndTime class", "year:month:day:hour:minute:second:offset:", category="instance creation")
@primitive("DateAndTime class", "year:month:day:hour:minute:second:nanoSecond:offset:", category="instance creation")
def with_parts(machine: Machine, receiver: Value, *parts: Value) -> Value:
    return _made(machine, parts[:-1], parts[-1])


@primitive("DateAndTime class", "date:time:", category="instance creation")
def with_date_and_time(machine: Machine, receiver: Value, day: Value, clock: Value) -> Value:
    return at_local(machine, julian_of(machine, day), of_day(machine, clock), None)


_FORM = re.compile(
    r"(?P<year>-?\d{4,7})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[T ](?P<time>\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{1,9})?)?))?"
    r" ?(?P<offset>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)


@primitive("String", "asDateAndTime", category="converting")
def as_moment_of_text(machine: Machine, receiver: Value) -> Value:
    """2026-11-28T12:30:15.25+02:00, without the time at midnight, without the place in this one."""
    found = _FORM.fullmatch(as_text(machine, receiver).strip())
    if found is None:
        return machine.raise_("Error", "a date and time are read from text like 2026-11-28T12:30:15+02:00")
    julian = checked(machine, int(found["year"]), int(found["month"]), int(found["day"]))
    clock = machine.send(Text(found["time"] or "0:00"), "asTime")
    return at_local(machine, julian, of_day(machine, clock), _ahead(found["offset"]))


def _ahead(text: str | None) -> int | None:
    if text is None or text == "Z":
        return None if text is None else 0
    seconds = int(text[1:3]) * 3600 + int(text[-2:]) * 60
    return -seconds if text[0] == "-" else seconds


@primitive("DateAndTime class", "fromString:", "readFrom:", category="instance creation")
def from_string(machine: Machine, receiver: Value, text: Value) -> Value:
    return as_moment_of_text(machine, machine.send(text, "contents"))


# Parts, and other places


def _add_part(selectors: str, part: Any) -> None:
    for selector in selectors.split():

        def accessor(machine: Machine, receiver: Value) -> Value:
            return part(moment(machine, receiver))

        primitive("DateAndTime", selector, category="accessing")(distinct(accessor, selector))


_add_part("year", lambda value: dates.calendar(value.julian)[0])
_add_part("monthIndex month", lambda value: dates.calendar(value.julian)[1])
_add_part("dayOfMonth", lambda value: dates.calendar(value.julian)[2])
_add_part("dayOfYear day", lambda value: dates.day_of_year(value.julian))
_add_part("monthName", lambda value: symbol(dates.MONTHS[dates.calendar(value.julian)[1] - 1]))
_add_part("dayOfWeek", lambda value: dates.weekday(value.julian))
_add_part("dayOfWeekName", lambda value: symbol(dates.DAYS[dates.weekday(value.julian) - 1]))
_add_part("daysInMonth", lambda value: dates.month_length(*dates.calendar(value.julian)[:2]))
_add_part("isLeapYear", lambda value: dates.is_leap(dates.calendar(value.julian)[0]))
_add_part("julianDayNumber", lambda value: value.julian)
_add_part("asUnixTime", lambda value: value.utc // SECOND)
_add_part("asSeconds", lambda value: value.utc // SECOND + 2_177_452_800)


@primitive("DateAndTime", "offset", category="accessing")
def offset(machine: Machine, receiver: Value) -> Value:
    return duration(machine, moment(machine, receiver).ahead * SECOND)


@primitive("DateAndTime", "offset:", "translateTo:", category="squeak protocol")
def at_offset(machine: Machine, receiver: Value, other: Value) -> Value:
    """The same moment in the hours of another place."""
    return date_and_time(machine, moment(machine, receiver).utc, nanoseconds_of(machine, other) // SECOND)


@primitive("DateAndTime", "asUTC", "translateToUTC", category="converting")
def as_utc(machine: Machine, receiver: Value) -> Value:
    return date_and_time(machine, moment(machine, receiver).utc, 0)


@primitive("DateAndTime", "asLocal", category="converting")
def as_local(machine: Machine, receiver: Value) -> Value:
    utc = moment(machine, receiver).utc
    try:
        return date_and_time(machine, utc, local_offset(utc / SECOND))
    except (OverflowError, ValueError, OSError):
        return receiver


@primitive("DateAndTime", "asDate", category="converting")
def as_date(machine: Machine, receiver: Value) -> Value:
    return date(machine, moment(machine, receiver).julian)


@primitive("DateAndTime", "asTime", category="converting")
def as_time(machine: Machine, receiver: Value) -> Value:
    return time_of_day(machine, moment(machine, receiver).of_day)


@primitive("DateAndTime", "asDuration", category="converting")
def as_duration(machine: Machine, receiver: Value) -> Value:
    return duration(machine, moment(machine, receiver).of_day)


@primitive("DateAndTime", "asDateAndTime", category="converting")
def itself(machine: Machine, receiver: Value) -> Value:
    return receiver


@primitive("DateAndTime", "midnight", category="squeak protocol")
def its_midnight(machine: Machine, receiver: Value) -> Value:
    value = moment(machine, receiver)
    return date_and_time(machine, value.utc - value.of_day, value.ahead)


@primitive("DateAndTime", "rounded", "truncated", "withoutFraction", category="truncation and round off")
def whole_seconds(machine: Machine, receiver: Value) -> Value:
    value = moment(machine, receiver)
    return date_and_time(machine, value.utc // SECOND * SECOND, value.ahead)


# Counting and comparing


@primitive("DateAndTime", "+", category="arithmetic")
def plus(machine: Machine, receiver: Value, length: Value) -> Value:
    value = moment(machine, receiver)
    return date_and_time(machine, value.utc + nanoseconds_of(machine, length), value.ahead)


@primitive("DateAndTime", "-", category="arithmetic")
def minus(machine: Machine, receiver: Value, other: Value) -> Value:
    """Of a moment a Duration, of a Duration a moment."""
    value = moment(machine, receiver)
    if machine.responds_to(other, "asDateAndTime"):
        return duration(machine, value.utc - moment(machine, other).utc)
    return date_and_time(machine, value.utc - nanoseconds_of(machine, other), value.ahead)


@primitive("DateAndTime", "=", category="comparing")
def equal(machine: Machine, receiver: Value, other: Value) -> Value:
    return machine.is_kind(other, "DateAndTime") and moment(machine, receiver).utc == moment(machine, other).utc


@primitive("DateAndTime", "hash", category="comparing")
def hash_of(machine: Machine, receiver: Value) -> Value:
    return hash(moment(machine, receiver).utc)


@primitive("DateAndTime", "<", category="comparing")
def less(machine: Machine, receiver: Value, other: Value) -> Value:
    return moment(machine, receiver).utc < moment(machine, other).utc


# Printing


@primitive("DateAndTime", "printOn:", category="printing")
def print_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, moment_text(moment(machine, receiver)))
    return receiver


@primitive("DateAndTime", "storeOn:", category="storing")
def store_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, f"'{moment_text(moment(machine, receiver))}' asDateAndTime")
    return receiver


@primitive("DateAndTime", "printHMSOn:", category="printing")
def print_clock_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, clock24_text(moment(machine, receiver).of_day))
    return receiver
