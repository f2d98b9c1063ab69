"""Date: a day of the Gregorian calendar, kept as its Julian day number in the object's payload."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.durations import UNITS, duration, nanoseconds_of
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.printing import put
from stui_cli.playground.kernel.text import as_text
from stui_cli.playground.objects import Array, Instance, Text, symbol

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
UNIX_EPOCH = 2_440_588  # 1 January 1970
_SMALLTALK_EPOCH = 2_415_386  # 1 January 1901
_FARTHEST = 1_000_000  # years


def julian_day(year: int, month: int, day: int) -> int:
    """Of a date before or after any reform."""
    shift = (14 - month) // 12
    years, months = year + 4800 - shift, month + 12 * shift - 3
    return day + (153 * months + 2) // 5 + 365 * years + years // 4 - years // 100 + years // 400 - 32045


def calendar(julian: int) -> tuple[int, int, int]:
    """Year, month and day."""
    rest = julian + 32044
    centuries = (4 * rest + 3) // 146097
    rest -= 146097 * centuries // 4
    years = (4 * rest + 3) // 1461
    rest -= 1461 * years // 4
    months = (5 * rest + 2) // 153
    late = months // 10  # January and February end the year here
    return 100 * centuries + years - 4800 + late, months + 3 - 12 * late, rest - (153 * months + 2) // 5 + 1


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else _LENGTHS[month - 1]


def date(machine: Machine, julian: int) -> Value:
    return Instance(machine.image.classes["Date"], payload=julian)


def julian_of(machine: Machine, value: Value) -> int:
    """Of a Date, or of what has asDate."""
    if not machine.is_kind(value, "Date"):
        value = machine.send(value, "asDate")
    return value.payload if isinstance(value, Instance) and type(value.payload) is int else _SMALLTALK_EPOCH


def month_number(machine: Machine, month: Value) -> int:
    """Of a number, or a name, which may be cut after three letters. Raises, and then it is 1."""
    if type(month) is int and 1 <= month <= 12:
        return month
    if type(month) is not int:
        name = as_text(machine, month).capitalize()
        found = [number for number, full in enumerate(MONTHS, start=1) if len(name) > 2 and full.startswith(name)]
        if found:
            return found[0]
    machine.raise_("Error", "a month is a number from 1 to 12, or its name")
    return 1


def checked(machine: Machine, year: Value, month: Value, day: Value) -> int:
    """The Julian day number. Raises for a day that is none, and then it is the first of the month."""
    number = month_number(machine, month)
    if type(year) is not int or abs(year) > _FARTHEST:
        machine.raise_("Error", "a year is an integer, not beyond a million")
        return _SMALLTALK_EPOCH
    if type(day) is int and 1 <= day <= month_length(year, number):
        return julian_day(year, number, day)
    machine.raise_("Error", f"there is no such day in {MONTHS[number - 1]} {year}")
    return julian_day(year, number, 1)


# Making


@primitive("Date class", "year:month:day:", category="instance creation")
def year_month_day(machine: Machine, receiver: Value, year: Value, month: Value, day: Value) -> Value:
    return date(machine, checked(machine, year, month, day))


@primitive("Date class", "newDay:month:year:", category="instance creation")
def new_day_month_year(machine: Machine, receiver: Value, day: Value, month: Value, year: Value) -> Value:
    return date(machine, checked(machine, year, month, day))


@primitive("Date class", "year:day:", category="instance creation")
def year_day(machine: Machine, receiver: Value, year: Value, day: Value) -> Value:
    first = checked(machine, year, 1, 1)
    return date(machine, first + (day if type(day) is int and abs(day) < 10**9 else 1) - 1)


@primitive("Date class", "julianDayNumber:", category="instance creation")
def of_julian_day(machine: Machine, receiver: Value, day: Value) -> Value:
    return date(machine, day if type(day) is int and abs(day) < 10**9 else _SMALLTALK_EPOCH)


@primitive("Date class", "today", "new", "current", category="instance creation")
def today(machine: Machine, receiver: Value) -> Value:
    return date(machine, _today())


@primitive("Date class", "tomorrow", category="instance creation")
def tomorrow(machine: Machine, receiver: Value) -> Value:
    return date(machine, _today() + 1)


@primitive("Date class", "yesterday", category="instance creation")
def yesterday(machine: Machine, receiver: Value) -> Value:
    return date(machine, _today() - 1)


def _today() -> int:
    now = time.localtime()
    return julian_day(now.tm_year, now.tm_mon, now.tm_mday)


_FORMS = [
    r"(?P<y>-?\d{4,7})-(?P<m>\d{1,2})-(?P<d>\d{1,2})",
    r"(?P<d>\d{1,2})[ .-]*(?P<n>[A-Za-z]{3,9})[ ,.-]*(?P<y>\d{1,7})",
    r"(?P<n>[A-Za-z]{3,9})[ .]*(?P<d>\d{1,2})[ ,]+(?P<y>\d{1,7})",
    r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{1,7})",
    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{1,7})",
]


@primitive("String", "asDate", category="converting")
def as_date_of_text(machine: Machine, receiver: Value) -> Value:
    """28 November 2026, November 28, 2026, 2026-11-28, 11/28/2026 or 28.11.2026"""
    text = as_text(machine, receiver).strip()
    for form in _FORMS:
        found = re.fullmatch(form, text, re.ASCII)
        if found is not None:
            parts: dict[str, str] = found.groupdict()
            month: Value = Text(parts["n"]) if "n" in parts else int(parts["m"])
            return date(machine, checked(machine, int(parts["y"]), month, int(parts["d"])))
    return machine.raise_("Error", "a date is read from text like 28 November 2026, or 2026-11-28")


@primitive("Date class", "fromString:", "readFrom:", category="instance creation")
def from_string(machine: Machine, receiver: Value, text: Value) -> Value:
    return as_date_of_text(machine, machine.send(text, "contents"))


@primitive("Date class", "dayNames", category="inquiries")
def day_names(machine: Machine, receiver: Value) -> Value:
    return Array([symbol(name) for name in DAYS])


@primitive("Date class", "monthNames", category="inquiries")
def month_names(machine: Machine, receiver: Value) -> Value:
    return Array([symbol(name) for name in MONTHS])


@primitive("Date class", "nameOfMonth:", category="inquiries")
def name_of_month(machine: Machine, receiver: Value, month: Value) -> Value:
    return symbol(MONTHS[month_number(machine, month) - 1])


@primitive("Date class", "indexOfMonth:", category="inquiries")
def index_of_month(machine: Machine, receiver: Value, month: Value) -> Value:
    return month_number(machine, month)


@primitive("Date class", "nameOfDay:", category="inquiries")
def name_of_day(machine: Machine, receiver: Value, day: Value) -> Value:
    if type(day) is not int or not 1 <= day <= 7:
        return machine.raise_("Error", "a day of the week is a number from 1 to 7")
    return symbol(DAYS[day - 1])


@primitive("Date class", "daysInMonth:forYear:", category="inquiries")
def days_in_month(machine: Machine, receiver: Value, month: Value, year: Value) -> Value:
    return month_length(calendar(checked(machine, year, 1, 1))[0], month_number(machine, month))


# Its parts


def _add_part(selectors: tuple[str, ...], part: Any) -> None:
    for selector in selectors:

        def accessor(machine: Machine, receiver: Value) -> Value:
            return part(julian_of(machine, receiver))

        primitive("Date", selector, category="accessing")(distinct(accessor, selector))


def day_of_year(julian: int) -> int:
    return julian - julian_day(calendar(julian)[0], 1, 1) + 1


def weekday(julian: int) -> int:
    """1 is Sunday."""
    return (julian + 1) % 7 + 1


_add_part(("year",), lambda julian: calendar(julian)[0])
_add_part(("monthIndex", "monthNumber"), lambda julian: calendar(julian)[1])
_add_part(("dayOfMonth", "day"), lambda julian: calendar(julian)[2])
_add_part(("monthName",), lambda julian: symbol(MONTHS[calendar(julian)[1] - 1]))
_add_part(("monthAbbreviation",), lambda julian: Text(MONTHS[calendar(julian)[1] - 1][:3]))
_add_part(("dayOfYear",), day_of_year)
_add_part(("dayOfWeek", "weekdayIndex"), weekday)
_add_part(("dayOfWeekName", "weekday"), lambda julian: symbol(DAYS[weekday(julian) - 1]))
_add_part(("dayOfWeekAbbreviation",), lambda julian: Text(DAYS[weekday(julian) - 1][:3]))
_add_part(("daysInMonth",), lambda julian: month_length(*calendar(julian)[:2]))
_add_part(("daysInYear",), lambda julian: 366 if is_leap(calendar(julian)[0]) else 365)
_add_part(("daysLeftInYear",), lambda julian: (366 if is_leap(calendar(julian)[0]) else 365) - day_of_year(julian))
_add_part(("isLeapYear",), lambda julian: is_leap(calendar(julian)[0]))
_add_part(("julianDayNumber",), lambda julian: julian)
_add_part(("asSeconds",), lambda julian: (julian - _SMALLTALK_EPOCH) * 86400)


# Counting


@primitive("Date", "addDays:", category="arithmetic")
def add_days(machine: Machine, receiver: Value, count: Value) -> Value:
    return date(machine, julian_of(machine, receiver) + days_in(machine, count))


def days_in(machine: Machine, count: Value) -> int:
    if type(count) is int and abs(count) < 10**9:
        return count
    machine.raise_("Error", "a count of days is an integer, of at most nine digits")
    return 0


@primitive("Date", "subtractDays:", category="arithmetic")
def subtract_days(machine: Machine, receiver: Value, count: Value) -> Value:
    return date(machine, julian_of(machine, receiver) - days_in(machine, count))


@primitive("Date", "addMonths:", category="arithmetic")
def add_months(machine: Machine, receiver: Value, count: Value) -> Value:
    """The same day of that month, or its last one."""
    year, month, day = calendar(julian_of(machine, receiver))
    year, month = divmod(year * 12 + month - 1 + days_in(machine, count), 12)
    return date(machine, checked(machine, year, month + 1, min(day, month_length(year, month + 1))))


@primitive("Date", "onNextMonth", category="arithmetic")
def on_next_month(machine: Machine, receiver: Value) -> Value:
    return add_months(machine, receiver, 1)


@primitive("Date", "onPreviousMonth", category="arithmetic")
def on_previous_month(machine: Machine, receiver: Value) -> Value:
    return add_months(machine, receiver, -1)


@primitive("Date", "next", "tomorrow", category="arithmetic")
def next_(machine: Machine, receiver: Value) -> Value:
    return date(machine, julian_of(machine, receiver) + 1)


@primitive("Date", "previous", "yesterday", category="arithmetic")
def previous(machine: Machine, receiver: Value) -> Value:
    return date(machine, julian_of(machine, receiver) - 1)


@primitive("Date", "+", category="arithmetic")
def plus(machine: Machine, receiver: Value, length: Value) -> Value:
    """The day that it is so much later."""
    return date(machine, julian_of(machine, receiver) + nanoseconds_of(machine, length) // UNITS["day"])


@primitive("Date", "-", category="arithmetic")
def minus(machine: Machine, receiver: Value, other: Value) -> Value:
    """Of a date a Duration, of a Duration a date."""
    mine = julian_of(machine, receiver)
    if machine.is_kind(other, "Duration"):
        return date(machine, mine + -nanoseconds_of(machine, other) // UNITS["day"])
    return duration(machine, (mine - julian_of(machine, other)) * UNITS["day"])


@primitive("Date", "subtractDate:", category="arithmetic")
def subtract_date(machine: Machine, receiver: Value, other: Value) -> Value:
    """In days."""
    return julian_of(machine, receiver) - julian_of(machine, other)


# Comparing


@primitive("Date", "=", "equals:", category="comparing")
def equal(machine: Machine, receiver: Value, other: Value) -> Value:
    return machine.is_kind(other, "Date") and julian_of(machine, receiver) == julian_of(machine, other)


@primitive("Date", "hash", category="comparing")
def hash_of(machine: Machine, receiver: Value) -> Value:
    return julian_of(machine, receiver)


@primitive("Date", "<", "isBefore:", category="comparing")
def less(machine: Machine, receiver: Value, other: Value) -> Value:
    return julian_of(machine, receiver) < julian_of(machine, other)


@primitive("Date", "isOnOrBefore:", category="comparing")
def on_or_before(machine: Machine, receiver: Value, other: Value) -> Value:
    return julian_of(machine, receiver) <= julian_of(machine, other)


@primitive("Date", "isOnOrAfter:", category="comparing")
def on_or_after(machine: Machine, receiver: Value, other: Value) -> Value:
    return julian_of(machine, receiver) >= julian_of(machine, other)


@primitive("Date", ">", "isAfter:", category="comparing")
def greater(machine: Machine, receiver: Value, other: Value) -> Value:
    return julian_of(machine, receiver) > julian_of(machine, other)


@primitive("Date", "asDate", category="converting")
def itself(machine: Machine, receiver: Value) -> Value:
    return receiver


# Printing


def date_text(julian: int) -> str:
    year, month, day = calendar(julian)
    return f"{day} {MONTHS[month - 1]} {year}"


def iso_text(julian: int) -> str:
    year, month, day = calendar(julian)
    return f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{day:02}"


@primitive("Date", "printOn:", category="printing")
def print_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, date_text(julian_of(machine, receiver)))
    return receiver


@primitive("Date", "storeOn:", category="storing")
def store_on(machine: Machine, receiver: Value, stream: Value) -> Value:
    put(machine, stream, f"'{date_text(julian_of(machine, receiver))}' asDate")
    return receiver


@primitive("Date", "yyyymmdd", category="printing")
def year_first(machine: Machine, receiver: Value) -> Value:
    return Text(iso_text(julian_of(machine, receiver)))


@primitive("Date", "mmddyyyy", category="printing")
def month_first(machine: Machine, receiver: Value) -> Value:
    year, month, day = calendar(julian_of(machine, receiver))
    return Text(f"{month}/{day}/{year}")


@primitive("Date", "ddmmyyyy", category="printing")
def day_first(machine: Machine, receiver: Value) -> Value:
    year, month, day = calendar(julian_of(machine, receiver))
    return Text(f"{day}/{month}/{year}")
