"""`stui eval -` with many lines: sent before their turn, and told as if each had been sent after the one before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from shell import wait_until

if TYPE_CHECKING:
    from conftest import Stui
    from shell import Shell

pytestmark = pytest.mark.usefixtures("two_images")


@pytest.fixture
def at_work(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "alpha/work")


def lines(*sources: str) -> bytes:
    return "".join(f"{source}\n" for source in sources).encode()


def test_values_and_output_come_in_order(stui: Stui, at_work: None) -> None:
    pieces = [f"Transcript showCr: 't{n}'. n := {n}" for n in range(1, 80)]
    said = stui("eval", "-", stdin=lines("n := 0", *pieces))
    assert said.out.split() == [str(n) for n in range(80)]
    assert said.err.split() == [f"t{n}" for n in range(1, 80)]
    assert [each["source"] for each in stui.items("sessions", "history", "-n", "79")] == pieces


def test_what_is_behind_a_failure_neither_runs_nor_is_told(stui: Stui, at_work: None) -> None:
    said = stui("eval", "-", stdin=lines("n := 1", "n / 0", *["n := 2"] * 60))
    assert (said.code, said.out) == (7, "1\n")
    assert said.err.count("stui:") == 1
    assert stui.ok("eval", "n") == "1\n"
    assert [each["outcome"] for each in stui.items("sessions", "history")] == ["returned", "raised", "returned"]
    ended = [each["outcome"] for each in stui.items("audit") if each["source"] == "n := 2"]
    assert set(ended) <= {"began", "not_run"}
    assert ended.count("began") == ended.count("not_run")


def test_with_keep_going_all_run(stui: Stui, at_work: None) -> None:
    said = stui("eval", "-", "--keep-going", "-o", "json", stdin=lines("1", "1/0", "3 +", *["4"] * 40))
    found = [item["outcome"] for item in json.loads(said.out)["items"]]
    assert found == ["returned", "raised", "not_run"] + ["returned"] * 40
    assert said.code == 8


def test_each_line_has_its_own_time(stui: Stui, at_work: None) -> None:
    waits = ["(Delay forMilliseconds: 200) wait. 1"] * 7
    assert stui("eval", "-", "--time-limit", "1200ms", stdin=lines(*waits)).out == "1\n" * 7
    said = stui("eval", "-", "--time-limit", "600ms", stdin=lines("1", "[true] whileTrue", "m := 2"))
    assert (said.code, said.out) == (6, "1\n")
    assert stui("eval", "m").code == 7


def test_what_must_be_recorded_runs_as_well(stui: Stui, at_work: None) -> None:
    assert stui("eval", "-", "--must-record", stdin=lines("1", "2", "3")).out == "1\n2\n3\n"


def test_a_line_is_answered_before_the_next_is_written(at_work: None, shell: Shell) -> None:
    """As a program does that asks, reads the answer and asks on."""
    words = [sys.executable, "-m", "stui_cli", "eval", "-i", "alpha/work", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    with subprocess.Popen(words, env=dict(shell.environ), cwd=shell.folder, **pipes) as process:  # type: ignore[call-overload]
        for source, value in (("3 + 4\n", "7\n"), ("(1\n+ 1)\n5\n", "2\n")):
            process.stdin.write(source)
            assert process.stdout.readline() == value
        assert process.stdout.readline() == "5\n"
        process.stdin.close()
        assert process.wait(20) == 0


def test_an_interrupt_ends_all_that_was_sent(stui: Stui, at_work: None, shell: Shell) -> None:
    process = shell.started(
        "eval", "-i", "alpha/work", "n := 1", "Transcript showCr: 'runs'. [true] whileTrue", *["n := 2"] * 20
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "runs\n"
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(20) == 130
    process.communicate()
    assert stui.ok("eval", "n") == "1\n"
    assert [each["outcome"] for each in stui.items("sessions", "history")][:2] == ["returned", "unknown"]
    ended = [each["outcome"] for each in stui.items("audit") if each["source"] == "n := 2"]
    assert ended.count("began") == ended.count("not_run")


def interrupted(shell: Shell, *words: str) -> tuple[int, str, str]:
    """How it ends where Ctrl-C comes in the third of four lines: its code, and what it wrote."""
    shell.ok("eval", "-i", "alpha", "Smalltalk at: #Reached put: false")
    command = [sys.executable, "-m", "stui_cli", "eval", "-i", "alpha/work", "-", *words]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=dict(shell.environ), cwd=shell.folder, **pipes) as process:  # type: ignore[call-overload]
        process.stdin.write("3\n4\nSmalltalk at: #Reached put: true. [true] whileTrue\n6\n")
        process.stdin.flush()
        wait_until(lambda: shell.ok("eval", "-i", "alpha", "Smalltalk at: #Reached").out == "true\n", "it loops")
        # The image sends answers of a batch together, a moment later. What is asked of it now comes behind them.
        for _ in range(2):
            shell.ok("eval", "-i", "alpha", "3")
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=40)
    return process.returncode, out, err


def test_an_interrupt_says_which_line_it_came_in(at_work: None, shell: Shell) -> None:
    assert interrupted(shell) == (130, "3\n4\n", "stui: interrupted in line 3 of standard input\n")


def test_in_json_an_interrupt_is_told_beside_what_ran(at_work: None, shell: Shell) -> None:
    code, out, err = interrupted(shell, "-o", "json", "--keep-going")
    assert (code, err) == (130, "")
    document = json.loads(out)
    assert [each["outcome"] for each in document["items"]] == ["returned", "returned", "unknown"]
    told = [(each["code"], each["message"], each["exit_code"]) for each in document["errors"]]
    assert told == [("interrupted", "interrupted in line 3 of standard input", 130)]


def test_a_second_interrupt_ends_the_waiting_and_what_ran_is_recorded(stui: Stui, at_work: None, shell: Shell) -> None:
    image = stui.items("status", "alpha")[0]["pid"]
    forever = "Transcript showCr: 'runs'. [true] whileTrue: [(Delay forMilliseconds: 10) wait]"
    process = shell.started("eval", "-i", "alpha/work", "n := 1", forever, *["n := 2"] * 20)
    assert process.stderr is not None
    assert process.stderr.readline() == "runs\n"
    os.kill(image, signal.SIGSTOP)  # it says nothing of what it was sent
    try:
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(20) == 130
    finally:
        os.kill(image, signal.SIGCONT)
    process.communicate()
    outcomes = [each["outcome"] for each in stui.items("sessions", "history")]
    assert outcomes[:2] == ["returned", "unknown"]
    ended = [each["outcome"] for each in stui.items("audit") if each["source"] == "n := 2"]
    assert ended.count("began") == ended.count("unknown") > 0
