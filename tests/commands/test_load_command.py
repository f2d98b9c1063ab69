"""`stui load`: files and folders, one image and many, and each piece that fails with its place."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from stui_cli.protocol.code import Piece
from stui_cli.protocol.evaluation import Problem
from stui_cli.work.code.load_failures import piece_failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Stui
    from shell import Shell

CHUNKS = """Object subclass: #LoadedThing
	instanceVariableNames: 'a'
	classVariableNames: ''
	poolDictionaries: ''
	category: 'Loaded'!

!LoadedThing methodsFor: 'asking'!
one
	^1!
two
	^2! !

LoadedThing new one + LoadedThing new two!
"""
BROKEN = """3 + 4!

LoadedThing zork!

5 + + 6!

7!
"""
GONE = (
    "(Smalltalk includesKey: #LoadedThing) ifTrue: "
    "[Object removeSubclass: (Smalltalk at: #LoadedThing). Smalltalk removeKey: #LoadedThing]. 0"
)


@pytest.fixture
def folder(tmp_path: Path, stui: Stui, two_images: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "thing.st").write_text(CHUNKS)
    (tmp_path / "broken.st").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    stui("eval", "--all", GONE)


def test_a_file_is_loaded(stui: Stui, folder: Path) -> None:
    said = stui("load", "-i", "alpha", "thing.st")
    assert (said.code, said.out, said.err) == (0, "thing.st: 4 pieces loaded\n", "")
    assert stui.ok("eval", "-i", "alpha", "LoadedThing new two") == "2\n"
    items = stui.items("load", "-i", "alpha", "thing.st")
    assert [(item["kind"], item["name"], item["line"], item["outcome"]) for item in items] == [
        ("class", "LoadedThing", 1, "returned"),
        ("method", "LoadedThing>>one", 8, "returned"),
        ("method", "LoadedThing>>two", 10, "returned"),
        ("statements", None, 13, "returned"),
    ]
    assert items[3]["value"]["print"] == "3"
    assert ("load", "returned") in [(line["action"], line["outcome"]) for line in stui.items("audit")]


def test_the_first_piece_that_fails_is_the_last(stui: Stui, folder: Path) -> None:
    said = stui("load", "-i", "alpha", "broken.st", "thing.st")
    assert (said.code, said.out) == (7, "broken.st: 1 of 2 pieces loaded\n")
    assert "broken.st:3" in said.err
    assert "\n  LoadedThing zork" in said.err
    assert "not loaded after the failure: thing.st" in said.err


def test_keep_going(stui: Stui, folder: Path) -> None:
    said = stui("load", "-i", "alpha", "--keep-going", "thing.st", "broken.st")
    assert (said.code, said.out) == (8, "thing.st: 4 pieces loaded\nbroken.st: 2 of 4 pieces loaded\n")
    assert "broken.st:3: raised: " in said.err
    assert "broken.st:5:" in said.err
    assert "did not compile" in said.err
    (folder / "bad.st").write_text("nil zork!\n")
    assert stui("load", "-i", "alpha", "--keep-going", "bad.st").code == 7


def test_standard_input_and_a_session(stui: Stui, folder: Path) -> None:
    stui.ok("sessions", "create", "alpha/work")
    assert stui.ok("load", "-i", "alpha/work", "-", stdin=b"x := 3.\ny := x + 4.\n") == (
        "standard input: 2 pieces loaded\n"
    )
    assert stui.ok("eval", "-i", "alpha/work", "y") == "7\n"
    assert [item["kind"] for item in stui.items("sessions", "history", "alpha/work")] == ["load", "evaluate"]


def test_many_images_at_once(stui: Stui, folder: Path) -> None:
    said = stui("load", "--all", "thing.st")
    assert (said.code, said.out, said.err) == (0, "alpha, beta: thing.st: 4 pieces loaded\n", "")
    recorded = {(line["action"], line["image"], line["outcome"]) for line in stui.items("audit")}
    assert {("load", image, how) for image in ("alpha", "beta") for how in ("began", "returned")} <= recorded
    assert stui.ok("eval", "--all", "LoadedThing new two") == "alpha, beta: 2\n"
    stui.ok("eval", "-i", "beta", GONE)
    partly = stui("load", "--all", "--keep-going", "broken.st")
    assert partly.code == 8
    assert partly.err.count("broken.st:5") == 1
    assert stui("load", "--all", "-i", "alpha", "thing.st").code == 2
    stui.ok("images", "add", "gone", "tcp://127.0.0.1:1", "--offline")
    assert stui("load", "--all", "thing.st").code == 8
    assert stui("load", "-i", "g*", "thing.st").code == 5


def test_a_time_limit(stui: Stui, folder: Path) -> None:
    (folder / "endless.st").write_text("1 + 1!\n[true] whileTrue!\n2!\n")
    said = stui("load", "-i", "alpha", "--time-limit", "1200ms", "endless.st")
    assert said.code == 6
    assert "stopped after 1.2 s" in said.err
    assert "endless.st: 1 of 2 pieces loaded" in said.out


@pytest.mark.parametrize("words", [(), ("nowhere.st",), ("empty",)])
def test_what_cannot_be_meant(stui: Stui, folder: Path, words: tuple[str, ...]) -> None:
    (folder / "empty").mkdir()
    assert stui("load", "-i", "alpha", *words).code == 2


def test_what_is_browsed_can_be_loaded(stui: Stui, folder: Path) -> None:
    more = "LoadedThing extend [ odd: x [ ^x isNil ifTrue: ['a!'] ifFalse: [{$!. 'it''s'. #(1 #[2]). \"!\" x}] ] ]"
    stui.ok("load", "-i", "alpha", "thing.st")
    stui.ok("load", "-i", "alpha", "-", stdin=more.encode())
    text = stui.ok("browse", "source", "LoadedThing", "-i", "alpha")
    stui.ok("load", "-i", "beta", "-", stdin=text.encode())
    assert stui.ok("browse", "source", "LoadedThing", "-i", "alpha", "--against", "beta", "--exit-code") == ""


def test_who_evaluates_such_a_file_is_told_to_load_it(stui: Stui, folder: Path) -> None:
    said = stui("eval", "-i", "alpha", "-f", "thing.st")
    assert (said.code, "stui load thing.st" in said.err) == (7, True), said
    (folder / "plain.st").write_text("3 zork")
    said = stui("eval", "-i", "alpha", "-f", "plain.st")
    assert (said.code, "stui load" in said.err) == (7, False)


def test_a_missing_test_case_says_what_to_load() -> None:
    from stui_cli.commands.loads import loaded
    from stui_cli.model.names import Target
    from stui_cli.work.code.files import SourceFile
    from stui_cli.work.code.load import FileLoad, Loads

    problem = Problem("UndeclaredVariable", "undeclared variable TestCase", 1, 1, ())
    piece = Piece("class", "T", 1, "not_run", None, problem)
    loads = [
        Loads(Target(f"i{n}"), [FileLoad(Target(f"i{n}"), SourceFile("t.st", "TestCase subclass: T []"), [piece])])
        for n in range(7)
    ]
    (error,) = loaded(loads, stops=True).errors
    assert error.what.startswith("7 images: t.st:1:1: T did not compile: ")
    assert "PackageLoader fileInPackage: 'SUnit'" in error.todo


def test_the_place_is_shown_in_a_line_of_any_length() -> None:
    problem = Problem("SyntaxError", "expected expression", 2, 3_000, ())
    piece = Piece("statements", None, 1, "not_run", None, problem)
    told = piece_failure("f.st", f"1\r\n{'x' * 2_999}!{'y' * 3_000}", piece).split("\n")
    assert told[0] == "f.st:2:3000: did not compile: SyntaxError: expected expression"
    assert len(told[1]) == 160
    assert told[1][told[2].index("^")] == "!"


def test_a_name_that_nothing_defines_is_a_warning(stui: Stui, folder: Path) -> None:
    """Here, or in a file that comes later."""
    (folder / "one.st").write_text("Object subclass: LoadedThing [\n  a [ ^LoadedLater ]\n  b [ ^LoadedNowhere ]\n]\n")
    (folder / "two.st").write_text("Object subclass: LoadedLater [ ]\n")
    said = stui("load", "-i", "alpha", "one.st", "two.st")
    assert (said.code, said.out) == (0, "one.st: 1 piece loaded\ntwo.st: 1 piece loaded\n")
    assert "one.st:1: LoadedThing names what nothing defines yet: LoadedNowhere\n" in said.err
    assert "LoadedLater" not in said.err
    stui("eval", "--all", "Object removeSubclass: LoadedLater. Smalltalk removeKey: #LoadedLater")


def test_an_interrupt_says_which_file_it_came_in(stui: Stui, folder: Path, shell: Shell) -> None:
    (folder / "slow.st").write_text("Transcript showCr: 'runs'; flush. [true] whileTrue!\n")
    thing, slow, broken = (str(folder / f"{name}.st") for name in ("thing", "slow", "broken"))
    process = shell.started("load", "-i", "alpha", thing, slow, broken)
    assert process.stderr is not None
    assert process.stderr.readline() == "runs\n"
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=40)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == f"stui: interrupted in {slow}; before it: {thing}; not begun: {broken}"
    assert stui.ok("eval", "-i", "alpha", "LoadedThing new two") == "2\n"
