"""`alpha work` for `alpha/work`: where one thing is meant, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Stui

    from stui_cli.model.images import Image


@pytest.fixture
def work(stui: Stui, two_images: tuple[Image, Image]) -> None:
    """alpha/work, beta/play, and beta meant here."""
    del two_images
    stui.ok("sessions", "create", "alpha", "work")
    stui.ok("sessions", "create", "beta/play")
    stui.ok("switch", "beta")


@pytest.mark.usefixtures("work")
def test_commands_of_one_session_take_two_words_for_one(stui: Stui) -> None:
    assert stui.items("sessions", "show", "alpha", "work")[0]["name"] == "work"
    assert "alpha/work: description set" in stui.ok("sessions", "set", "alpha", "work", "--description", "mine")
    stui.ok("eval", "-i", "alpha/work", "3 + 4")
    assert [item["print"] for item in stui.items("sessions", "history", "alpha", "work")] == ["7"]
    assert stui.ok("sessions", "history", "alpha", "work", "1", "--source") == "3 + 4\n"
    assert "alpha/work is called alpha/night now" in stui.ok("sessions", "rename", "alpha", "work", "night")
    assert 'name = "night"' in stui.ok("sessions", "export", "alpha", "night")
    assert stui.ok("switch", "alpha", "night").startswith("the default is alpha/night now")


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("sessions show alhpa work", 3, "no image is called 'alhpa'\n  did you mean alpha?"),
        ("switch alpha none", 3, "alpha has no session 'none'"),
        ("sessions show alpha work more", 2, "Got unexpected extra arguments (work more)"),
        ("sessions show play work", 2, "Got unexpected extra argument (work)"),
        ("switch - work", 2, "Got unexpected extra argument (work)"),
        ("sessions show alpha/work work", 2, "Got unexpected extra argument (work)"),
    ],
)
def test_any_other_word_too_many_is_an_error(stui: Stui, line: str, code: int, said: str) -> None:
    ran = stui(*line.split())
    assert (ran.code, said in ran.err) == (code, True), ran.err


@pytest.mark.usefixtures("work")
def test_commands_of_several_sessions_take_them_where_no_session_is_called_so(stui: Stui) -> None:
    refused = stui("sessions", "remove", "alpha", "work")
    assert (refused.code, "did you mean alpha/work?" in refused.err) == (3, True)
    assert stui.ok("sessions", "close", "alpha", "work") == "closed alpha/work\n"
    assert stui.ok("sessions", "restore", "alpha", "work").startswith("restored alpha/work")
    stui.ok("sessions", "create", "beta/alpha")
    stui.ok("sessions", "create", "beta/work")
    assert stui.ok("sessions", "close", "alpha", "work") == "closed beta/alpha\nclosed beta/work\n"
    assert stui.ok("sessions", "remove", "alpha", "work") == "removed beta/alpha\nremoved beta/work\n"


@pytest.mark.usefixtures("work")
def test_two_words_that_can_be_meant_both_ways_are_asked_about(stui: Stui) -> None:
    stui.ok("sessions", "create", "beta/work")
    ran = stui("sessions", "restore", "alpha", "work")
    assert (ran.code, "can be meant in two ways" in ran.err) == (2, True)
    assert "stui sessions restore alpha/work; all of alpha: stui sessions restore alpha" in ran.err
    here = stui("sessions", "restore")
    assert (here.code, "or all of them: stui sessions restore beta" in here.err) == (2, True)
