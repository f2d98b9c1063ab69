"""Recursion without end through each kind of call ends in an error: calls that take C's stack would end the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.image import Raised

if TYPE_CHECKING:
    from conftest import Bench

QUICK = [
    "[:x | f value: x] cull: n + 1",
    "f perform: #value: with: n + 1",
    "[f value: n + 1] on: ZeroDivide do: [:e | 3]",
]
ALL = [
    "n > 0 and: (Array with: [f value: n + 1]) first",
    "#(1 2 3 4) groupsOf: 2 atATimeCollect: [:a :b | f value: n + 1]",
    "[:x | f value: x] valueWithArguments: {n + 1}",
    "#(1) do: [:e | f value: n + 1]",
    "#(1) collect: [:e | f value: n + 1]",
    "#(1 2) inject: 0 into: [:a :e | f value: n + 1]",
    "#(1) detect: [:e | f value: n + 1]",
    "#(2 1) asOrderedCollection sort: [:a :b | f value: n + 1]",
    "#(2 1) asSortedCollection: [:a :b | f value: n + 1]",
    "(1 to: 3) do: [:e | f value: n + 1]",
    "#(1) asSet do: [:e | f value: n + 1]",
    "(Dictionary newFrom: {1->2}) keysAndValuesDo: [:k :v | f value: n + 1]",
    "String streamContents: [:s | f value: n + 1]",
    "[f value: n + 1] ensure: [n]",
    "[f value: n + 1] ifCurtailed: [n]",
    "[1/0] on: ZeroDivide do: [:e | f value: n + 1]",
    "Dictionary new at: 1 ifAbsent: [f value: n + 1]",
    "[f value: n + 1. true] whileFalse",
    "#(1) groupedBy: [:e | f value: n + 1]",
    "Semaphore forMutualExclusion critical: [f value: n + 1]",
    "#(1) permutationsDo: [:e | f value: n + 1]",
    "#(3) collect: #yourself thenDo: [:e | f value: n + 1]",
    "(1 to: 2) asBag collect: [:e | f value: n + 1]",
]


def ends(bench: Bench, body: str) -> None:
    with pytest.raises(Raised) as caught:
        bench.value(f"| f | f := nil. f := [:n | {body}]. f value: 1")
    assert caught.value.kind == "RecursionTooDeep"
    assert bench.value("3 + 4") == 7


@pytest.mark.parametrize("body", QUICK)
def test_the_calls_that_took_the_stack_of_c(bench: Bench, body: str) -> None:
    ends(bench, body)


@pytest.mark.long
@pytest.mark.parametrize("body", ALL)
def test_every_kind_of_call(bench: Bench, body: str) -> None:
    ends(bench, body)


@pytest.mark.long
def test_processes_that_fork_without_end_end_alone(bench: Bench) -> None:
    """What is too deep is told of the process that it happens in; who forked it goes on."""
    bench.value("| f | f := nil. f := [:n | [f value: n + 1] fork. Processor yield]. f value: 1")
    assert bench.value("3 + 4") == 7
    assert "RecursionTooDeep" in "".join(bench.said)


def test_an_error_passes_thousands_of_handlers_in_no_time(bench: Bench) -> None:
    bench.limit_s = 10
    source = (
        "| f | f := nil. f := [:n | n > 3000 ifTrue: [1 / 0] ifFalse: [[f value: n + 1] on: KeyNotFound do: [:e | 3]]]."
    )
    assert bench.value(f"{source} [f value: 1] on: ZeroDivide do: [:e | e return: 'far']").chars == "far"
