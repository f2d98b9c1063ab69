"""Whatever code does, it ends in time, the process stays small, and the reason is told as an error of Smalltalk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from stui_cli.local.proc import memory_used
from stui_cli.playground import limits
from stui_cli.playground.image import NotCompiled, Playground, Raised, Stopped

if TYPE_CHECKING:
    from conftest import Bench

TOO_LARGE = [
    "2 raisedTo: 10000000000",
    "1 bitShift: 100000000000",
    "10 raisedTo: -100000000",
    "1000000 factorial",
    "| x | x := 2. [true] whileTrue: [x := x * x]",
    "| s | s := 'abc'. 40 timesRepeat: [s := s , s]",
    "| c | c := #(1 2 3). 40 timesRepeat: [c := c , c]",
    "Array new: 1000000000",
    "String new: 100000000000",
    "(1 to: 1000000000) asArray",
    "| s | s := WriteStream on: String new. [true] whileTrue: [s nextPutAll: (String new: 1000000)]",
]
TOO_DEEP = [
    "| b | b := nil. b := [:n | b value: n + 1]. b value: 1",
    "| b | b := nil. b := [b perform: #value]. b value",
    "| b | b := nil. b := [[b value] on: ZeroDivide do: [:e | 3]]. b value",
    "| b | b := nil. b := [[b value] ensure: [nil]]. b value",
    "| b | b := nil. b := [:x :y | #(3 1 2) copy sort: b. true]. b value: 1 value: 2",
    "| a b | a := Array new: 1. a at: 1 put: a. b := Array new: 1. b at: 1 put: b. a = b",
    "Object subclass: #DeepOne instanceVariableNames: '' classVariableNames: '' package: 'x'. "
    "DeepOne compile: 'hash ^self hash'. Set with: DeepOne new",
    "Object subclass: #DeepTwo instanceVariableNames: '' classVariableNames: '' package: 'x'. "
    "DeepTwo compile: '= other ^self = other'. DeepTwo compile: 'hash ^1'. Set with: DeepTwo new with: DeepTwo new",
    "Object subclass: #DeepThree instanceVariableNames: '' classVariableNames: '' package: 'x'. "
    "DeepThree compile: 'printOn: s self printOn: s'. DeepThree new printString",
]
ENDLESS = [
    "[true] whileTrue: []",
    "[true] whileTrue",
    "[] repeat",
    "| b | b := [true]. b whileTrue: [nil]",
    "1 to: 1000000000000 do: [:i | ]",
    "1000000000 timesRepeat: [Object new]",
    "(1 to: 1000000000000) do: [:i | ]",
    "(1 to: 1000000000000) inject: 0 into: [:a :b | a + b]",
    "[[] repeat] on: Exception do: [:e | 3]",
    "| b | b := nil. b := [:n | [b value: n] on: Error do: [:e | b value: n]]. b value: 1",
    "[1/0] on: ZeroDivide do: [:e | e retry]",
    "(Delay forSeconds: 1000) wait",
    "[true] whileTrue: [Transcript show: 'abc'; cr]",
    "| d | d := Dictionary new. 1 to: 100000000 do: [:i | d at: i put: i printString]",
]
NESTED = [
    "(" * 150 + "1" + ")" * 150,
    "[" * 50_000,
    "#(" * 50_000,
    "{" * 200 + "}" * 200,
    "true ifTrue: [" * 120 + "5" + "]" * 120,
    "1" + " + 1" * 6_000,
]


def outcome(bench: Bench, source: str) -> str:
    try:
        return str(bench.value(source))
    except Raised as raised:
        return raised.kind
    except NotCompiled as refused:
        return refused.message


@pytest.fixture(scope="module")
def image() -> Playground:
    return Playground()


@pytest.mark.parametrize("source", TOO_LARGE)
def test_what_would_be_too_large_is_told(bench: Bench, source: str) -> None:
    assert outcome(bench, source) == "OutOfMemory"
    assert (memory_used() or 0) - bench.image.started_with < 2 * limits.BYTES


@pytest.mark.parametrize("source", TOO_DEEP)
def test_recursion_without_end_is_told(bench: Bench, source: str) -> None:
    assert outcome(bench, f"[{source}] on: Error do: [:e | e class name = #RecursionTooDeep]") == "True"


@pytest.mark.parametrize(
    "source", [pytest.param(each, marks=(pytest.mark.long,) * (each not in TOO_DEEP[:2])) for each in TOO_DEEP]
)
def test_recursion_without_end_ends_what_does_not_handle_it(bench: Bench, source: str) -> None:
    assert outcome(bench, source) == "RecursionTooDeep"


def test_ten_thousand_levels_are_possible(bench: Bench) -> None:
    behavior = bench.image.classes["Object"]
    bench.image.compile_method("down: n n = 0 ifTrue: [^0]. ^1 + (self down: n - 1)", behavior)
    bench.image.compile_method("through: n n = 0 ifTrue: [^0]. ^[:x | 1 + (self through: x)] value: n - 1", behavior)
    bench.image.compile_method("within: n n = 0 ifTrue: [^0]. #(1) do: [:x | ^1 + (self within: n - 1)]", behavior)
    assert bench.value("nil down: 10000") == 10_000
    assert bench.value("nil through: 10000") == 10_000
    assert bench.value("nil within: 10000") == 10_000


@pytest.mark.parametrize("source", ENDLESS)
def test_what_does_not_end_is_stopped(bench: Bench, source: str) -> None:
    bench.limit_s = 0.1
    start = time.monotonic()
    with pytest.raises(Stopped):
        bench.value(source)
    assert time.monotonic() - start < 20
    bench.limit_s = 20
    assert bench.value("3 + 4") == 7


def test_a_block_that_ensures_has_a_grace_and_no_more(bench: Bench) -> None:
    bench.limit_s = 0.1
    with pytest.raises(Stopped):
        bench.value("[[true] whileTrue: []] ensure: [cleaned := true]")
    assert bench.workspace.variables == {"cleaned": True}
    start = time.monotonic()
    with pytest.raises(Stopped):
        bench.value("[[[true] whileTrue: []] ensure: [[true] whileTrue: []]] ensure: [[true] whileTrue: []]")
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("source", NESTED, ids=range(len(NESTED)))
def test_a_source_that_is_nested_too_deep_or_too_long_is_refused(bench: Bench, source: str) -> None:
    with pytest.raises(NotCompiled) as caught:
        bench.value(source)
    assert caught.value.message.startswith(("nested too deep", "too long"))


def test_long_sources_that_are_not_too_long(bench: Bench) -> None:
    assert bench.value("1" + " + 1" * 1_000) == 1_001
    assert bench.value("'" + "x" * 100_000 + "' size") == 100_000
    assert bench.value("a := " * 300 + "3") == 3
    assert bench.value("#(" + "1 " * 10_000 + ") size") == 10_000
    assert bench.value("true ifTrue: [" * 95 + "5" + "]" * 95) == 5
    assert bench.value("1 to: 1 do: [:i | " * 40 + "x := 5" + "]" * 40 + ". x") == 5


def test_output_without_end_is_cut_and_that_is_told(bench: Bench) -> None:
    bench.value("100000 timesRepeat: [Transcript show: 'abcdefghijklmnopqrstuvwxyz']")
    said = "".join(bench.said)
    assert len(said) < limits.TRANSCRIPT + 100
    assert said.endswith("... (more output was left out)\n")


def test_large_numbers_print_in_time(bench: Bench) -> None:
    start = time.process_time()
    assert bench.value("10000 factorial printString size") == 35_660
    assert bench.value("(2 raisedTo: 990000) printString size") == 298_020
    assert time.process_time() - start < 5
