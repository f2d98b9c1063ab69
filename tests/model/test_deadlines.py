"""Deadlines: one point of time, and what is derived from it."""

from __future__ import annotations

import pytest

from stui_cli.model.deadlines import Deadline


def test_one_that_passed_has_nothing_left() -> None:
    passed = Deadline.after(-1)
    assert passed.passed
    assert passed.remaining() == 0
    assert not Deadline.after(10).passed


def test_at_least_puts_off_what_would_come_too_soon_and_nothing_else() -> None:
    deadline = Deadline.after(10)
    assert deadline.at_least(5) is deadline
    later = deadline.at_least(30)
    assert later.remaining() == pytest.approx(30, abs=1)
    assert later.seconds == 30
    assert Deadline.after(-1).at_least(5).remaining() == pytest.approx(5, abs=1)


def test_at_most_brings_forward_what_would_come_too_late_and_nothing_else() -> None:
    deadline = Deadline.after(10)
    assert deadline.at_most(30) is deadline
    assert deadline.at_most(5).remaining() == pytest.approx(5, abs=1)
    assert Deadline.after(-1).at_most(5).passed


def test_the_rest_is_the_same_point_told_by_what_is_left() -> None:
    deadline = Deadline.after(10).moved_to(4)
    assert (deadline.seconds, deadline.rest().at) == (10, deadline.at)
    assert deadline.rest().seconds == pytest.approx(4, abs=1)
