"""What ran is told, whatever becomes of the record of it; and what cannot be meant is told before anything runs."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from shell import Shell, wait_until

from stui_cli.api import open_manager
from stui_cli.model.errors import ImageRefused
from stui_cli.model.names import Target
from stui_cli.work.talking.evaluate import Limits, open_workplace
from stui_cli.work.talking.running import outcome_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Stui

pytestmark = pytest.mark.usefixtures("two_images")


@pytest.fixture
def store(home: Path) -> Path:
    return home / "stui"


@pytest.fixture
def at_work(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "alpha/work")
    stui.ok("eval", "n := 0")


@contextmanager
def locked(store: Path) -> Iterator[None]:
    handle = os.open(store / "lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def unwritable(store: Path) -> Iterator[None]:
    """For root too, whom no mode keeps out."""
    (store / "audit.jsonl").rename(store / "aside")
    (store / "audit.jsonl").mkdir()
    try:
        yield
    finally:
        (store / "audit.jsonl").rmdir()
        (store / "aside").rename(store / "audit.jsonl")


@pytest.mark.parametrize("state", [locked, unwritable])
@pytest.mark.parametrize(
    ("words", "out", "code"),
    [
        (("eval", "n := n + 1"), "1\n", 0),
        (("eval", "--all", "3 + 4"), "alpha, beta: 7\n", 0),
        (("eval", "1/0"), "", 7),
        (("eval", "--time-limit", "100ms", "[true] whileTrue"), "", 6),
        (("eval", "-f", "/dev/null"), None, 0),
        (("inspect", "n := n + 1", "--columns", "slot"), None, 0),
    ],
)
def test_a_store_that_takes_no_record_takes_no_answer_along(
    stui: Stui, at_work: None, store: Path, state: object, words: tuple[str, ...], out: str | None, code: int
) -> None:
    with state(store):  # type: ignore[operator]
        said = stui(*words, "--lock-timeout", "50ms")
    assert (said.code, said.err.count("warning: what was evaluated could not be recorded")) == (code, 1), said
    assert "repeat" not in said.err
    assert out is None or said.out == out


def test_in_json_the_warning_stands_in_the_document(stui: Stui, at_work: None, store: Path) -> None:
    with locked(store):
        for words in (("eval", "3"), ("inspect", "3")):
            said = stui(*words, "-o", "json", "--lock-timeout", "50ms")
            assert (said.code, said.err, len(said.document["warnings"])) == (0, "", 1)
        lines = stui("eval", "3", "4", "-o", "jsonl", "--lock-timeout", "50ms").out.splitlines()
        assert [len(json.loads(line).get("warnings", ())) for line in lines] == [0, 0, 1]


def test_a_long_run_warns_once_and_goes_on(stui: Stui, at_work: None, store: Path) -> None:
    with unwritable(store):
        said = stui("eval", "-", stdin=b"1\n(Delay forMilliseconds: 600) wait. 2\n3\n")
    assert (said.code, said.out, said.err.count("warning")) == (0, "1\n2\n3\n", 1)
    assert [i["source"] for i in stui.items("sessions", "history")][-1] == "3"  # what can be written is


def test_the_value_comes_before_the_store_is_waited_for(stui: Stui, at_work: None, shell: Shell, store: Path) -> None:
    with locked(store):
        process = shell.started("eval", "-i", "alpha/work", "n := 5", "--lock-timeout", "60s")
        assert process.stdout is not None
        assert process.stdout.readline() == "5\n"
        assert process.poll() is None
    process.communicate(timeout=40)
    assert process.returncode == 0
    assert stui.items("sessions", "history")[-1]["source"] == "n := 5"


@pytest.mark.parametrize("config", ['history_limit = "much"', "x = [", "x = " + "[" * 5_000])
@pytest.mark.parametrize(
    "words",
    [
        ("eval", "n := n + 1"),
        ("eval", "-"),
        ("eval", "--all", "-s", "work", "n := n + 1"),
        ("inspect", "n := n + 1"),
        ("sessions", "restore", "alpha/work", "--replay"),
    ],
)
def test_a_wrong_configuration_is_told_before_anything_runs(
    stui: Stui, at_work: None, store: Path, words: tuple[str, ...], config: str
) -> None:
    (store / "config.toml").write_text(config)
    said = stui(*words, stdin=b"n := n + 1\n")
    assert (said.code, said.out) == (2, "")
    assert "config.toml" in said.err
    (store / "config.toml").unlink()
    assert stui.ok("eval", "n") == "0\n"


def test_a_replay_is_told_whatever_becomes_of_its_record(stui: Stui, at_work: None, store: Path) -> None:
    stui.ok("eval", "n := n + 1")
    for more in (("-o", "json"), ()):
        with unwritable(store):
            said = stui("sessions", "restore", "alpha/work", "--replay", *more)
        assert said.code == 0, said
        assert (said.out + said.err).count("what was evaluated could not be recorded") == 1
    assert stui.ok("eval", "n") == "1\n"


def test_a_misspelt_setting_is_told(stui: Stui, at_work: None, store: Path) -> None:
    (store / "config.toml").write_text('audit_sorce = "hash"\n')
    said = stui("eval", "3")
    assert (said.code, said.out) == (0, "3\n")
    assert "did you mean audit_source" in said.err
    assert "audit_source" in stui("eval", "3", "-o", "json").document["warnings"][0]


def test_what_must_be_recorded_is_not_sent_otherwise(stui: Stui, at_work: None, store: Path) -> None:
    words = ("eval", "--must-record", "--lock-timeout", "50ms")
    for state in (locked, unwritable):
        with state(store):
            for more in (("n := n + 1",), ("--all", "-s", "work", "n := n + 1")):
                said = stui(*words, *more)
                assert (said.code, said.out) == (10, ""), said
                assert "nothing was sent" in said.err
                assert "warning" not in said.err
    assert stui.ok(*words, "n") == "0\n"
    assert [line["outcome"] for line in stui.items("audit")][-2:] == ["began", "returned"]


def started(shell: Shell, *words: str) -> subprocess.Popen[str]:
    """An evaluation without end, once it runs."""
    process = shell.started("eval", "-i", "alpha/work", *words, "Transcript showCr: 'runs'. [true] whileTrue")
    assert process.stderr is not None
    assert process.stderr.readline() == "runs\n"
    return process


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=lambda n: str(n)
)
def test_a_signal_ends_the_code_too_and_is_recorded(
    stui: Stui, at_work: None, shell: Shell, number: signal.Signals, code: int
) -> None:
    process = started(shell)
    os.kill(process.pid, number)
    assert process.wait(20) == code
    process.communicate()
    assert stui.ok("eval", "--time-limit", "10s", "n") == "0\n"  # the session is free again
    found = stui.items("sessions", "history")[-2]
    assert (found["outcome"], found["source"][:10]) == ("unknown", "Transcript")


def test_a_killed_command_leaves_what_it_began_in_the_audit_log(stui: Stui, at_work: None, shell: Shell) -> None:
    """The second of two pieces too, although both are sent within one moment; and what came of the first a moment
    later."""
    before = len(stui.items("audit"))
    process = started(shell, "n := 1")
    wait_until(lambda: len(stui.items("audit")) == before + 3, "what came of the first is written down")
    shell.kill(process.pid)
    process.communicate()
    last = stui.items("audit")[-3:]
    assert [(line["outcome"], line["source"][:6]) for line in last] == [
        ("began", "n := 1"),
        ("began", "Transc"),
        ("returned", "n := 1"),
    ]
    stui.ok("sessions", "close", "alpha/work")  # it runs on otherwise, in an image that others share


def test_limits_are_known_before_anything_is_sent(stui: Stui, at_work: None) -> None:
    for words in (("--print-limit", "2000000"), ("--print-limit", "0"), ("--time-limit", "25h"), ("--time-limit", "0")):
        for verb in ("eval", "inspect"):
            assert stui(verb, *words, "n := n + 1").code == 2
    assert stui("eval", "--once", "k" * 201, "n := n + 1").code == 2
    assert stui.ok("eval", "n") == "0\n"
    assert stui("eval", "--print-limit", "1048576", "--time-limit", "24h", "3").code == 0


def test_what_the_image_would_not_begin_did_not_run(stui: Stui, at_work: None) -> None:
    """As an image of tomorrow may have other limits than are known here."""
    with open_workplace(open_manager().bench, Target("alpha", "work")) as workplace:
        with pytest.raises(ImageRefused) as caught:
            workplace.evaluate("n := n + 1", Limits(30, 2_000_000))
        assert outcome_of(caught.value) == "not_run"
    assert stui.items("sessions", "history")[-1]["outcome"] == "not_run"
    assert stui.items("audit")[-1]["outcome"] == "not_run"


@pytest.mark.parametrize("verb", ["eval", "inspect"])
def test_code_that_begins_as_an_option_does(stui: Stui, at_work: None, verb: str) -> None:
    said = stui(verb, "-3 abs")
    assert said.code == 2
    assert f"stui {verb} -- '-3 abs'" in said.err
    assert stui(verb, "--", "-3 abs").code == 0
    assert "No such option" in stui(verb, "--zork", "3").err


def test_what_was_said_before_the_time_was_over(stui: Stui, at_work: None) -> None:
    said = stui("eval", "-o", "json", "--time-limit", "800ms", "Transcript showCr: 'so far'. [true] whileTrue")
    item = said.items[0]
    assert (said.code, item["outcome"], item["output"]) == (6, "unknown", "so far\n")
    assert item["elapsed_ms"] >= 750
    assert item["output_truncated"] is False
    many = stui("eval", "--all", "--time-limit", "800ms", "Transcript showCr: 'so far'. [true] whileTrue")
    assert many.code == 6
    assert "alpha: so far\n" in many.err


def test_an_inspected_expression_is_recorded_and_a_kept_result_is_not(stui: Stui, at_work: None) -> None:
    stui.ok("inspect", "Array with: n")
    assert stui("inspect", "n zork").code == 7
    ref = stui.items("eval", "Array with: 4")[0]["value"]["ref"]
    stui.ok("inspect", f"@{ref}")
    found = [(i["kind"], i["source"], i["outcome"]) for i in stui.items("sessions", "history")][1:]
    assert found == [
        ("inspect", "Array with: n", "returned"),
        ("inspect", "n zork", "raised"),
        ("evaluate", "Array with: 4", "returned"),
    ]
    audited = [(i["action"], i["outcome"]) for i in stui.items("audit") if i["outcome"] != "began"]
    assert audited[-3:] == [("inspect", "returned"), ("inspect", "raised"), ("evaluate", "returned")]


def test_the_history_of_a_session_does_not_repeat_its_name(stui: Stui, at_work: None) -> None:
    assert stui("inspect", "n zork").code == 7
    refused = stui("inspect", "1/")
    assert (refused.code, refused.err.partition(": ")[2]) == (7, "alpha/work: did not run: expected object\n")
    assert stui("eval", "--time-limit", "100ms", "(Delay forSeconds: 5) wait").code == 6
    failures = [entry["error"] for entry in stui.items("sessions", "history")[1:]]
    assert (failures[0].partition(":")[0], failures[1]) == ("MessageNotUnderstood", "expected object")
    assert len(failures) == 3
    assert not any("alpha/" in failure for failure in failures)
    assert [entry["outcome"] for entry in stui.items("sessions", "history")[1:3]] == ["raised", "not_run"]


def test_a_busy_session_is_told_and_nothing_ran(stui: Stui, at_work: None, shell: Shell) -> None:
    process = started(shell)
    try:
        said = stui("eval", "--time-limit", "400ms", "n := n + 1")
        many = stui("eval", "--all", "-s", "work", "--time-limit", "400ms", "-o", "json", "n := n + 1")
        inspected = stui("inspect", "--time-limit", "400ms", "n := n + 1")
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate()
    assert (said.code, said.out) == (9, "")
    assert said.err.startswith("stui: alpha/work is busy since ")
    assert "with: Transcript showCr: 'runs'. [true] whileTrue; nothing of this ran" in " ".join(said.err.split())
    assert (many.items[0]["outcome"], many.document["errors"][0]["code"]) == ("not_run", "busy")
    assert inspected.code == 9
    assert stui.ok("eval", "n") == "0\n"
    assert [i["outcome"] for i in stui.items("sessions", "history")][1:-1] == ["not_run"] * 3 + ["unknown"]


def test_output_over_the_bound_loses_its_end_and_says_so(stui: Stui, at_work: None) -> None:
    source = "1 to: 1200 do: [:i | Transcript showCr: (String new: 1000 withAll: $x)]. 7"
    item = stui.items("eval", source)[0]
    assert item["output_truncated"] is True
    assert len(item["output"]) < 1024 * 1024 + 100
    assert "its end is lost" in stui("eval", source).err
