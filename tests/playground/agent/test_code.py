"""Code as a whole in a playground: files are loaded piece by piece, tests run under limits, and classes are browsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from test_agent import Talk

from stui_cli.playground.agent.server import Agent

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = """Object subclass: #Account
	instanceVariableNames: 'balance'
	classVariableNames: 'All'
	package: 'Bank'!

!Account commentStamp: 'me' prior: 0!
Money, counted.!

!Account methodsFor: 'money'!
deposit: amount
	"It's more!!"
	Transcript show: 'in'.
	balance := self balance + amount
!
balance
	^balance ifNil: [0]
! !

!Account class methodsFor: 'making'!
rich
	^self new deposit: 1000; yourself
! !

Account rich balance!
"""

TESTS = """TestCase subclass: #AccountTest instanceVariableNames: '' classVariableNames: '' package: 'Bank'!

!AccountTest methodsFor: 'tests'!
testRight
	self assert: 3 + 4 equals: 7
!
testWrong
	self assert: 3 + 4 equals: 8
!
testError
	nil foo
!
testSkipped
	self skip: 'not today'
!
testEndless
	Transcript show: 'on'. [true] whileTrue: []
!
testKnownToFail
	self assert: false
!
expectedFailures
	^#(testKnownToFail)
! !
"""


@pytest.fixture
def talk() -> Iterator[Talk]:
    with Agent() as agent:
        made = Talk(agent)
        with made.socket:
            made.ask(1, "create_session", {"session_id": "s", "name": "s", "description": None})
            yield made


def load(talk: Talk, text: str, **more: object) -> Any:
    asked = {
        "session_id": "s",
        "text": text,
        "name": "a.st",
        "format": "auto",
        "stop_at_error": True,
        "time_limit_ms": 50_000,
    }
    return talk.ask(2, "load_source", asked | more)


def browse(talk: Talk, what: str, of: str | None = None, pattern: str | None = None, **more: object) -> Any:
    asked = {"what": what, "of": of, "pattern": pattern, "start": 1, "count": 1_000}
    error, result = talk.ask(3, "browse", asked | more)
    return error["code"] if error else result


def test_a_file_is_loaded_piece_by_piece(talk: Talk) -> None:
    error, pieces = load(talk, FILE)
    assert error is None
    assert [(piece["kind"], piece["name"], piece["line"], piece["outcome"]) for piece in pieces] == [
        ("class", "Account", 1, "returned"),
        ("comment", "Account", 7, "returned"),
        ("method", "Account>>deposit:", 10, "returned"),
        ("method", "Account>>balance", 15, "returned"),
        ("method", "Account class>>rich", 20, "returned"),
        ("statements", None, 24, "returned"),
    ]
    assert (pieces[-1]["value"]["print"], pieces[-1]["output"]) == ("1000", "in")


def test_a_class_with_indexed_variables_is_loaded_and_told_as_one(talk: Talk) -> None:
    text = "Object variableSubclass: #Ring instanceVariableNames: 'first' classVariableNames: '' package: 'P'!"
    _, (piece,) = load(talk, text)
    assert (piece["kind"], piece["name"], piece["outcome"]) == ("class", "Ring", "returned")
    source = browse(talk, "source", "Ring")["items"][0]["source"]
    assert source.startswith("Object variableSubclass: #Ring\n")
    assert load(talk, source + "!\n(Ring new: 3) size!\n")[1][-1]["value"]["print"] == "3"


def test_errors_are_told_in_lines_of_the_file(talk: Talk) -> None:
    text = (
        "3 + 4!\n\n!Object methodsFor: 'x'!\nfoo\n\t^(3\n! !\n!Zork methodsFor: 'x'!\nfoo ^3! !\n\n1.\nnil zork!\n5!\n"
    )
    _, pieces = load(talk, text, stop_at_error=False)
    told = [(piece["outcome"], piece["error"] and piece["error"]["line"]) for piece in pieces]
    assert told == [("returned", None), ("not_run", 5), ("not_run", 8), ("raised", 11), ("returned", None)]
    assert "Zork" in pieces[2]["error"]["message"]


def test_a_load_that_is_stopped_tells_what_was_done(talk: Talk) -> None:
    error, _ = load(talk, "x := 5!\n[true] whileTrue: []!\n6!", time_limit_ms=200)
    assert error["code"] == "Timeout"
    assert [piece["value"]["print"] for piece in error["details"]["pieces"]] == ["5"]
    assert load(talk, "x", format="statements")[1][0]["value"]["print"] == "5"


def test_a_format_that_is_not_read_is_told(talk: Talk) -> None:
    error, _ = load(talk, "3", format="nonsense")
    assert error["code"] == "InvalidRequest"
    assert "chunks" in error["message"]


def test_classes_and_methods_are_browsed(talk: Talk) -> None:
    load(talk, FILE)
    assert "Bank" in [item["package"] for item in browse(talk, "packages")["items"]]
    assert [item["class"] for item in browse(talk, "classes", "Bank")["items"]] == ["Account"]
    assert [item["class"] for item in browse(talk, "classes", None, "Acc?unt")["items"]] == ["Account"]
    methods = browse(talk, "methods", "Account")["items"]
    told = [(item["side"], item["selector"], item["category"]) for item in methods]
    assert told == [("class", "rich", "making"), ("instance", "balance", "money"), ("instance", "deposit:", "money")]
    (source,) = browse(talk, "source", "Account>>balance")["items"]
    assert source["source"] == "balance\n\t^balance ifNil: [0]"
    assert "classVariableNames: 'All'" in browse(talk, "source", "Account")["items"][0]["source"]
    assert browse(talk, "comment", "Account")["items"][0]["source"] == "Money, counted."
    assert [item["class"] for item in browse(talk, "hierarchy", "Account")["items"]][-2:] == ["Object", "Account"]
    assert [item["class"] for item in browse(talk, "implementors", "deposit:")["items"]] == ["Account"]
    assert [item["selector"] for item in browse(talk, "senders", "deposit:")["items"]] == ["rich"]
    page = browse(talk, "methods", "Account", start=2, count=1)
    assert (page["total"], [item["selector"] for item in page["items"]]) == (3, ["balance"])


def test_what_is_not_there_is_told(talk: Talk) -> None:
    assert browse(talk, "methods", "Zork") == "ObjectNotFound"
    assert browse(talk, "methods", "Object>>zork") == "ObjectNotFound"
    assert browse(talk, "classes", "No such package") == "ObjectNotFound"
    assert browse(talk, "methods") == "InvalidRequest"
    assert browse(talk, "the weather") == "InvalidRequest"


def run_tests(talk: Talk, *patterns: str, **more: object) -> tuple[dict[str, Any], dict[str, tuple[str, str | None]]]:
    """The totals, and what became of each test."""
    asked = {"patterns": list(patterns), "time_limit_ms": 50_000, "test_limit_ms": 1_000}
    talk.told.clear()
    error, totals = talk.ask(4, "run_tests", asked | more)
    assert error is None
    return totals, {
        each["selector"]: (each["outcome"], each["message"]) for method, each in talk.told if method == "test"
    }


def test_each_test_has_its_outcome_and_its_limit(talk: Talk) -> None:
    load(talk, TESTS)
    totals, told = run_tests(talk, "AccountTest")
    assert told["testRight"] == told["testKnownToFail"] == ("passed", None)
    assert told["testWrong"][0] == "failed"
    assert told["testError"][0] == "error"
    assert "MessageNotUnderstood" in str(told["testError"][1])
    assert told["testSkipped"] == ("skipped", "not today")
    assert told["testEndless"] == ("error", "it was stopped after 1000 ms, which is its limit")
    counted = [totals[name] for name in ("total", "passed", "failed", "errors", "skipped", "ended")]
    assert counted == [6, 2, 1, 2, 1, "done"]


def test_patterns_choose_and_the_first_failure_may_end_it(talk: Talk) -> None:
    load(talk, TESTS)
    assert run_tests(talk, "AccountTest>>testRi*")[0]["total"] == 1
    assert run_tests(talk, "Ban?")[0]["total"] == 6
    assert run_tests(talk, "NoSuch*")[0]["total"] == 0
    totals, told = run_tests(talk, "AccountTest", fail_fast=True)
    assert (totals["ended"], len(told)) == ("fail_fast", 1)
    totals, told = run_tests(talk, "AccountTest", time_limit_ms=100, test_limit_ms=5_000)
    assert totals["ended"] == "time_limit"
    assert "testEndless" not in told  # which had its own limit still before it


def test_code_that_ends_its_own_process_is_told_so(talk: Talk) -> None:
    """No limit was reached, and nobody interrupted it."""
    load(
        talk, "TestCase subclass: #EndingTest!\n!EndingTest methodsFor: 'x'!\ntestIt\n\tProcessor terminateActive! !\n"
    )
    _, told = run_tests(talk, "EndingTest")
    assert told == {"testIt": ("error", "the evaluation ended its own process")}
    asked = {"session_id": None, "source": "Processor activeProcess terminate", "time_limit_ms": 999, "print_limit": 99}
    _, found = talk.ask(4, "evaluate", asked)
    assert (found["outcome"], found["error"]["class"]) == ("raised", "ProcessTerminated")
