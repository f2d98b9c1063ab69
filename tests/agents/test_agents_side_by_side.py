"""What agents answer in the same minute: pings and evaluations a second, over one connection, one at a time and many.

    STUI_COMPARE_GST=~/gst-3.2.92/bin/gst python -m pytest tests/agents/test_agents_side_by_side.py -m benchmark -s

The GNU Smalltalk of the tests, those that STUI_COMPARE_GST names (as PATH does), and the playground take turns, so that
what else the machine does meets all of them. It prints a table and asserts nothing timed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest
from running import KEYS, Clients, RunningAgent, private_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire import Wire

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

ROUNDS = 9
TURN_S = 0.4
AT_ONCE = 100
# Looked at once: each test has its STUI_ variables taken away.
MORE = [Path(each) for each in os.environ.get("STUI_COMPARE_GST", "").split(os.pathsep) if each]


class Playground(RunningAgent):
    """The embedded one, started with the same start file."""

    def run(self, arguments: list[object]) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stui_cli.playground", str(arguments[-1])],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
                cwd=self.folder,
                start_new_session=True,
            )


def ping(wire: Wire) -> int:
    return wire.request("ping", message=None)


def evaluation(wire: Wire) -> int:
    return wire.request("evaluate", session_id=None, source="3 + 4", time_limit_ms=60_000, print_limit=1000)


def rate(wire: Wire, ask: Callable[[Wire], int], at_once: int) -> float:
    """Answers a second in one turn."""
    count, begun = 0, time.perf_counter()
    while (took := time.perf_counter() - begun) < TURN_S:
        for number in [ask(wire) for _ in range(at_once)]:
            wire.answer(number)
        count += at_once
    return count / took


MEASURES: dict[str, tuple[Callable[[Wire], int], int]] = {
    "pings, one at a time": (ping, 1),
    f"pings, {AT_ONCE} at once": (ping, AT_ONCE),
    "evaluations, one at a time": (evaluation, 1),
    f"evaluations, {AT_ONCE} at once": (evaluation, AT_ONCE),
}


def test_side_by_side(gst: Path) -> None:
    with ExitStack() as ending:
        wires: dict[str, Wire] = {}
        for program in (gst, *MORE, None):
            folder = Path(ending.enter_context(private_folder()))
            agent = RunningAgent(program, folder, KEYS) if program else Playground(gst, folder, KEYS)
            ending.callback(agent.kill)
            clients = Clients(agent.start())
            ending.callback(clients.close)
            wire = clients.bare()
            told = wire.login(KEYS[1])
            wires[f"{told['dialect']} {told['image_version']}"] = wire
        rates: dict[tuple[str, str], list[float]] = {}
        for _ in range(ROUNDS):
            for measure, (ask, at_once) in MEASURES.items():
                for name, wire in wires.items():
                    rates.setdefault((measure, name), []).append(rate(wire, ask, at_once))
    print("\n" + " ".join(["a second".ljust(30), *(name.rjust(22) for name in wires)]))
    for measure in MEASURES:
        row = [rates[measure, name] for name in wires]
        cells = (f"{median(each):.0f} ({min(each):.0f}-{max(each):.0f})".rjust(22) for each in row)
        print(" ".join([measure.ljust(30), *cells]))
    assert all(min(each) > 0 for each in rates.values())
