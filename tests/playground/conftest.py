"""An image of its own for each test that asks for one, and what evaluating in it prints, raises or refuses."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.image import Playground
from stui_cli.playground.machine import Machine, Workspace

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value


@dataclass
class Bench:
    image: Playground
    workspace: Workspace = field(default_factory=Workspace)
    said: list[str] = field(default_factory=list)
    limit_s: float = 20

    def machine(self) -> Machine:
        """One that is never stopped."""
        return Machine(self.image, self.workspace, self.said.append, threading.Event())

    def value(self, source: str) -> Value:
        """Raises NotCompiled, Raised or Stopped; the last after `limit_s`."""
        stop = threading.Event()
        timer = threading.Timer(self.limit_s, stop.set)
        timer.start()
        try:
            return self.image.evaluate(source, self.workspace, self.said.append, stop)
        finally:
            timer.cancel()
            timer.join()


@pytest.fixture
def bench() -> Bench:
    return Bench(Playground())
