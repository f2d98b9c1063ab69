"""The thin line from a shell to running images and back, and what a user sees where it breaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from shell import wait_until

if TYPE_CHECKING:
    from shell import Shell


def states(shell: Shell) -> list[tuple[str, str, str]]:
    """Name, status and health of all images, as one command tells them."""
    items = shell.ok("status", "-o", "json").json["items"]
    return [(item["name"], item["status"], item["health"]) for item in items]


def test_two_images_a_session_and_the_way_back(shell: Shell) -> None:
    shell.launch("alpha", "--dialect", "gst")
    shell.launch("beta", "--dialect", "gst")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    shell.ok("switch", "alpha/work")
    assert shell.ok("eval", "x := 6 * 7").last == "42"
    shell.ok("switch", "beta")
    assert shell.ok("eval", "3 + 4").last == "7"
    assert "alpha/work" in shell.ok("switch", "-").out
    assert shell.ok("eval", "x + 1").last == "43"

    expected = [("alpha", "connected", "healthy"), ("beta", "connected", "healthy")]
    wait_until(lambda: states(shell) == expected, "both are well, once this machine has time for them")


def test_a_killed_image_is_told_and_its_session_swept_when_the_user_knows_better(shell: Shell) -> None:
    pid = shell.launch("alpha")
    shell.launch("beta")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    shell.ok("switch", "alpha/work")
    address = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]["address"]
    shell.kill(pid)

    expected = [("alpha", "disconnected", "critical"), ("beta", "connected", "healthy")]
    wait_until(lambda: states(shell) == expected, "one is gone, the other well")
    gone = shell.stui("eval", "3")
    assert (gone.code, gone.out) == (5, "")
    assert "alpha" in gone.err
    assert address in gone.err
    assert "stui status" in gone.err

    preview = shell.ok("cleanup", "-n")
    assert "alpha/work" in preview.out
    assert "wait" in preview.out
    shell.ok("images", "remove", "alpha", "-y")
    swept = shell.ok("cleanup", "-y")
    assert "alpha/work" in swept.out
    assert "ImageUnregistered" in swept.out
    assert shell.ok("sessions", "list", "-o", "json").json["items"] == []


def test_only_the_value_is_on_stdout(shell: Shell) -> None:
    shell.launch("alpha")
    ran = shell.ok("eval", "Transcript showCr: 1 printString. 2")
    assert (ran.out, ran.err) == ("2\n", "1\n")


def test_code_that_raises(shell: Shell) -> None:
    shell.launch("alpha")
    ran = shell.stui("eval", "1/0")
    assert (ran.code, ran.out) == (7, "")
    assert "ZeroDivide" in ran.err
    assert "divide a number by zero" in ran.err
    assert "SmallInteger" in ran.err  # the stack


def test_code_that_does_not_compile_shows_its_line(shell: Shell) -> None:
    shell.launch("alpha")
    ran = shell.stui("eval", "3 + 4.\n3 + ].\n5")
    assert (ran.code, ran.out) == (7, "")
    assert "line 2: 3 + ]." in ran.err


def test_an_endless_loop_ends_at_its_limit_and_the_image_answers_after_it(shell: Shell) -> None:
    shell.launch("alpha")
    ran = shell.stui("eval", "[true] whileTrue", "--time-limit", "1")
    assert (ran.code, ran.out) == (6, "")
    assert "--time-limit" in ran.err
    assert shell.ok("ping").out.startswith("alpha ")


def test_ctrl_c_ends_the_evaluation_in_the_image_too(shell: Shell) -> None:
    shell.launch("alpha")
    shell.ok("sessions", "create", "work")
    shell.ok("switch", "alpha/work")
    running = shell.started("eval", "(Delay forSeconds: 100) wait")
    wait_until(lambda: _evaluating(shell) == 1, "the evaluation starts")
    begun = time.monotonic()
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=40)
    assert running.returncode == 130
    assert time.monotonic() - begun < 5
    assert "Traceback" not in err
    wait_until(lambda: _evaluating(shell) == 0, "the evaluation ends in the image")
    assert shell.ok("eval", "3 + 4").last == "7"


def _evaluating(shell: Shell) -> int:
    from stui_cli.image.client import Caller, open_client
    from stui_cli.image.keys import read_key
    from stui_cli.model.addresses import parse_address
    from stui_cli.model.deadlines import Deadline
    from stui_cli.protocol.vitals import Ping, Pong

    item = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    deadline = Deadline.after(5)
    with open_client(parse_address(item["address"]), Caller("test", read_key(item["key_file"], None)), deadline) as c:
        return c.call(Ping(), Pong, deadline).evaluating


def test_names_that_are_not_there_suggest_the_nearest(shell: Shell) -> None:
    shell.launch("alpha")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    for words, hint in ((("eval", "-i", "alpa", "3"), "alpha"), (("switch", "alpha/wrk"), "work")):
        ran = shell.stui(*words)
        assert ran.code == 3, ran
        assert f"did you mean {hint}?" in ran.err


@pytest.mark.parametrize(
    "address", ["nonsense", "tcp://", "tcp://127.0.0.1:x", "ssh://-oProxyCommand=x/h:1", "http://a:1"]
)
def test_an_address_that_is_none(shell: Shell, address: str) -> None:
    ran = shell.stui("images", "add", "alpha", address)
    assert ran.code == 2
    assert "unix:///PATH" in ran.err


def test_the_demo_passes_and_leaves_nothing(shell: Shell) -> None:
    ran = shell.stui("demo")
    assert ran.code == 0, ran
    assert "Nothing of it is left" in ran.out
    assert shell.ok("images", "discover", "-o", "json").json["items"] == []


def test_a_demo_without_a_smalltalk_takes_playgrounds(shell: Shell) -> None:
    code = "import pty, sys; sys.exit(pty.spawn(['/bin/sh', '-c', sys.argv[1]]) >> 8)"
    script = f"stty cols 60; PATH=/nonexistent exec {sys.executable} -m stui_cli demo"
    ran = subprocess.run(
        [sys.executable, "-c", code, script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**shell.environ, "TERM": "xterm", "NO_COLOR": "1"},
        cwd=shell.folder,
        start_new_session=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran
    lines = ran.stdout.splitlines()
    assert "$ stui images launch --dialect playground alpha" in lines
    rules = [line for line in lines if line.startswith("──")]
    assert rules, lines
    assert max(map(len, rules)) <= 60  # no table is wider than the terminal, whatever there was to tell
    assert "Nothing of it is left" in ran.stdout
    assert shell.ok("images", "discover", "-o", "json").json["items"] == []


def test_a_launched_image_is_stopped_and_started_again_under_its_id(shell: Shell) -> None:
    first = shell.launch("alpha")
    before = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    busy = shell.stui("images", "launch", "alpha")
    assert busy.code == 9
    assert "running already" in busy.err
    # Another runtime folder, as cron has: what was launched is still found.
    assert str(first) in shell.stui("images", "stop", "alpha", more={"XDG_RUNTIME_DIR": str(shell.folder)}).out
    shell.launch("alpha")
    after = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    assert after["image_id"] == before["image_id"]
    assert after["incarnation"] != before["incarnation"]


def test_a_supervised_image_comes_back_by_itself_and_stops_for_good(shell: Shell) -> None:
    first = shell.launch("alpha", "--supervise")
    before = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    shell.kill(first)
    wait_until(lambda: shell.stui("ping", "alpha").code == 0, "the supervisor starts it again", 20)
    shell.ok("status")
    after = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    assert (after["address"], after["image_id"]) == (before["address"], before["image_id"])
    assert after["pid"] != before["pid"]
    shell.ok("images", "stop", "alpha")
    time.sleep(1.5)  # longer than a supervisor's first pause: that it stays away is what is shown
    assert shell.stui("ping", "alpha").code == 5


def test_a_saved_image_comes_back_with_its_sessions(shell: Shell) -> None:
    shell.launch("alpha")
    shell.ok("sessions", "create", "work")
    shell.ok("switch", "alpha/work")
    shell.ok("eval", "x := OrderedCollection new. x add: 42. x")
    shell.ok("images", "save", "alpha")
    shell.ok("eval", "x add: 43")
    before = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    shell.ok("images", "stop", "alpha")
    shell.launch("alpha")
    after = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    assert after["image_id"] == before["image_id"]
    assert after["incarnation"] != before["incarnation"]
    assert shell.ok("eval", "x").last == "OrderedCollection (42 )"
