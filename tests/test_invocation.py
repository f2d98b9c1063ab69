"""What a command gets: a question that a person thinks about costs nothing of the time for its images."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from stui_cli.invocation import Invocation

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def thinks_for_a_while(*question: object, **options: object) -> bool:
    del question, options
    time.sleep(0.05)
    return True


def test_while_a_person_thinks_no_time_for_the_images_passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "confirm", thinks_for_a_while)
    invocation = Invocation({"timeout": 40, "home": str(tmp_path / "home")}, {})
    deadline = invocation.bench.deadline
    assert invocation.confirm("Remove it?")
    assert deadline.passed
    assert invocation.bench.deadline.at > deadline.at


def test_a_command_that_talks_to_nobody_needs_no_bench_to_ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "confirm", thinks_for_a_while)
    invocation = Invocation({"home": str(tmp_path / "home")}, {})
    assert invocation.confirm("Roll back?")
    assert "bench" not in vars(invocation)
