"""Sessions from the first to the last: two images, four sessions, two terminals, a death and what comes back."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from shell import alive, wait_until
from tmux_terminals import Tmux

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shell import Shell


@pytest.fixture
def tmux(shell: Shell) -> Iterator[Tmux]:
    with Tmux(shell.environ, shell.folder) as server:
        yield server


def test_the_story(shell: Shell, tmux: Tmux) -> None:
    pid = shell.launch("alpha")
    shell.launch("beta")
    left, right = tmux.terminal("desk"), tmux.terminal("lab")
    for image in ("alpha", "beta"):
        for session in ("one", "two"):
            left.ok(f"stui sessions create {image}/{session}")

    # Each terminal has its own context, and each session its own values.
    left.ok("stui switch alpha/one")
    right.ok("stui switch beta/one")
    left.ok("stui eval 'x := 1. bag := SortedCollection with: 3. x'")
    right.ok("stui eval 'x := 2'")
    assert left.ok("stui switch alpha/two").out == "now in alpha/two (- goes back to alpha/one)\n"
    left.ok("stui eval 'x := 11'")
    right.ok("stui switch beta/two")
    right.ok("stui eval 'x := 22'")
    left.ok("stui switch -")
    right.ok("stui switch -")
    assert (left.ok("stui eval x").out, right.ok("stui eval x").out) == ("1\n", "2\n")
    # The first terminal goes where the second is, and sees what it made there.
    left.ok("stui switch beta/two")
    assert left.ok("stui eval x").out == "22\n"
    assert right.ok("stui context -o name").out == "beta/one\n"
    left.ok("stui switch alpha/one")
    assert left.ok("stui context -o name").out == "alpha/one\n"
    assert shell.ok("context", "-o", "name").out == "alpha/one\n"  # the first switch ever set the default
    # The way out and in again takes what is in there along.
    left.ok("stui eval \"text := 'it is kept'\"")
    left.ok("stui switch beta")
    left.ok("stui switch -")

    # One image dies and comes back under its name: as another incarnation.
    shell.kill(pid)
    gone = left.run("stui eval x")
    assert (gone.code, gone.out) == (5, "")
    shell.launch("alpha")
    refused = left.run("stui eval x")
    assert (refused.code, refused.out) == (9, "")
    assert "stui sessions restore alpha/one" in refused.err
    assert right.ok("stui eval x").out == "2\n"
    shell.ok("status")
    states = {i["name"]: i["state"] for i in shell.ok("sessions", "list", "alpha", "-o", "json").json["items"]}
    assert states == {"one": "lost", "two": "lost"}

    # A restore brings back what has text, and names what is lost; the history brings the rest.
    strict = left.run("stui sessions restore --strict")
    assert (strict.code, "bag (SortedCollection)" in strict.err) == (9, True)
    restored = left.ok("stui sessions restore")
    assert restored.out == "restored alpha/one: text, x\n"
    assert "lost: bag (SortedCollection), it was SortedCollection (3 )" in restored.err
    assert left.ok("stui eval x text").out == "1\n'it is kept'\n"
    assert left.run("stui eval bag").code == 7
    replayed = left.ok("stui sessions restore --replay")
    assert "ran " in replayed.out
    assert left.ok("stui eval 'bag first + x'").out == "4\n"
    # The other session of that image went through the same, on its own.
    assert left.run("stui switch alpha/two").code == 9
    left.ok("stui sessions restore alpha/two --strict")
    left.ok("stui switch alpha/two")
    assert left.ok("stui eval x").out == "11\n"
    assert left.ok("stui sessions restore").out == "alpha/two is live: nothing was to be restored\n"


def test_a_session_of_another_image_is_never_restored_into_this_one(shell: Shell) -> None:
    shell.launch("alpha")
    shell.launch("beta")
    shell.ok("sessions", "create", "alpha/work")
    address = shell.ok("images", "show", "beta", "-o", "json").json["items"][0]["address"]
    key = shell.ok("images", "show", "beta", "-o", "json").json["items"][0]["key_file"]
    shell.ok("images", "stop", "alpha")  # while it runs it is found by its id, whatever address is registered
    shell.ok("images", "remove", "beta", "-y", "--keep-running")
    shell.ok("images", "set", "alpha", "--address", address, "--key-file", key)
    other = shell.stui("sessions", "restore", "alpha/work")
    assert (other.code, "stui images trust alpha" in other.err) == (9, True)
    assert "are kept until: stui cleanup" in shell.ok("images", "trust", "alpha", "-y").err
    moved = shell.stui("sessions", "restore", "alpha/work")
    assert moved.code == 9
    assert "stui sessions export" in moved.err
    # And it is found under the id of the image that it was made in, and taken over on purpose.
    assert "is registered: its sessions are named" in shell.ok("sessions").err
    stranger = next(i for i in shell.ok("sessions", "-o", "json").json["items"] if i["image"] is None)
    file = shell.folder / "work.toml"
    shell.ok("sessions", "export", f"{stranger['image_id']}/work", "-f", str(file))
    shell.ok("sessions", "import", str(file), "-i", "alpha")
    assert shell.ok("eval", "-i", "alpha/work", "3 + 4").out == "7\n"


def test_ctrl_c_ends_at_once_and_stops_the_code(shell: Shell, tmux: Tmux) -> None:
    shell.launch("alpha")
    shell.launch("beta")
    shell.ok("sessions", "create", "alpha/work")
    terminal = tmux.terminal("here")
    terminal.ok("stui switch alpha/work")
    terminal.ok("stui eval 'n := 0'")
    for line in (
        "stui eval '[n := n + 1. (Delay forMilliseconds: 1) wait] repeat'",
        "stui eval --all '[true] whileTrue'",
    ):
        code = shell.folder / "code"
        code.unlink(missing_ok=True)
        terminal.send(f"{line}; echo $? >{code}", "Enter")
        wait_until(lambda: _evaluating(shell) > 0, "the code runs")
        pressed = time.monotonic()
        terminal.send("C-c")
        wait_until(_written(code), "the command ends")
        assert time.monotonic() - pressed < 20  # the code itself goes on for ever
        assert code.read_text() == "130\n"
        wait_until(lambda: _evaluating(shell) == 0, "the code is stopped in the images")
        assert "Traceback" not in terminal.screen()
    assert shell.ok("sessions", "history", "alpha/work", "-o", "json").json["items"][-1]["outcome"] == "unknown"
    audited = shell.ok("audit", "-o", "json").json["items"]
    assert [line["outcome"] for line in audited if line["action"] == "evaluate"].count("unknown") == 3


def test_an_image_killed_while_it_evaluates_leaves_the_outcome_open(shell: Shell) -> None:
    pid = shell.launch("alpha")
    shell.ok("sessions", "create", "alpha/work")
    running = shell.started("eval", "-i", "alpha/work", "[true] whileTrue")
    try:
        wait_until(lambda: _evaluating(shell) > 0, "the code runs")
        shell.kill(pid)
        out, err = running.communicate(timeout=40)
    finally:
        if running.poll() is None:
            os.kill(running.pid, signal.SIGKILL)
            running.communicate()
    assert (running.returncode, out) == (6, "")
    assert "the outcome is unknown" in err
    assert shell.ok("sessions", "history", "alpha/work", "-o", "json").json["items"][-1]["outcome"] == "unknown"
    assert not alive(pid)


def test_a_choice_by_number_and_by_fzf(shell: Shell, tmux: Tmux) -> None:
    for name, port in (("alpha", 1), ("beta", 2)):
        shell.ok("images", "add", name, f"tcp://127.0.0.1:{port}", "--offline")
    terminal = tmux.terminal("here")
    path = shell.environ["PATH"].split(os.pathsep)
    terminal.send(f"(PATH={tmux.folder}; stui switch)", "Enter")  # where no fzf is
    wait_until(lambda: "switch to" in terminal.screen(), "the question is there")
    assert "  1  alpha  unknown" in terminal.screen()
    terminal.send("x", "Enter", "bet", "Enter")
    wait_until(lambda: "now in beta" in terminal.screen(), "the switch is told")
    assert "nothing fits 'x': type a number, a name or a part of one" in terminal.screen()
    assert terminal.run("stui switch --no-input").out == "alpha\nbeta\n"

    tools = shell.folder / "tools"
    tools.mkdir()
    fzf = tools / "fzf"
    fzf.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{tools}/arguments\ncat >{tools}/given\necho "alpha  unknown"\n')
    fzf.chmod(0o755)
    terminal.send(f"PATH={tools}:{os.pathsep.join(path)}", "Enter", "stui switch", "Enter")
    wait_until(lambda: "now in alpha" in terminal.screen(), "the switch is told")
    assert (tools / "given").read_text() == "alpha  unknown\nbeta   unknown"
    assert "--header=now in beta" in (tools / "arguments").read_text()
    fzf.write_text("#!/bin/sh\nexit 130\n")
    terminal.send("clear; stui switch; echo code $?", "Enter")
    wait_until(lambda: "code 130" in terminal.screen(), "leaving fzf is told")
    assert terminal.ok("stui context -o name").out == "alpha\n"


def _written(path: Path) -> Callable[[], bool]:
    return lambda: path.exists() and path.read_text() != ""


def _evaluating(shell: Shell) -> int:
    """How many evaluations run in the images of a test, as they tell it."""
    items = shell.ok("status", "-o", "json").json["items"]
    return sum(int(item["evaluating"] or 0) for item in items)
