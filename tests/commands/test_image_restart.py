"""An image that is stopped and launched again in one step: as it was launched, and with its sessions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from shell import Shell, own_environ, wait_until

from stui_cli.local.launching import Manner, manner_in, note_manner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """`alpha`, a supervised playground with a limit, and a session in it; and `far`, which was not launched here."""
    folder = tmp_path_factory.mktemp("restart")
    made = Shell(own_environ(folder, os.environ["PATH"]), folder)
    made.ok("images", "launch", "alpha", "--dialect", "playground", "--supervise", "--memory-limit", "2G")
    made.ok("images", "add", "far", "tcp://127.0.0.1:9", "--offline")
    made.ok("sessions", "create", "alpha/work")
    made.ok("eval", "-i", "alpha", "-s", "work", "x := 42")
    yield made
    made.stui("images", "stop", "alpha")
    made.end()


def _x(shell: Shell) -> str:
    return shell.ok("eval", "-i", "alpha", "-s", "work", "x").out.strip()


def _folder(shell: Shell) -> Path:
    from pathlib import Path

    return Path(shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]["log_file"]).parent


def test_it_comes_up_as_it_was_launched_and_its_sessions_live(shell: Shell) -> None:
    before = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    (item,) = shell.ok("images", "restart", "alpha", "-o", "json").json["items"]
    assert (item["address"], item["image_id"]) == (before["address"], before["image_id"])
    assert item["incarnation"] != before["incarnation"]
    assert item["pid"] != before["pid"]
    assert (item["kept"], item["restored"]) == (1, ["work"])
    assert _x(shell) == "42"
    assert manner_in(_folder(shell)) == Manner(True, 2 * 1024**3)
    os.kill(item["pid"], 9)  # its supervisor starts it again
    wait_until(lambda: shell.stui("ping", "alpha").code == 0, "the supervised image comes up again")


def test_over_a_saved_image_the_younger_values_count(shell: Shell) -> None:
    shell.ok("sessions", "restore", "alpha/work")
    shell.ok("eval", "-i", "alpha", "-s", "work", "x := 1. d := Dictionary new. d at: 1 put: d")
    shell.ok("images", "save", "alpha")
    shell.ok("eval", "-i", "alpha", "-s", "work", "x := 2")
    ran = shell.ok("images", "restart", "alpha")
    assert "1 session restored" in ran.out
    assert "as in the saved image, for no text makes a younger value: d\n" in ran.err
    assert "lost in alpha/work: d" not in ran.err
    assert _x(shell) == "2"
    assert shell.ok("eval", "-i", "alpha", "-s", "work", "(d at: 1) size").out == "1\n"


def test_one_that_does_not_run_is_launched(shell: Shell) -> None:
    shell.ok("images", "stop", "alpha")
    ran = shell.ok("images", "restart", "alpha")
    assert "it did not run" in ran.out
    assert _x(shell) == "2"


def test_a_launch_can_restore_too(shell: Shell) -> None:
    shell.ok("sessions", "create", "alpha/empty")
    shell.ok("sessions", "create", "alpha/fresh")
    shell.ok("eval", "-i", "alpha", "-s", "fresh", "y := 1")
    shell.ok("eval", "-i", "alpha", "-s", "work", "y := 1")
    shell.ok("images", "stop", "alpha", "--no-preserve")
    partly = shell.stui("images", "launch", "alpha", "--restore")
    assert (partly.code, "; 2 sessions restored" in partly.out) == (8, True)
    assert (
        "came after its checkpoint: what that changed may be missing; to run them again: stui sessions restore"
        in partly.err
    )
    assert "alpha/empty" not in partly.err
    assert "alpha/fresh has no checkpoint; its history may bring it back: stui sessions restore --replay" in partly.err
    assert _x(shell) == "2"
    shell.ok("sessions", "remove", "alpha/fresh")
    shell.ok("sessions", "remove", "alpha/empty")
    shell.ok("images", "stop", "alpha")
    ran = shell.ok("images", "launch", "alpha", "--restore", "-o", "json")
    assert ran.json["items"][0]["restored"] == ["work"]


def test_what_cannot_be_started_again_is_not_ended(shell: Shell) -> None:
    far = shell.stui("images", "restart", "alpha", "far")
    assert far.code == 9
    assert "was not started by stui" in far.err
    folder = _folder(shell)
    note_manner(folder, Manner(by_hand=True))
    by_hand = shell.stui("images", "restart", "alpha")
    note_manner(folder, Manner())
    assert by_hand.code == 9
    assert "served by a `stui playground` of a terminal" in by_hand.err
    assert shell.ok("ping", "alpha").code == 0
