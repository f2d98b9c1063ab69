"""A playground as a user has it: in the foreground until Ctrl-C, in the background, and where there is no gst."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell import Shell, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def bare(home: Path, tmp_path: Path) -> Iterator[Shell]:
    """stui in processes of its own, with nothing at all on the PATH."""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    made = Shell({**os.environ, "PATH": str(nothing), "PYTHONPATH": str(Path(__file__).parents[2])}, tmp_path)
    yield made
    made.end()


def runtime_files(shell: Shell) -> list[Path]:
    return sorted((Path(shell.environ["XDG_RUNTIME_DIR"]) / "stui").glob("*.toml"))


def serving(shell: Shell, *words: str) -> subprocess.Popen[str]:
    """A playground in the foreground that has said where it is."""
    process = shell.started("playground", *words)
    assert process.stdout is not None
    assert "listens at tcp://127.0.0.1:" in process.stdout.readline()
    while "stui eval -i " not in process.stdout.readline():
        assert process.poll() is None
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_one_in_the_foreground_is_used_and_ends_when_it_is_asked_to(bare: Shell, number: signal.Signals) -> None:
    process = serving(bare, "--name", "mine")
    (found,) = runtime_files(bare)
    assert stat.S_IMODE(found.stat().st_mode) == 0o600
    assert bare.ok("eval", "-i", "mine", "3 + 4").last == "7"
    (item,) = bare.ok("images", "-o", "json").json["items"]
    assert (item["name"], item["dialect"]) == ("mine", "playground")
    assert bare.pid("mine") == process.pid
    process.send_signal(number)
    _, err = process.communicate(timeout=40)
    assert process.returncode == 0, err
    assert "mine has ended" in err
    assert runtime_files(bare) == []
    (item,) = bare.ok("status", "-o", "json").json["items"]
    assert (item["name"], item["status"]) == ("mine", "disconnected")


def test_what_is_a_part_of_it_has_no_source_and_that_is_told(bare: Shell) -> None:
    process = serving(bare)
    one = bare.ok("browse", "source", "Number>>+", "-i", "playground")
    assert (one.out, one.err) == ("", "Number>>+ has no source: it is a part of the playground itself\n")
    whole = bare.ok("browse", "source", "Association", "-i", "playground")
    assert whole.out.startswith("LookupKey subclass: #Association\n")
    assert "methodsFor:" not in whole.out
    assert whole.err.endswith(" methods have no source: they are parts of the playground itself\n")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=40)


def test_its_end_tells_which_sessions_come_back_and_they_do(bare: Shell) -> None:
    process = serving(bare)
    bare.ok("sessions", "create", "-i", "playground", "saved")
    bare.ok("images", "save", "playground")
    bare.ok("sessions", "create", "-i", "playground", "later")
    bare.ok("sessions", "create", "-i", "playground", "last")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=40)
    assert "playground has ended; 1 session will come back as last saved; 2 sessions went with it. Start it" in err
    again = bare.started("playground")
    assert again.stdout is not None
    assert "listens at" in again.stdout.readline()
    assert "It goes on as it was saved, with 1 session." in again.stdout.readline()
    bare.ok("eval", "-i", "playground/saved", "3")
    again.send_signal(signal.SIGINT)
    assert "1 session will come back as last saved. Start it" in again.communicate(timeout=40)[1]


def test_it_is_one_image_whoever_starts_it_where(bare: Shell) -> None:
    process = serving(bare)
    (before,) = bare.ok("images", "-o", "json").json["items"]
    bare.ok("sessions", "create", "-i", "playground", "work")
    refused = bare.stui("images", "launch", "playground")
    assert (refused.code, "running already" in refused.err) == (9, True)
    assert "1 session kept as text" in bare.ok("images", "stop", "playground").out
    assert process.wait(20) == 0
    process.communicate()
    bare.launch("playground")
    (after,) = bare.ok("images", "-o", "json").json["items"]
    assert after["image_id"] == before["image_id"]
    assert after["address"] == before["address"]


def test_where_nothing_is_installed_a_launch_says_what_it_started_and_how_to_get_a_real_one(bare: Shell) -> None:
    ran = bare.ok("images", "launch", "alpha")
    assert "alpha: playground" in ran.out
    assert "alpha is a playground" in ran.err
    assert "gnu-smalltalk" in ran.err
    assert bare.stui("images", "launch", "beta", "--dialect", "playground").err == ""
    assert bare.stui("images", "launch", "gamma", "--dialect", "gst").code == 3
    pids = [bare.pid(name) for name in ("alpha", "beta")]
    bare.ok("images", "stop", "alpha", "beta")
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), "both are gone")
    assert runtime_files(bare) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of address space is Linux's")
def test_the_least_memory_is_enough_and_less_is_refused(bare: Shell) -> None:
    bare.launch("small", "--dialect", "playground", "--memory-limit", "384M")
    for _ in range(3):
        assert bare.ok("eval", "-i", "small", "(1 to: 10000) inject: 0 into: [:a :b | a + b]").last == "50005000"
    refused = bare.stui("images", "launch", "smaller", "--dialect", "playground", "--memory-limit", "100M")
    assert (refused.code, "384M" in refused.err) == (2, True)


def test_a_name_of_another_image_is_refused(bare: Shell) -> None:
    bare.ok("images", "add", "--offline", "mine", "tcp://127.0.0.1:1")
    refused = bare.stui("playground", "--name", "mine")
    assert (refused.code, "was not started by stui" in refused.err) == (9, True)


def test_a_port_that_is_taken_is_told(bare: Shell) -> None:
    process = serving(bare, "--name", "one")
    (item,) = bare.ok("images", "-o", "json").json["items"]
    port = item["address"].rpartition(":")[2]
    refused = bare.stui("playground", "--name", "two", "--port", port)
    assert (refused.code, port in refused.err) == (9, True)
    process.terminate()
    process.communicate(timeout=40)


@pytest.mark.alone
@pytest.mark.long
def test_what_was_saved_goes_on_in_the_background_and_in_the_foreground(bare: Shell) -> None:
    bare.launch("alpha", "--dialect", "playground")
    bare.ok("sessions", "create", "-i", "alpha", "work")
    work = ("eval", "-i", "alpha/work")
    bare.ok(
        *work, "Object subclass: #Cell instanceVariableNames: 'value' package: 'Cells'. Cell compile: 'value ^value'"
    )
    bare.ok(*work, "Cell compile: 'value: each value := each'. x := Cell new value: 7; yourself. b := [:i | i]. 3")
    saved = bare.ok("images", "save", "alpha")
    assert "not kept: a block in b of the session work" in saved.err
    path = Path(saved.last.split()[-1])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    bare.ok("images", "stop", "alpha", "--no-preserve")
    bare.launch("alpha")
    assert bare.ok(*work, "x value").last == "7"
    bare.ok("images", "stop", "alpha", "--no-preserve")
    process = serving(bare, "--name", "alpha")
    assert bare.ok(*work, "x value + 1").last == "8"
    process.terminate()
    process.communicate(timeout=40)
    path.write_bytes(b"an image")
    for words in (("images", "launch", "alpha"), ("playground", "--name", "alpha")):
        ran = bare.stui(*words)
        assert ran.code == 1
        assert "no saved playground" in ran.err
        assert "Traceback" not in ran.err
    bare.launch("alpha", "--fresh")
    assert bare.stui(*work, "x value").code == 9  # nothing of it is there


@pytest.mark.alone
@pytest.mark.long
@pytest.mark.timeout(120)
def test_the_doctor_passes_it_whole(bare: Shell) -> None:
    bare.launch("alpha", "--dialect", "playground")
    ran = bare.stui("doctor", "alpha", "-o", "json", "-v")
    assert ran.code == 0, ran
    verdicts = [item["verdict"] for item in ran.json["items"]]
    assert verdicts.count("passed") > 200
    assert set(verdicts) == {"passed", "skipped"}
    told = {item["got"] for item in ran.json["items"] if item["verdict"] == "skipped"}
    batches = "needs the ability batches, which the greeting does not name"
    assert told == {"is about agents that ask for no key", batches}


@pytest.mark.alone
@pytest.mark.long
def test_a_terminal_that_closes_ends_it_without_a_crash(bare: Shell) -> None:
    controlling, terminal = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "stui_cli", "playground", "--name", "mine"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=dict(bare.environ),
        cwd=bare.folder,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(terminal)
    seen = b""
    while b"Ctrl-C" not in seen:
        seen += os.read(controlling, 1000)
    os.close(controlling)
    assert process.wait(20) == 0
    assert runtime_files(bare) == []
    assert not list(Path(bare.environ["STUI_HOME"]).rglob("*crash*"))
