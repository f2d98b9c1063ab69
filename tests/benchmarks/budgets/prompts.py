"""What `stui_here` costs a prompt: a shell that asks often, less one that asks once."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from budgets.rows import Missing, Pair, Row, Unit
from budgets.stores import filled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from budgets.places import Place
    from budgets.rows import Prepare

MANY = 500
_LOOP = "for i in {words}; do stui_here; done"
_SHELLS = {
    "bash": ["bash", "-c", "source {scripts}/stui.bash; " + _LOOP],
    "zsh": ["zsh", "-fc", "compdef() { :; }; source {scripts}/_stui; " + _LOOP],
    "fish": ["fish", "--no-config", "-c", "source {scripts}/stui.fish; for i in {words}; stui_here; end"],
}


def _command(shell: str, scripts: Path, times: int) -> list[str]:
    if shutil.which(shell) is None:
        raise Missing(f"{shell} is not installed")
    words = "x " * times
    return [word.replace("{scripts}", str(scripts)).replace("{words}", words) for word in _SHELLS[shell]]


def _scripts(place: Place) -> Path:
    scripts = place.tree / "completions"
    if "stui_here" not in (scripts / "stui.bash").read_text():
        raise Missing("these scripts have no stui_here")
    return scripts


def milliseconds(shell: str) -> Prepare:
    """How long one prompt waits."""

    @contextmanager
    def prepare(place: Place) -> Iterator[Pair]:
        with filled(place) as here:

            def timed(times: int) -> float:
                command = _command(shell, _scripts(here), times)
                begun = time.perf_counter()
                here.on_terminal(*command)
                return time.perf_counter() - begun

            yield Pair(lambda: (timed(MANY + 1) - timed(1)) * 1000 / MANY)

    return prepare


def processes(shell: str) -> Prepare:
    """How many processes a hundred prompts start."""

    @contextmanager
    def prepare(place: Place) -> Iterator[Pair]:
        if shutil.which("strace") is None:
            raise Missing("strace is not installed")
        with filled(place) as here:
            trace = here.folder / "trace"

            def started(times: int) -> int:
                watch = ["strace", "-f", "-qq", "-o", str(trace), "-e", "trace=clone,clone3,fork,vfork"]
                here.on_terminal(*watch, *_command(shell, _scripts(here), times))
                # What is resumed was counted when it began, and a thread is no process.
                lines = [line for line in trace.read_text().splitlines() if "(" in line]
                return sum("resumed" not in line and "CLONE_THREAD" not in line for line in lines)

            yield Pair(lambda: float(started(101) - started(1)))

    return prepare


ROWS = [
    row
    for shell in _SHELLS
    for row in (
        Row(f"a prompt of {shell} (stui_here)", "", 1.0, milliseconds(shell), Unit.MILLISECONDS, rounds=7),
        Row(f"processes of 100 prompts of {shell}", "", 0, processes(shell), Unit.COUNT, rounds=1),
    )
]
