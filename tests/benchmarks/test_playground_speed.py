"""The playground beside a real GNU Smalltalk, the same expressions in one run: at 1/30 of its speed or more.

python -m pytest tests/benchmarks/test_playground_speed.py -m benchmark -s

It prints a table and asserts nothing timed, but that each expression has the same value in both.
"""

from __future__ import annotations

import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.image import Playground
from stui_cli.playground.machine import Workspace

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

FIB = "fib: n n < 2 ifTrue: [^n]. ^(self fib: n - 1) + (self fib: n - 2)"
ROUNDS = 3
EXPRESSIONS = {
    "a loop that adds": "| s | s := 0. 1 to: 3000000 do: [:i | s := s + i]. s \\\\ 1000000",
    "7 M sends (fib: 32)": "nil fib: 32",
    "timesRepeat:": "| n | n := 0. 1000000 timesRepeat: [n := n + 1]. n",
    "a block called": "| b n | n := 0. b := [:x | n := n + x]. 1 to: 1000000 do: [:i | b value: 1]. n",
    "add:": "| c | c := OrderedCollection new. 1 to: 300000 do: [:i | c add: i]. c size",
    "inject:into:": "| c | c := (1 to: 300000) asOrderedCollection. c inject: 0 into: [:a :e | a + 1]",
    "collect: and select:": "| c | c := (1 to: 300000) asOrderedCollection. "
    "((c collect: [:e | e + 1]) select: [:e | e even]) size",
    "at:put: of a dictionary": "| d | d := Dictionary new. 1 to: 100000 do: [:i | d at: i put: i]. d size",
    "at: of an array": "| a s | a := Array new: 1000. 1 to: 1000 do: [:i | a at: i put: i]. s := 0. "
    "300 timesRepeat: [1 to: 1000 do: [:i | s := s + (a at: i)]]. s",
    "numbers on a stream": "| w | w := WriteStream on: String new. "
    "1 to: 100000 do: [:i | w nextPutAll: i printString]. w contents size",
    "strings joined": "| s | s := ''. 1 to: 2000 do: [:i | s := s , 'abc']. s size",
    "sorting": "| c | c := (1 to: 20000) asOrderedCollection. "
    "(c asSortedCollection: [:a :b | (a * 7919 \\\\ 20011) <= (b * 7919 \\\\ 20011)]) first",
    "handlers": "| n | n := 0. 1 to: 20000 do: [:i | [ZeroDivide new signal] on: ZeroDivide do: [:e | n := n + 1]]. n",
    "a set": "| s | s := Set new. 1 to: 100000 do: [:i | s add: i \\\\ 1000]. s size",
}


def by_gst(gst_path: str, tmp_path: Path, sources: list[str]) -> list[tuple[str, float]]:
    """The value and the ms of each."""
    script = tmp_path / "speed.st"
    timed = [
        "| t v |\n"
        f"t := Time millisecondsToRun: [v := [{source}] value].\n"
        "Transcript showCr: v printString, ' ', t printString!"
        for source in sources
    ]
    script.write_text(f"!Object methodsFor: 'speed'!\n{FIB}! !\n" + "\n".join(timed) + "\n")
    done = subprocess.run(["gst", "-q", script], env={"PATH": gst_path}, capture_output=True, text=True, check=True)
    words = [line.split() for line in done.stdout.splitlines() if line]
    assert len(words) == len(sources), done.stdout
    return [(value, float(ms)) for value, ms in words]


def by_playground(image: Playground, source: str) -> tuple[str, float]:
    start = time.perf_counter()
    value = image.evaluate(source, Workspace(), lambda text: None, threading.Event())
    return str(value), (time.perf_counter() - start) * 1000


def test_speed_beside_gst(gst_path: str, tmp_path: Path) -> None:
    image = Playground()
    image.compile_method(FIB, image.classes["Object"])
    best: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        theirs = by_gst(gst_path, tmp_path, list(EXPRESSIONS.values()))
        for (name, source), (value, gst_ms) in zip(EXPRESSIONS.items(), theirs, strict=True):
            found, ms = by_playground(image, source)
            assert found == value, name
            before = best.get(name, (gst_ms, ms))
            best[name] = (min(before[0], gst_ms), min(before[1], ms))
    print()
    for name, (gst_ms, ms) in best.items():
        print(f"{name:26} gst {gst_ms:7.0f} ms   playground {ms:7.0f} ms   {ms / max(gst_ms, 1):5.1f} x")
    times = []
    for count in range(200):
        start = time.perf_counter()
        image.evaluate(f"{count} + 4 * 2", Workspace(), lambda text: None, threading.Event())
        times.append(time.perf_counter() - start)
    print(f"{'a fresh one-liner':26} {sorted(times)[100] * 1000:.2f} ms (median)")
