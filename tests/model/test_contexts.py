"""Contexts: the trail of targets left."""

from __future__ import annotations

from stui_cli.model.contexts import LONGEST_TRAIL, Context
from stui_cli.model.names import Target

A, B, C = Target("alpha"), Target("beta", "work"), Target("gamma")


def test_the_latest_target_left_comes_first() -> None:
    context = Context(A, 1).switched_to(B, 2).switched_to(C, 3)
    assert (context.target, context.switched_at, context.trail) == (C, 3, (B, A))


def test_going_back_and_forth() -> None:
    context = Context(A, 1).switched_to(B, 2)
    back = context.switched_to(context.trail[0], 3)
    assert (back.target, back.trail[0]) == (A, B)
    again = back.switched_to(back.trail[0], 4)
    assert (again.target, again.trail[0]) == (B, A)


def test_going_where_one_is_changes_nothing() -> None:
    context = Context(A, 1).switched_to(B, 2)
    assert context.switched_to(B, 9) is context


def test_another_session_of_the_same_image_is_another_target() -> None:
    assert Context(A, 1).switched_to(Target("alpha", "work"), 2).trail == (A,)


def test_the_oldest_is_forgotten_first() -> None:
    context = Context(Target("i0"), 0)
    for number in range(1, 50):
        context = context.switched_to(Target(f"i{number}"), number)
    assert len(context.trail) == LONGEST_TRAIL
    assert context.trail[0] == Target("i48")
    assert context.trail[-1] == Target(f"i{49 - LONGEST_TRAIL}")


def test_what_a_newer_stui_wrote_is_kept() -> None:
    assert Context(A, 1, extra={"colour": "red"}).switched_to(B, 2).extra == {"colour": "red"}
