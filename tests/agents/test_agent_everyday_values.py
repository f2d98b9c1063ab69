"""Everyday values: a checkpoint holds them as text, which makes them again in gst, in the playground, and back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.agent.storing import stored
from stui_cli.playground.image import Playground
from stui_cli.playground.machine import Machine, Workspace

if TYPE_CHECKING:
    from running import Clients
    from wire import Wire

BOTH_KNOW = {
    "integer": "-3",
    "large": "1000000000000000000000 negated",
    "fraction": "-3/4",
    "float": "(1/3) asFloat",
    "scaled": "3.14s2",
    "string": "'it''s'",
    "symbol": "#at:put:",
    "character": "$a",
    "array": "(Array with: #(1 #two 'three') with: (Set with: 4))",
    "bytes": "#[1 2 255]",
    "ordered": "(OrderedCollection with: 1/2 with: 'two' with: #three)",
    "many": "(1 to: 600) asOrderedCollection",
    "none": "OrderedCollection new",
    "set": "(Set with: 'a' with: #b with: 3)",
    "identities": "(IdentitySet with: #a with: #b)",
    "bag": "(Bag new add: 'x'; add: 'x'; add: #y; yourself)",
    "dictionary": "(Dictionary new at: #a put: (OrderedCollection with: 1); at: 'b' put: nil; yourself)",
    "by_identity": "(IdentityDictionary new at: #a put: 1; at: #b put: (3 @ 4); yourself)",
    "interval": "(1 to: 9 by: 2)",
    "empty": "(1 to: 0)",
    "halves": "(1 to: 3 by: 1/2)",
    "association": "(#key -> ('value' -> $v))",
    "point": "(3 @ -4)",
    "date": "(Date newDay: 29 month: #feb year: 2024)",
    "time": "(Time fromSeconds: 86399)",
    "a_class": "OrderedCollection",
    "metaclass": "OrderedCollection class",
    "transcript": "Transcript",
    "image": "Smalltalk",
    "processor": "Processor",
    "nested": "(OrderedCollection with: (Dictionary new at: 1 put: (Bag with: #(1 2)); yourself))",
}
OURS_ALONE = {
    "lookup": "(LookupTable new at: #a put: 1; yourself)",
    "in_a_namespace": "SystemExceptions.NotFound",
}


class Neighbour:
    """A playground."""

    def __init__(self) -> None:
        self._image = Playground()
        self._scope = Workspace()

    def again(self, text: str) -> str | None:
        """The text of the value that the text makes there."""
        machine = Machine(self._image, self._scope, lambda _: None, threading.Event())
        return stored(machine, self._image.evaluate(text, self._scope, lambda _: None, threading.Event()))


def texts(wire: Wire, sources: dict[str, str], session: str) -> dict[str, str | None]:
    """What a checkpoint holds of variables with these values, each evaluated alone."""
    for name, source in sources.items():
        wire.value(f"{name} := {source}. 0", session)
    return {each["name"]: each["store"] for each in wire.call("checkpoint_session", session_id=session)["bindings"]}


def are_the_same(wire: Wire, session: str, sources: dict[str, str]) -> dict[str, str]:
    """Which variables of the session are not equal to their source's value, or of another class."""
    asked = "({0} = {1} and: [{0} class == {1} class])"
    return {
        name: wire.value(f"{name} storeString", session)
        for name, source in sources.items()
        if wire.value(asked.format(name, f"({source})"), session) != "true"
    }


def restored(wire: Wire, session: str, kept: dict[str, str | None]) -> None:
    bindings = [{"name": name, "store": text} for name, text in kept.items()]
    told = wire.call("restore_session", session_id=session, bindings=bindings, replay=[])
    assert told["lost"] == []


def test_everyday_values_come_back(clients: Clients, session: str) -> None:
    wire = clients()
    kept = texts(wire, BOTH_KNOW | OURS_ALONE, session)
    assert [name for name, text in kept.items() if text is None] == []
    restored(wire, "again", kept)
    assert are_the_same(wire, "again", BOTH_KNOW | OURS_ALONE) == {}


def test_they_cross_to_a_playground_and_back(clients: Clients, session: str) -> None:
    wire = clients()
    there = Neighbour()
    back = {name: there.again(text or "") for name, text in texts(wire, BOTH_KNOW, session).items()}
    assert [name for name, text in back.items() if text is None] == []
    restored(wire, "back", back)
    assert are_the_same(wire, "back", BOTH_KNOW) == {}


@pytest.mark.parametrize(
    "source",
    [
        "| a | a := OrderedCollection new. a add: a. a",
        "| d | d := Dictionary new. d at: 1 put: (Array with: d). d",
        "| a | a := 1 -> nil. a value: a. a",
        "(1 to: 17) inject: 3 into: [:inner :each | OrderedCollection with: inner]",
        "(1 to: 10001) asOrderedCollection",
        "(Array new: 100) collect: [:each | String new: 60000]",
        "OrderedCollection with: Object new",
    ],
)
def test_what_has_no_text_is_named_all_the_same(clients: Clients, session: str, source: str) -> None:
    wire = clients()
    assert texts(wire, {"odd": f"[{source}] value"}, session) == {"odd": None}


def test_sixteen_deep_is_kept(clients: Clients, session: str) -> None:
    source = "((1 to: 16) inject: 3 into: [:inner :each | OrderedCollection with: inner])"
    wire = clients()
    restored(wire, "deep", texts(wire, {"deep": source}, session))
    assert are_the_same(wire, "deep", {"deep": source}) == {}


def test_a_users_own_collection_has_no_text(clients: Clients, session: str) -> None:
    wire = clients()
    wire.value(
        "Bag subclass: #Pile instanceVariableNames: 'name' classVariableNames: '' "
        "poolDictionaries: '' category: 'x'. 0",
        session,
    )
    assert texts(wire, {"pile": "Pile new", "its_class": "Pile"}, session) == {"pile": None, "its_class": "Pile"}
