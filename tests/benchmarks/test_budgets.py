"""The frame of the budgets: what counts as met and as slower, and that the command measures, tells and compares."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from budgets.every_row import ROWS
from budgets.measuring import Measured, measure, met, slower, spread
from budgets.places import ROOT, Place
from budgets.rows import Pair, Row, Unit
from budgets.table import comparison, line

if TYPE_CHECKING:
    from collections.abc import Iterator


def row(bound: float | None = 1.25, unit: Unit = Unit.RATIO, slow: float = 3.0) -> Row:
    """A row whose figures are the place's own, or `slow` where the place's tree is called so."""

    @contextmanager
    def prepare(place: Place) -> Iterator[Pair]:
        figures = cycle([9.0, 2.0, 2.5, 2.0] if place.tree.name == "quick" else [slow])
        yield Pair(lambda: next(figures), lambda: 2.0)

    return Row("undo", "with little", bound, prepare, unit, rounds=3)


def place(tree: str) -> Place:
    return Place(Path(tree), Path("bin"), Path("work"), {})


def test_medians_of_both_places_without_the_first_round() -> None:
    now, before = measure(row(), [place("quick"), place("slow")])
    assert (now.ours, now.theirs, now.figure) == (2.0, 2.0, 1.0)
    assert before.figure == 1.5
    assert now.noise == spread([2.0, 2.5, 2.0]) == 0.25
    assert slower(before, now)
    assert not slower(now, before)


def test_a_bound_is_met_up_to_itself() -> None:
    assert met(row(), Measured(1.25, 1.0, 0.0))
    assert not met(row(), Measured(1.26, 1.0, 0.0))
    assert met(row(None), Measured(99.0, 1.0, 0.0)) is None


def test_a_tenth_more_is_not_slower_yet() -> None:
    before = Measured(2.0, None, 0.0)
    assert not slower(Measured(2.2, None, 0.0), before)
    assert slower(Measured(2.21, None, 0.0), before)
    assert slower(Measured(1.0, None, 0.0), Measured(0.0, None, 0.0))


def test_what_is_written() -> None:
    shown = line(row(), Measured(0.003, 0.002, 0.125)).split()
    assert shown == ["undo", "1.50", "1.25", "not", "met", "12%", "with", "little", "(3.0", "ms", "to", "2.0", "ms)"]
    assert line(row(1 / 150), Measured(1.0, 200.0, 0.0)).split()[1:4] == ["1/200", "1/150", "met"]
    assert line(row(300, Unit.MILLISECONDS), Measured(2560.0, None, 0.0)).split()[1:5] == ["2,560", "ms", "300", "ms"]
    told = comparison(row(), Measured(1.5, 1.0, 0.0), Measured(1.0, 1.0, 0.0), "v1")
    assert told.split(None, 1)[1] == "1.00 at v1, 1.50 now: 50% more"


def test_each_row_has_a_name_of_its_own() -> None:
    names = [(each.what, each.against) for each in ROWS]
    assert len(set(names)) == len(names)


def test_the_command_lists_the_rows() -> None:
    command = [sys.executable, str(ROOT / "tests" / "benchmarks"), "--list", "--only", "stui context"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "stui context\n"


@pytest.mark.benchmark
@pytest.mark.timeout(300)
def test_the_command_compares_with_a_commit() -> None:
    command = [sys.executable, str(ROOT / "tests" / "benchmarks"), "--only", "stui context", "--against", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "stui context" in done.stdout, done
    assert done.returncode == ("nothing is slower" not in done.stdout), done
