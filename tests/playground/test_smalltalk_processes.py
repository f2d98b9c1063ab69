"""Waiting, forking and ending within one evaluation; what is written on the Transcript; test cases run from Python."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.image import Stopped
from stui_cli.playground.kernel.sunit import case, run_case

if TYPE_CHECKING:
    from conftest import Bench

ORDER = "order := OrderedCollection new."


@pytest.mark.parametrize(
    ("source", "order"),
    [
        ("[order add: 2] fork. order add: 1. Processor yield. order add: 3", "#(1 2 3)"),
        ("s := Semaphore new. [order add: 1. s signal] fork. s wait. order add: 2", "#(1 2)"),
        ("[order add: 1. Processor terminateActive. order add: 9] fork. Processor yield. order add: 2", "#(1 2)"),
        ("p := [order add: 9] fork. p terminate. Processor yield. order add: 1", "#(1)"),
        ("p := [order add: 1] newProcess. Processor yield. p resume. Processor yield. order add: 2", "#(1 2)"),
        ("[[Processor activeProcess terminate] ensure: [order add: 1]] fork. Processor yield", "#(1)"),
        ("[[1 / 0] on: ZeroDivide do: [:e | order add: 1]] fork. Processor yield", "#(1)"),
        ("m := Semaphore forMutualExclusion. m critical: [order add: 1]. m critical: [order add: 2]", "#(1 2)"),
        ("d := Delay forMilliseconds: 1. [d wait. order add: 1] fork. d wait. order add: 2", "#(1 2)"),
        ("order add: (Semaphore new waitTimeoutMilliseconds: 1)", "#(true)"),
        ("order add: (Semaphore new signal; waitTimeoutMilliseconds: 1)", "#(false)"),
    ],
)  # fmt: skip
def test_the_order_of_what_is_forked(bench: Bench, source: str, order: str) -> None:
    assert bench.value(f"{ORDER} {source}. order asArray = {order}") is True


def test_code_that_ends_its_own_process_ends_its_evaluation(bench: Bench) -> None:
    with pytest.raises(Stopped):
        bench.value("after := 0. [Processor activeProcess terminate] ensure: [after := 1]. after := 2")
    assert bench.value("after") == 1


@pytest.mark.parametrize(
    ("forked", "line"),
    [
        ("[order add: 2. 1 / 0. order add: 9] fork", "a process ended: ZeroDivide: division by zero"),
        ("[order add: 2. Error signal: 'two', String lf, 'lines'] fork", "a process ended: Error: two lines"),
        ("[order add: 2. Error new signal] forkNamed: 'mine'", "mine ended: Error"),
        ("[order add: 2. ^ 3] fork", "a process ended: BlockCannotReturn: return from a method of another process"),
        ("[[1 / 0] ensure: [order add: 2]] fork", "a process ended: ZeroDivide: division by zero"),
        (
            "deep := nil. deep := [:n | (deep value: n) + 1]. [order add: 2. deep value: 1] fork",
            "a process ended: Recu",
        ),
        ("[order add: 2. [1 / 0] fork. Processor yield] fork", "a process ended: ZeroDivide: division by zero"),
        ("[1 / 0] on: ZeroDivide do: [:e | [order add: 2. e return: 5] fork. Processor yield]", "a process ended: Bl"),
    ],
)
def test_an_error_ends_what_was_forked_alone_and_is_told(bench: Bench, forked: str, line: str) -> None:
    """No handler of the code that forked it is asked, and that code goes on."""
    source = f"{ORDER} [order add: 1. {forked}. Processor yield. order add: 3] on: Exception do: [:e | order add: e]."
    assert bench.value(f"{source} order asArray = #(1 2 3)") is True
    told = "".join(bench.said)
    assert told.startswith(line)
    assert told.count("\n") == 1


def test_a_return_to_a_method_of_another_process_can_be_handled_where_it_is_sent(bench: Bench) -> None:
    source = (
        f"{ORDER} [order add: ([^ 3] on: BlockCannotReturn do: [:e | e return: 7])] fork. Processor yield. order first"
    )
    assert bench.value(source) == 7
    assert not bench.said


def test_code_that_runs_out_of_time_in_what_was_forked_is_stopped(bench: Bench) -> None:
    bench.limit_s = 0.3
    with pytest.raises(Stopped):
        bench.value("[[true] whileTrue] fork. Processor yield. 4")


def test_processes_that_fork_without_end_are_refused(bench: Bench) -> None:
    bench.value("again := nil. again := [again fork. Processor yield]. again value. 4")
    assert "RecursionTooDeep" in "".join(bench.said)


def test_a_delay_waits(bench: Bench) -> None:
    began = time.monotonic()
    bench.value("(Delay forMilliseconds: 60) wait")
    assert time.monotonic() - began >= 0.06


def test_the_transcript(bench: Bench) -> None:
    bench.value(
        "Transcript show: 'a'; show: 3; show: #b; tab; print: 'c'; cr; display: 'd'; nl; showCr: 'e'; displayNl: 4;"
        " crShow: 'f'; << 'g'; << 5; nextPutAll: 'h'; nextPut: $i; space; space: 2; print: #(1 $a); flush; cr"
    )
    assert "".join(bench.said) == "a3b\t'c'\nd\ne\n4\n\nfg5hi   #(1 $a)\n"


def test_a_warning_that_nobody_handles_is_told_and_its_value_is_nil(bench: Bench) -> None:
    bench.value("Warning subclass: #PgOld instanceVariableNames: '' classVariableNames: '' package: 'P'. 1")
    assert bench.value("{Warning signal: 'x'. PgOld signal: 'is gone soon'} = {nil. nil}") is True
    assert "".join(bench.said) == "Warning: x\nPgOld: is gone soon\n"


def test_what_gnu_smalltalk_users_type(bench: Bench) -> None:
    bench.value("3 printNl. 'a' displayNl. 'b' printNl. (1 -> 2) printNl. #(1 2) displayNl")
    assert "".join(bench.said) == "3\na\n'b'\n1->2\n#(1 2)\n"


def test_a_test_case_is_run_and_what_became_of_it_is_told(bench: Bench) -> None:
    bench.value("TestCase subclass: #PgCase instanceVariableNames: 'n' classVariableNames: '' package: 'P'. 1")
    bench.value(
        "PgCase compile: 'setUp n := OrderedCollection new'; compile: 'tearDown Smalltalk at: #PgDown put: 1'. 1"
    )
    outcomes = {
        "testPasses self assert: n isEmpty": ("passed", ""),
        "testFails self assert: 3 equals: 4": ("failure", "Got 3 instead of 4."),
        "testDenies self deny: true description: 'no'": ("failure", "no"),
        "testRaises n removeFirst": ("error", "an OrderedCollection() is empty"),
        "testExpects self should: [1/0] raise: ZeroDivide. self shouldnt: [3] raise: Error": ("passed", ""),
        "testSkips self skip: 'later'": ("skipped", "later"),
        "testDeep ^ self testDeep": ("error", "the code calls itself too deep: some 10,000 levels are possible"),
    }
    for source, (outcome, text) in outcomes.items():
        bench.value(f"PgCase compile: '{source.replace(chr(39), chr(39) * 2)}'. Smalltalk at: #PgDown put: 0. 1")
        machine = bench.machine()
        test = case(machine, bench.value("PgCase"), source.split()[0])
        became, signal = run_case(machine, test)
        assert (became, machine.text_of(signal) if signal is not None else "") == (outcome, text)
        assert bench.value("PgDown") == 1
