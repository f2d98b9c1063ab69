"""The four formats of source files, told by content and read into parts with their places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.playground.source.formats import FORMATS, format_of, read
from stui_cli.playground.source.parts import ClassBody, MethodPart, Part, Place, Statement, Unread

SOURCES = Path(__file__).parents[2] / "agents" / "sources"
_NO_PART = "this is no part of a class: a method like bar [ ... ] was expected"
FILES = sorted(SOURCES.glob("*/*.st"))

# Statements that end with marks are chunks; a method that begins with a block looks like one in brackets, in which
# chunks may stand as well.
SHOWN = {"bags.st": "chunks", "bangs.st": "chunks", "dictionary.st": "chunks", "parser.st": "brackets"}

BODY = """"a comment with 'quotes', a bang! and [ brackets"
Object subclass: Account [
    | balance owner |
    <comment: 'I hold money, it''s all'>
    <category: 'Bank'>
    Rate := 3 + 4.
    Account class >> new [ <category: 'making'> ^super new init ]
    Account class [ | count | count [ ^count ] ]
    init[balance:=0]
    < other [ ^balance < other ]
    at: x put: y [ "a ] in a comment" ^'] in a string' , $] asString ]
]
Account extend [ more [ ^1 ] ]
Account class extend [ | last | last [ ^last ] ]
Account >> single: n [ ^n ]
Eval [ | x | x := 3. x printNl ]
Account new init; yourself.
"""


def part(text: str) -> Part:
    (found,) = read(text, format_of(text))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_the_format_of_a_file_is_told_by_its_content(path: Path) -> None:
    text = path.read_text("utf-8")
    assert format_of(text) == SHOWN.get(path.name, path.parent.name)
    assert [each for each in read(text, format_of(text)) if isinstance(each, Unread) and each.kind != "namespace"] == []


def test_class_bodies() -> None:
    account, more, last, single, evaluated, sent = read(BODY, "brackets")
    assert isinstance(account, ClassBody)
    assert (account.name, account.superclass, account.extends) == ("Account", "Object", False)
    assert (account.comment, account.category) == ("I hold money, it's all", "Bank")
    assert (account.variables, account.class_side_variables) == (["balance", "owner"], ["count"])
    assert [(each.name, each.text) for each in account.class_variables] == [("Rate", "3 + 4")]
    assert [(each.selector, each.class_side, each.place.line) for each in account.methods] == [
        ("new", True, 7), ("count", True, 8), ("init", False, 9), ("<", False, 10), ("at:put:", False, 11),
    ]  # fmt: skip
    assert isinstance(more, ClassBody)
    assert (more.extends, more.methods[0].text) == (True, "more   ^1")
    assert isinstance(last, ClassBody)
    assert (last.class_side_variables, last.methods[0].class_side) == (["last"], True)
    assert isinstance(single, MethodPart)
    assert (single.selector, single.place) == ("single:", Place(15, 12))
    assert isinstance(evaluated, Statement)
    assert evaluated.text == " | x | x := 3. x printNl "
    assert sent == Statement("Account new init; yourself", Place(17))


def test_lines_count_alike_whatever_ends_them() -> None:
    for end in ("\r", "\r\n"):
        found = read(BODY.replace("\n", end), "brackets")
        places = [each.begin.line if isinstance(each, Unread) else each.place.line for each in found]
        assert places == [2, 13, 14, 15, 16, 17]


def test_what_is_wrong_in_a_body_spoils_nothing_behind_it() -> None:
    broken, sound = read("Object subclass: Foo [ | a ]\nObject subclass: Bar [ b [ ^2 ] ]", "brackets")
    assert broken == Unread("class", "Foo", "there is no end to this list of variables", Place(1), Place(1, 24))
    assert isinstance(sound, ClassBody)


@pytest.mark.parametrize(
    ("text", "why", "place"),
    [
        ("Object subclass: Foo [\n bar [ ^( ]\n]", "there is no beginning to ]", Place(2, 11)),
        ("Object subclass: Foo [\n bar [ ^1 ", "there is no end to [", Place(2, 6)),
        ("3 + 4.\n'abc", "there is no end to this string", Place(2)),
        ('Object subclass: Foo [ "abc', "there is no end to this comment", Place(1, 24)),
        ("Object subclass: Foo [ 3 + 4 ]", _NO_PART, Place(1, 24)),
        ("Class { #superclass : #Object }", "there is no name", Place(1)),
        ("Class { #name : #Foo, #instVars : 'a' }", "a list was expected for #instVars", Place(1)),
        ("Class { #name : #Foo }\nbar [ ^1 ]", "a method like Foo >> bar [ ] was expected", Place(2)),
        ("Trait { #name : #TFoo }", "a playground has no traits", Place(1)),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_place(text: str, why: str, place: Place) -> None:
    form = format_of(text)
    found = read(text, "brackets" if form == "statements" else form)[-1]
    assert isinstance(found, Unread)
    assert (found.why, found.place) == (why, place)


def test_a_file_of_tonel() -> None:
    text = (
        '"\nI am a ""Foo"".\n"\nClass {\n\t#name : #Foo,\n\t#superclass : #Object,\n\t#instVars : [ \'a\', \'b\' ],\n'
        "\t#classVars : [\n\t\t'Shared'\n\t],\n\t#category : #'Foo-Core'\n}\n\n{ #category : #making }\n"
        "Foo class >> new [\n\t^ super new\n]\n\n{ #category : #'a b' }\nFoo >> bar: x [\n\t^ x\n]\n"
    )
    found = part(text)
    assert isinstance(found, ClassBody)
    assert (found.name, found.superclass, found.category) == ("Foo", "Object", "Foo-Core")
    assert found.comment == '\nI am a "Foo".\n'
    assert (found.variables, [each.name for each in found.class_variables]) == (["a", "b"], ["Shared"])
    assert [(each.selector, each.category, each.class_side, each.place.line) for each in found.methods] == [
        ("new", "making", True, 15), ("bar:", "a b", False, 20),
    ]  # fmt: skip


def test_chunks_may_stand_among_brackets_and_a_comment_before_a_heading() -> None:
    text = "Object subclass: A [ ]\n!A methodsFor: 'x'!\na ^1!\nb ^2! !\nA new a.\n"
    found = read(text, "brackets")
    assert [each.selector for each in found if isinstance(each, MethodPart)] == ["a", "b"]
    assert found[-1] == Statement("A new a", Place(5))
    (method,) = read("\"They've a comment\"\n!A methodsFor: 'x'!\na ^1! !", "chunks")
    assert isinstance(method, MethodPart)


def test_variables_that_a_text_declares_hold_for_what_follows() -> None:
    one, two = read("| a b |\na := 3.\na + 4", "statements")
    assert one == Statement("a := 3", Place(2), ("a", "b"))
    assert two == Statement("a + 4", Place(3))


@given(st.sampled_from(list(FORMATS.values())), st.text(alphabet="ab:|[](){}#'\"$!.<>= \n\r", max_size=80))
def test_any_text_is_read(form, text: str) -> None:  # type: ignore[no-untyped-def]
    lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for each in read(text, form):
        assert 1 <= (each.begin if isinstance(each, Unread) else each.place).line <= lines
    assert format_of(text) in FORMATS


@given(st.integers(0, len(BODY)))
def test_a_body_that_is_cut_anywhere_is_read(end: int) -> None:
    assert isinstance(read(BODY[:end], "brackets"), list)
