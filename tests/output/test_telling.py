"""What is of one kind is told in one line, with how many there are; what stands alone, in its own words."""

from __future__ import annotations

from stui_cli.model.phrases import About, Phrase
from stui_cli.model.times import Moment
from stui_cli.output.telling import told

NOW = 1_760_000_000_000


def unasked(name: str, why: str = "") -> About:
    return About.of(f"{name} was not asked: {why}", name=name, kind="images were not asked", detail=why)


def test_one_of_a_kind_is_told_in_its_own_words() -> None:
    assert told([unasked("a", "it sleeps"), "other"], NOW) == ["a was not asked: it sleeps", "other"]


def test_several_of_a_kind_are_one_line_where_the_first_of_them_stands() -> None:
    texts = [unasked("a"), "other", unasked("b"), unasked("c")]
    assert told(texts, NOW) == ["3 images were not asked: a, b, c", "other"]


def test_what_is_said_of_all_is_told_once_and_else_of_each() -> None:
    since = Phrase("silent since ", Moment(NOW - 7_200_000))
    assert told([unasked("a", since), unasked("b", since)], NOW) == [
        "2 images were not asked: a, b (silent since 2 h ago)"
    ]
    assert told([unasked("a", since), unasked("b", "parked"), unasked("c")], NOW) == [
        "3 images were not asked: a (silent since 2 h ago), b (parked), c"
    ]


def test_the_same_words_are_told_once_and_of_very_many_only_some_are_named() -> None:
    assert told(["cut", "cut", "cut"], NOW) == ["cut (3 times)"]
    (line,) = told([unasked(str(number)) for number in range(1_000)], NOW)
    assert line.startswith("1000 images were not asked: 0, 1, 2, ")
    assert line.endswith(", 18, 19 and 980 more")
