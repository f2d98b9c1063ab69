"""Measure what stui may cost, and print the table: what, now, bound, met or not.

    python tests/benchmarks [--only WORD]... [--against COMMIT] [--rounds N]

Each ratio is of one run: what it is held against is measured by turns with it. `noise` is how far the middle half of
the rounds lies apart: where it is large the machine had other work, and the figure says little. With --against the same
is measured of another commit, by turns too; what got slower by more than 10 % is told, and ends with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from contextlib import ExitStack
from subprocess import CalledProcessError
from typing import TYPE_CHECKING

from budgets import table
from budgets.every_row import ROWS
from budgets.measuring import measure, slower
from budgets.places import ROOT, installed, worktree
from budgets.rows import Missing, Row

if TYPE_CHECKING:
    from budgets.places import Place


def arguments() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--only", action="append", default=[], metavar="WORD", help="only rows that have this word")
    words.add_argument("--against", metavar="COMMIT", help="compare with this commit")
    words.add_argument("--rounds", type=int, metavar="N", help="so many rounds of each row, and not the row's own")
    words.add_argument("--list", action="store_true", help="list the rows, and measure nothing")
    return words.parse_args()


def chosen(words: list[str]) -> list[Row]:
    return [row for row in ROWS if not words or any(word in row.what for word in words)]


NOT_MEASURED = (RuntimeError, OSError, ValueError, AssertionError, CalledProcessError)


def report(row: Row, places: list[Place], commit: str) -> tuple[str | None, bool]:
    """Measure and print one row; return what is to be told of it at the end, and whether it failed."""
    try:
        now, *before = measure(row, places)
    except Missing as reason:
        if len(places) == 1:
            print(table.left_out(row, "skipped", reason), flush=True)
            return None, False
        return alone(row, places[0], commit, reason)
    except NOT_MEASURED as reason:
        if len(places) == 1:
            print(table.left_out(row, "failed", reason), flush=True)
            return None, True
        return alone(row, places[0], commit, reason)
    print(table.line(row, now), flush=True)
    if before and slower(now, before[0]):
        return table.comparison(row, now, before[0], commit), False
    return None, False


def alone(row: Row, place: Place, commit: str, reason: Exception) -> tuple[str | None, bool]:
    """What the older commit has not, or does otherwise, is measured here alone."""
    told = report(row, [place], commit)
    if not told[1]:
        print(table.left_out(row, f"not compared with {commit}", reason), flush=True)
    return told


def main() -> int:
    """0, 1 where something got slower, 2 where something could not be measured."""
    given = arguments()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # nothing that was started stays
    rows = chosen(given.only)
    if given.rounds:
        rows = [Row(r.what, r.against, r.bound, r.prepare, r.unit, given.rounds) for r in rows]
    if given.list:
        print("\n".join(row.what for row in rows))
        return 0
    with ExitStack() as stack:
        trees = [ROOT]
        if given.against:
            trees.append(stack.enter_context(worktree(given.against)))
        places = [stack.enter_context(installed(tree)) for tree in trees]
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n{table.HEADING}", flush=True)
        told = [report(row, places, given.against) for row in rows]
        print(f"load {os.getloadavg()[0]:.1f}")
    slow = [text for text, _ in told if text]
    if given.against:
        print(
            f"\nslower than {given.against} by more than 10 %:" if slow else f"\nnothing is slower than {given.against}"
        )
        print("\n".join(slow))
    return 1 if slow else 2 if any(failed for _, failed in told) else 0


if __name__ == "__main__":
    sys.exit(main())
