"""run_tests: the totals, what is told of each test, and tests that do not end."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from wire import RemoteError

if TYPE_CHECKING:
    from pathlib import Path

    from running import Starter
    from wire import Wire

SUITE = """TestCase subclass: #ZorkTest instanceVariableNames: 'ready' classVariableNames: 'Log' poolDictionaries: ''
 category: 'Zork-Tests'!
!ZorkTest methodsFor: 'running'!
setUp
	ready := true!
tearDown
	Log := Log isNil ifTrue: [1] ifFalse: [Log + 1]! !
!ZorkTest class methodsFor: 'asking'!
log
	^Log! !
!ZorkTest methodsFor: 'tests'!
expectedFailures
	^#(#testExpected)!
testExpected
	self assert: false!
testPasses
	Transcript showCr: 'it speaks'.
	self assert: ready!
testFails
	self assert: 3 = 4 description: 'three is not four'!
testRaises
	^nil zork!
testLoops
	[true] whileTrue!
testKillsItself
	Processor activeProcess terminate!
testWaits
	(Delay forSeconds: 600) wait! !
ZorkTest subclass: #ZorkMoreTest instanceVariableNames: '' classVariableNames: '' poolDictionaries: ''
 category: 'Zork-Tests'!
!ZorkMoreTest methodsFor: 'tests'!
testMore
	self deny: false! !
"""


def run(wire: Wire, *patterns: str, **more: Any) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The totals, and each test by its name."""
    wire.notifications.clear()
    asked = {"patterns": list(patterns), "time_limit_ms": 20_000, "test_limit_ms": 300, **more}
    number = wire.request("run_tests", **asked)
    totals = wire.answer(number)
    told = [params for method, params in wire.notifications if method == "test"]
    assert {params["id"] for params in told} <= {number}
    return totals, {f"{each['class']}>>{each['selector']}": each for each in told}


def file_in(wire: Wire, chunks: str) -> None:
    """As a user's own code would."""
    quoted = chunks.replace("'", "''")
    assert wire.evaluate(f"(ReadStream on: '{quoted}') fileIn. 7")["value"]["print"] == "7"


@pytest.fixture(scope="module", autouse=True)
def defined(agent: Any) -> None:
    from running import Clients

    clients = Clients(agent)
    wire = clients()
    assert run(wire, "Nobody*")[0]["total"] == 0  # loads SUnit
    file_in(wire, SUITE)
    clients.close()


def test_totals_and_what_each_test_did(wire: Wire) -> None:
    totals, told = run(wire, "Zork*")
    assert {name: each["outcome"] for name, each in told.items()} == {
        "ZorkMoreTest>>testMore": "passed",
        "ZorkTest>>testExpected": "passed",
        "ZorkTest>>testFails": "failed",
        "ZorkTest>>testKillsItself": "error",
        "ZorkTest>>testLoops": "error",
        "ZorkTest>>testPasses": "passed",
        "ZorkTest>>testRaises": "error",
        "ZorkTest>>testWaits": "error",
    }
    assert (totals["total"], totals["passed"], totals["failed"], totals["errors"], totals["skipped"]) == (8, 3, 1, 4, 0)
    assert (totals["ended"], totals["error"]) == ("done", None)
    assert told["ZorkTest>>testPasses"]["output"] == "it speaks\n"
    assert told["ZorkTest>>testFails"]["message"] == "three is not four"
    raised = told["ZorkTest>>testRaises"]
    assert raised["message"] == "SystemExceptions.NotYetImplemented: zork" or "zork" in raised["message"]
    assert any("ZorkTest>>testRaises" in line for line in raised["stack"])
    assert not any("Stui" in line for line in raised["stack"])
    assert "stopped after 300 ms" in told["ZorkTest>>testLoops"]["message"]
    assert told["ZorkTest>>testLoops"]["elapsed_ms"] >= 300
    assert wire.value("3 + 4") == "7"


def test_tear_down_is_run_of_a_test_that_was_cut(wire: Wire) -> None:
    before = int(wire.value("ZorkTest log"))
    run(wire, "ZorkTest>>testLoops")
    assert int(wire.value("ZorkTest log")) == before + 1


@pytest.mark.parametrize(
    ("patterns", "total"),
    [
        (("ZorkTest",), 7),
        (("ZorkMoreTest", "ZorkTest>>test*s"), 6),
        (("Zork-Tests",), 8),
        (("ZorkTest>>testPasses",), 1),
        (("nothing",), 0),
    ],
)
def test_patterns(wire: Wire, patterns: tuple[str, ...], total: int) -> None:
    totals, _ = run(wire, *patterns, test_limit_ms=50)
    assert totals["total"] == total


def test_fail_fast_and_the_time_limit_of_all(wire: Wire) -> None:
    totals, told = run(wire, "ZorkTest", fail_fast=True)
    assert (totals["ended"], list(told)) == ("fail_fast", ["ZorkTest>>testExpected", "ZorkTest>>testFails"])
    began = time.monotonic()
    totals, told = run(wire, "ZorkTest", time_limit_ms=500, test_limit_ms=20_000)
    assert time.monotonic() - began < 15
    assert totals["ended"] == "time_limit"
    assert totals["total"] == 7
    assert wire.value("3 + 4") == "7"


def test_an_interrupt_ends_it_and_its_test(wire: Wire) -> None:
    asked = {"patterns": ["ZorkTest>>testLoops"], "time_limit_ms": 60_000, "test_limit_ms": 60_000}
    number = wire.request("run_tests", **asked)
    over = time.monotonic() + 20
    while not (found := wire.call("list_evaluations")):
        assert time.monotonic() < over
    assert [(job["method"], job["source"]) for job in found] == [("run_tests", "tests ZorkTest>>testLoops")]
    wire.notify("interrupt", id=number)
    with pytest.raises(RemoteError, match="Interrupted"):
        wire.answer(number)
    while wire.call("ping", message=None)["evaluating"]:
        assert time.monotonic() < over


def test_what_goes_wrong_outside_of_a_test_is_told_with_the_totals(wire: Wire) -> None:
    text = """TestCase subclass: #YonkTest instanceVariableNames: '' classVariableNames: '' poolDictionaries: ''
 category: 'Yonk'!
!YonkTest class methodsFor: 'asking'!
resources
	^nil yonk! !
!YonkTest methodsFor: 'tests'!
testYonk
	^self! !
"""
    file_in(wire, text)
    totals, told = run(wire, "YonkTest", "ZorkMoreTest")
    assert (totals["total"], totals["passed"], list(told)) == (2, 1, ["ZorkMoreTest>>testMore"])
    assert "yonk" in totals["error"]["message"]
    assert any("YonkTest class>>resources" in line for line in totals["error"]["stack"])
    assert not any("Stui" in line for line in totals["error"]["stack"])


def test_a_test_that_takes_too_much_memory_is_an_error_of_its_own(gst: Path, starter: Starter) -> None:
    wire = starter.clients_of(starter(growthLimit=60_000_000).start())()
    run(wire, "Nobody")
    file_in(
        wire,
        """TestCase subclass: #BigTest instanceVariableNames: '' classVariableNames: '' poolDictionaries: ''
 category: 'Big'!
!BigTest methodsFor: 'tests'!
testBig
	| all |
	all := OrderedCollection new.
	[true] whileTrue: [all add: (String new: 1000)]!
testSmall
	^self! !
""",
    )
    totals, told = run(wire, "BigTest", test_limit_ms=15_000)
    assert (totals["passed"], totals["errors"], totals["ended"]) == (1, 1, "done")
    assert "memory" in told["BigTest>>testBig"]["message"]


@pytest.mark.long
def test_sunit_s_own_tests_have_the_totals_of_gst_sunit(gst: Path, starter: Starter) -> None:
    """The package's own tests, run by the program that comes with it and by the agent."""
    done = subprocess.run(
        [str(gst.parent / "gst"), "-q", "-"],
        input="PackageLoader fileInPackage: 'SUnit'. (PackageLoader packageAt: 'SUnit') test fileIn. "
        "Transcript flush. "
        "#('SUnitTest' 'TestSuitesScriptTest') do: [:each | | r | r := (Smalltalk at: each asSymbol) suite run. "
        "stdout nextPutAll: 'TOTAL ', r runCount printString, ' ', r passedCount printString, ' ', "
        "r failureCount printString, ' ', r errorCount printString; nl].",
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    expected = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("TOTAL")]
    assert len(expected) == 2, done
    running = starter().start()
    wire = starter.clients_of(running)()
    loaded = wire.evaluate("PackageLoader fileInPackage: 'SUnit'. (PackageLoader packageAt: 'SUnit') test fileIn. 7")
    assert loaded["outcome"] == "returned", loaded
    found = []
    for name in ("SUnitTest", "TestSuitesScriptTest"):
        totals, _ = run(wire, name, test_limit_ms=5_000)
        found.append([str(totals[key]) for key in ("total", "passed", "failed", "errors")])
    assert found == expected
