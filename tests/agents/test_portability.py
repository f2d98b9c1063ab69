"""The core sends only what every dialect has, and is written so that every dialect reads it alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chunk_reader import Reading, read
from running import AGENT

CORE = [path for path in AGENT if path.parent.name == "core"]
LIST = Path(__file__).parent / "core_selectors.txt"

GLOBALS = {
    *("Array", "Association", "Bag", "ByteArray", "Character", "Date", "Dictionary", "Error", "Fraction"),
    *("IdentityDictionary", "IdentitySet", "Interval", "Metaclass", "Object", "OrderedCollection", "Point"),
    *("Semaphore", "Set", "Smalltalk", "String", "Time", "WriteStream"),
    "SmallInteger",
}
CLASS_VARIABLES = {
    "Current",
    "HighConstants",
    "Kinds",
    "LowConstants",
    "Names",
    "Payloads",
    "Running",
    "Table",
    "Widths",
}

# Methods of Object somewhere that do something else, and are sent by the system: one of ours would take their place.
TAKEN = {"release", "changed", "update:", "dependents", "finalize", "mourn", "postCopy", "inspect", "explore", "halt"}


@pytest.fixture(scope="module")
def core() -> Reading:
    reading = Reading()
    for path in CORE:
        read(path.read_text(encoding="ascii"), reading)
    return reading


def listed() -> set[str]:
    lines = LIST.read_text().splitlines()
    return {line.split("  # ")[0] for line in lines if not line.startswith("# ")}


def test_the_core_sends_nothing_that_is_not_in_the_list(core: Reading) -> None:
    foreign = {selector: where for selector, where in core.sent.items() if selector not in core.defined}
    assert {each: foreign[each] for each in foreign.keys() - listed()} == {}, f"see the head of {LIST.name}"
    assert listed() - foreign.keys() == set(), "no longer sent"


def test_the_core_names_no_other_globals(core: Reading) -> None:
    assert {each for each in core.globals if not each.startswith("Stui")} == GLOBALS | CLASS_VARIABLES


def test_no_method_takes_the_place_of_one_of_object(core: Reading) -> None:
    assert core.defined & TAKEN == set()


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_every_file_of_the_core_is_ascii_with_plain_lines(path: Path) -> None:
    text = path.read_bytes()
    assert text.isascii()
    assert b"\r" not in text
    assert text.endswith(b"!\n")


@pytest.mark.parametrize("wrong", ["#(nil)", "#(true)", "#($a)", "{1. 2}"])
def test_what_dialects_read_differently_is_noticed(wrong: str) -> None:
    with pytest.raises(AssertionError):
        read(f"!Foo methodsFor: 'x'!\nbar\n\t^{wrong}! !\n", Reading())


def test_the_reader_sees_every_kind_of_message() -> None:
    reading = Reading()
    source = "bar: x\n\t| a |\n\ta := (x one + 2) two: [:y | y three; four: 5; yourself]. ^#(#no 'no' (#no 1)) -> $c"
    read(f"!Foo methodsFor: 'x'!\n{source}! !\nFoo five!\n", reading)
    assert reading.defined == {"bar:"}
    assert set(reading.sent) == {"one", "+", "two:", "three", "four:", "yourself", "->", "five"}
    assert reading.globals == {"Foo"}


def shadows(method: str) -> set[str]:
    """The arguments of blocks that have the name of an argument or a temporary of their method."""
    head, _, _ = method.partition("\n")
    outer = set(re.findall(r"\w+: *(\w+)", head))
    if temporaries := re.search(r"\n\t\|([\w\s]*)\|", method):
        outer |= set(temporaries[1].split())
    inner = {name for block in re.findall(r"\[((?:\s*:\w+)+)\s*\|", method) for name in re.findall(r":(\w+)", block)}
    return outer & inner


def test_no_argument_of_a_block_has_the_name_of_another() -> None:
    """Squeak's compiler asks the user about one, and files in no further until somebody answers."""
    assert shadows("at: name\n\t^names collect: [:name | name]") == {"name"}
    for path in CORE:
        text = re.sub(r"'[^']*'", "''", re.sub(r'"[^"]*"', "", path.read_text("ascii")))
        for method in text.split("!"):
            assert shadows(method.lstrip("\n")) == set(), f"{path.name}: {method}"
