"""Values as source text: what a checkpoint holds makes an equal value again."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from stui_cli.playground.agent.storing import stored
from stui_cli.playground.image import Playground
from stui_cli.playground.machine import Machine, Workspace


class Image:
    def __init__(self) -> None:
        self.image = Playground()
        self.scope = Workspace()
        self.machine = Machine(self.image, self.scope, lambda _: None, threading.Event())

    def run(self, source: str) -> Any:
        return self.image.evaluate(source, self.scope, lambda _: None, threading.Event())

    def text_of(self, source: str) -> str | None:
        return stored(self.machine, self.run(source))


@pytest.fixture(scope="module")
def image() -> Image:
    return Image()


@pytest.mark.parametrize(
    "source",
    [
        "nil", "true", "false", "3", "-3", "2 raisedTo: 40000", "(2 raisedTo: 40000) negated", "3/4", "-3/4", "1.5",
        "-0.0", "0.1", "1.0e100", "1.0e-300", "Float infinity", "1.5s2", "$a", "Character value: 16r1F600", "#a",
        "#a:b:", "#+", "''", "'it''s'", "#[]", "#[1 255]", "#()", "#(1 #(2) nil $a)", "(1 to: 120) asArray",
        "OrderedCollection new", "OrderedCollection new add: 3; yourself", "Set new add: 3; add: 'x'; yourself",
        "Bag new add: 3; add: 3; yourself", "Dictionary new at: #a put: (Array with: 3); yourself", "3 -> 4",
        "3 @ 4", "1 to: 10", "10 to: 1 by: -2", "Date today", "Time now", "Duration seconds: 5", "Object",
        "Object class", "Transcript", "Smalltalk",
    ],
)  # fmt: skip
def test_the_text_makes_an_equal_value_again(image: Image, source: str) -> None:
    image.run(f"v := {source}")
    text = image.text_of("v")
    assert text is not None
    assert image.run(f"v = {text}") is True
    assert image.run(f"v class == ({text}) class") is True


def test_what_is_not_a_number_is_none_again(image: Image) -> None:
    assert image.run(f"({image.text_of('Float nan')}) isNaN") is True


@pytest.mark.parametrize(
    "source",
    [
        "Object new", "[3]", "| a | a := Array new: 1. a at: 1 put: a. a",
        "OrderedCollection with: Object new", "Array new: 20000", "(1 to: 30) inject: 3 into: [:a :b | Array with: a]",
        "String new: 100000 withAll: $a", "SortedCollection sortBlock: [:a :b | a > b]", "Error new",
    ],
)  # fmt: skip
def test_what_no_text_makes_again_has_none(image: Image, source: str) -> None:
    assert image.text_of(source) is None


def test_a_users_collection_has_none(image: Image) -> None:
    image.run("OrderedCollection subclass: #Pile instanceVariableNames: '' classVariableNames: '' package: 'p'")
    assert image.text_of("Pile new add: 3; yourself") is None
