"""What a command that changes something says of it: the name of what was changed, and what that is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Stui

pytestmark = pytest.mark.usefixtures("two_images")

# One after the other, in one store: the words of a command, and the first line that it prints.
DAY = {
    "images set alpha team=core": "alpha: label team is core",
    "images set alpha team=": "alpha: label team removed",
    "images set alpha --allow-plaintext role=ci": "alpha: allow_plaintext set; label role is ci",
    "images rename beta gamma": "beta is called gamma now",
    "images disconnect gamma": "gamma: parked until `stui images connect gamma`",
    "images connect gamma": "gamma: connected",
    "images add delta tcp://127.0.0.1:9 --offline": (
        "delta: tcp://127.0.0.1:9, not contacted yet; its id is pinned at the first contact"
    ),
    "images remove delta -y": "removed delta",
    "sessions create alpha/work": "created alpha/work",
    "sessions set alpha/work --description d": "alpha/work: description set",
    "sessions set alpha/work --description=": "alpha/work: description taken away",
    "sessions rename alpha/work job": "alpha/work is called alpha/job now",
    "switch alpha/job": "the default is alpha/job now",
    "switch gamma": "the default is gamma now (- goes back to alpha/job)",
    "switch -": "the default is alpha/job now (- goes back to gamma)",
    "switch --unset": "no context is set here any more, it was alpha/job",
    "sessions close alpha/job": "closed alpha/job",
    "sessions restore alpha/job": "restored alpha/job",
    "sessions remove alpha/job -y": "removed alpha/job",
    "config set timeout 5s": "timeout is 5s now, by line 1 of ",
    "config set timeout --unset": "timeout is not set, and 2s by default now",
    "images set alpha role=": "alpha: label role removed",
    "undo": ": changed image alpha (label role removed)",
    "redo": ": changed image alpha (label role removed)",
    "images set alpha a=1 b=2": "alpha: label a is 1; label b is 2",
    "undo --quiet": ": changed image alpha (label a is 1, label b is 2)",
}


def test_each_sentence_names_what_was_changed(stui: Stui) -> None:
    for words, sentence in DAY.items():
        first = stui.ok(*words.split()).splitlines()[0]
        assert sentence in first if sentence[0] == ":" else first.startswith(sentence), (words, first)
