"""Commands in this process, over a farm of test images; what they print is read from the real streams."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from farm import Farm

from stui_cli.main import run
from stui_cli.model import health

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farm import FarmImage


@pytest.fixture
def _a_slow_machine_makes_no_image_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """These images share this process; what they need on a busy machine says nothing of how they are. That slowness is
    told is shown where the clock is the test's own: tests/model/test_health.py."""
    monkeypatch.setattr(health, "SLOW_FLOOR_MS", 20_000.0)


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm() as made:
        yield made


@dataclass(frozen=True)
class Said:
    """What one command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def items(self) -> list[dict[str, Any]]:
        found = json.loads(self.out)["items"]
        assert isinstance(found, list)
        return found


class Stui:
    """Runs command lines."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> Said:
        self._capsys.readouterr()
        code = run(words)
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def add(self, farmed: FarmImage, name: str = "", *words: str) -> None:
        said = self("images", "add", name or farmed.name, farmed.address, *words)
        assert said.code == 0, said

    def item(self, name: str, *words: str) -> dict[str, Any]:
        """One image as `status` tells it now."""
        return self("status", name, "-o", "json", *words).items[0]


@pytest.fixture
def stui(capsys: pytest.CaptureFixture[str]) -> Stui:
    return Stui(capsys)
