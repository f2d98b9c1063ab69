"""`stui ping`: what its exit code says of who answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farm import Behaviour, Farm, Habit

if TYPE_CHECKING:
    from conftest import Stui


def test_the_exit_code_tells_another_image_from_none(stui: Stui) -> None:
    with Farm() as farm:
        first, second, mute = (
            farm.add(each)
            for each in (Behaviour(name="first"), Behaviour(name="second"), Behaviour(habit=Habit.HANGS_UP))
        )
        stui.ok("images", "add", "alpha", first.address)
        stui.ok("images", "add", "--offline", "mute", mute.address)
        assert stui("ping", "alpha").code == 0
        stui.ok("images", "set", "alpha", "--address", second.address)
        other, evaluated = stui("ping", "alpha"), stui("eval", "-i", "alpha", "3 + 4")
        assert (other.code, evaluated.code) == (9, 9)
        for said in (other, evaluated):
            assert f"answers as image {second.image_id}, but alpha is pinned to {first.image_id}" in said.err
            assert "stui images trust alpha" in said.err
        (error,) = stui("ping", "alpha", "-o", "json").document["errors"]
        assert (error["code"], error["exit_code"]) == ("other_image", 9)
        assert stui("ping", "mute").code == 5
        assert stui("ping", "alpha", "mute").code == 5
        stui.ok("images", "disconnect", "mute")
        assert stui("ping", "mute").code == 5
        assert stui("ping", "alpha", "mute").code == 5
