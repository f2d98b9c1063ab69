"""Timing whole processes against each other: from the start of one to its end, seen from outside."""

from __future__ import annotations

import os
import pty
import subprocess
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

PAIRS = 21


@dataclass(frozen=True)
class Row:
    """One comparison: medians in seconds, and the ratio that DESIGN section 12 allows."""

    what: str
    ours: float
    reference: str
    theirs: float
    bound: str

    def __str__(self) -> str:
        ratio = self.ours / self.theirs
        return (
            f"{self.what:<44} {self.ours * 1000:>8.1f} ms   {self.reference:<46} {self.theirs * 1000:>8.1f} ms "
            f"{ratio:>6.3f}   {self.bound}"
        )


@dataclass(frozen=True)
class Installed:
    """An installed stui, the Python that it runs on, and the environment of both."""

    programs: Path
    folder: Path
    environ: Mapping[str, str]

    @property
    def python(self) -> str:
        return str(self.programs / "python")

    @property
    def stui(self) -> str:
        return str(self.programs / "stui")

    def run(self, *command: str, more: Mapping[str, str] | None = None, given: str = "") -> str:
        """Run a program to its end in a session without a terminal; answers what it printed."""
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            env={**self.environ, **(more or {})},
            cwd=self.folder,
            start_new_session=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def on_terminal(self, *command: str) -> str:
        """Run a program whose output is a terminal; answers what it printed."""
        outer, inner = pty.openpty()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=inner,
            stderr=inner,
            env={**self.environ, "COLUMNS": "120"},
            cwd=self.folder,
            start_new_session=True,
        )
        os.close(inner)
        printed = b""
        try:
            while block := os.read(outer, 65536):
                printed += block
        except OSError:  # Linux says EIO where others say end of file
            pass
        finally:
            os.close(outer)
        assert process.wait() == 0, (command, printed)
        return printed.decode()


def compare(
    what: str, ours: Callable[[], object], reference: str, theirs: Callable[[], object], bound: str, pairs: int = PAIRS
) -> Row:
    """Time both by turns, so that whatever else the machine does hits both; after one unmeasured run of each."""
    ours(), theirs()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(pairs):
        for act, times in zip((ours, theirs), taken, strict=True):
            start = time.perf_counter()
            act()
            times.append(time.perf_counter() - start)
    return Row(what, median(taken[0]), reference, median(taken[1]), bound)


def report(rows: Sequence[Row]) -> None:
    """Print the table."""
    print(f"\n\n{'what':<44} {'median':>11}   {'against':<46} {'median':>11}  ratio   bound")
    for row in rows:
        print(row)
