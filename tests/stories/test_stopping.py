"""Stopping an image on purpose: what lives in it is kept as text, and comes back after the next launch."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from needs import missing
from shell import alive, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shell import Shell


def test_a_stop_keeps_the_sessions(shell: Shell) -> None:
    shell.launch("alpha")
    for name in ("one", "two"):
        shell.ok("sessions", "create", f"alpha/{name}")
    shell.ok("eval", "-i", "alpha/one", "x := 41. bag := SortedCollection with: 3")
    shell.ok("eval", "-i", "alpha/two", "y := 'kept'")
    stopped = shell.ok("images", "stop", "alpha")
    assert stopped.out.endswith("; 2 sessions kept as text\n")
    assert "alpha/one: no text makes these again, only their print is kept: bag (SortedCollection)" in stopped.err
    (told,) = json.loads(shell.ok("status", "-o", "json").out)["items"]  # which asks, and is refused
    assert (told["status"], told["health"], told["reason"]) == ("disconnected", "unknown", "stopped on purpose")
    (kept, _) = json.loads(shell.ok("cleanup", "-n", "--grace", "0", "-o", "json").out)["items"]
    assert (kept["action"], kept["evidence"]) == ("keep", "its image was stopped on purpose, and is registered still")
    shell.launch("alpha")
    again = shell.ok("images", "stop", "alpha")  # what went with the first process is no news
    assert (again.out.endswith(")\n"), again.err) == (True, "")
    shell.launch("alpha")
    assert shell.stui("eval", "-i", "alpha/one", "x").code == 9
    assert "bag" in shell.ok("sessions", "restore", "alpha/one").err
    shell.ok("sessions", "restore", "alpha/two")
    assert shell.ok("eval", "-i", "alpha/one", "x + 1").out == "42\n"
    assert shell.ok("eval", "-i", "alpha/two", "y").out == "'kept'\n"


def test_what_ended_by_itself_and_is_stopped_then_is_stopped_on_purpose(shell: Shell) -> None:
    shell.kill(shell.launch("alpha"))
    (told,) = json.loads(shell.ok("status", "-o", "json").out)["items"]
    assert told["reason"] != "stopped on purpose"
    assert shell.ok("images", "stop", "alpha").out == "alpha: was not running\n"
    (told,) = json.loads(shell.ok("status", "-o", "json").out)["items"]
    assert (told["status"], told["health"], told["reason"]) == ("disconnected", "unknown", "stopped on purpose")
    shell.ok("images", "stop", "alpha")
    (again,) = json.loads(shell.ok("status", "-o", "json").out)["items"]
    assert again["since"] == told["since"]


def test_what_lives_is_kept_whatever_its_record_says(shell: Shell) -> None:
    """The restore was undone, so the record tells of an earlier process; the session lives all the same."""
    shell.launch("alpha")
    shell.ok("sessions", "create", "alpha/one")
    shell.ok("images", "stop", "alpha")
    shell.launch("alpha")
    shell.ok("sessions", "restore", "alpha/one")
    shell.ok("eval", "-i", "alpha/one", "x := 41")
    shell.ok("undo")
    assert shell.ok("images", "stop", "alpha").out.endswith("; 1 session kept as text\n")
    shell.launch("alpha")
    shell.ok("sessions", "restore", "alpha/one")
    assert shell.ok("eval", "-i", "alpha/one", "x + 1").out == "42\n"


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


@pytest.fixture
def small_store(shell: Shell) -> Iterator[Path]:
    """The shell's store on a disk of its own, of 1 MB."""
    home = Path(shell.environ["STUI_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(home)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        missing("only root may mount a small disk")
    yield home
    for pid in shell.launched:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    subprocess.run(["umount", "-l", str(home)], check=True)


class TestWhatCouldNotBeKeptIsNotEnded:
    ENDS = (("sessions", "close", "alpha/one"), ("sessions", "remove", "alpha/one"), ("images", "stop", "alpha"))

    def test_on_a_full_disk(self, shell: Shell, small_store: Path) -> None:
        shell.launch("alpha")
        shell.ok("sessions", "create", "alpha/one")
        shell.ok("eval", "-i", "alpha/one", "x := 41")
        filling = small_store / "filling"
        with filling.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass
        for words in self.ENDS:
            refused = shell.stui(*words)
            assert (refused.code, refused.out) == (10, ""), words
            assert "the disk is full" in refused.err
        assert "stui images stop --no-preserve alpha" in refused.err
        filling.unlink()
        assert shell.ok("eval", "-i", "alpha/one", "x + 1").out == "42\n"

    def test_behind_a_locked_store_it_is_told_and_can_be_repeated(self, shell: Shell) -> None:
        shell.launch("alpha")
        shell.ok("sessions", "create", "alpha/one")
        shell.ok("eval", "-i", "alpha/one", "x := 41")
        assert (
            shell.ok(*self._refused_behind_a_lock(shell, "sessions", "close", "alpha/one")).out == "closed alpha/one\n"
        )
        shell.ok("sessions", "restore", "alpha/one")
        assert shell.ok("eval", "-i", "alpha/one", "x + 1").out == "42\n"
        again = self._refused_behind_a_lock(shell, "images", "stop", "alpha")
        assert shell.ok(*again).out.endswith("; 1 session kept as text\n")

    def _refused_behind_a_lock(self, shell: Shell, *words: str) -> tuple[str, ...]:
        """Run it while another process holds the store; return its words, to be run again."""
        with (Path(shell.environ["STUI_HOME"]) / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            refused = shell.stui("--lock-timeout", "0.1s", *words)
        assert refused.code == 10
        assert "alpha/one does not live in its image any more, and that could not be recorded" in refused.err
        assert f"stui {' '.join(words)}" in refused.err
        return words
