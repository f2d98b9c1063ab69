"""load_source in a real GNU Smalltalk: what a file consists of, what each piece comes to, what is left unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire import RemoteError

if TYPE_CHECKING:
    from wire import Wire


def load(wire: Wire, text: str, **params: Any) -> list[dict[str, Any]]:
    return wire.call("load_source", text=text, **{"stop_at_error": False, **params})


def told(wire: Wire, text: str, **params: Any) -> list[tuple[Any, ...]]:
    """Kind, name, line, and the value or what was wrong with it and where."""
    return [(item["kind"], item["name"], item["line"], *outcome_of(item)) for item in load(wire, text, **params)]


def outcome_of(item: dict[str, Any]) -> tuple[Any, ...]:
    if item["outcome"] == "returned":
        return () if item["value"] is None else (item["value"]["print"],)
    return (item["outcome"], item["error"]["line"], item["error"]["message"])


BRACKETS = """\
"A licence that holds quotes: it's [ nothing ] of ours !"
Object subclass:StuiB[|a b|<comment:'a [ comment ]'>"one"
    StuiB class[|made|]
    StuiB class>>fresh[^self new setUp: 3]
    StuiB class [ more [ ^made := 4 ] ]
    Limit:=10. Other := #(1 $] 'it''s ]' #(2 3)).
    <category: 'Stui-Tests'>
    setUp: n [ "a ] here" <category: 'x'> a := n ]
    +n[^a+n]
    other [ ^Other ] limit [ ^Limit ]
]
Eval [ | t | t := StuiB fresh. ^t + 4 ]
StuiB class extend [ twice [ ^2 ] ]
StuiB class >> third [ ^3 ]
| t |
t := StuiB twice + StuiB third. t printNl.
StuiB new limit
"""


def test_a_file_in_brackets(wire: Wire) -> None:
    assert told(wire, BRACKETS) == [
        ("class", "StuiB", 2),
        ("statements", None, 12, "7"),
        ("extension", "StuiB class", 13),
        ("method", "StuiB class>>third", 14),
        ("statements", None, 16, "5"),
        ("statements", None, 16, "5"),
        ("statements", None, 17, "10"),
    ]
    assert wire.value("StuiB comment, (StuiB new other at: 3)") == "'a [ comment ]it''s ]'"
    assert wire.value("StuiB category, (StuiB >> #setUp:) methodCategory") == "'Stui-Testsx'"
    assert wire.value("StuiB more") == "4"


CHUNKS = """\
'From a system, of a day!'!
Object subclass: #StuiC
	instanceVariableNames: 'a'
	classVariableNames: ''
	poolDictionaries: ''
	category: 'Stui-Tests'!
StuiC comment: 'It''s a comment, with a ! in it'!

!StuiC methodsFor: 'acc''essing' stamp: 'x'!
a
	"a bang ! here, and $! there"
	^a , '!' , 'it''s'!
a: x	a := x! !

!StuiC class methodsFor: 'making'!
on: x
	^self new a: x; yourself! !

(StuiC on: 'y') a!
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\f"], ids=["LF", "CRLF", "CR", "FF"])
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["", "BOM"])
def test_a_file_of_chunks(wire: Wire, end: str, start: str) -> None:
    assert told(wire, start + CHUNKS.replace("\n", end)) == [
        ("statements", None, 1, "'From a system, of a day!'"),
        ("class", "StuiC", 2, "StuiC"),
        ("comment", "StuiC", 7, "StuiC"),
        ("method", "StuiC>>a", 10),
        ("method", "StuiC>>a:", 13),
        ("method", "StuiC class>>on:", 16),
        ("statements", None, 19, "'y!it''s'"),
    ]
    assert wire.value("(StuiC >> #a) methodCategory") == "'acc''essing'"


TONEL = """\
"
I am a class, with a ""comment"" that's quoted.
"
Class {
	#name : #StuiT,
	#superclass : #Object,
	#instVars : [
		'a',
		'b'
	],
	#classVars : [ 'Shared' ],
	#classInstVars : [ 'only' ],
	#category : #'Stui-Tests'
}

{ #category : #'instance creation' }
StuiT class >> a: x [

	^only := self new a: x
]

{ #category : #accessing }
StuiT >> a: x [
	"]" Shared := $].
	a := x
]

{ #category : #accessing }
StuiT >> a [

	^a
]
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_file_of_tonel(wire: Wire, end: str) -> None:
    assert told(wire, TONEL.replace("\n", end)) == [("class", "StuiT", 4)]
    assert wire.value("(StuiT a: 3) a -> StuiT category") == "3->'Stui-Tests'"
    assert f"""'{end}I am a class, with a "comment" that''s quoted.{end}'""" == wire.value("StuiT comment")
    assert wire.value("(StuiT class >> #a:) methodCategory") == "'instance creation'"
    more = "Extension { #name : #StuiT }\n\n{ #category : #'*more' }\nStuiT >> more [\n\t^a , a\n]\n".replace("\n", end)
    assert told(wire, more) == [("extension", "StuiT", 1)]
    assert wire.value("(StuiT a: 'x') more") == "'xx'"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\f"], ids=["LF", "CRLF", "CR", "FF"])
@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("#!/usr/bin/gst -f\n\n3 +", 3, "expected"),
        ("3.\n\n'open", 3, "there is no end to this string"),
        ("3.\n(4 + 5.\n", 2, "there is no end to ("),
        ("3.\n\n4 ].\n", 3, "there is no beginning to ]"),
        ("3.\n 'a\nb'.\n1/0.\n", 4, "zero"),
        ("Object subclass: StuiX [\n a [ ^1 ]\n b [\n ^3 + ] ]", 4, "expected"),
        ("Object subclass: StuiX [\n a [ ^1 ]\n X := 3 + .\n b [ ^2 ] ]", 3, "expected"),
        ("Object subclass: StuiX [\n a [\n ^1\n ]\n X := 3.\n Y := #(3\n 4).\n garbage ]", 8, "no part of a class"),
        ("Object subclass: StuiX [\n | a b ]", 2, "no end"),
        ("Object subclass: StuiX [\n <comment: 3 4> ]", 2, "expected"),
        ("Object subclass: StuiX [\n a [ ^1 ]\n\n X := 3 + missing. ]", 4, "missing"),
        ("Object extend [\n a [ ^1 ]\n 3 + 4 ]", 3, "no part of a class"),
        ("Object subclass: StuiX [\n a [ ^1 ]\n", 1, "there is no end to ["),
        ("Object subclass: StuiX [\n a [ ^'\n' , missing ] ]", 3, "missing"),
        ("\n!Object methodsFor: 'x'!\na\n\t^1!\nb\n\t^1 +! !\n", 6, "expected"),
        ("\n!StuiNowhere methodsFor: 'x'!\na\n\t^1! !\n", 3, "there is no class"),
        ("Class {\n\t#name : #StuiX,\n\t#superclass : #Object\n}\n\nStuiX >> a [\n\t^missing\n]", 7, "missing"),
        ("Class {\n\t#name : #StuiX,\n\t#superclass : #StuiNone\n}\n", 1, "there is no class"),
        ("Class {\n\t#name : #StuiX,\n\n}\nStuiX a [ ]", 5, "a method like"),
        ("Class {\n\t#name : #'StuiX [ ] Y',\n\t#superclass : #Object\n}\n", 1, "is no name"),
        ("Class {\n\t#name : #StuiX,\n\t#superclass : #Object,\n\t#instVars : 'a'\n}\n", 1, "a list was expected"),
        (
            "Object subclass: StuiRing [ ]\nStuiRing subclass: StuiUnder [ ]\nStuiUnder subclass: StuiRing [ ]",
            3,
            "below itself",
        ),
        ("\nObject subclass: Object [ ]", 2, "below itself"),
        ("Object subclass: Transcript [ ]", 1, "no class"),
        ("\nTrait {\n\t#name : #TX\n}\n", 2, "no traits"),
    ],
)
def test_errors_tell_their_line_and_nothing_is_installed(
    wire: Wire, text: str, line: int, words: str, end: str
) -> None:
    (problem,) = [item["error"] for item in load(wire, text.replace("\n", end)) if item["error"]]
    assert words in problem["message"]
    assert problem["line"] == line
    assert wire.value("(Smalltalk includesKey: #StuiX) or: [Object includesSelector: #b]") == "false"


def test_what_comes_before_an_error_is_done_and_told(wire: Wire) -> None:
    text = "Object subclass: StuiBefore [ a [ ^1 ] ]\nStuiBefore new a foo.\n3 + 4"
    assert told(wire, text, stop_at_error=True) == [
        ("class", "StuiBefore", 1),
        ("statements", None, 2, "raised", 2, "SmallInteger did not understand #foo"),
    ]
    assert told(wire, text)[2:] == [("statements", None, 3, "7")]


def test_a_class_that_comes_later_is_known_then(wire: Wire) -> None:
    """In this text, or in another."""
    assert told(wire, "Object subclass: StuiEarly [ late [ ^StuiLate new ] later [ ^StuiLater ] ]") == [
        ("class", "StuiEarly", 1)
    ]
    assert wire.value("StuiEarly new later") == "nil"
    (item,) = load(
        wire, "StuiEarly extend [ now [ ^StuiNow -> StuiNowhere -> StuiNowhere ] ]\nObject subclass: StuiNow [ ]"
    )[:1]
    assert item["undeclared"] == ["StuiNowhere"]
    load(
        wire, "StuiEarly extend [ last [ ^StuiLater ] ]\nStuiEarly subclass: StuiLate [ ]\nObject subclass: #StuiLater."
    )
    assert (
        wire.value("StuiEarly new late -> StuiEarly new later -> StuiEarly new last")
        == "a StuiLate->StuiLater->StuiLater"
    )


def test_a_failed_load_leaves_the_class_as_it_was(wire: Wire) -> None:
    load(wire, "Object subclass: StuiWas [ |a| Kept := 7. <comment: 'as it was'> a [ ^Kept ] ]")
    browse = (
        "StuiWas comment -> StuiWas instanceVariableString -> StuiWas selectors asSortedCollection -> StuiWas new a"
    )
    before = wire.value(browse)
    for text in (
        "Object subclass: StuiWas [ |b| Kept := 8. b [ ^b ] c [ ^missing ] ]",
        "StuiWas extend [ |b| <comment: 'new'> b [ ^b ] c [ ^ ] ]",
        "StuiWas extend [ b [ ^1 ] Kept := 3 + ]",
        "StuiWas class extend [ b [ ^1 ",
        "Class { #name : #StuiWas, #superclass : #Object }\nStuiWas >> b [ ^1 ]\nStuiWas >> c [ ^( ]",
    ):
        assert [item["outcome"] for item in load(wire, text)] == ["not_run"], text
        assert wire.value(browse) == before


def test_variables(wire: Wire, session: str) -> None:
    """Those that the text declares are its own; others are the session's."""
    wire.value("t := 1. 3", session)
    assert told(wire, "| t |\nt := 5.\nu := t + 1.\nt + u", session_id=session)[-1] == ("statements", None, 4, "11")
    assert wire.value("t -> u", session) == "1->6"
    assert wire.evaluate("u")["outcome"] == "not_run"


def test_namespaces(wire: Wire) -> None:
    text = """\
Smalltalk addSubspace: #StuiSpace!
Namespace current: StuiSpace [
    Object subclass: Error [ x [ ^1 ] ]
    Object subclass: Inner [ a [ ^Second ] ]
    Object subclass: Second [ ]
]
Namespace current: Smalltalk.StuiSpace!
Inner extend [ b [ ^Inner ] ]
Object subclass: #Third!
Inner new a printNl.
Namespace current: Smalltalk!
StuiSpace.Inner new b
"""
    items = told(wire, text, format="brackets")
    assert items[-1] == ("statements", None, 12, "StuiSpace.Inner")
    assert ("statements", None, 10, "StuiSpace.Second") in items
    assert wire.value("(Smalltalk includesKey: #Inner) | (Smalltalk includesKey: #Third)") == "false"
    assert wire.value("Namespace current") == "Smalltalk"


def test_output_is_told_with_its_piece(wire: Wire) -> None:
    items = load(wire, "Transcript showCr: 'a'.\n3.\n'b' displayNl")
    assert [item["output"] for item in items] == ["a\n", "", "b\n"]


def test_a_format_that_is_given_overrides(wire: Wire) -> None:
    assert [kind for kind, *_ in told(wire, "Object subclass: StuiF [ ]", format="statements")] == ["statements"]
    with pytest.raises(RemoteError, match="format: auto, chunks"):
        load(wire, "3", format="zip")


def test_a_loop_ends_at_the_time_limit_and_what_was_done_is_told(wire: Wire) -> None:
    with pytest.raises(RemoteError) as caught:
        load(wire, "3 + 4.\n[true] whileTrue.\n5", time_limit_ms=800)
    assert caught.value.code == "Timeout"
    assert [(each["line"], each["outcome"]) for each in caught.value.details["pieces"]] == [
        (1, "returned"),
        (2, "raised"),
    ]
    assert told(wire, "6") == [("statements", None, 1, "6")]


def test_evaluate_says_what_a_file_of_both_is_for(wire: Wire) -> None:
    for text in (CHUNKS, BRACKETS, "3 printNl!\n"):
        result = wire.evaluate(text)
        assert result["outcome"] == "not_run"
        assert "stui load" in result["error"]["message"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Object subclass: StuiX [\n  a: b [ ^b + missing ]\n]", (2, 15)),
        ("Object subclass: StuiX [ a: b [ ^b + missing ] ]", (1, 38)),
        ("!Object methodsFor: 'x'!\nfoo: b\n\t^b + missing! !", (3, 7)),
        ("Object class >> foo: b [ ^b + missing ]", (1, 31)),
        ("Eval [ 3 + missing ]", (1, 12)),
        ("3 + 4. 5 + missing", (1, 12)),
        ("3.\n'ü' , missing", (2, 7)),
    ],
)
def test_a_name_that_nobody_knows_is_told_with_its_column(wire: Wire, text: str, place: tuple[int, int]) -> None:
    problem = load(wire, text)[-1]["error"]
    assert problem["class"] == "UndeclaredVariable"
    assert (problem["line"], problem["column"]) == place


def test_the_namespace_is_what_it_was_whatever_a_file_does(wire: Wire) -> None:
    load(wire, "Namespace current: (SystemExceptions).\n[true] whileTrue: [^1]\n")
    with pytest.raises(RemoteError):
        load(
            wire,
            "Namespace current: SystemExceptions [ Eval [ [[true] whileTrue] ensure: [[true] whileTrue] ] ]",
            time_limit_ms=200,
        )
    assert wire.value("Namespace current") == "Smalltalk"


def test_what_the_dialect_has_not_is_told_before_anything_is_changed(wire: Wire) -> None:
    text = "Class {\n\t#name : #StuiX,\n\t#superclass : #Object,\n\t#traits : 'TStui'\n}\n"
    assert told(wire, text, stop_at_error=True) == [
        ("class", "StuiX", 1, "not_run", 1, "there are no traits in GNU Smalltalk")
    ]
    shape = "Object subclass: StuiFine [ ]\nObject subclass: StuiX [ <shape: #zork> ]"
    assert told(wire, shape, stop_at_error=True) == [
        ("class", "StuiX", 2, "not_run", 2, "there is no shape zork of classes in GNU Smalltalk")
    ]
    assert wire.value("(Smalltalk includesKey: #StuiFine) | (Smalltalk includesKey: #StuiX)") == "false"
    assert [item["outcome"] for item in load(wire, shape)] == ["returned", "not_run"]


GONE = (
    "StuiMoved superclass isNil ifFalse: [StuiMoved superclass removeSubclass: StuiMoved]. "
    "Smalltalk removeKey: #StuiMoved. 1"
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("StuiTop subclass: StuiMoved [ |a| one [ ^1 ] ]", "nil subclass: StuiMoved [ |a| two [ ^2 ] ]"),
        ("nil subclass: StuiMoved [ |a| one [ ^1 ] ]", "StuiTop subclass: StuiMoved [ |a| two [ ^2 ] ]"),
    ],
    ids=["to", "from"],
)
def test_no_class_is_moved_below_nil_or_away_from_it(wire: Wire, first: str, second: str) -> None:
    """GNU Smalltalk leaves such a class in pieces, and ends by it some time later: here it would only raise an error,
    for there are inherited variables."""
    refused = "StuiMoved is there already: it cannot go below nil, or away from there; remove it first"
    assert told(wire, f"Object subclass: StuiTop [ |x| ]\n{first}")[1:] == [("class", "StuiMoved", 2)]
    assert told(wire, f"\n{second}") == [("class", "StuiMoved", 2, "not_run", 2, refused)]
    assert wire.value("(StuiMoved includesSelector: #one) & (StuiMoved includesSelector: #two) not") == "true"
    wire.value(GONE)
    items = load(wire, f"{first}\n{second}")
    assert [(item["outcome"], item["error"] and item["error"]["message"]) for item in items] == [
        ("returned", None),
        ("not_run", refused),
    ]
    wire.value(GONE)


def test_what_a_file_out_of_squeak_has_besides(wire: Wire) -> None:
    text = """\
'From Squeak of 1 April'!
Object subclass: #StuiSq instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Stui'!
!StuiSq commentStamp: 'x 1/1/2001 10:00' prior: 0!
I'm told in words that aren't Smalltalk: don't count my quotes.!
!StuiSq methodsFor: 'x' stamp: 'x 1/1/2001 10:00'!
a
	^1! !
!StuiSq reorganize!
('x' a)
!
StuiSq new a!
"""
    assert told(wire, text)[2:] == [
        ("comment", "StuiSq", 4, "StuiSq"),
        ("method", "StuiSq>>a", 6),
        ("statements", None, 11, "1"),
    ]
    assert wire.value("StuiSq comment") == "'I''m told in words that aren''t Smalltalk: don''t count my quotes.'"


def test_too_many_pieces_are_refused_before_the_first(wire: Wire) -> None:
    wire.value("Smalltalk at: #StuiMany put: 0")
    with pytest.raises(RemoteError, match="50000 pieces") as caught:
        load(wire, "Smalltalk at: #StuiMany put: 1.\n" + "nil.\n" * 50_001, time_limit_ms=60_000)
    assert (caught.value.code, caught.value.details) == ("LimitExceeded", {"started": False})
    assert wire.value("Smalltalk at: #StuiMany") == "0"


def test_the_first_line_of_a_script_is_for_the_shell_in_what_is_evaluated_too(wire: Wire) -> None:
    assert wire.value("#!/usr/bin/gst -f\n3 + 4") == "7"
    assert wire.value("\ufeff3 + 4") == "7"
    assert wire.evaluate("#! /usr/bin/env gst\n\n  3 foo")["error"]["line"] == 3
    assert wire.evaluate("#! /usr/bin/env gst\n\n  foo + 3")["error"]["column"] == 3


def test_a_pragma_of_a_class_is_a_message_to_it(wire: Wire) -> None:
    text = "CStruct subclass: StuiPair [ <declaration: #((#one #int) (#two #(#ptr #int)))> "
    assert told(wire, text + "sum [ ^self one value + 1 ] ]") == [("class", "StuiPair", 1)]
    assert wire.value("| pair | pair := StuiPair new. pair one value: 3. pair sum") == "4"
    assert told(wire, "Object subclass: StuiX [\n <stuiNothing: 3> ]")[0][3:] == (
        "not_run",
        2,
        "a class has no pragma stuiNothing:",
    )


def test_the_statements_of_an_eval_without_variables_are_pieces(wire: Wire) -> None:
    text = "Eval [\n Smalltalk at: #StuiEv put: 3.\n StuiEv + 1\n]\nEval [ 3 = 3 ifTrue: [^7]. 8 ]\nEval [ 1. ]"
    assert told(wire, text) == [
        ("statements", None, 2, "3"),
        ("statements", None, 3, "4"),
        ("statements", None, 5, "7"),
        ("statements", None, 6, "1"),
    ]
    (item,) = load(wire, "Eval [ Smalltalk at: #StuiEv put: 9. ")
    assert item["outcome"] == "not_run"
    assert wire.value("Smalltalk at: #StuiEv") == "3"
