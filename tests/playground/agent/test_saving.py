"""A playground is saved and made again: classes, objects with all that they hold of each other, sessions."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgpack
import pytest

from stui_cli.playground.agent.jobs import AgentSession
from stui_cli.playground.agent.saving import NotSaved, UnusableImage
from stui_cli.playground.agent.server import Agent
from stui_cli.playground.agent.settings import AgentSettings
from stui_cli.playground.machine import Workspace
from stui_cli.playground.objects import Symbol, Text
from stui_cli.playground.signals import Raised

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = "saved.0123456789abcdef0123456789abcdef.part.playground"


class Saved:
    """An agent with one session, saved and made again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.agent = self._fresh()
        self.agent.sessions["me", "id"] = AgentSession("id", "me", "work", "mine")
        self.told = ""

    def _fresh(self) -> Agent:
        agent = Agent(settings=AgentSettings(folder=self.folder))
        agent.install()
        return agent

    @property
    def session(self) -> AgentSession:
        return self.agent.sessions["me", "id"]

    def run(self, source: str) -> Any:
        scope = Workspace(self.session.variables, self.session.kept.values)
        return self.agent.image.evaluate(source, scope, lambda _: None, threading.Event())

    def again(self) -> None:
        """Save, and go on with what was saved."""
        (self.folder / FILE).unlink(missing_ok=True)  # stui puts it elsewhere
        self.told = self.agent.save_to(str(self.folder / FILE))
        self.agent = self._fresh()
        self.lost = self.agent.resume(self.folder / FILE)


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    return Saved(tmp_path)


@pytest.mark.parametrize(
    "value",
    [
        "nil", "true", "3", "-7", "(2 raisedTo: 200)", "(3/4)", "1.5e100", "1.5s2", "$a", "#sym", "'it''s'",
        "#[1 2 255]",
        "#(1 $a #(2 nil))", "(3 -> 4)", "(3 @ 4)", "(1 to: 10 by: 3)", "(OrderedCollection new add: 3; yourself)",
        "(Set new add: 3; add: 'x'; yourself)", "(Bag new add: 3; add: 3; yourself)",
        "(Dictionary new at: #a put: 3; at: 'b' put: 4; yourself)", "Object", "Object class",
    ],
)  # fmt: skip
def test_a_value_comes_back_equal(saved: Saved, value: str) -> None:
    saved.run(f"x := {value}")
    saved.again()
    assert saved.lost == []
    assert saved.run(f"x = {value}") is True


def test_what_was_one_object_is_one_again(saved: Saved) -> None:
    saved.run("x := OrderedCollection new. x add: x. y := Array with: x with: x. Smalltalk at: #Mine put: x")
    saved.again()
    assert saved.run("((x at: 1) == x) & ((y at: 1) == x) & ((y at: 2) == Mine)") is True


@pytest.mark.parametrize(
    ("made", "holds"),
    [
        ("x := ReadStream on: #(1 2 3). x next", "x next = 2"),
        ("x := WriteStream on: String new. x nextPutAll: 'abc'", "x contents = 'abc'"),
        ("x := SortedCollection new. x add: 3; add: 1", "x asArray = #(1 3)"),
        ("x := Error new messageText: 'm'", "x messageText = 'm'"),
        ("x := DateAndTime now. y := x printString", "x printString = y"),
        ("x := Set new. x add: (Set with: 3)", "x includes: (Set with: 3)"),
        ("x := IdentityDictionary new. x at: #a put: 3", "(x at: #a) = 3"),
        ("x := ZeroDivide , Error", "([1/0] on: x do: [:e | 7]) = 7"),
        (
            "Object subclass: #One instanceVariableNames: '' package: 'p'. One class instanceVariableNames: 'it'. "
            "One class compile: 'it: x it := x'. One class compile: 'it ^it'. One it: 4",
            "One it = 4",
        ),
        (
            "Object variableSubclass: #Ring instanceVariableNames: 'first' package: 'p'. r := Ring new: 3. "
            "r at: 2 put: r; at: 3 put: 'x'; instVarNamed: 'first' put: 7",
            "{r at: 2. r at: 3. (Ring new: 4) size. r instVarNamed: 'first'} = {r. 'x'. 4. 7}",
        ),
    ],
)
def test_it_does_as_before(saved: Saved, made: str, holds: str) -> None:
    saved.run(made)
    saved.again()
    assert saved.lost == []
    assert saved.run(holds) is True


DEFINITIONS = """
Object subclass: #Cell instanceVariableNames: 'value' classVariableNames: 'Count' package: 'Cells'.
Cell comment: 'Holds one thing.'.
Cell compile: 'value ^value' classified: 'accessing'.
Cell compile: 'value: each value := each. Count := Count + 1'.
Cell compile: '= other ^(other isKindOf: Cell) and: [value = other value]'.
Cell compile: 'hash ^value hash'.
Cell class compile: 'start Count := 0'.
Cell class compile: 'count ^Count'.
Cell subclass: #Box instanceVariableNames: 'lid' classVariableNames: '' package: 'Cells'.
Integer compile: 'twice ^self * 2'.
OrderedCollection subclass: #Pile instanceVariableNames: 'owner' classVariableNames: '' package: 'Cells'.
Pile compile: 'owner ^owner'. Pile compile: 'owner: each owner := each'.
"""


def test_classes_methods_and_their_instances_come_back(saved: Saved) -> None:
    saved.run(DEFINITIONS)
    saved.run("Cell start. x := Box new. x value: 5. s := Set new. s add: x. p := Pile new. p add: 3; owner: 'me'")
    saved.again()
    assert saved.lost == []
    assert saved.run("x value + Cell count") == 6
    assert saved.run("s includes: (Cell new value: 5; yourself)") is True
    assert saved.run("x class superclass == Cell") is True
    assert saved.run("21 twice") == 42
    assert saved.run("p first") == 3
    assert saved.run("p owner = 'me'") is True
    assert saved.agent.image.globals["Cell"].comment == "Holds one thing."
    saved.run("Box compile: 'lid ^lid'. Cell subclass: #Third instanceVariableNames: '' package: 'Cells'")
    saved.again()
    assert saved.run("Third new class superclass == Cell") is True


def test_a_method_of_a_user_that_hashes_without_end_costs_no_more_than_its_element(
    saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved.run(
        "Object subclass: #Bad instanceVariableNames: '' classVariableNames: '' package: 'p'. Bad compile: 'hash ^1'"
    )
    saved.run("s := Set new. s add: Bad new; add: 3. Bad compile: 'hash [true] whileTrue: []'")
    monkeypatch.setattr("stui_cli.playground.thawing._HASHING_S", 0.2)
    saved.again()
    assert saved.lost == ["an element of a Set: it took too long to find its place"]


def test_kept_results_and_the_session_itself_come_back(saved: Saved) -> None:
    saved.session.kept.keep(Text("first"))
    saved.session.kept.glimpse(Text("seen"))
    saved.again()
    session = saved.session
    assert (session.name, session.description, session.kept.results, session.kept.glimpses) == (
        "work",
        "mine",
        [1],
        [2],
    )
    assert session.kept.keep(None) == 3
    assert saved.run("@1 = 'first'") is True


def test_blocks_and_what_runs_are_told(saved: Saved) -> None:
    saved.run("b := [:i | i]. a := Array with: b with: 3")
    saved.again()
    assert "not kept: a block in b of the session work" in saved.told
    assert "not kept: a block in a of the session work" in saved.told
    assert saved.run("a last") == 3
    assert saved.run("b") is None


def test_the_transcript_is_the_transcript_again(saved: Saved) -> None:
    saved.run("t := Transcript")
    saved.again()
    assert saved.run("t == Transcript") is True


def test_unsaved_changes_are_those_of_the_code(saved: Saved) -> None:
    def is_unsaved() -> bool:
        return saved.agent.image.changes != saved.agent.saved_changes

    assert not is_unsaved()
    saved.run(DEFINITIONS)
    assert is_unsaved()
    saved.again()
    assert not is_unsaved()


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "saved.playground", "{}/saved.playground", "{}/keys", f"{{}}/../{FILE}", f"{{}}/x/{FILE}",
        "{}/saved.0123456789abcdef0123456789abcdef.part.playground\n", "", f"/{FILE}",
    ],
)  # fmt: skip
def test_code_can_write_nothing_but_the_file_that_stui_asks_for(saved: Saved, path: str) -> None:
    (saved.folder / "x").mkdir()
    name = path.format(saved.folder)
    with pytest.raises(NotSaved):
        saved.agent.save_to(name)
    quoted = name.replace("'", "''")
    with pytest.raises(Raised, match="stui images save"):
        saved.run(f"StuiAgent saveImage: '{quoted}'")
    assert [each.name for each in saved.folder.iterdir()] == ["x"]


def test_what_is_there_is_not_written_over(saved: Saved) -> None:
    (saved.folder / FILE).symlink_to(saved.folder / "elsewhere")
    with pytest.raises(NotSaved, match="could not be written"):
        saved.agent.save_to(str(saved.folder / FILE))
    assert not (saved.folder / "elsewhere").exists()


def _without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda document: document.pop(key)


@pytest.mark.parametrize(
    "damage",
    [
        _without("kind"), _without("objects"), _without("sessions"), lambda d: d.update(schema=2),
        lambda d: d.update(objects=[["Zork", None, None, []]]), lambda d: d.update(globals=[["G", ["o", 99]]]),
        lambda d: d["sessions"][0].update(variables=3), lambda d: d.update(classes=[{"own": True}]),
    ],
)  # fmt: skip
def test_a_damaged_file_is_told(saved: Saved, damage: Callable[[dict[str, Any]], object]) -> None:
    saved.run("x := 'text'")
    saved.agent.save_to(str(saved.folder / FILE))
    document = msgpack.unpackb((saved.folder / FILE).read_bytes())
    damage(document)
    (saved.folder / FILE).write_bytes(msgpack.packb(document))
    with pytest.raises(UnusableImage, match="saved"):
        Saved(saved.folder).agent.resume(saved.folder / FILE)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"an image", b"\x93\x01"])
def test_a_file_of_something_else_is_told(saved: Saved, data: bytes) -> None:
    (saved.folder / FILE).write_bytes(data)
    with pytest.raises(UnusableImage, match="saved"):
        saved.agent.resume(saved.folder / FILE)


def test_deep_and_large_structures_are_no_matter_of_the_stack(saved: Saved) -> None:
    saved.run("x := nil. 1 to: 20000 do: [:i | x := Array with: x]. n := 0")
    saved.again()
    assert saved.run("[x notNil] whileTrue: [x := x at: 1. n := n + 1]. n") == 20000


def test_symbols_stay_the_only_ones(saved: Saved) -> None:
    saved.run("x := #foo:bar:")
    saved.again()
    assert isinstance(saved.run("x"), Symbol)
    assert saved.run("x == #foo:bar:") is True
