"""An image that never comes to an end: each command does, in the time that it was given and in bounded memory."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hostile_image import HostileImage

from stui_cli.api import open_manager
from stui_cli.main import run
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.protocol.code import CodeItem
from stui_cli.protocol.codec import encode
from stui_cli.protocol.fields import to_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.api import SessionManager
    from stui_cli.store.transaction import Draft

ROOT = str(Path(__file__).parents[2])


def notified(method: str, **params: object) -> Callable[[int], Iterator[bytes]]:
    """The same notification again and again, as fast as it is read."""
    return lambda number: itertools.repeat(encode([2, method, [{"id": number, **params}]]) * 100)


def dripping(number: int) -> Iterator[bytes]:
    """An answer of 10 MB, a byte at a time."""
    yield b"\x94\x01" + encode(number) + b"\xc0\xc6\x00\x98\x96\x80"
    while True:
        time.sleep(0.02)
        yield b"x"


def announced(number: int) -> Iterator[bytes]:
    """Maps in maps that announce a thousand million items each, and then nothing."""
    yield b"\x94\x01" + encode(number) + b"\xc0" + b"\xdf\x3b\x9a\xca\x00" * 60


def large(number: int) -> Iterator[bytes]:
    """An answer of 16 MiB of empty maps."""
    most = 16 * 1024 * 1024 - 100
    yield b"\x94\x01" + encode(number) + b"\xc0\xdd" + most.to_bytes(4, "big") + b"\x80" * most


def growing(number: int) -> Iterator[bytes]:
    """A notification of 15 MiB of text, again and again."""
    return itertools.repeat(encode([2, "of tomorrow", [{"id": number, "text": "x" * (15 * 1024 * 1024)}]]))


RAN = {"selector": "testIt", "outcome": "passed", "message": None, "stack": [], "elapsed_ms": 1, "class": "ItTest"}
EVAL = ("eval", "--time-limit", "0.3s", "3 + 4")
TEST = ("test", "--time-limit", "0.3s")


class Flood(NamedTuple):
    """A command, in the answer to which of its requests what has no end, and how the command may end."""

    words: tuple[str, ...]
    method: str
    stream: Callable[[int], Iterator[bytes]]
    codes: tuple[int, ...]


FLOODS = {
    "output": Flood(EVAL, "evaluate", notified("output", text="still here\n"), (6,)),
    "queued": Flood(EVAL, "evaluate", notified("queued", busy_ms=1, source="x"), (6,)),
    "large notifications": Flood(EVAL, "evaluate", growing, (1, 6)),
    "tests": Flood(TEST, "run_tests", notified("test", **RAN), (1, 6)),
    "drip of an answer": Flood(EVAL, "evaluate", dripping, (6,)),
    "drip of a greeting": Flood(("status", "--timeout", "0.5s"), "hello", dripping, (0,)),
    "drip of a ping": Flood(("ping", "--timeout", "0.5s"), "ping", dripping, (5,)),
    "announcements": Flood(EVAL, "evaluate", announced, (6,)),
    "empty maps": Flood(EVAL, "evaluate", large, (1,)),
    "empty maps as a greeting": Flood(("ping",), "hello", large, (5,)),
}


class Ended(NamedTuple):
    """How a command ended: its code, how long it took, the largest memory it had (KiB), what it said."""

    code: int
    seconds: float
    memory: int
    said: str


# Runs a command, prints its most memory in KiB, and exits as it did. Linux counts for a process what its parent had at
# the exec: measured from here that would be the memory of all the tests before this one.
MEASURED = """\
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def register(image: HostileImage, manager: SessionManager) -> None:
    def added(draft: Draft) -> ImageDetails:
        draft.images["alpha"] = Image("alpha", image.address, 0, image_id=image.image_id)
        return ImageDetails(Kind.IMAGE_ADD, "alpha")

    manager.store.commit(added)


def ended(flood: Flood, name: str) -> Ended:
    with HostileImage() as image, tempfile.TemporaryFile() as errors:
        image.stream = lambda method, number: flood.stream(number) if method == flood.method else None

        home = os.path.join(os.environ["STUI_HOME"], name.replace(" ", "-"))
        register(image, open_manager(home))
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, sys.executable, "-m", "stui_cli", *flood.words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": ROOT, "STUI_HOME": home},
            check=False,
        )
        took = time.monotonic() - began
        errors.seek(-min(5_000, errors.seek(0, os.SEEK_END)), os.SEEK_END)
        return Ended(done.returncode, took, int(done.stdout), errors.read().decode())


@pytest.mark.parametrize("items", [1, 1_000, 1_001])
def test_a_listing_of_ever_more_pages(items: int, capfd: pytest.CaptureFixture[str]) -> None:
    item = to_map(CodeItem("Kernel", "Object", None, None, None, "x" * 15_000))

    def more(what: str, sent: Any) -> Any:
        if what != "browse":
            return sent
        return {"total": 2**40, "items": [item] * items}

    with HostileImage() as image:
        image.distort = more
        register(image, open_manager())
        code = run(["browse", "classes", "-i", "alpha", "--time-limit", "1s" if items == 1 else "20s"])
    said = capfd.readouterr().err
    assert "Traceback" not in said
    if items == 1:  # each page takes its time, and all of them no more than was given
        assert (code, "did not answer within 1 s" in said) == (6, True), said
    else:
        assert (code, "did not come to an end" in said) == (1, True), said


@pytest.mark.skipif(sys.platform != "linux", reason="needs ru_maxrss as Linux has it")
@pytest.mark.long
def test_what_has_no_end_ends_in_time_and_in_little_memory() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = dict(zip(FLOODS, pool.map(ended, FLOODS.values(), FLOODS), strict=True))
    for name, end in found.items():
        assert end.code in FLOODS[name].codes, (name, end)
        assert "Traceback" not in end.said, (name, end)
        assert "bug of stui" not in end.said, (name, end)
        assert end.seconds < 40, (name, end)  # its time limit, 3 s of grace, a busy machine
        assert end.memory < 250_000, (name, end)
