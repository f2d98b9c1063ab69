"""`stui jobs` and `stui interrupt`: what runs is seen and stopped from elsewhere; what is left behind ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from shell import Shell, wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from conftest import Stui

LOOP = "Transcript showCr: 'runs'. [true] whileTrue"


@pytest.fixture
def started(two_images: object, shell: Shell, stui: Stui) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts an evaluation without end; all are stopped afterwards."""
    begun: list[subprocess.Popen[str]] = []

    def start(*words: str, source: str = LOOP) -> subprocess.Popen[str]:
        process = shell.started("eval", *words, source)
        begun.append(process)
        assert process.stderr is not None
        assert process.stderr.readline() == "runs\n"
        return process

    yield start
    stui("interrupt", "alpha", "-y")
    for process in begun:
        process.communicate(timeout=40)


def test_nothing_runs(stui: Stui, two_images: object) -> None:
    assert stui.items("jobs") == []
    said = stui("interrupt", "alpha")
    assert (said.code, said.out) == (0, "nothing of yours was stopped in alpha\n")


def test_what_runs_is_listed_and_interrupted(
    stui: Stui, started: Callable[..., subprocess.Popen[str]], shell: Shell
) -> None:
    stui.ok("sessions", "create", "alpha/work")
    process = started("-i", "alpha/work")
    (job,) = stui.items("jobs")
    assert (job["image"], job["session"], job["state"], job["source"]) == ("alpha", "work", "running", LOOP)
    assert (job["ours"], job["method"]) == (True, "evaluate")
    name = stui.ok("jobs", "-o", "name").strip()
    assert name == f"alpha/{job['id']}"
    assert stui("interrupt", "alpha", "98765").code == 3
    assert stui.ok("interrupt", name).startswith(f"interrupted {name}: Transcript")
    assert process.wait(20) == 1
    assert stui.items("jobs") == []
    assert ("interrupt", "stopped") in [(line["action"], line["outcome"]) for line in stui.items("audit")]


def test_a_source_of_several_lines_is_told_on_one(stui: Stui, started: Callable[..., subprocess.Popen[str]]) -> None:
    source = LOOP.replace(". ", ".\n\t")
    started("-i", "alpha", source=source)
    assert f"  {LOOP}  " in stui.ok("jobs")
    assert source.replace("\n", "\\n").replace("\t", "\\t") in stui.ok("jobs", "-o", "tsv")
    assert stui.items("jobs")[0]["source"] == source


def test_a_session_names_what_runs_in_it_and_several_need_a_yes(
    stui: Stui, started: Callable[..., subprocess.Popen[str]]
) -> None:
    stui.ok("sessions", "create", "alpha/work")
    first, second = started("-i", "alpha/work"), started("-i", "alpha")
    asked = stui("interrupt", "alpha")
    assert (asked.code, "2 run in alpha; stop them all?" in asked.err) == (2, True)
    stui.ok("interrupt", "alpha/work")
    assert first.wait(20) == 1
    assert second.poll() is None
    stui.ok("interrupt", "alpha", "-y")
    assert second.wait(20) == 1


def test_an_image_that_does_not_answer_is_told_beside_the_others(stui: Stui, two_images: object) -> None:
    stui.ok("images", "add", "gone", "tcp://127.0.0.1:1", "--offline")
    said = stui("jobs")
    assert (said.code, "gone" in said.err) == (8, True)
    assert stui("jobs", "gone").code == 5
    assert stui("jobs", "alpha").code == 0
    assert stui("interrupt").code == 2


@pytest.mark.alone
@pytest.mark.long
def test_what_a_killed_command_left_is_unattended_and_gone_after_the_grace(
    stui: Stui, started: Callable[..., subprocess.Popen[str]], shell: Shell
) -> None:
    process = started("-i", "alpha")
    shell.kill(process.pid)
    killed = time.monotonic()
    wait_until(lambda: [job["state"] for job in stui.items("jobs")] == ["unattended"], "it is unattended")
    wait_until(lambda: stui.items("jobs") == [], "it is stopped", 20)
    assert 9 < time.monotonic() - killed < 20
