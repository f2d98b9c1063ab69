"""`stui sessions`: making, showing, naming, closing and removing, in two real images."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Stui

pytestmark = pytest.mark.usefixtures("two_images")


def test_a_session_without_a_name_gets_a_good_one(stui: Stui) -> None:
    said = stui("sessions", "create", "-i", "alpha")
    assert said.code == 0
    assert re.fullmatch(r"created alpha/[a-z]+-[a-z]+\n", said.out)
    name = said.out.split()[1]
    assert f"go there with: stui switch {name}" in said.err
    assert stui.ok("sessions", "-o", "name") == f"{name}\n"


def test_a_taken_name_is_refused_in_its_image_and_free_in_the_other(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work", "--description", "the first")
    again = stui("sessions", "create", "alpha/work")
    assert again.code == 9
    assert "alpha/work is there already" in again.err
    assert "--or-attach" in again.err
    stui.ok("sessions", "create", "beta/work")
    assert [(i["image"], i["name"], i["description"]) for i in stui.items("sessions")] == [
        ("alpha", "work", "the first"),
        ("beta", "work", None),
    ]


def test_or_attach_makes_it_once_and_uses_it_then(stui: Stui) -> None:
    assert stui.ok("sessions", "create", "-i", "alpha", "work", "--or-attach") == "created alpha/work\n"
    stui.ok("eval", "-i", "alpha/work", "x := 5")
    attached = stui.ok("sessions", "create", "-i", "alpha", "work", "--or-attach", "--switch")
    assert attached.splitlines() == ["attached to alpha/work", "the default is alpha/work now"]
    assert stui.ok("eval", "x") == "5\n"
    stui.ok("sessions", "close")
    refused = stui("sessions", "create", "-i", "alpha", "work", "--or-attach")
    assert (refused.code, "stui sessions restore alpha/work" in refused.err) == (9, True)


def test_create_with_switch_makes_nothing_where_a_variable_decides(stui: Stui, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUI_IMAGE", "alpha")
    said = stui("sessions", "create", "work", "--switch")
    assert (said.code, "STUI_IMAGE" in said.err) == (9, True)
    assert stui.items("sessions") == []


@pytest.mark.parametrize("name", ["-x", "a b", ".hidden", "x" * 65])
def test_a_name_that_a_shell_or_a_file_would_mind_is_refused(stui: Stui, name: str) -> None:
    said = stui("sessions", "create", "-i", "alpha", "--", name)
    assert said.code == 2
    assert stui.items("sessions") == []


def test_an_evaluation_keeps_the_listing_fresh_and_makes_no_operation(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    before = stui.items("log")
    made = stui.items("sessions")[0]
    stui.ok("eval", "-i", "alpha/work", "x := 1", "y := SortedCollection new")
    used = stui.items("sessions")[0]
    assert (made["bindings"], used["bindings"]) == (0, 2)
    assert used["last_activity"] >= made["last_activity"]
    assert stui.items("log") == before
    assert stui.items("sessions", "show", "alpha/work")[0]["last_activity"] == used["last_activity"]


def test_show_tells_variables_checkpoint_and_history(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := 'it''s'")
    stui.ok("eval", "-i", "alpha/work", "y := SortedCollection with: 3")
    text = stui.ok("sessions", "show", "alpha/work")
    assert re.search(r"^  x +String +'it''s'$", text, re.MULTILINE)
    assert re.search(r"^  y +SortedCollection +SortedCollection \(3 ?\) \(only as print\)$", text, re.MULTILINE)
    assert "none yet" in text
    stui.ok("switch", "alpha/work")
    stui.ok("switch", "beta")
    item = stui.items("sessions", "show", "alpha/work")[0]
    assert item["checkpoint"]["bindings"] == 2
    assert {v["name"]: v["store"] for v in item["variables"]} == {"x": "'it''s'", "y": None}
    assert (item["live"], item["state"], item["bindings"]) == (True, "active", 2)
    assert [entry["outcome"] for entry in item["history"]][-2:] == ["returned", "returned"]


def test_show_survives_values_that_would_draw_on_the_terminal(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := String with: (Character value: 27) with: (Character value: 10)")
    text = stui.ok("sessions", "show", "alpha/work")
    assert "\x1b" not in text
    assert "\\x1b +1 line\n" in text
    assert "x0a" not in text


def test_rename_takes_the_new_name_as_lists_show_it(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    elsewhere = stui("sessions", "rename", "alpha/work", "beta/play")
    assert (elsewhere.code, elsewhere.err.splitlines()[1]) == (2, "  stui sessions rename alpha/work play")
    assert stui("sessions", "rename", "alpha/work", "alpha/").code == 2
    assert stui.ok("sessions", "rename", "alpha/work", "alpha/play") == "alpha/work is called alpha/play now\n"


def test_rename_takes_history_contexts_and_the_live_session_along(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("sessions", "create", "alpha/other")
    stui.ok("switch", "alpha/work")
    stui.ok("eval", "x := 7")
    stui.ok("switch", "beta")
    assert stui.ok("sessions", "rename", "alpha/work", "play") == "alpha/work is called alpha/play now\n"
    assert stui.ok("switch", "-") == "the default is alpha/play now (- goes back to beta)\n"
    assert stui.ok("eval", "x") == "7\n"
    assert [i["source"] for i in stui.items("sessions", "history")] == ["x := 7", "x"]
    assert stui("sessions", "rename", "alpha/play", "other").code == 9
    assert stui("eval", "-i", "alpha/work", "x").code == 3


def test_close_keeps_the_record_and_restore_brings_the_values_back(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := #(1 $a 'b' #c)")
    stui.ok("eval", "-i", "alpha/work", "y := Object new")
    closed = stui("sessions", "close", "alpha/work")
    assert (closed.code, closed.out) == (0, "closed alpha/work\n")
    assert "y (Object)" in closed.err
    refused = stui("eval", "-i", "alpha/work", "x")
    assert (refused.code, "stui sessions restore alpha/work" in refused.err) == (9, True)
    again = stui("sessions", "close", "alpha/work")
    assert (again.code, "closed already" in again.err) == (0, True)
    back = stui("sessions", "restore", "alpha/work", "-o", "json")
    assert back.code == 0
    assert back.items[0]["restored"] == ["x"]
    assert [(loss["name"], loss["class"]) for loss in back.items[0]["lost"]] == [("y", "Object")]
    assert stui.ok("eval", "-i", "alpha/work", "x") == "(1 $a 'b' #c )\n"


def test_remove_can_be_undone_and_the_session_made_live_again(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := 42")
    gone = stui("sessions", "remove", "alpha/work")
    assert (gone.code, gone.out) == (0, "removed alpha/work\n")
    assert stui.items("sessions") == []
    assert stui("sessions", "history", "alpha/work").code == 3
    stui.ok("undo")
    assert stui.items("sessions")[0]["state"] == "lost"  # its record is back, and its live state was ended
    assert "x" in stui.ok("sessions", "restore", "alpha/work")
    assert stui.ok("eval", "-i", "alpha/work", "x") == "42\n"
    assert len(stui.items("sessions", "history", "alpha/work")) == 2


def test_remove_looks_all_names_up_before_the_first_goes(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    assert stui("sessions", "remove", "alpha/work", "alpha/wrok").code == 3
    assert len(stui.items("sessions")) == 1


def test_history_in_part_and_as_sources(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    assert stui.ok("sessions", "history", "alpha/work", "--source") == ""
    stui("eval", "-i", "alpha/work", "--keep-going", "1", "2/0", ")", "3")
    stui.ok("eval", "-i", "alpha/work", "--no-history", "4")
    items = stui.items("sessions", "history", "alpha/work")
    assert [(i["number"], i["source"], i["outcome"]) for i in items] == [
        (1, "1", "returned"),
        (2, "2/0", "raised"),
        (3, ")", "not_run"),
        (4, "3", "returned"),
    ]
    assert "ZeroDivide" in items[1]["error"]
    assert stui.ok("sessions", "history", "alpha/work", "-n", "2", "--source") == ")\n3\n"


def test_a_list_by_patterns_and_states(stui: Stui) -> None:
    for name in ("alpha/work", "alpha/play", "beta/work"):
        stui.ok("sessions", "create", name)
    stui.ok("sessions", "close", "alpha/play")
    stui.ok("images", "disconnect", "beta")

    def listed(*words: str) -> list[str]:
        return stui.ok("sessions", "list", *words, "-o", "name").split()

    assert listed("al*") == listed("alpha") == listed("-i", "[a]lpha") == ["alpha/work", "alpha/play"]
    assert listed("*/w*") == listed("-s", "w*") == listed("-s", "work") == ["alpha/work", "beta/work"]
    assert listed("beta", "alpha/work", "*/work") == ["beta/work", "alpha/work"]
    assert listed("--state", "closed") == listed("alpha/p*", "--state", "Closed") == ["alpha/play"]
    assert listed("--state", "parked, closed") == listed("--state", "parked", "--state", "closed")
    assert listed("--state", "parked,closed") == ["alpha/play", "beta/work"]
    assert listed("--state", "lost") == []
    for words in (("x*",), ("alpha/x*",), ("alpha/wrok",), ("gamma/*",), ("-s", "nope")):
        assert stui("sessions", "list", *words).code == 3
    for states in ("open", "active,", ""):
        said = stui("sessions", "list", "--state", states)
        assert (said.code, "'active', 'parked', 'lost', 'closed'" in said.err) == (2, True)


def test_history_has_a_line_for_each_and_one_whole_by_its_number(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    source = "| a |\na := 3.\n\ta printString"
    stui.ok("eval", "-i", "alpha/work", "3+4", source)
    head, first, second = stui.ok("sessions", "history", "alpha/work").splitlines()
    assert (head.split()[-2:], first.split()[-2:]) == (["RESULT", "SOURCE"], ["7", "3+4"])
    assert second.endswith("  '3'     | a | +2 lines")
    assert stui.ok("sessions", "history", "alpha/work", "-o", "name") == "1\n2\n"
    stui.ok("switch", "alpha/work")
    for words in (("alpha/work", "2"), ("2",), ("-s", "work", "002")):
        lines = stui.ok("sessions", "history", *words).splitlines()
        assert lines[-3:] == [
            "source   | a |",
            "         a := 3.",
            "         \ta printString",
        ]
        assert lines[0] == "number   2"
    stui.ok("eval", "(1 to: 50) asArray")
    assert "14 15 ...  (1 to: 50) asArray\n" in stui.ok("sessions", "history")
    assert "48 49 50 )" in stui.ok("sessions", "history", "--columns", "result")
    assert "48 49 50 )" in stui.ok("sessions", "history", "3")
    assert "14 15 ...  (1 to: 50) asArray\n" in stui.ok("sessions", "show")
    (item,) = stui.items("sessions", "history", "2")
    assert (item["number"], item["source"], item["print"]) == (2, source, "'3'")
    assert stui.ok("sessions", "history", "2", "--source") == f"{source}\n"


def test_history_refuses_a_number_that_is_not_there(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/7")
    said = stui("sessions", "history", "alpha/7", "1")
    assert (said.code, "alpha/7 has no evaluation 1: nothing was evaluated in it yet" in said.err) == (3, True)
    stui.ok("eval", "-i", "alpha/7", "3", "4")
    for number in ("0", "3", "9" * 5_000):
        said = stui("sessions", "history", "alpha/7", number)
        assert (said.code, "there are 1 to 2" in said.err) == (3, True)
    for words in (("alpha/7", "x"), ("alpha/7", "1", "2"), ("alpha/7", "1", "-n", "1")):
        assert stui("sessions", "history", *words).code == 2


def test_warnings_of_one_kind_are_one_line_for_people_and_all_there_for_programs(stui: Stui) -> None:
    stui.ok("images", "disconnect", "alpha", "beta")
    said = stui("sessions", "stats")
    told = "stui: warning: 2 images are counted from what is recorded: alpha, beta (it is parked)\n"
    assert (said.code, said.err) == (0, told)
    assert stui("sessions", "stats", "-o", "json").document["warnings"] == [
        "alpha is counted from what is recorded: it is parked",
        "beta is counted from what is recorded: it is parked",
    ]


def test_stats_are_the_images_own_or_else_what_is_recorded(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("sessions", "create", "alpha/play")
    stui.ok("eval", "-i", "alpha/work", "x := 1")
    live = stui.items("sessions", "stats", "alpha")[0]
    assert (live["source"], live["recorded"]) == ("image", 2)
    assert live["total"] >= 2
    stui.ok("images", "add", "gone", "tcp://127.0.0.1:1", "--offline")
    both = stui("sessions", "stats", "-o", "json")
    assert both.code == 0
    assert {i["image"]: i["source"] for i in both.items} == {"alpha": "image", "beta": "image", "gone": "store"}
    assert "gone" in both.document["warnings"][0]


def test_a_silent_image_takes_no_time_of_the_others_that_are_counted(stui: Stui) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:  # accepts, and never answers
        stui.ok("images", "add", "silent", f"tcp://127.0.0.1:{listening.getsockname()[1]}", "--offline")
        found = stui.items("sessions", "stats", "silent", "alpha", "--timeout", "2s")
    assert [item["source"] for item in found] == ["store", "image"]


def test_silent_images_are_counted_at_once(stui: Stui) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=20) as listening:  # accepts, and never answers
        names = [f"silent-{number}" for number in range(8)]
        for name in names:
            stui.ok("images", "add", name, f"tcp://127.0.0.1:{listening.getsockname()[1]}", "--offline")
        begun = time.monotonic()
        found = stui.items("sessions", "stats", "beta", *names, "alpha", "--timeout", "1s")
        took = time.monotonic() - begun
    assert [item["image"] for item in found] == ["beta", *names, "alpha"]
    assert [item["source"] for item in found] == ["image", *["store"] * 8, "image"]
    assert took < 7, "one after the other takes 8 s"


def test_a_session_of_the_one_image_never_answers_in_the_other(stui: Stui) -> None:
    for image, value in (("alpha", 1), ("beta", 2)):
        stui.ok("sessions", "create", f"{image}/work")
        stui.ok("eval", "-i", f"{image}/work", f"x := {value}")
    assert stui.ok("eval", "-i", "alpha/work", "x") == "1\n"
    assert stui.ok("eval", "-i", "beta/work", "x") == "2\n"
    assert [i["source"] for i in stui.items("sessions", "history", "beta/work")] == ["x := 2", "x"]
    stui.ok("sessions", "remove", "alpha/work")
    assert stui.ok("eval", "-i", "beta/work", "x") == "2\n"


def test_two_clients_of_one_image_do_not_see_each_other(stui: Stui, another_home: Callable[[], None]) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := 1")
    another_home()
    assert stui.items("sessions") == []
    stui.ok("sessions", "create", "alpha/work")
    assert stui("eval", "-i", "alpha/work", "x").code == 7
    stui.ok("eval", "-i", "alpha/work", "x := 2")
    assert [i["source"] for i in stui.items("sessions", "history", "alpha/work")] == ["x", "x := 2"]


@contextmanager
def _busy(stui: Stui, target: str, source: str) -> Iterator[None]:
    """Code that runs in a session, asked for by another process of the same person."""
    command = [sys.executable, "-m", "stui_cli", "eval", "-i", target, "--time-limit", "60", source]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        while "is busy since" not in stui("sessions", "show", target).err:
            assert running.poll() is None
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


@pytest.mark.parametrize("verb", ["close", "remove"])
def test_ending_a_busy_session_says_since_when_it_is_busy_and_claims_no_checkpoint(stui: Stui, verb: str) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := 42")
    with _busy(stui, "alpha/work", "[[true]\n whileTrue: []] ensure: [[true] whileTrue: []]"):
        said = stui("sessions", verb, "alpha/work")
    assert said.code == 0
    assert re.search(r"alpha/work was busy since [0-9]+ s with \[\[true\] whileTrue: .* \(interrupted\)", said.err)
    assert "no checkpoint was taken, and there is no earlier one" in " ".join(said.err.split())
    assert stui.items("images", "list", "alpha")[0]["name"] == "alpha"


def test_leaving_a_busy_session_leaves_it_running_and_says_so(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "alpha/work", terminal="terminal:1:1:boot:place")
    stui.ok("switch", "beta", terminal="terminal:1:1:boot:place")
    stui.ok("switch", "alpha/work", terminal="terminal:1:1:boot:place")
    with _busy(stui, "alpha/work", "[true] whileTrue: []"):
        said = stui("switch", "beta", terminal="terminal:1:1:boot:place")
        assert stui.items("status", "alpha")[0]["evaluating"] >= 1
        shown = stui("sessions", "show", "alpha/work")
        stui.ok("sessions", "close", "alpha/work")
    assert said.code == 0
    told = " ".join(said.err.split())
    assert re.search(r"alpha/work is busy since [0-9]+ s with \[true\] whileTrue: \[\], and goes on", told)
    assert re.search(r"no new checkpoint was taken, the last one of (just now|[0-9]+ s ago) stays", told)
    assert "did not answer" not in said.err + shown.err
    assert "is busy since" in shown.err


def test_nothing_acknowledged_is_lost_by_closing_beside_evaluations(stui: Stui) -> None:
    """Several times, since it is a race: one closes, another evaluates."""
    for n in range(3):
        target = f"alpha/race{n}"
        stui.ok("sessions", "create", target)
        sources = "".join(f"x := {i}\n" for i in range(1, 2000))
        command = [sys.executable, "-m", "stui_cli", "eval", "-i", target, "-o", "jsonl", "-"]
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(sources.encode())
        running.stdin.close()
        first = running.stdout.readline()
        stui.ok("sessions", "close", target)
        values = [json.loads(line).get("value") for line in (first + running.stdout.read()).splitlines()]
        running.stdout.close()
        running.wait()
        acknowledged = [int(value["print"]) for value in values if value]
        stui.ok("sessions", "restore", target)
        assert int(stui.ok("eval", "-i", target, "x")) == acknowledged[-1]
        assert acknowledged[-1] < 1999
        stui.ok("sessions", "remove", target)
