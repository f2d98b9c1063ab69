"""64 processes that change one store at once, every fourth of them killed: what was acknowledged has to be there."""

from __future__ import annotations

import json
import random
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from budgets.rows import Pair, Row, Unit
from budgets.stores import filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgets.places import Place

PROCESSES = 64


def _changes(here: Place) -> list[bool]:
    """Whether each of them was acknowledged."""
    running = [
        subprocess.Popen(
            [here.stui, "--lock-timeout", "120s", "images", "set", "alpha", f"n{number}=there"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(here.environ),
            cwd=here.folder,
            start_new_session=True,
        )
        for number in range(PROCESSES)
    ]
    for victim in random.sample(running, PROCESSES // 4):
        time.sleep(random.uniform(0.0, 0.1))
        victim.kill()
    return [process.wait() == 0 for process in running]


@contextmanager
def lost(place: Place) -> Iterator[Pair]:
    """How many acknowledged labels are not there."""

    def ours() -> float:
        with filled(place) as here:
            acknowledged = _changes(here)
            (alpha,) = json.loads(here.run(here.stui, "images", "show", "alpha", "-o", "json"))["items"]
            labels = alpha["metadata"]
            return float(sum(yes and f"n{number}" not in labels for number, yes in enumerate(acknowledged)))

    yield Pair(ours)


ROWS = [Row("lost of 64 changes at once, some killed", "", 0, lost, Unit.COUNT, rounds=3)]
