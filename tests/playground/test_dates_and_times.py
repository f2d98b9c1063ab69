"""Dates and times of the playground against Python's calendar; what they store is read back."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.playground.image import Playground
from stui_cli.playground.machine import Workspace

_PLAYGROUND, _WORKSPACE = Playground(), Workspace()


def value_of(source: str) -> Any:
    return _PLAYGROUND.evaluate(source, _WORKSPACE, lambda text: None, threading.Event())


def made(day: datetime.date) -> str:
    return f"(Date year: {day.year} month: {day.month} day: {day.day})"


def printed(source: str) -> str:
    return str(value_of(f"({source}) printString").chars)


@given(day=st.dates())
def test_a_date_is_that_of_python(day: datetime.date) -> None:
    assert printed(made(day)) == f"{day.day} {day:%B} {day.year}"
    assert value_of(f"{made(day)} yyyymmdd").chars == day.isoformat()
    assert value_of(f"{made(day)} dayOfYear") == day.timetuple().tm_yday
    assert value_of(f"{made(day)} dayOfWeek") == day.isoweekday() % 7 + 1
    assert value_of(f"{made(day)} julianDayNumber") == day.toordinal() + 1_721_425


@given(day=st.dates(), count=st.integers(-200_000, 200_000))
def test_days_are_counted_as_python_counts_them(day: datetime.date, count: int) -> None:
    if not 1 <= day.toordinal() + count <= datetime.date.max.toordinal():
        return
    later = day + datetime.timedelta(days=count)
    assert value_of(f"({made(day)} addDays: {count}) = {made(later)}") is True
    assert value_of(f"{made(later)} subtractDate: {made(day)}") == count
    assert value_of(f"({made(later)} - {made(day)}) asDays") == count


@pytest.mark.parametrize("year", [-4800, -1, 0, 1, 1582, 9999, 500_000])
def test_a_year_of_any_time_goes_round(year: int) -> None:
    """Beyond what Python has."""
    source = f"(Date year: {year} month: 2 day: 28)"
    assert value_of(f"({source} addDays: 365) year") == year + 1
    assert value_of(f"({source} addDays: 2) monthIndex") == 3
    assert value_of(f"(Date julianDayNumber: {source} julianDayNumber) = {source}") is True


@given(moment=st.datetimes(), minutes=st.integers(-14 * 60, 14 * 60))
def test_a_moment_prints_in_iso_8601_and_is_read_back(moment: datetime.datetime, minutes: int) -> None:
    told = moment.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)))
    text = told.isoformat()
    again = printed(f"'{text}' asDateAndTime")
    assert datetime.datetime.fromisoformat(again) == told
    assert again == value_of(f"'{text}' asDateAndTime storeString").chars.split("'")[1]
    if datetime.datetime(1, 1, 3) < moment < datetime.datetime(9999, 12, 29):
        seconds = (told - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(seconds=1)
        assert value_of(f"'{text}' asDateAndTime asUnixTime") == seconds


@given(nanoseconds=st.integers(-(10**20), 10**20))
def test_a_duration_is_read_back_from_what_it_prints_and_stores(nanoseconds: int) -> None:
    source = f"(Duration nanoSeconds: {nanoseconds})"
    assert value_of(f"{source} printString asDuration = {source}") is True
    assert value_of(f"{value_of(f'{source} storeString').chars} asNanoSeconds") == nanoseconds


@given(nanoseconds=st.integers(0, 86_400 * 10**9 - 1))
def test_a_time_is_read_back_from_what_it_prints_and_stores(nanoseconds: int) -> None:
    source = f"(Time midnight addTime: (Duration nanoSeconds: {nanoseconds}))"
    assert value_of(f"{source} printString asTime = {source}") is True
    assert value_of(value_of(f"{source} storeString").chars + " asNanoSeconds") == nanoseconds


@pytest.mark.parametrize(
    "text",
    ["30 February 2026", "2026-13-01", "29.2.2027", "31 Apr 2026", "1 Ju 2026", "", "2026-02", "x"],
)
def test_a_date_that_is_none_is_refused(text: str) -> None:
    assert value_of(f"['{text}' asDate. false] on: Error do: [:e | e return: e class == Error]") is True


@pytest.mark.parametrize("text", ["25:00", "10:60", "10:30:61", "", "ten", "13:00 xm", "1:2:3:4"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    assert value_of(f"['{text}' asTime. false] on: Error do: [:e | e return: e class == Error]") is True
