"""Looking into objects, page by page and level by level."""

from __future__ import annotations

import pytest
from wire import RemoteError, Wire


def inspect(wire: Wire, session: str, **params: object) -> dict[str, object]:
    return wire.call("inspect", session_id=session, **params)


def code_of(wire: Wire, session: str, **params: object) -> str:
    with pytest.raises(RemoteError) as caught:
        inspect(wire, session, **params)
    return caught.value.code


def prints(slots: object) -> dict[str, str]:
    return {slot["name"]: slot["print"] for slot in slots}  # type: ignore[attr-defined]


def test_an_array(wire: Wire, session: str) -> None:
    found = inspect(wire, session, expression="#(10 'two' #three)", depth=1, start=1, count=100, print_limit=100)
    assert found["class"] == "Array"
    assert found["print"] == "(10 'two' #three )"
    assert found["size"] == 3
    assert isinstance(found["hash"], int)
    assert found["named"] == []
    assert prints(found["indexed"]) == {"1": "10", "2": "'two'", "3": "#three"}
    assert [slot["class"] for slot in found["indexed"]] == ["SmallInteger", "String", "Symbol"]
    assert all(isinstance(slot["ref"], int) for slot in found["indexed"])


def test_named_slots(wire: Wire, session: str) -> None:
    found = inspect(wire, session, expression="3 -> 'x'")
    assert prints(found["named"]) == {"key": "3", "value": "'x'"}
    assert found["size"] == 0
    assert found["indexed"] == []


def test_a_dictionary_by_its_keys(wire: Wire, session: str) -> None:
    found = inspect(wire, session, expression="LookupTable new at: #a put: 1; at: 'b' put: 2; yourself")
    assert prints(found["indexed"]) == {"#a": "1", "'b'": "2"}
    assert found["size"] == 2


def test_a_set_and_an_ordered_collection(wire: Wire, session: str) -> None:
    assert prints(inspect(wire, session, expression="Set with: 5")["indexed"]) == {"1": "5"}
    collection = inspect(wire, session, expression="OrderedCollection with: 3 with: 4")
    assert prints(collection["indexed"]) == {"1": "3", "2": "4"}


def test_a_float_travels_as_itself(wire: Wire, session: str) -> None:
    assert inspect(wire, session, expression="0.1")["float"] == 0.1
    assert inspect(wire, session, expression="{0.5}")["indexed"][0]["float"] == 0.5


def test_pages(wire: Wire, session: str) -> None:
    wire.value("big := (1 to: 1000) asArray", session)
    page = inspect(wire, session, binding="big", start=501, count=3)
    assert page["size"] == 1000
    assert prints(page["indexed"]) == {"501": "501", "502": "502", "503": "503"}
    assert inspect(wire, session, binding="big", start=999, count=10)["indexed"][-1]["name"] == "1000"
    assert inspect(wire, session, binding="big", start=1001, count=10)["indexed"] == []
    assert inspect(wire, session, binding="big", start=1, count=0)["indexed"] == []


def test_depth(wire: Wire, session: str) -> None:
    found = inspect(wire, session, expression="{{1. 2}. #a -> {3}}", depth=3)
    pair, association = found["indexed"]
    assert prints(pair["indexed"]) == {"1": "1", "2": "2"}
    assert prints(association["named"]) == {"key": "#a", "value": "(3 )"}
    assert prints(association["named"][1]["indexed"]) == {"1": "3"}
    assert "indexed" not in inspect(wire, session, expression="{{1}}", depth=1)["indexed"][0]


def test_following_references(wire: Wire, session: str) -> None:
    wire.value("chain := {{{'found'}}}", session)
    found = inspect(wire, session, binding="chain")
    for _ in range(3):
        found = inspect(wire, session, ref=found["indexed"][0]["ref"])
    assert found["print"] == "'found'"
    assert wire.value(f"@{found['ref']} size", session) == "5"


def test_looking_around_drives_out_no_result(wire: Wire, session: str) -> None:
    wire.value("'the first'", session)
    for _ in range(5):
        inspect(wire, session, expression="(1 to: 500) asArray", count=500)
    assert wire.value("@1", session) == "'the first'"


def test_a_binding_and_a_result(wire: Wire, session: str) -> None:
    wire.value("x := 5", session)
    assert inspect(wire, session, binding="x")["print"] == "5"
    assert inspect(wire, session, ref=1)["print"] == "5"
    assert inspect(wire, session, expression="x + @1")["print"] == "10"


def test_slots_that_cannot_be_printed(wire: Wire, session: str) -> None:
    wire.value("Object subclass: StuiSulker [ printOn: aStream [ self error: 'no' ] ]")
    found = inspect(wire, session, expression="{StuiSulker new. 2}")
    assert prints(found["indexed"]) == {"1": "a StuiSulker (its printString raised Error)", "2": "2"}


def test_print_limit(wire: Wire, session: str) -> None:
    found = inspect(wire, session, expression="{String new: 1000 withAll: $a}", print_limit=10)
    assert found["truncated"] is True
    assert found["indexed"][0]["print"] == "'aaaaaaaaa"


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"expression": "3", "ref": 1},
        {"expression": 5},
        {"ref": "1"},
        {"binding": 5},
        {"expression": "3", "depth": -1},
        {"expression": "3", "depth": 100},
        {"expression": "3", "start": 0},
        {"expression": "3", "count": 100_000},
        {"expression": "3 +"},
        {"expression": "1/0"},
        {"expression": "Smalltalk := 3"},
    ],
    ids=str,
)
def test_bad_requests(wire: Wire, session: str, params: dict[str, object]) -> None:
    assert code_of(wire, session, **params) == "InvalidRequest"


def test_what_is_not_there(wire: Wire, session: str) -> None:
    assert code_of(wire, session, ref=99) == "ObjectNotFound"
    assert code_of(wire, session, binding="nope") == "ObjectNotFound"
    assert code_of(wire, "never made", expression="3") == "SessionNotFound"


def test_without_a_session_nothing_is_kept(wire: Wire) -> None:
    looked = wire.call("inspect", session_id=None, expression="#(1 2)")
    assert (looked["class"], looked["ref"], [each["ref"] for each in looked["indexed"]]) == (
        "Array",
        None,
        [None, None],
    )
    with pytest.raises(RemoteError) as caught:
        wire.call("inspect", session_id=None, ref=1)
    assert caught.value.code == "ObjectNotFound"


def test_limits(wire: Wire, session: str) -> None:
    assert code_of(wire, session, expression="[true] whileTrue", time_limit_ms=200) == "Timeout"
    wide = "(1 to: 1000) collect: [:i | (1 to: 1000) asArray]"
    assert code_of(wire, session, expression=wide, depth=2, count=1000) == "LimitExceeded"


def test_an_object_inside_itself(wire: Wire, session: str) -> None:
    wire.value("ring := Array new: 1. ring at: 1 put: ring. 0", session)
    found = inspect(wire, session, binding="ring", depth=8, print_limit=50, time_limit_ms=5000)
    for _ in range(7):
        found = found["indexed"][0]
    assert found["class"] == "Array"
