"""What a person types where names are numbered: a number, a name, or as much of one as no other has."""

from __future__ import annotations

import click
import pytest

from stui_cli.commands.choosing import chosen_name

NAMES = ["alpha", "alpha/work", "alpha/play", "beta", "beta/work", "Gamma", "work-box", "7"]


@pytest.mark.parametrize(
    ("word", "chosen"),
    [
        ("1", "alpha"),
        (" 8 ", "7"),
        ("7", "work-box"),  # what stands there in front, before what is called so
        ("beta", "beta"),
        ("alpha/play", "alpha/play"),
        ("alp", "alpha"),
        ("pl", "alpha/play"),
        ("a/w", None),
        ("bet", "beta"),
        ("beta/", "beta/work"),
        ("gam", "Gamma"),
        ("work", None),
        ("a", None),
        ("0", None),
        ("9", None),
        ("9" * 5_000, None),
        ("zz", None),
    ],
)
def test_what_is_meant(word: str, chosen: str | None) -> None:
    if chosen is not None:
        assert chosen_name(word, NAMES) == chosen
        return
    with pytest.raises(click.UsageError, match="type"):
        chosen_name(word, NAMES)


def test_what_several_have_is_told_with_some_of_them() -> None:
    with pytest.raises(click.UsageError, match="'work' is a part of alpha/work, beta/work, work-box: type more of it"):
        chosen_name("work", NAMES)
    with pytest.raises(click.UsageError, match=r"alpha, alpha/work, alpha/play, beta, beta/work, \.\.\.: type"):
        chosen_name("a", NAMES)
