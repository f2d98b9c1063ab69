"""`stui test`: what failed, the totals of one image and of many, the file for CI servers, exit codes."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import junitparser
import pytest
from shell import Shell, wait_until

from stui_cli.output.junit import Suites, junit_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Stui

SUITE = """TestCase subclass: #{name} instanceVariableNames: '' classVariableNames: '' poolDictionaries: ''
 category: 'Tried-Tests'!
!{name} methodsFor: 'tests'!
testFirst
	Transcript showCr: 'said'.
	self assert: {first} description: 'not so'!
testSecond
	^{second}! !
"""


def define(stui: Stui, image: str, name: str = "TriedTest", *, first: str = "true", second: str = "self") -> None:
    source = SUITE.format(name=name, first=first, second=second).replace("'", "''")
    load = "PackageLoader fileInPackage: 'SUnit'. "
    stui.ok("eval", "-i", image, f"{load}(ReadStream on: '{source}') fileIn. 0")


@pytest.fixture
def well(stui: Stui, two_images: object) -> Iterator[None]:
    define(stui, "alpha")
    define(stui, "beta")
    yield
    for name in ("TriedTest", "OtherTest", "SlowTest"):
        stui(
            "eval",
            "--all",
            f"(Smalltalk includesKey: #{name}) ifTrue: "
            f"[TestCase removeSubclass: (Smalltalk at: #{name}). Smalltalk removeKey: #{name}]",
        )


def test_all_pass(stui: Stui, well: None) -> None:
    said = stui("test", "-i", "alpha", "Tried*")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("2 passed in ")
    items = stui.items("test", "-i", "alpha", "TriedTest")
    assert [(item["name"], item["outcome"]) for item in items] == [
        ("TriedTest>>testFirst", "passed"),
        ("TriedTest>>testSecond", "passed"),
    ]
    assert items[0]["output"] == "said\n"
    assert stui.ok("test", "-i", "alpha", "-o", "name", "TriedTest>>testF*") == "TriedTest>>testFirst\n"
    assert ("test", "returned") in [(line["action"], line["outcome"]) for line in stui.items("audit")]


def test_where_no_test_fits_is_said_once(stui: Stui, well: None) -> None:
    one, all_of_them = stui("test", "-i", "alpha", "NoSuch*"), stui("test", "--all", "NoSuch*")
    assert (one.code, one.out, one.err.count("no test fits NoSuch*")) == (3, "", 1)
    assert (all_of_them.code, all_of_them.out, all_of_them.err.count("no test fits NoSuch*")) == (3, "", 2)
    define(stui, "beta", "OtherTest")
    some = stui("test", "--all", "OtherTest")
    assert (some.code, some.out, "alpha: no test fits OtherTest" in some.err) == (8, "2 passed in beta\n", True)


def test_what_fails_is_a_line_each_and_at_length_where_asked(stui: Stui, well: None) -> None:
    define(stui, "alpha", first="false", second="nil zork")
    said = stui("test", "-i", "alpha", "TriedTest")
    assert said.code == 8
    first, second, total = said.out.splitlines()
    assert first == "failed: TriedTest>>testFirst: not so"
    assert second.startswith("error: TriedTest>>testSecond: ")
    assert "zork" in second
    assert total.startswith("1 failed, 1 error in ")
    more = stui("test", "-i", "alpha", "TriedTest", "-v").out
    assert "    | said\n" in more
    assert "TriedTest>>testSecond (" in more
    fast = stui("test", "-i", "alpha", "TriedTest", "--fail-fast")
    assert "1 failed, 1 not run in " in fast.out


def test_what_failed_is_run_again(stui: Stui, well: None) -> None:
    define(stui, "alpha", second="nil zork")
    assert stui("test", "-i", "alpha", "TriedTest").code == 8
    said = stui("test", "-i", "alpha", "--rerun-failed", "-o", "name")
    assert (said.code, said.out) == (8, "TriedTest>>testSecond\n")
    define(stui, "alpha")
    assert stui.ok("test", "-i", "alpha", "--rerun-failed").startswith("1 passed")
    none = stui("test", "-i", "alpha", "--rerun-failed")
    told = "alpha: no failed tests are recorded of it, so none ran; all of them: stui test -i alpha"
    assert (none.code, none.out[:8], none.err) == (0, "no tests", f"stui: warning: {told}\n")
    assert stui("test", "-i", "alpha", "--rerun-failed", "-o", "json").document["warnings"] == [told]
    assert stui("test", "-i", "alpha", "--rerun-failed", "x").code == 2


def test_many_images_at_once(stui: Stui, well: None) -> None:
    said = stui("test", "--all", "TriedTest")
    assert (said.code, said.out, said.err) == (0, "2 passed in alpha, beta\n", "")
    recorded = {(line["action"], line["image"], line["outcome"]) for line in stui.items("audit")}
    assert {("test", image, how) for image in ("alpha", "beta") for how in ("began", "returned")} <= recorded
    define(stui, "beta", first="false")
    said = stui("test", "--all", "TriedTest")
    assert (said.code, said.err) == (8, "")
    assert said.out.splitlines() == [
        "failed: beta: TriedTest>>testFirst: not so",
        "2 passed in alpha",
        "1 passed, 1 failed in beta",
    ]
    stui.ok("images", "add", "gone", "tcp://127.0.0.1:1", "--offline")
    said = stui("test", "--all", "TriedTest")
    assert (said.code, "gone" in said.err) == (8, True)
    assert stui("test", "-i", "gone").code == 5


def test_the_file_of_a_ci_server(stui: Stui, well: None, tmp_path: Path) -> None:
    define(stui, "alpha", first="false", second="nil zork")
    define(stui, "alpha", "OtherTest")
    stui.ok("images", "add", "gone", "tcp://127.0.0.1:1", "--offline")
    path = tmp_path / "results.xml"
    assert stui("test", "--all", "Tried-Tests", "--junit", str(path)).code == 8
    read = junitparser.JUnitXml.fromfile(str(path))
    suites = {suite.name: suite for suite in read}
    assert set(suites) == {"alpha: OtherTest", "alpha: TriedTest", "beta: TriedTest", "gone: stui test"}
    tried = suites["alpha: TriedTest"]
    assert (tried.tests, tried.failures, tried.errors, tried.skipped) == (2, 1, 1, 0)
    assert (read.tests, read.failures, read.errors) == (7, 1, 2)
    cases = {case.name: case for case in tried}
    assert cases["testFirst"].classname == "alpha.TriedTest"
    assert cases["testFirst"].result[0].message == "not so"
    assert cases["testFirst"].system_out == "said\n"
    assert "TriedTest>>testSecond" in cases["testSecond"].result[0].text
    assert "nobody listens" in next(iter(suites["gone: stui test"])).result[0].text
    long = str(tmp_path / ("x" * 254))  # shows only when it is written: what came of the tests is told all the same
    said = stui("test", "-i", "beta", "TriedTest", "--junit", long)
    assert (said.code, "cannot be written" in said.err, said.out[:8]) == (1, True, "2 passed")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("no where/x.xml", "there is no folder no where\n  make it: mkdir -p 'no where'"),
        ("folder", "'folder' is no plain file"),
        ("folder/", "'folder/' is no plain file"),
        ("", "'' is no plain file"),
        ("x" * 300, "File name too long\n  name a file"),
        ("fifo", "'fifo' is no plain file"),
        ("locked/x.xml", "no file can be made in that folder\n  name a file in a folder of yours: --junit FILE"),
    ],
)
def test_a_file_that_cannot_be_made_is_told_before_anything_runs(
    path: str, told: str, stui: Stui, two_images: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("folder").mkdir()
    tmp_path.joinpath("locked").mkdir(mode=0o500)
    os.mkfifo(tmp_path / "fifo")
    if path.startswith("locked") and os.access("locked", os.W_OK):
        pytest.skip("root may write anywhere")
    said = stui("test", "-i", "alpha", "--junit", path)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert [line for line in stui.items("audit") if line["action"] == "test"] == []


def test_the_file_of_a_ci_server_on_standard_output(
    stui: Stui, well: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    define(stui, "alpha", first="false", second="self assert: '\u00e4\u202e' isEmpty description: '\u00e4\u202e'")
    said = stui("test", "-i", "alpha", "TriedTest", "--junit", "-")
    assert said.code == 8
    (suite,) = junitparser.JUnitXml.fromstring(said.out.encode())
    assert [case.result[0].message for case in suite] == ["not so", "\u00e4\\u202e"]
    assert said.out.isascii()
    assert said.err.startswith("failed: TriedTest>>testFirst: not so\n")
    assert "\n2 failed in " in said.err
    assert list(tmp_path.glob("*-*")) == []
    for more in (("-o", "json"), ("--columns", "name")):
        said = stui("test", "-i", "alpha", "TriedTest", "--junit", "-", *more)
        assert (said.code, "the same standard output" in said.err + said.out) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-i", "alpha"), "1 passed, 1 not run in alpha"),
        (("--all",), "2 passed, 2 not run in alpha, beta"),
    ],
)
def test_an_interrupt_tells_what_had_ended(
    words: tuple[str, ...], told: str, stui: Stui, well: None, shell: Shell
) -> None:
    for image in ("alpha", "beta"):
        # Only the command knows when it has heard of the first test: the second gives it the time.
        loop = "[(Delay forMilliseconds: 700) wait. Smalltalk at: #Reached put: true. [true] whileTrue] value"
        define(stui, image, "SlowTest", second=loop)
        stui.ok("eval", "-i", image, "Smalltalk at: #Reached put: false")
    process = shell.started("test", *words, "SlowTest", "--test-limit", "50s")
    images = words[1:] or ("alpha", "beta")
    reached = "Smalltalk at: #Reached"
    wait_until(lambda: all(stui.ok("eval", "-i", each, reached) == "true\n" for each in images), "the second runs")
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=40)
    assert (process.returncode, out, err) == (130, "", f"stui: interrupted: {told}\n")


def test_exit_codes(stui: Stui, well: None) -> None:
    define(stui, "alpha", "SlowTest", first="[true] whileTrue", second="[true] whileTrue")
    cut = stui("test", "-i", "alpha", "SlowTest", "--test-limit", "200ms")
    assert cut.code == 8
    assert cut.out.count("it was stopped after 200 ms") == 2
    late = stui("test", "-i", "alpha", "SlowTest", "--time-limit", "400ms")
    assert (late.code, "the time limit was over with 2 of 2 tests left" in late.err) == (6, True)
    assert stui("test", "-i", "alpha", "NoSuchTest").code == 3
    define(stui, "alpha", "SlowTest", first="false", second="[true] whileTrue")
    both = stui("test", "-i", "alpha", "SlowTest", "--time-limit", "1200ms")
    assert (both.code, both.out.partition(" in ")[0]) == (6, "failed: SlowTest>>testFirst: not so\n1 failed, 1 not run")
    define(stui, "beta", "SlowTest", first="false")
    assert stui("test", "-i", "beta", "SlowTest").code == 8
    assert stui("test", "--all", "SlowTest", "--time-limit", "1s").code == 6
    define(stui, "alpha", "SlowTest", first="[true] whileTrue", second="[true] whileTrue")
    stui.ok("eval", "-i", "alpha", "SlowTest class compile: 'resources [ ^nil zork ]'")
    outside = stui("test", "-i", "alpha", "SlowTest", "TriedTest")
    assert (outside.code, "outside of any test" in outside.err) == (7, True)
    assert outside.out.startswith("2 passed, 2 not run")


def test_text_that_xml_cannot_hold_is_written_as_escapes() -> None:
    nasty = "a\x00b\x1b[31m\ud800\uffff\x85"
    test = {
        "class": "T<&", "selector": "testX", "outcome": "error", "message": nasty, "stack": [nasty], "output": nasty,
        "elapsed_ms": 1_500,
    }  # fmt: skip
    data = junit_document([Suites(f"al{nasty}", 1_700_000_000_000, [test], {"x": nasty})])
    root = ElementTree.fromstring(data)  # by a parser that takes nothing else
    # What junit-10.xsd, by which Jenkins' plug-in reads, allows on all suites together.
    assert set(root.attrib) <= {"name", "time", "tests", "failures", "disabled", "errors"}
    (case,) = root.findall("./testsuite/testcase[@name='testX']")
    assert case.attrib["time"] == "1.5"
    error = case.find("error")
    assert error is not None
    assert error.attrib["message"] == "a\\x00b\\x1b[31m\\ud800\\uffff\\x85"
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.attrib["timestamp"] == "2023-11-14T22:13:20.000"
