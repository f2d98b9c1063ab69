"""What a launched image has printed, and what a session is for."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from shell import Shell, own_environ

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """`alpha`, a playground with the session `work`, and `far`, which was not launched here."""
    folder = tmp_path_factory.mktemp("logs")
    made = Shell(own_environ(folder, os.environ["PATH"]), folder)
    made.ok("images", "launch", "alpha", "--dialect", "playground")
    made.ok("images", "add", "far", "tcp://127.0.0.1:9", "--offline")
    made.ok("sessions", "create", "alpha/work")
    yield made
    made.stui("images", "stop", "alpha")
    made.end()


def test_the_log_is_shown_and_steers_no_terminal(shell: Shell) -> None:
    path = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]["log_file"]
    with open(path, "ab") as log:
        log.write(b"\x1b[2Jone\ntwo\n")
    assert shell.ok("images", "logs", "alpha", "-n", "2").out == "\\x1b[2Jone\ntwo\n"
    items = shell.ok("images", "logs", "alpha", "-n1", "-o", "json").json["items"]
    assert items == [{"image": "alpha", "line": "two"}]
    refused = shell.stui("images", "logs", "alpha", "-f", "-o", "json")
    assert (refused.code, "-o jsonl" in refused.err + refused.out) == (2, True)


def test_it_is_followed_until_ctrl_c(shell: Shell) -> None:
    path = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]["log_file"]
    with open(path, "ab") as log:
        log.write(b"before\n")
        log.flush()
        following = shell.started("images", "logs", "alpha", "-f", "-n", "1", "-o", "tsv")
        try:
            assert following.stdout is not None
            assert following.stdout.readline() == "line\n"
            assert following.stdout.readline() == "before\n"
            log.write(b"after\n")
            log.flush()
            assert following.stdout.readline() == "after\n"
            os.killpg(following.pid, signal.SIGINT)
            rest, err = following.communicate(timeout=40)
        finally:
            following.kill()  # it goes on for ever otherwise
    assert (following.returncode, rest, err) == (0, "", "")


def test_a_log_that_cannot_be_shown_says_why(shell: Shell) -> None:
    far = shell.stui("images", "logs", "far")
    assert far.code == 9
    assert "was not started by stui" in far.err
    path = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]["log_file"]
    os.rename(path, f"{path}.away")
    gone = shell.stui("images", "logs", "alpha")
    os.rename(f"{path}.away", path)
    assert gone.code == 3
    assert f"there is no log at {path}" in gone.err
    assert shell.stui("images", "logs", "alpha", "-n", "0").code == 2


def test_what_a_session_is_for_can_be_said_later_and_undone(shell: Shell) -> None:
    def described() -> object:
        return shell.ok("sessions", "list", "-o", "json").json["items"][0]["description"]

    assert shell.ok("sessions", "set", "alpha/work", "--description", "the importer").out == (
        "alpha/work: description set\n"
    )
    assert described() == "the importer"
    shell.ok("undo")
    assert described() is None
    shell.ok("redo")
    assert shell.ok("sessions", "set", "alpha/work", "--description", "").out == "alpha/work: description taken away\n"
    assert described() is None
    assert shell.stui("sessions", "set", "alpha/work").code == 2
    assert shell.stui("sessions", "set", "alpha/none", "--description", "x").code == 3


def test_a_description_that_its_image_cannot_be_told_is_recorded_all_the_same(shell: Shell) -> None:
    shell.ok("images", "stop", "alpha")
    ran = shell.ok("sessions", "set", "alpha/work", "--description", "later")
    assert "the image could not be told" in ran.err
    assert shell.ok("sessions", "list", "-o", "json").json["items"][0]["description"] == "later"
