"""What objects print: bounded while it happens, by their own printOn:, and whatever that does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.machine import Workspace
from stui_cli.playground.numerals import decimal_digits
from stui_cli.playground.signals import Raised

if TYPE_CHECKING:
    from conftest import Bench


def define(bench: Bench, body: str) -> None:
    """A class whose instances print by `body`."""
    quoted = body.replace("'", "''")
    bench.value(
        "Object subclass: #PgPrinted instanceVariableNames: 'kept' classVariableNames: '' package: 'Pg'. "
        f"PgPrinted compile: 'kept ^ kept'. PgPrinted compile: 'printOn: aStream\n{quoted}'"
    )


def printed(bench: Bench, source: str) -> str:
    return str(bench.value(f"({source}) printString").chars)


def test_a_print_without_end_is_cut(bench: Bench) -> None:
    define(bench, "[true] whileTrue: [aStream nextPutAll: 'and on ']")
    whole = printed(bench, "PgPrinted new")
    assert (len(whole), whole[:14], whole[-4:]) == (50_000, "and on and on ", "[..]")
    assert bench.value("(PgPrinted new printStringLimitedTo: 30) size") == 30
    assert len(printed(bench, "Array new: 5 withAll: PgPrinted new")) == 50_000


@pytest.mark.parametrize(
    "write", ["print: 3 -> aStream", "nextPut: $x", "<< 'x'", "tab", "store: 'it''s'", "space: 9", "next: 3 put: $y"]
)
def test_the_limit_holds_for_all_that_writes(bench: Bench, write: str) -> None:
    define(bench, f"[true] whileTrue: [aStream {write}]")
    assert len(printed(bench, "PgPrinted new")) == 50_000


def test_a_print_that_ends_at_the_limit_is_whole(bench: Bench) -> None:
    assert len(printed(bench, "String new: 49998 withAll: $a")) == 50_000
    assert printed(bench, "String new: 49998 withAll: $a").endswith("aaa'")
    assert printed(bench, "String new: 49999 withAll: $a").endswith("aaa[..]")


def test_what_holds_itself_prints_dots(bench: Bench) -> None:
    bench.value("own := OrderedCollection new. own add: 1; add: own")
    assert printed(bench, "own") == "an OrderedCollection(1 ...)"
    define(bench, "aStream print: self; nextPut: $!")
    assert printed(bench, "PgPrinted new") == "...!"


def test_a_stream_that_a_print_kept_is_written_on_later(bench: Bench) -> None:
    define(bench, "kept := aStream. aStream nextPutAll: 'kept'")
    assert (
        bench.value("| p s | p := PgPrinted new. s := p printString. p kept next: 60000 put: $x. p kept contents size")
        == 60_004
    )
    assert bench.value("s := nil. PgPrinted new printString") is not None


def test_a_copy_of_the_stream_is_a_stream_of_its_own(bench: Bench) -> None:
    define(bench, "kept := aStream copy. kept next: 60000 put: $x. aStream nextPutAll: 'fine'")
    assert printed(bench, "PgPrinted new") == "fine"


def test_an_error_while_it_prints_is_an_error(bench: Bench) -> None:
    define(bench, "aStream nextPutAll: 1 / 0")
    with pytest.raises(Raised) as caught:
        printed(bench, "PgPrinted new")
    assert caught.value.kind == "ZeroDivide"
    assert "PgPrinted>>printOn: line 2" in caught.value.stack


def test_what_is_cut_runs_its_ensure_blocks(bench: Bench) -> None:
    define(bench, "[[true] whileTrue: [aStream space]] ensure: [kept := 7]")
    assert bench.value("| p | p := PgPrinted new. p printString. p kept") == 7


def test_a_large_integer_prints_no_more_than_there_is_room_for(bench: Bench) -> None:
    began = time.process_time()
    assert bench.value("({3 raisedTo: 600000} printStringLimitedTo: 100) size") == 100
    digits = decimal_digits(3**600_000)
    assert bench.value("({3 raisedTo: 600000} printStringLimitedTo: 20)").chars == f"#({digits[:14]}[..]"
    assert time.process_time() - began < 10


def test_what_a_user_prints_is_what_stores_and_displays(bench: Bench) -> None:
    define(bench, "aStream << '<p>'")
    bench.workspace = Workspace()
    assert bench.value("PgPrinted new displayString").chars == "<p>"
    assert bench.value("String streamContents: [:s | s << PgPrinted new; print: PgPrinted new]").chars == "<p><p>"
    assert bench.value("PgPrinted new storeString").chars == "(PgPrinted basicNew instVarAt: 1 put: nil; yourself)"
    assert bench.value("(3 -> PgPrinted new) printString").chars == "3-><p>"


def test_a_stored_object_is_made_again(bench: Bench) -> None:
    define(bench, "aStream << 'p'")
    again = bench.value("PgPrinted new instVarNamed: 'kept' put: #(1 $a 'x' #y); yourself; storeString")
    assert again.chars == "(PgPrinted basicNew instVarAt: 1 put: #(1 $a 'x' #y); yourself)"
    assert bench.value(f"({again.chars}) kept").items[0] == 1


def test_nl_goes_to_the_transcript(bench: Bench) -> None:
    bench.value("'it''s' printNl. 'it''s' displayNl. 3 printNl")
    assert "".join(bench.said) == "'it''s'\nit's\n3\n"


def test_a_long_string_is_changed_character_by_character_in_time(bench: Bench) -> None:
    began = time.process_time()
    bench.value("s := String new: 300000. 1 to: s size do: [:i | s at: i put: (Character value: i \\\\ 26 + 97)]")
    assert bench.value("s occurrencesOf: (s at: 300000)") in (11_538, 11_539)
    assert bench.value("s copy at: 2 put: $!; first: 3").chars == "b!d"
    assert bench.value("s first: 3").chars == "bcd"
    assert (
        bench.value(
            "1 to: 100000 do: [:i | | c | c := s at: i. s at: i put: (s at: s size). s at: s size put: c]. s size"
        )
        == 300_000
    )
    assert time.process_time() - began < 10
