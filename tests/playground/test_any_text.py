"""Any text is evaluated or answered with an error of Smalltalk, within the limit; nothing of Python ever shows."""

from __future__ import annotations

import threading
import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_no_way_to_python import OF_PYTHON

from stui_cli.playground.classes import arity
from stui_cli.playground.image import Machine, NotCompiled, Playground, Raised, Stopped, Workspace
from stui_cli.playground.objects import Text

LIMIT_S = 0.5
# Time beyond the limit that no single step of Python may take: a large multiplication, a pause of this machine.
PATIENCE_S = 10

_TOKENS = """
( ) [ ] { } #( #[ . ; ^ | := : :x :y ' '' " $ # ! - + * / // < <= = == -> , @ & ~= ? % a b x y self super nil true false
thisContext 3 -4 1.5 16rFF 1e5 3.14s2 2r2 1e999999999 $a 'text' #foo #foo:bar: #+ @1 it foo foo: value value: do:
collect: inject:into: ifTrue: ifFalse: and: whileTrue: to: timesRepeat: on: ensure: Object Array Error OrderedCollection
Dictionary String Symbol Character ZeroDivide Transcript Smalltalk new new: with: at: at:put: add: size printString
class name signal signal: return: retry subclass: compile: ä 日
"""
WORDS = [*_TOKENS.split(), "\n", "\t", " ", "\x00", "\ud800", "\U0001f40b"]
_SIMPLE = "3 0 -1 1.5 nil true false $a 'abc' '' #foo #at:put: Object String Array Error Transcript Smalltalk"
VALUES = [
    *_SIMPLE.split(),
    *("(1/3)", "3.14s2", "(2 raisedTo: 100)", "#(1 $a 'x')", "#()", "#[1 2]", "(OrderedCollection with: 3 with: 4)"),
    *("(Set with: 3)", "(Bag with: 1)", "(Dictionary new at: 1 put: 2; yourself)", "(3 -> 4)", "(1 to: 5)", "(3 @ 4)"),
    *("[:x | x]", "[3]", "[:a :b | a < b]", "(Error new)", "(ReadStream on: 'abc')", "(WriteStream on: String new)"),
    *("Object class", "(Object new)", "(SortedCollection new)", "(Message new)", "Date today", "(Random seed: 3)"),
]
# These mean what they do: they end or wait.
LEFT_OUT = {"halt", "halt:"}


# Made here, not in a test: hypothesis minds who raises the limit of recursion meanwhile.
IMAGE = Playground()


@cache
def selectors() -> list[str]:
    found = {s for each in IMAGE.classes.values() for side in (each, each.cls) for s in side.methods}
    return sorted(found - LEFT_OUT)


@st.composite
def sends(draw: st.DrawFn) -> str:
    """A send of any selector that there is, to any value, with any arguments; and one more to its answer."""
    receiver = draw(st.sampled_from(VALUES))
    for _ in range(draw(st.integers(1, 3))):
        selector = draw(st.sampled_from(selectors()))
        arguments = [draw(st.sampled_from(VALUES)) for _ in range(arity(selector))]
        words = [f"{word}:" for word in selector.split(":")[:-1]] if ":" in selector else [selector]
        pairs = [" ".join(pair) for pair in zip(words, arguments, strict=True)] if arguments else words
        receiver = f"({receiver} {' '.join(pairs)})"
    return receiver


sources = st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join), sends())


def evaluated(source: str) -> str:
    """What is told of it."""
    stop = threading.Event()
    timer = threading.Timer(LIMIT_S, stop.set)
    timer.start()
    said: list[str] = []
    machine = Machine(IMAGE, Workspace(), said.append, stop)
    try:
        value = IMAGE.run(source, machine)
        printed = machine.within(lambda m, receiver: m.send(receiver, "printString"), value)
        return printed.chars if isinstance(printed, Text) else "no text"
    except Raised as raised:
        return "\n".join([raised.kind, raised.message, *raised.stack])
    except NotCompiled as refused:
        inside = 1 <= refused.line <= source.count("\n") + 1 and 0 <= refused.start <= len(source)
        return refused.message if inside else "stui_cli tells a place outside of the source"
    except Stopped:
        return "stopped"
    finally:
        timer.cancel()
        timer.join()


@given(source=sources)
def test_any_text_has_an_answer_of_smalltalk(source: str) -> None:
    start = time.monotonic()
    text = evaluated(source)
    assert time.monotonic() - start < LIMIT_S + PATIENCE_S
    assert OF_PYTHON.search(source) or not OF_PYTHON.search(text), text


@pytest.mark.long
@given(source=st.lists(sources, min_size=1, max_size=20).map(". ".join))
def test_any_statements_have_an_answer_of_smalltalk(source: str) -> None:
    test_any_text_has_an_answer_of_smalltalk.hypothesis.inner_test(source)  # type: ignore[attr-defined]


def test_what_a_method_is_compiled_from_may_be_any_text() -> None:
    for count in range(len(WORDS)):
        text = " ".join(WORDS[count:] + WORDS[:count]).replace("'", "''")
        told = evaluated(f"Object compile: '{text}'")
        assert not OF_PYTHON.search(told), told
