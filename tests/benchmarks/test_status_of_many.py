"""`stui status` of 10, 100 and 1,000 images on loopback, with black holes and refusals among them (DESIGN section 12).

The figures are printed; the farm runs in a process of its own, with the real protocol code, on the same processors.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stui_cli.api import open_manager
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.store.transaction import Draft

pytestmark = pytest.mark.benchmark

ROOT = Path(__file__).resolve().parents[2]
RUNS = 5
TIME_OUT_S = 2.0

# Answering, black holes, refusing; the most seconds and bytes allowed, None where only figures are wanted.
FIELDS = [
    ("10", 10, 0, 0, None),
    ("100", 100, 0, 0, None),
    ("1000", 1_000, 0, 0, 1.5),
    ("1000, 100 of them black holes", 900, 100, 0, 1.5 + TIME_OUT_S),
    ("1000, 300 of them refusing", 700, 0, 300, 1.5),
]
MOST_BYTES = 64 * 1024 * 1024


@contextmanager
def served(answering: int, holes: int, refusing: int) -> Iterator[list[Image]]:
    words = ["--count", str(answering), "--black-holes", str(holes), "--refusing", str(refusing)]
    farm = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "farm.py"), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert farm.stdout is not None
    try:
        told = [json.loads(farm.stdout.readline()) for _ in range(answering + holes + refusing)]
        yield [Image(each["name"], each["address"], 0, image_id=each["image_id"]) for each in told]
    finally:
        farm.communicate("")


def register(images: list[Image]) -> None:
    def change(draft: Draft) -> ImageDetails:
        draft.images.update({image.name: image for image in images})
        return ImageDetails(Kind.IMAGE_ADD, "farm")

    open_manager().store.commit(change)


def measured() -> tuple[float, int]:
    """Seconds and the most bytes of memory of one `stui status`."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    stui = [sys.executable, "-m", "stui_cli", "status", "--timeout", str(TIME_OUT_S)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program, *stui], capture_output=True, text=True, check=True, env=environ
    )
    took = time.perf_counter() - begun
    scale = 1 if sys.platform == "darwin" else 1024
    return took, int(done.stdout) * scale


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "answering", "holes", "refusing", "allowed"), FIELDS, ids=[field[0] for field in FIELDS]
)
def test_status_of_many(
    name: str, answering: int, holes: int, refusing: int, allowed: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(answering, holes, refusing) as images:
        register(images)
        runs = [measured() for _ in range(RUNS)]
    seconds = statistics.median(took for took, _ in runs)
    memory = max(peak for _, peak in runs)
    with capsys.disabled():
        spread = f"{min(t for t, _ in runs):.2f} to {max(t for t, _ in runs):.2f} s"
        print(f"\nstatus of {name}: {seconds:.2f} s ({spread}), {memory / 2**20:.0f} MB")
    assert memory < MOST_BYTES
    if allowed is not None:
        assert seconds < allowed
