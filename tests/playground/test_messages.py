"""Any message to any object with any arguments ends in a value or in an error of Smalltalk, and no primitive of the
kernel is surprised by what it is sent."""

from __future__ import annotations

import random
import threading
import traceback
from typing import TYPE_CHECKING

import pytest

from stui_cli.playground import kernel
from stui_cli.playground.classes import PRIMITIVES, arity
from stui_cli.playground.image import Machine, NotCompiled, Playground, Raised, Stopped, Workspace
from stui_cli.playground.kernel.printing import print_string

if TYPE_CHECKING:
    from stui_cli.playground.signals import Signal

OBJECTS = (
    "nil", "true", "3", "-1", "0", "1000000000000000000000", "2.5", "(1/3)", "Float nan", "'abc'", "''", "#foo", "#+",
    "#size", "$a", "#(1 2 3)", "#()", "{1->2. 3->4}", "#[1 2 3]", "OrderedCollection new",
    "#(3 1 2) asOrderedCollection", "#(3 1 2) asSortedCollection", "#(1 2) asSet", "#(1 1 2) asBag", "IdentitySet new",
    "(Dictionary newFrom: {#a->1})", "(1 to: 5)", "(5 to: 1)", "Interval basicNew", "(1@2)", "Point basicNew", "(1->2)",
    "[3]", "[:x | x]", "[:x :y | x]", "[:x | true]", "Object new", "Object", "Array", "Set", "(ReadStream on: 'hello')",
    "(ReadStream on: #(1 2 3))", "(WriteStream on: String new)", "(ReadWriteStream on: Array new)", "Error new",
    "ZeroDivide", "(ZeroDivide, Error)", "Transcript", "Smalltalk", "(Delay forMilliseconds: 1)", "TestCase new",
    "TestResult new", "TestSuite new", "[3] newProcess", "(Object >> #printString)", "Message new",
    "3.14s2", "Float infinity", "-0.0", "#with:", "Date today", "Time now", "DateAndTime now", "5 seconds",
    "Random new", "(Random seed: 3)", "Date basicNew", "Time basicNew", "DateAndTime basicNew", "Duration basicNew",
)  # fmt: skip
# They take their time, or change the image for those that come after.
LEFT_OUT = {"bench", "sleep", "repeat", "removeFromSystem", "terminate", "terminateActive", "wait", "critical:"}
kernel.load()
SELECTORS = sorted({selector for _, selector in PRIMITIVES} - LEFT_OUT)


class Watched(Machine):
    """Keeps what Python's own errors were, before they are told as Smalltalk's."""

    __slots__ = ("surprises",)

    def translated(self, error: Exception) -> Signal:
        if not isinstance(error, RecursionError | MemoryError | OverflowError):
            self.surprises.append("".join(traceback.format_exception(error)[-3:]))
        return super().translated(error)


def sentence(chance: random.Random) -> str:
    """One message."""
    selector, receiver = chance.choice(SELECTORS), chance.choice(OBJECTS)
    arguments = [chance.choice(OBJECTS) for _ in range(arity(selector))]
    if not arguments:
        return f"{receiver} {selector}"
    if not selector.endswith(":"):
        return f"{receiver} {selector} {arguments[0]}"
    keywords = zip(selector.split(":"), arguments, strict=False)
    return receiver + "".join(f" {keyword}: {argument}" for keyword, argument in keywords)


def surprises(playground: Playground, source: str) -> list[str]:
    stop = threading.Event()
    timer = threading.Timer(1, stop.set)
    timer.start()
    machine = Watched(playground, Workspace(), lambda text: None, stop)
    machine.surprises = []
    try:
        machine.within(print_string, playground.run(source, machine))
    except (Raised, NotCompiled, Stopped):
        pass
    finally:
        timer.cancel()
        timer.join()
    return machine.surprises


def test_there_are_primitives_to_be_tried() -> None:
    assert len(SELECTORS) > 1000


@pytest.mark.parametrize("seed", [1, 2])
def test_messages_by_chance(seed: int) -> None:
    _try(seed, 500)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(10, 20))
def test_many_messages_by_chance(seed: int) -> None:
    _try(seed, 10_000)


def _try(seed: int, count: int) -> None:
    playground, chance = Playground(), random.Random(seed)
    found = []
    for _ in range(count):
        source = sentence(chance)
        found += [f"{source}\n{text}" for text in surprises(playground, source)]
    assert not found, "\n".join(found)
