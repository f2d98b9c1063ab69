"""Files in brackets and in Tonel, loaded into a playground: each definition is whole or not there at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_agent import Talk
from test_code import browse, load

from stui_cli.playground.agent.server import Agent

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(__file__).parents[2] / "agents" / "sources"

ACCOUNT = """Object subclass: Account [
    | balance |
    <comment: 'I hold money'>
    Rate := 3 + 4.
    Account class [ | made | made [ ^made ] ]
    Account class >> new [ made := (made ifNil: [0]) + 1. ^super new init ]
    init [ balance := 0 ]
    deposit: n [ n < 0 ifTrue: [^self error: 'neg']. balance := balance + n ]
    balance [ ^balance * Rate ]
]
Account extend [ twice [ ^self balance * 2 ] ]
Account new deposit: 5; twice.
Account new. Account made
"""


@pytest.fixture(scope="module")
def talk() -> Iterator[Talk]:
    with Agent() as agent:
        made = Talk(agent)
        with made.socket:
            made.ask(1, "create_session", {"session_id": "s", "name": "s", "description": None})
            yield made


def value(talk: Talk, source: str) -> str:
    _, found = talk.ask(
        4, "evaluate", {"session_id": "s", "source": source, "time_limit_ms": 50_000, "print_limit": 999}
    )
    return str(found["value"]["print"] if found["value"] else found["error"]["class"])


def told(talk: Talk, text: str, **more: object) -> list[tuple[object, ...]]:
    error, pieces = load(talk, text, **more)
    assert error is None, error
    return [
        (piece["kind"], piece["name"], piece["line"], piece["outcome"], piece["value"] and piece["value"]["print"])
        for piece in pieces
    ]


def test_brackets(talk: Talk) -> None:
    assert told(talk, ACCOUNT) == [
        ("class", "Account", 1, "returned", None),
        ("extension", "Account", 11, "returned", None),
        ("statements", None, 12, "returned", "70"),
        ("statements", None, 13, "returned", "an Account"),
        ("statements", None, 13, "returned", "2"),
    ]
    assert browse(talk, "comment", "Account")["items"][0]["source"] == "I hold money"


def test_tonel(talk: Talk) -> None:
    text = (
        "Class { #name : #Pair, #superclass : #Object, #instVars : [ 'a', 'b' ], #category : #Pairs }\n"
        "{ #category : #making }\nPair class >> of: x and: y [\n\t^ self new set: x and: y\n]\n"
        "Pair >> set: x and: y [\n\ta := x.\n\tb := y\n]\nPair >> sum [ ^ a + b ]\n"
    )
    assert told(talk, text) == [("class", "Pair", 1, "returned", None)]
    assert value(talk, "(Pair of: 3 and: 4) sum") == "7"
    assert told(talk, "Extension { #name : #Integer }\nInteger >> plusOne [ ^ self + 1 ]\n")[0][3] == "returned"
    assert value(talk, "3 plusOne") == "4"


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("Object subclass: Whole [ | a |\n  one [ ^1 ]\n  two [ ^( ]\n]", 3, 12, "beginning"),
        ("Object subclass: Whole [ | a |\n  one [ ^1 ]\n  two [ ^zork ]\n]", 3, 10, "zork"),
        ("Object subclass: Whole [\n  Rate := 3 + .\n  one [ ^1 ]\n]", 2, 14, ""),
        ("Nowhere subclass: Whole [ one [ ^1 ] ]", 1, 1, "Nowhere"),
        ("Object subclass: Whole [ | self | ]", 1, 1, "self"),
        ("Object subclass: Whole [\n | a\n one [ ^1 ]\n]", 2, 2, "variables"),
    ],
)
def test_a_class_is_there_whole_or_not_at_all(talk: Talk, text: str, line: int, column: int, words: str) -> None:
    error, (piece,) = load(talk, text)
    assert error is None
    assert piece["outcome"] == "not_run"
    assert (piece["error"]["line"], piece["error"]["column"]) == (line, column)
    assert words in piece["error"]["message"]
    assert value(talk, "Smalltalk includesKey: #Whole") == "false"


def test_a_class_that_is_there_stays_as_it_was_where_its_new_body_is_wrong(talk: Talk) -> None:
    assert told(talk, "Object subclass: Kept [ | a | a [ ^a ] a: x [ a := x ] ]")[0][3] == "returned"
    value(talk, "k := Kept new a: 5")
    assert told(talk, "Object subclass: Kept [ | b | b [ ^b ] c [ ^zork ] ]")[0][3] == "not_run"
    assert told(talk, "Kept extend [ | d | a [ ^7 ] c [ ^zork ] ]")[0][3] == "not_run"
    assert value(talk, "k a") == "5"
    assert value(talk, "Kept selectors size") == "2"
    assert told(talk, "Kept extend [ | d | d [ ^d ] d: x [ d := x ] ]")[0][3] == "returned"
    assert value(talk, "k d: 3; yourself. k a + k d") == "8"


def test_a_class_that_is_printed_can_be_loaded_again(talk: Talk) -> None:
    """With its variables of both sides, the categories of its methods, and their text as it was written."""
    text = """Object subclass: Printed [
    | a |
    Printed class [ | made | made [ <category: 'asking'> ^made ifNil: [made := 7] ] ]
    one [
        "one" <category: 'it''s'>
        ^1
    ]
]"""
    assert told(talk, text)[0][3] == "returned"
    definition, made, one = browse(talk, "source", "Printed")["items"]
    assert definition["source"].endswith(".\n\nPrinted class\n\tinstanceVariableNames: 'made'")
    assert (made["category"], one["category"]) == ("asking", "it's")
    assert one["source"] == "one\n        \"one\" <category: 'it''s'>\n        ^1"
    value(talk, "Smalltalk at: #Printed put: nil. Smalltalk removeKey: #Printed")
    chunks = f"{definition['source']}!\n!Printed class methodsFor: 'x'!\n{made['source']}! !\n"
    assert [each[3] for each in told(talk, chunks)] == ["returned"] * 2
    assert value(talk, "Printed made") == "7"


def test_variables_that_a_file_declares_are_its_own(talk: Talk) -> None:
    value(talk, "mine := 1")
    assert [each[4] for each in told(talk, "| mine other |\nmine := 5.\nother := mine + 1")] == ["5", "6"]
    assert value(talk, "mine") == "1"
    assert value(talk, "other") == "nil"


FILES = sorted(path for path in SOURCES.glob("*/*.st"))


def test_files_of_four_formats_are_read_to_their_end(talk: Talk) -> None:
    """They are of a GNU Smalltalk: what they define is defined here too, but for what a playground does not have."""
    failed = []
    for path in FILES:
        for piece in load(talk, path.read_text("utf-8"), stop_at_error=False)[1]:
            if piece["outcome"] == "not_run":
                failed.append((path.name, piece["error"]["message"]))
    assert [each for each in failed if each[1] not in NOT_HERE.get(each[0], ())] == []
    assert {name for name, _ in failed} == set(NOT_HERE)


# What the files use and a playground does not have, and what follows from that.
NOT_HERE = {
    "literals.st": ("a symbol or array expected after #",),  # ##(3 + 4)
    "namespace.st": (
        "a playground has no namespaces: load its classes without the Namespace current: around them",
        "missing )",  # a name with a dot
    ),
    "shapes.st": ("there is no class 'ChunkBits' here",),  # variableByteSubclass:
    "reflection.st": ("thisContext is not available in the playground",),
    "TonelBackward.class.st": ("there is no class 'TonelForward' here",),  # which is loaded after it
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.integers(0, len(ACCOUNT)))
def test_a_file_that_is_cut_leaves_no_half_a_class(talk: Talk, end: int) -> None:
    value(talk, "Smalltalk at: #Account ifPresent: [:c | c removeFromSystem]")
    load(talk, ACCOUNT[:end], stop_at_error=False)
    count = value(talk, "(Smalltalk at: #Account ifAbsent: [nil]) ifNil: [0] ifNotNil: [:c | c selectors size]")
    assert count in ("0", "3", "4")
