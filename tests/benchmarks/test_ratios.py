"""The first three rows of DESIGN section 12, measured as ratios of whole processes within one run.

python -m pytest tests/benchmarks -m benchmark -s

It prints a table and asserts nothing timed: a machine with other work to do fails no build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest
from whole_processes import Row, compare, report

from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whole_processes import Installed

    from stui_cli.store.transaction import Draft

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

SCRIPTS = Path(__file__).resolve().parents[2] / "completions"
CLICK = "import click"
TABLES = "import click, msgpack, rich.console, rich.table"
TAB = 'source "$0"; COMP_LINE="stui ping al" COMP_POINT=12 COMP_WORDS=(stui ping al) COMP_CWORD=2; _stui stui al ping'
EXPRESSION = "(3+4) printNl"
MANY = 1_000
CALLS = 50


@pytest.fixture
def filled(installed: Installed) -> Installed:
    """A store with ten images and a hundred sessions, alpha the default."""
    from stui_cli.api import open_manager

    def fill(draft: Draft) -> ImageDetails:
        for number in range(10):
            name = "alpha" if number == 0 else f"image-{number}"
            draft.images[name] = Image(name, f"tcp://127.0.0.1:{number + 1}", draft.now, image_id=f"id-{number}")
            sessions = draft.sessions(f"id-{number}")
            for each in range(10):
                label = f"session-{each}"
                sessions[label] = Session(f"{number}-{each}", label, f"id-{number}", "first", draft.now, draft.now)
        return ImageDetails(Kind.IMAGE_ADD, "alpha")

    open_manager().store.commit(fill)
    installed.run(installed.stui, "switch", "alpha")
    return installed


def test_start_without_a_terminal(filled: Installed) -> None:
    def reference() -> str:
        return filled.run(filled.python, "-c", CLICK)

    def against_click(what: str, *command: str, more: dict[str, str] | None = None) -> Row:
        return compare(what, lambda: filled.run(*command, more=more), f"python -c '{CLICK}'", reference, "1.4")

    asked = {"_STUI_COMPLETE": "bash_complete", "COMP_WORDS": "stui ping al", "COMP_CWORD": "2"}
    assert "alpha" in filled.run(filled.stui, more=asked)
    there = iter(["image-1", "alpha"] * MANY)
    rows = [
        against_click("stui context", filled.stui, "context"),
        compare(
            "stui switch IMAGE, no network",
            lambda: filled.run(filled.stui, "switch", next(there)),
            f"python -c '{CLICK}'",
            reference,
            "1.4",
        ),
        against_click("a name completed by stui itself", filled.stui, more=asked),
        against_click("a name completed by bash (with its start)", "bash", "-c", TAB, str(SCRIPTS / "stui.bash")),
    ]
    report(rows)


LOOP = "for i in {words}; do stui_here; done"
PROMPTS = {
    "bash": ["bash", "-c", f"source {SCRIPTS}/stui.bash; {LOOP}"],
    "zsh": ["zsh", "-fc", f"compdef() {{ }}; source {SCRIPTS}/_stui; {LOOP}"],
    "fish": ["fish", "--no-config", "-c", f"source {SCRIPTS}/stui.fish; for i in {{words}}; stui_here; end"],
}


def test_a_prompt(filled: Installed) -> None:
    """What `stui_here` costs each time: a shell that asks often, less one that does not."""

    def timed(shell: str, times: int) -> float:
        command = [word.replace("{words}", "x " * times) for word in PROMPTS[shell]]
        begun = time.perf_counter()
        filled.on_terminal(*command)
        return time.perf_counter() - begun

    def started() -> float:
        begun = time.perf_counter()
        filled.run(filled.python, "-c", CLICK)
        return time.perf_counter() - begun

    python = median(started() for _ in range(5))
    report(
        [
            Row(f"stui_here in {shell}, each", each, f"python -c '{CLICK}'", python, "1 ms")
            for shell in PROMPTS
            if shutil.which(shell)
            for each in [(median(timed(shell, MANY) - timed(shell, 1) for _ in range(5))) / MANY]
        ]
    )


def test_listings_on_a_terminal(filled: Installed) -> None:
    def reference() -> str:
        return filled.run(filled.python, "-c", TABLES)

    rows = []
    for noun in ("images", "sessions"):
        assert "alpha" in filled.on_terminal(filled.stui, noun)
        rows.append(
            compare(
                f"stui {noun} on a terminal",
                partial(filled.on_terminal, filled.stui, noun),
                "python -c 'import click, msgpack, rich...'",
                reference,
                "1.3",
            )
        )
    report(rows)


@pytest.fixture
def warm(installed: Installed, gst_path: str) -> Iterator[tuple[Installed, list[str]]]:
    """A launched image, and how to ask a gst-remote server that runs beside it."""
    environ = {**installed.environ, "PATH": gst_path}
    ready = type(installed)(installed.programs, installed.folder, environ)
    remote = shutil.which("gst-remote", path=gst_path)
    assert remote is not None
    # A port of our own: the usual one may be somebody's.
    asked = [remote, "--port", str(20_000 + os.getpid() % 10_000)]
    server = subprocess.Popen(
        [*asked, "--server"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environ,
        cwd=installed.folder,
        start_new_session=True,
    )
    try:
        ready.run(ready.stui, "images", "launch", "alpha")
        _until_it_answers(ready, [*asked, "--eval", EXPRESSION])
        yield ready, asked
    finally:
        server.kill()
        server.wait()
        ready.run(ready.stui, "images", "stop", "alpha")


def _until_it_answers(ready: Installed, command: list[str]) -> None:
    end = time.monotonic() + 20
    while "7" not in subprocess.run(command, env=ready.environ, capture_output=True, text=True, check=False).stdout:
        assert time.monotonic() < end, "gst-remote does not answer"


def test_evaluation(warm: tuple[Installed, list[str]]) -> None:
    ready, remote = warm
    ask = [*remote, "--eval", EXPRESSION]
    row = compare(
        "stui eval '3+4'",
        lambda: ready.run(ready.stui, "eval", "3+4"),
        f"gst-remote --eval '{EXPRESSION}'",
        lambda: ready.run(*ask),
        "1.6",
    )
    calls, streams = [], []
    lines = "3+4\n" * MANY
    for number in range(CALLS):
        start = time.perf_counter()
        ready.run(*ask)
        calls.append(time.perf_counter() - start)
        if number % 10 == 0:
            start = time.perf_counter()
            assert ready.run(ready.stui, "eval", "-", given=lines).count("7") == MANY
            streams.append(time.perf_counter() - start)
    every = sum(calls) * MANY / CALLS
    stream = Row("1,000 expressions by one `stui eval -`", median(streams), "1,000 gst-remote calls (*)", every, "0.02")
    report([row, stream])
    print(f"(*) {CALLS} calls measured and scaled by {MANY // CALLS}.")
    print(f"One `stui eval -` is {every / median(streams):.0f} times as quick; at least 50 is asked for.")
