"""The operation log as items and as a table."""

from __future__ import annotations

from io import StringIO

import pytest

from stui_cli.contract.operation import LISTED, OPERATION
from stui_cli.model.results import OutputMode, Result
from stui_cli.model.times import Moment
from stui_cli.output.render import render
from stui_cli.output.screen import Screen

NOW = 1_760_000_000_000
SUMMARY = "swept alpha/work (ImageUnregistered)"


@pytest.mark.parametrize(("width", "people"), [(40, False), (60, False), (80, True), (120, True)])
def test_what_was_done_is_told_before_who_did_it(width: int, people: bool) -> None:
    item = {
        "number": 12, "time": Moment(NOW - 180_000), "summary": SUMMARY, "undone_by": None, "user": "maria",
        "host": "workstation", "command": "stui cleanup -y",
    }  # fmt: skip
    out = StringIO()
    screen = Screen(OutputMode.TABLE, out, StringIO(), width=width, clock=lambda: NOW)
    render(Result(OPERATION, [item], LISTED), screen)
    words = out.getvalue().split()
    assert [word for word in SUMMARY.split() if word not in words] == []  # folded, where the room is short
    assert ("maria" in words) is people
