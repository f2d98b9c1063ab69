"""Every method that is always there, with arguments of every kind: it answers, or raises an error of Smalltalk."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.classes import PRIMITIVES, arity
from stui_cli.playground.image import Playground, Raised, Stopped, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

_VALUES = [
    "nil", "true", "3", "-1", "0", "(10 raisedTo: 30)", "(1/2)", "1.5", "Float infinity", "Float nan", "3.14s2",
    "'abc'", "''", "#foo", "#with:", "$a", "#(1 2)", "Object new", "Object", "[:x | x]", "[3]", "(1->2)", "(1@2)",
    "Date today", "5 seconds", "(1 to: 3)", "Time now", "DateAndTime now", "Random new", "Set new", "#[1 2]",
    "(Dictionary new at: 1 put: 2; yourself)", "(ReadStream on: 'abc')", "(WriteStream on: String new)",
    "#(3 1 2) asOrderedCollection", "Error new",
]  # fmt: skip
_RECEIVERS = {
    "Number": ["3", "(1/2)", "1.5", "Float nan", "3.14s2"], "Integer": ["7", "(10 raisedTo: 30)"], "Float": ["1.5"],
    "Fraction": ["(1/2)"], "ScaledDecimal": ["3.14s2"], "Magnitude": ["3", "$a"], "Character": ["$a"],
    "String": ["'hello world' copy", "''"], "Symbol": ["#foo:"], "Boolean": ["true"], "UndefinedObject": ["nil"],
    "Duration": ["5 seconds"], "Date": ["Date today"], "Time": ["Time now"], "DateAndTime": ["DateAndTime now"],
    "Random": ["Random new"], "Object": ["nil", "3", "'abc'", "#(1 2)", "Object new", "Object"],
}  # fmt: skip
_OURS = {
    "booleans", "characters", "clock_times", "copying", "dates", "durations", "float_constants", "integers",
    "magnitudes", "moments", "number_forms", "number_printing", "number_storing", "number_words", "numbers", "powers",
    "printing", "protocol", "randomness", "symbols", "text", "text_parts", "text_searching",
}  # fmt: skip
_ENDLESS = {"wait", "halt", "timesRepeat:"}


def messages(chosen: random.Random, samples: int) -> Iterator[str]:
    for (name, selector), primitive in sorted(PRIMITIVES.items(), key=lambda item: item[0]):
        family = (primitive.function.__module__ or "").rpartition(".")[2]
        if family not in _OURS or selector in _ENDLESS:
            continue
        receivers = [name.removesuffix(" class")] if name.endswith(" class") else _RECEIVERS.get(name, [])
        for _ in range(samples if arity(selector) else min(samples, len(receivers))):
            if receivers:
                yield message(
                    chosen.choice(receivers), selector, [chosen.choice(_VALUES) for _ in range(arity(selector))]
                )


def message(receiver: str, selector: str, arguments: list[str]) -> str:
    if ":" not in selector:
        return f"({receiver}) {selector} " + "".join(f"({each})" for each in arguments)
    words = selector.split(":")
    return f"({receiver}) " + " ".join(f"{word}: ({each})" for word, each in zip(words, arguments, strict=False))


def failing(samples: int) -> list[str]:
    """The messages that failed in a way of Python, or took long."""
    playground, found = Playground(), []
    for source in messages(random.Random(samples), samples):
        stop = threading.Event()
        timer = threading.Timer(5, stop.set)
        timer.start()
        try:
            playground.evaluate(f"[{source}] value printString", Workspace(), lambda text: None, stop)
        except Raised as raised:
            if raised.kind == "PrimitiveFailed" or "Traceback" in raised.message or " object at 0x" in raised.message:
                found.append(f"{source} -> {raised.kind}: {raised.message}")
        except Stopped:
            found.append(f"{source} -> took 5 s")
        finally:
            timer.cancel()
            timer.join()
    return found


def test_no_primitive_fails_as_python_does() -> None:
    assert failing(2) == []


@pytest.mark.long
def test_no_primitive_fails_as_python_does_with_many_arguments() -> None:
    assert failing(40) == []
