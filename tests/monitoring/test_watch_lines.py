"""`stui status --watch` off a terminal: lines as they happen, each whole, and an end without fuss."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from farm import Behaviour

from stui_cli.commands.watching import WatchHeading, below
from stui_cli.model.errors import StoreProblem
from stui_cli.work.images.monitoring import WAITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Stui
    from farm import Farm

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def watching(*words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "stui_cli", "status", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line, which is one whole document."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.endswith("\n")
    document = json.loads(line)
    assert isinstance(document, dict)
    return document


def test_first_a_line_of_each_then_one_of_what_is_new(farm: Farm, stui: Stui) -> None:
    """An image that is left alone, since it did not answer, is told once and not again."""
    up, down = farm.add(Behaviour(name="up")), farm.add(Behaviour(name="down"))
    stui.add(up)
    stui.add(down)
    down.close()
    with watching("--watch=50ms", "-o", "jsonl") as process:
        assert sorted(read(process)["name"] for _ in range(2)) == ["down", "up"]
        lines = [read(process) for _ in range(6)]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=40)
        assert (process.returncode, err) == (143, "")
    assert all(json.loads(line)["name"] in ("up", "down") for line in out.splitlines())
    times = [line["checked_at"] for line in lines if line["name"] == "up"]
    assert len(times) >= 4
    assert times == sorted(set(times))


def test_each_line_is_flushed_and_a_reader_that_goes_ends_it_though_nothing_is_new(farm: Farm, stui: Stui) -> None:
    stui.add(farm.add(Behaviour(name="alpha")))
    assert stui("images", "disconnect", "alpha").code == 0
    with watching("--watch=50ms", "-o", "jsonl") as process:
        assert read(process)["name"] == "alpha"
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(20) == 141
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_json_is_one_document_a_round(farm: Farm, stui: Stui) -> None:
    stui.add(farm.add(Behaviour(name="alpha")))
    with watching("--watch=50ms", "-o", "json") as process:
        rounds = [read(process) for _ in range(3)]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert [[item["name"] for item in each["items"]] for each in rounds] == [["alpha"]] * 3
    assert [each["schema"] for each in rounds] == ["stui/v1"] * 3


def test_other_forms_are_the_whole_list_each_round(farm: Farm, stui: Stui) -> None:
    stui.add(farm.add(Behaviour(name="alpha")))
    with watching("--watch=50ms", "-o", "tsv", "--no-headers", "-q") as process:
        assert process.stdout is not None
        assert [process.stdout.readline().split()[0] for _ in range(3)] == ["alpha"] * 3
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_that_monitoring_waits_stands_below_as_long_as_it_does_and_each_time_that_it_does() -> None:
    leads, waits = "this monitor leads now (term 1)", WAITS + "the server is away"
    away = StoreProblem("the server is away", todo="wait")
    assert below([], None) == []
    assert below([leads, waits], away) == [waits]
    assert below([leads, waits], None) == [leads]
    assert below([waits, leads], away) == [waits]


def test_who_leads_stands_above_as_far_as_the_last_round_could_tell() -> None:
    team = SimpleNamespace(is_leading=True, leader=None)
    heading = WatchHeading(10.0, team)  # type: ignore[arg-type]
    assert heading.text(0, knows_who=True) == "stui status every 10 s, probing, leading - Ctrl-C ends it"
    assert heading.text(0, knows_who=False) == "stui status every 10 s, probing - Ctrl-C ends it"
