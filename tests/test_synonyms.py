"""The words that people type from habit: each is told which command does that, and no slip leads to what destroys."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from stui_cli.command_table import COMMANDS
from stui_cli.main import run
from stui_cli.synonyms import DESTRUCTIVE, SYNONYMS, hint_for

if TYPE_CHECKING:
    from collections.abc import Iterator

PAIRS = [(group, word, meant) for group, words in SYNONYMS.items() for word, meant in words.items()]
GROUPS = {"": COMMANDS} | {name: row.subcommands for name, row in COMMANDS.items() if row.subcommands}


def test_the_table_is_of_words_that_are_no_commands_and_of_groups_that_are() -> None:
    assert {group for group, _, _ in PAIRS} <= set(GROUPS)
    assert [(group, word) for group, word, _ in PAIRS if word in GROUPS[group]] == []
    assert len(PAIRS) >= 40


def test_what_the_table_names_exists() -> None:
    for group, word, meant in PAIRS:
        first, *rest = meant.split()
        assert (first in COMMANDS and all(name in COMMANDS[first].subcommands for name in rest)) or meant in (
            "--version",
            "--help",
        ), (group, word, meant)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("run", "eval"),
        ("exec 3+4", "eval"),
        ("-i alpha RUN", "eval"),
        ("ls", "images"),
        ("ps", "images"),
        ("launch alpha", "images launch"),
        ("stop alpha", "images stop"),
        ("add alpha tcp://127.0.0.1:9", "images add"),
        ("rm alpha", "images remove"),
        ("trust alpha", "images trust"),
        ("history", "sessions history"),
        ("version", "--version"),
        ("images ps", "images list"),
        ("images eval 3", "eval"),
        ("sessions delete alpha/work", "sessions remove"),
        ("sessions new work", "sessions create"),
        ("sessions attach work", "switch"),
        ("sessions kill work", "sessions close"),
        ("keys add me", "keys new"),
    ],
)
def test_a_word_of_another_tool_is_told_what_it_is_here(
    line: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"(that is: stui {meant})" in err


def test_a_slip_is_still_told_what_is_spelt_like_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evla"]) == 2
    assert "did you mean eval" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("images gamma", "images show NAME"),
        ("sessions alpha/one", "sessions show NAME; those of an image: stui sessions list IMAGE"),
        ("sessions beta", "sessions show NAME; those of an image: stui sessions list IMAGE"),
        ("log 24", "log show NUMBER"),
        ("keys bob", "keys show WHO"),
        ("config timeout", "config get KEY"),
    ],
)
def test_a_name_in_the_place_of_a_command_is_told_how_to_see_it(
    line: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 2
    assert f" (to see one: stui {shown})" in capsys.readouterr().err


def _slips(word: str) -> Iterator[str]:
    """A letter left out, doubled, and two that changed places."""
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


@pytest.mark.parametrize("name", sorted(DESTRUCTIVE))
def test_a_slip_never_leads_to_what_takes_something_away(name: str) -> None:
    owners = [group for group, table in GROUPS.items() if name in table]
    slips = {slip for slip in _slips(name) if all(slip not in table for table in GROUPS.values())}
    assert owners
    assert any(difflib.get_close_matches(slip, [name]) for slip in slips)  # by its letters it would be found
    for group in owners:
        for slip in slips:
            assert name not in hint_for(slip, group, COMMANDS), (group, slip)
