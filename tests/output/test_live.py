"""What is drawn of a list that renews itself."""

from __future__ import annotations

import re
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from stui_cli.model.results import Column, ItemKind, OutputMode, Result, Show
from stui_cli.output.live import LiveScreen
from stui_cli.output.ordering import SortKey
from stui_cli.output.screen import Screen
from stui_cli.output.selection import Selection
from stui_cli.output.template import Hole, Template

KIND = ItemKind("thing", {"name": Show.TEXT})
RESULT = Result(KIND, [{"name": name} for name in ("b", "c", "a")], (Column("name", "NAME"),), notes=("3 things",))
BY_NAME = (SortKey("name", descending=True),)


@pytest.mark.parametrize(
    ("selection", "drawn"),
    [
        (Selection(sort=BY_NAME, limit=2), ["NAME", "----", "c", "b", "3 things", "1 of 3 left out: --limit 2"]),
        (
            Selection(sort=BY_NAME, template=Template(("is ", Hole("name", (), "", "", "", "")))),
            ["is c", "is b", "is a", "3 things"],
        ),
    ],
)
def test_each_round_is_sorted_limited_and_filled_in(selection: Selection, drawn: list[str]) -> None:
    out = TextIOWrapper(BytesIO(), "ascii", newline="\n")
    LiveScreen(Screen(OutputMode.AUTO, out, StringIO(), selection)).draw("every 2 s", RESULT)
    out.seek(0)
    text = out.read().replace("\x1b[H", "").replace("\x1b[K", "").replace("\x1b[J", "")
    assert [line.rstrip() for line in text.split("\r\n")] == ["every 2 s", *drawn]


def test_a_note_that_is_longer_than_a_line_is_not_cut() -> None:
    reason = "warning: monitoring waits: postgresql:///team cannot be reached: connection to the server failed: refused"
    out = TextIOWrapper(BytesIO(), "ascii", newline="\n")
    LiveScreen(Screen(OutputMode.AUTO, out, StringIO())).draw("every 2 s", RESULT._replace(notes=[reason] * 20))
    out.seek(0)
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[HKJ]", "", out.read()).split("\r\n")]
    assert len(lines) <= 24
    assert " ".join(lines[-2:]) == reason
    assert max(map(len, lines)) <= 80
