"""Random texts, cut and damaged at random places: never half a class, a lost line, or an agent that is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from wire import Wire

# All that a class has, as text.
BROWSE = """\
| class | class := Smalltalk at: #StuiCut ifAbsent: [nil].
class isNil ifTrue: ['none'] ifFalse: [
    {class superclass. class allInstVarNames. class class allInstVarNames size.
    class classVarNames asSortedCollection: [:a :b | a <= b]. class comment. class category.
    (class selectors , (class class selectors collect: [:each | #c -> each]))
        asSortedCollection: [:a :b | a printString <= b printString]} printString]
"""

METHODS = (
    *(
        "one [ ^1 ]",
        "two: x [ ^x ]",
        "+ x [ ^'] [' , x ]",
        'four [ "it\'s ] [" ^$] ]',
        "five: a and: b [ ^#(a $[ #(1 2)) ]",
    ),
    *("StuiCut class >> six [ ^self new ]", "seven [ <category: 'x ]'> | t | t := 3. ^[:y | y + t] value: 4 ]"),
    *("StuiCut class [ eight [ ^8 ] ]", "nine [ ^StuiComesLater ]"),
)
OTHERS = (
    *("| a b |", "| c |", "Limit := 3.", "Other := #(1 $] 'it''s').", "<comment: 'a [ comment'>", "<category: 'Cut'>"),
    *("StuiCut class [ | made | ]", '"a comment, it\'s ] here"'),
)

bodies = st.tuples(
    st.lists(st.sampled_from(OTHERS), max_size=4, unique=True),
    st.lists(st.sampled_from(METHODS), max_size=6, unique=True),
).flatmap(lambda parts: st.permutations([*parts[0], *parts[1]]))
blanks = st.sampled_from([" ", "\n", "\r\n", "\n\f\n", "\t"])


@st.composite
def definitions(draw: st.DrawFn) -> str:
    between = draw(blanks)
    return f"Object subclass: StuiCut [{between}{between.join(draw(bodies))}{between}]"


@st.composite
def tonel_definitions(draw: st.DrawFn) -> str:
    methods = draw(
        st.lists(st.sampled_from([each for each in METHODS if "StuiCut" not in each]), max_size=6, unique=True)
    )
    head = "\"It's a comment\"\nClass {\n\t#name : #StuiCut,\n\t#superclass : #Object,\n\t#instVars : [ 'a', 'b' ]\n}\n"
    return head + "".join(f"\n{{ #category : #'x y' }}\nStuiCut >> {each}\n" for each in methods)


def load(wire: Wire, text: str, **params: Any) -> list[dict[str, Any]]:
    return wire.call("load_source", text=text, **{"stop_at_error": False, **params})


def without_the_class(wire: Wire) -> None:
    wire.value(
        "(Smalltalk includesKey: #StuiCut) ifTrue: [Object removeSubclass: StuiCut. Smalltalk removeKey: #StuiCut]. 1"
    )


many = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
long_many = settings(many, max_examples=500)


def check_cut(wire: Wire, text: str, start: int, stop: int, *, known: bool) -> None:
    """What is left of a text without a part is the class that it was, or one that was read to its end."""
    without_the_class(wire)
    if known:
        load(wire, "Object subclass: StuiCut [ | was | was [ ^was ] <comment: 'as it was'> ]")
    before = wire.value(BROWSE)
    items = load(wire, text[:start] + text[stop:])
    after = wire.value(BROWSE)
    if any(item["outcome"] == "raised" and item["kind"] in ("class", "extension") for item in items):
        raise AssertionError(items)
    if not any(item["outcome"] == "returned" and (item["name"] or "").startswith("StuiCut") for item in items):
        assert after == before, items
    elif start == len(text):
        assert all(name in after for name in ("one", "two", "six", "seven") if f"{name} [" in text), items


def cuts(text: str) -> st.SearchStrategy[tuple[str, int, int]]:
    """A cut-off end, or a part that is missing in the middle."""
    size = len(text)
    return st.tuples(st.just(text), st.integers(0, size), st.just(size)) | st.integers(0, size).flatmap(
        lambda start: st.tuples(st.just(text), st.just(start), st.integers(start, min(size, start + 12)))
    )


@given((definitions() | tonel_definitions()).flatmap(cuts), st.booleans())
@many
def test_a_text_that_is_cut_leaves_no_half_a_class(wire: Wire, cut: tuple[str, int, int], known: bool) -> None:
    check_cut(wire, *cut, known=known)


@pytest.mark.long
@pytest.mark.timeout(400)
@given((definitions() | tonel_definitions()).flatmap(cuts), st.booleans())
@long_many
def test_many_texts_that_are_cut_leave_no_half_a_class(wire: Wire, cut: tuple[str, int, int], known: bool) -> None:
    check_cut(wire, *cut, known=known)


WORDS = (
    *(
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "#(",
        "#[",
        "'",
        '"',
        "$",
        "$'",
        "!",
        "! !",
        "!!",
        "|",
        ".",
        ":",
        ":=",
        "^",
        ";",
        "#",
        "#a",
    ),
    *(
        "StuiNone",
        "StuiCut",
        "class",
        ">>",
        "extend",
        "subclass:",
        "Eval",
        "methodsFor:",
        "'x'",
        "comment:",
        "foo",
        "foo:",
        "+",
    ),
    *(
        "Class",
        "Extension",
        "Trait",
        "#name",
        "Object",
        "Namespace",
        "current:",
        "<",
        ">",
        "category:",
        "3",
        "2.5",
        "16r1F",
        "@2",
    ),
    *("\n", "\r", "\r\n", "\f", "\t", "é", "\ufeff", "#!", "thisContext", "nil", "x", "y"),
)
texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join) | st.lists(st.sampled_from(WORDS), max_size=40).map(
    "".join
)
formats = st.sampled_from(["auto", "chunks", "brackets", "tonel", "statements"])


def check_any(wire: Wire, text: str, form: str) -> None:
    items = load(wire, text, format=form)
    lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for item in items:
        assert 1 <= item["line"] <= lines
        assert (item["error"] is None) == (item["outcome"] == "returned")
        line = item["error"] and item["error"]["line"]
        assert line is None or 1 <= line <= lines, item
    assert [item["line"] for item in items] == sorted(item["line"] for item in items)


@given(texts, formats)
@many
def test_any_text_is_told_in_pieces(wire: Wire, text: str, form: str) -> None:
    check_any(wire, text, form)


@pytest.mark.long
@pytest.mark.timeout(400)
@given(texts, formats)
@long_many
def test_many_texts_are_told_in_pieces(wire: Wire, text: str, form: str) -> None:
    check_any(wire, text, form)
