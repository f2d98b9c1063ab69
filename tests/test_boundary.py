"""The one error boundary: whatever happens, a message, an exit code, and never a traceback."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from stui_cli.main import run

ROOT = Path(__file__).parents[1]


def _run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stui_cli", *words],
        input=stdin, capture_output=True, text=True, cwd=ROOT, timeout=30, check=False,
    )  # fmt: skip


def test_global_options_stand_before_and_after_the_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-o", "json", "images"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(["images", "list", "-o", "json"]) == 0
    second = json.loads(capsys.readouterr().out)
    assert first["kind"] == second["kind"] == "image"
    assert run(["images", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == []


def test_the_last_one_given_wins(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-o", "tsv", "images", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "stui/v1"


def test_json_is_valid_on_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["context", "-o", "json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert (document["kind"], document["items"]) == ("context", [])
    assert document["errors"][0]["exit_code"] == 3


@pytest.mark.parametrize(
    "words", [["eval", "-o", "json", "--nonsense"], ["-o", "json", "--nonsense"], ["nonsense", "--output=json"]]
)
def test_json_is_valid_where_the_command_line_is_not(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "usage"


def test_an_address_that_names_no_store_is_told_as_any_other_option(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for before anything else, and again for the form of the message."""
    assert run(["--home", 'postgresql:///team?schema=My"Schema', "images"]) == 2
    assert "a schema is called by small letters" in capsys.readouterr().err
    monkeypatch.setenv("STUI_HOME", "postgresql:///team?schema=")
    assert run(["context", "-o", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "usage"


def test_stui_alone_is_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("Usage: stui ")
    assert told.err == ""


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_a_group_that_means_a_command_by_itself_has_its_own_help(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["images", word]) == 0
    assert "launch" in capsys.readouterr().out


def test_a_misspelt_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["imges"]) == 2
    assert "did you mean images?" in capsys.readouterr().err
    assert run(["images", "lst"]) == 2
    assert "did you mean list" in capsys.readouterr().err


def test_a_bug_goes_to_a_log_file_that_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import stui_cli.store.store

    def broken(self: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(stui_cli.store.store.Store, "read", broken)
    assert run(["images"]) == 1
    told = capsys.readouterr().err
    assert "Traceback" not in told
    log = Path(told.split()[-1])
    assert "ZeroDivisionError: a bug" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    assert run(["images", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


class Unprintable(Exception):
    def __str__(self) -> str:
        raise ValueError("and nothing to say of it")


@pytest.mark.parametrize("failure", [ZeroDivisionError("a bug"), Unprintable(), RecursionError("deep" * 100_000)])
@pytest.mark.parametrize("place", ["fits", "is no folder", "cannot be written", "is full"])
def test_a_crash_report_never_fails_and_heeds_the_home_that_is_named(
    failure: Exception, place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import stui_cli.store.files.disk
    import stui_cli.store.store

    def broken(self: object) -> None:
        raise failure

    monkeypatch.setattr(stui_cli.store.store.Store, "read", broken)
    home = tmp_path / "named"
    if place == "is no folder":
        home.write_text("")
    elif place == "cannot be written":
        home = Path("/proc/1/none")
    elif place == "is full":

        def full(*_: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(stui_cli.store.files.disk.Disk, "_write_all", full)
    assert run(["images", "--home", str(home)]) == 1
    told = capsys.readouterr().err
    assert f"an unexpected failure: {type(failure).__name__}" in told
    assert len(told) < 5_000
    assert (home / "crashes").is_dir() if place == "fits" else "run it again with --debug" in told
    assert not Path(os.environ["STUI_HOME"]).exists()


@pytest.mark.parametrize("words", [["images"], ["context"], ["images", "add", "a", "tcp://127.0.0.1:9", "--offline"]])
@pytest.mark.parametrize(
    ("home", "code"), [({"STUI_HOME": "here"}, 10), ({"HOME": "here"}, 10), ({}, 10), ({"HOME": "/proc/none"}, None)]
)
def test_a_home_that_is_none_is_no_bug(
    words: list[str], home: dict[str, str], code: int | None, tmp_path: Path
) -> None:
    """In a folder that was removed meanwhile, too: what does not count from there works on."""
    script = 'cd "$1"; rmdir "$1"; shift; exec "$@"'
    folder = tmp_path / "gone"
    folder.mkdir()
    done = subprocess.run(
        ["sh", "-c", script, "sh", str(folder), sys.executable, "-m", "stui_cli", *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **home}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert "bug of stui" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode in ((0, 3, 10) if code is None else (code,)), done.stderr


@pytest.mark.parametrize("more", [{}, {"COMP_WORDS": "stui images sh"}, {"COMP_WORDS": "'", "COMP_CWORD": "x"}])
def test_a_completion_that_fails_has_no_words(more: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stui_cli"], env={**os.environ, "_STUI_COMPLETE": "bash_complete", **more},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=ROOT, timeout=30, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_nobody_reads_the_output() -> None:
    """As `stui --help | true`: the end of a pipe is no failure to talk about."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "stui_cli", "--help"],
            stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, timeout=30, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_behind_stdout_is_told() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "stui_cli", "images", "-o", "json"],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=30, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "stui:" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_end_it_without_a_traceback(number: signal.Signals, code: int) -> None:
    """Interrupted while it waits for an image that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert _run("images", "add", "mute", address, "--offline").returncode == 0
        running = subprocess.Popen(
            [sys.executable, "-m", "stui_cli", "eval", "-i", "mute", "3", "--timeout", "60"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        try:
            with silent.accept()[0] as peer:
                peer.recv(1)  # its hello: from now on it waits for the answer
                running.send_signal(number)
                _, err = running.communicate(timeout=40)
        finally:
            running.kill()
            running.communicate()
    assert running.returncode == code
    assert "Traceback" not in err


def test_version_and_help() -> None:
    assert _run("--version").stdout.startswith("stui 0.")
    assert "Commands:" in _run("-h").stdout
    assert _run("images", "--help").returncode == 0
