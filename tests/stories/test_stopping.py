"""Stopping an image on purpose: what lives in it is kept as text, and comes back after the next launch."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from shell import alive, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from shell import Shell


def test_a_stop_keeps_the_sessions(shell: Shell) -> None:
    shell.launch("alpha")
    for name in ("one", "two"):
        shell.ok("sessions", "create", f"alpha/{name}")
    shell.ok("eval", "-i", "alpha/one", "x := 41. bag := OrderedCollection with: 3")
    shell.ok("eval", "-i", "alpha/two", "y := 'kept'")
    stopped = shell.ok("images", "stop", "alpha")
    assert stopped.out.endswith("; 2 sessions kept as text\n")
    assert "alpha/one: no text makes these again, only their print is kept: bag (OrderedCollection)" in stopped.err
    shell.launch("alpha")
    again = shell.ok("images", "stop", "alpha")  # what went with the first process is no news
    assert (again.out.endswith(")\n"), again.err) == (True, "")
    shell.launch("alpha")
    assert shell.stui("eval", "-i", "alpha/one", "x").code == 9
    assert "bag" in shell.ok("sessions", "restore", "alpha/one").err
    shell.ok("sessions", "restore", "alpha/two")
    assert shell.ok("eval", "-i", "alpha/one", "x + 1").out == "42\n"
    assert shell.ok("eval", "-i", "alpha/two", "y").out == "'kept'\n"


def test_a_stop_that_is_to_keep_nothing(shell: Shell) -> None:
    shell.launch("alpha")
    shell.ok("sessions", "create", "alpha/one")
    shell.ok("eval", "-i", "alpha/one", "x := 41")
    before = shell.ok("log", "-o", "json").json["items"]
    assert "kept" not in shell.ok("images", "stop", "alpha", "--no-preserve").out
    assert shell.ok("log", "-o", "json").json["items"] == before
    assert shell.ok("images", "stop", "alpha").out == "alpha: was not running\n"


def test_a_session_in_which_code_runs_does_not_hold_the_stop(shell: Shell) -> None:
    shell.launch("alpha")
    shell.ok("sessions", "create", "alpha/busy")
    shell.ok("sessions", "create", "alpha/calm")
    shell.ok("eval", "-i", "alpha/calm", "y := 7")
    running = shell.started("eval", "-i", "alpha/busy", "[true] whileTrue", "--time-limit", "60")
    try:
        wait_until(lambda: shell.ok("status", "-o", "json").json["items"][0]["evaluating"] == 1, "the loop runs")
        start = time.monotonic()
        stopped = shell.ok("images", "stop", "alpha")
        assert time.monotonic() - start < 15
        assert stopped.out.endswith("; 1 session kept as text\n")
        assert "alpha/busy was busy since" in stopped.err
        assert "no checkpoint was taken" in stopped.err
        running.wait(timeout=20)
    finally:
        running.kill()
        running.communicate()


def test_a_misspelt_name_is_told_before_anything_ends(shell: Shell) -> None:
    pid = shell.launch("alpha")
    refused = shell.stui("images", "stop", "alpha", "alhpa")
    assert (refused.code, refused.out) == (3, "")
    assert "did you mean alpha?" in refused.err
    assert alive(pid)


def test_no_answered_evaluation_is_missing_from_what_a_stop_keeps(shell: Shell, tmp_path: Path) -> None:
    shell.launch("alpha")
    shell.ok("sessions", "create", "alpha/work")
    shell.ok("eval", "-i", "alpha/work", "n := 0")
    answers = tmp_path / "answers"
    answers.touch()
    loop = f"while '{sys.executable}' -m stui_cli eval -i alpha/work 'n := n + 1' >> '{answers}'; do :; done"
    loops = [
        subprocess.Popen(["sh", "-c", loop], env=dict(shell.environ), cwd=shell.folder, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    try:
        wait_until(lambda: len(answers.read_text().split()) > 3, "some are answered", 30)
        shell.ok("images", "stop", "alpha")
        for each in loops:
            each.wait(30)
    finally:
        for each in loops:
            each.kill()
            each.wait()
    last = max(map(int, answers.read_text().split()))
    shell.launch("alpha")
    shell.ok("sessions", "restore", "alpha/work")
    assert int(shell.ok("eval", "-i", "alpha/work", "n").out) >= last
