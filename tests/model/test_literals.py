"""One array, in the words of each dialect."""

from __future__ import annotations

import pytest

from stui_cli.model.literals import array_in

ALIKE = [
    ("()", "#()"),
    ("(1 2 3 )", "#(1 2 3)"),
    ("(#red #green )", "#(#red #green)"),
    ("(1 (2 (3 ) ) () )", "#(1 #(2 #(3)) #())"),
    ("(1 ByteArray (2 3 ) )", "#(1 #[2 3])"),
    ("(1.5 -2 2.5e-10 )", "#(1.5 -2 2.5e-10)"),
    ("(nil true false )", "#(nil true false)"),
    ("('it''s' 'a b' #'x y' #a:b: #+ )", "#('it''s' 'a b' #'x y' #a:b: #+)"),
    ("($  $a $( $' )", "#($  $a $( $')"),
    ("('two\nlines' )", "#('two\nlines')"),
]

DIFFERENT = ["#(1 2)", "#(1 2 3)", "#(1 #(2))", "#(1 #[2])", "#('1' 2)", "#(#'1' 2)", "#($1 2)", "#(1 2.0)", "#()"]

OTHERS = [
    *("", "7", "'(1 2 )'", "(1 2", "(1 2 ) 3", "#(1 2]", "#[1 2)", "(1/2 )", "(an Object )", "{1/2. 3}", "($<10> )"),
    *("an OrderedCollection(1 2)", "OrderedCollection (1 2 )", "(3.00s2 )", "(1@2 )", "('open )", "(1 2 ...etc..."),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_the_same_array(one: str, other: str) -> None:
    assert array_in(one, "Array") is not None
    assert array_in(one, "Array") == array_in(other, "Array")


def test_arrays_of_bytes() -> None:
    assert array_in("ByteArray (1 2 3 )", "ByteArray") == array_in("#[1 2 3]", "ByteArray") == "#[ 1 2 3 ]"


def test_what_differs_differs() -> None:
    found = [array_in(text, "Array") for text in DIFFERENT]
    assert None not in found
    assert len(set(found)) == len(DIFFERENT)


@pytest.mark.parametrize("text", OTHERS)
def test_anything_else_is_none(text: str) -> None:
    assert array_in(text, "Array") is None


def test_another_class_that_prints_so_is_none() -> None:
    assert array_in("(1 2 )", "Pair") is None
    assert array_in("#[1 2]", "Array") is None


def test_it_goes_as_deep_as_anybody_prints() -> None:
    assert array_in("#(" * 50_000 + ")" * 50_000, "Array") is not None
