"""Signals that end a command: what runs in the image is interrupted and recorded, and everything is tidied up."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from shell import Shell, own_environ

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDLESS = "[true] whileTrue: [(Delay forMilliseconds: 5) wait]"


@pytest.fixture(scope="module")
def launched(gst_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """The image that all these tests share."""
    folder = tmp_path_factory.mktemp("signals")
    shell = Shell(own_environ(folder, gst_path), folder)
    shell.ok("images", "launch", "alpha", "--wait", "30s")
    yield shell
    shell.stui("images", "stop", "alpha")


@pytest.fixture
def image(launched: Shell) -> Iterator[Shell]:
    """An image with a session in it."""
    launched.ok("sessions", "create", "alpha/work")
    yield launched
    launched.ok("sessions", "remove", "alpha/work", "-y")


def _running(shell: Shell, *before: str) -> subprocess.Popen[str]:
    """An evaluation without end, begun: its first word has come."""
    code = f"Transcript showCr: 'begun'; flush. {ENDLESS}"
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "stui_cli", "eval", "-i", "alpha/work", "--time-limit", "100s", code],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=dict(shell.environ), cwd=shell.folder, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == "begun\n"
    return process


# Ctrl-C while a module is imported, which is most of what a quick command does.
_INTERRUPTED_IMPORT = """
import os, signal, sys

module, words = sys.argv[1], sys.argv[2:]

class Presser:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)


sys.meta_path.insert(0, Presser())
from stui_cli.main import main
sys.argv[1:] = words
main()
"""


def _interrupted_at(module: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command that Ctrl-C meets when it is about to import `module`."""
    return subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_IMPORT, module, *words],
        capture_output=True, text=True, check=False, env=own_environ(folder, os.environ["PATH"]),
    )  # fmt: skip


@pytest.mark.parametrize("module", ["stui_cli.later", "stui_cli.output.streams", "stui_cli.commands.context"])
def test_an_interrupt_of_the_start_leaves_no_traceback(module: str, tmp_path: Path) -> None:
    done = _interrupted_at(module, tmp_path, "context")
    assert (done.returncode in (-signal.SIGINT, 130), done.stdout, done.stderr.strip()) == (True, "", "")


def test_an_interrupted_copy_says_how_it_goes_on(tmp_path: Path) -> None:
    done = _interrupted_at(
        "stui_cli.store.copying", tmp_path, "store", "copy", str(tmp_path / "a"), str(tmp_path / "b")
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "stui: interrupted; the same command goes on where it was stopped\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_evaluation_is_interrupted_and_recorded(image: Shell, number: signal.Signals, code: int) -> None:
    process = _running(image)
    process.send_signal(number)
    _, said = process.communicate(timeout=40)
    assert process.returncode == code
    assert "Traceback" not in said
    (entry,) = image.ok("sessions", "history", "alpha/work", "-o", "json").json["items"]
    assert (entry["outcome"], entry["error"]) == ("unknown", "interrupted")
    # Interrupted there as well: the session is free for the next one.
    assert image.stui("eval", "-i", "alpha/work", "3+4", "--time-limit", "10s").out == "7\n"


def test_a_second_signal_does_not_end_the_tidying_up(image: Shell) -> None:
    """The kernel and the shell both send HUP when a terminal goes."""
    process = _running(image)
    for _ in range(20):
        process.send_signal(signal.SIGHUP)
    process.communicate(timeout=40)
    assert process.returncode == 129
    assert [e["outcome"] for e in image.ok("sessions", "history", "alpha/work", "-o", "json").json["items"]] == [
        "unknown"
    ]


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("HUP", signal.SIGHUP),
        pytest.param("INT", signal.SIGINT, marks=pytest.mark.long),
        pytest.param("TERM", signal.SIGTERM, marks=pytest.mark.long),
    ],
)
def test_a_signal_that_came_in_ignored_stays_so(image: Shell, word: str, number: signal.Signals) -> None:
    """As under nohup."""
    process = _running(image, "sh", "-c", f"trap '' {word}; exec \"$@\"", "sh")
    process.send_signal(number)
    other = signal.SIGTERM if number != signal.SIGTERM else signal.SIGINT
    process.send_signal(other)
    process.communicate(timeout=40)
    assert process.returncode == 128 + other


def test_a_terminal_that_closes_ends_a_watch_without_a_crash(image: Shell) -> None:
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "stui_cli", "status", "--watch=100ms"],
        stdin=child, stdout=child, stderr=child, env=dict(image.environ), cwd=image.folder,
        start_new_session=True, preexec_fn=lambda: _take_terminal(child),
    )  # fmt: skip
    os.close(child)
    seen = b""
    while b"alpha" not in seen:
        seen += os.read(parent, 4096)
    os.close(parent)
    # Linux lets what is written fail first, and sends HUP then: who writes just between them ends for that.
    assert process.wait(20) in (129, 1)
    assert not os.path.exists(os.path.join(image.environ["STUI_HOME"], "crashes"))


def _take_terminal(descriptor: int) -> None:
    import fcntl
    import termios

    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
