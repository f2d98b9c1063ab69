"""Sessions: made, listed, counted, saved as text, restored, cleaned up; and never another client's."""

from __future__ import annotations

import math
import time

import pytest
from running import KEYS, Clients, Starter
from wire import RemoteError, Wire

METADATA = {
    *("session_id", "name", "description", "client_id", "state", "created_at", "last_activity", "bindings"),
    *("history", "results", "image_id", "image_address", "image_name", "image_version", "connection_status"),
}


def make(wire: Wire, session_id: str, name: str = "work", description: str = "") -> dict[str, object]:
    return wire.call("create_session", session_id=session_id, name=name, description=description)


def ids(wire: Wire) -> list[str]:
    listed = wire.call("list_image_sessions", image_id=None, include_disconnected=True)
    return [each["session_id"] for each in listed]


def code_of(wire: Wire, method: str, **params: object) -> str:
    with pytest.raises(RemoteError) as caught:
        wire.call(method, **params)
    return caught.value.code


@pytest.fixture
def image_id(clients: Clients) -> str:
    return clients.bare().hello()["image_id"]


def test_metadata(clients: Clients, image_id: str) -> None:
    wire = clients("metadata")
    before = int(time.time() * 1000)
    made = make(wire, "s", "work", "größer")
    assert set(made) >= METADATA
    assert made["session_id"] == "s"
    assert made["name"] == "work"
    assert made["description"] == "größer"
    assert made["client_id"] == "metadata"
    assert made["state"] == "active"
    assert made["connection_status"] == "connected"
    assert made["image_id"] == image_id
    assert made["image_name"] == "tested"
    assert made["image_address"] == clients.agent.address
    assert (made["bindings"], made["history"], made["results"]) == (0, 0, 0)
    assert abs(made["created_at"] - before) < 2500
    wire.value("a := 1. b := 2", "s")
    (listed,) = wire.call("list_image_sessions", image_id=image_id, include_disconnected=False)
    assert (listed["bindings"], listed["history"], listed["results"]) == (2, 1, 1)
    assert listed["last_activity"] >= made["last_activity"]


def test_a_known_id_gets_the_new_name(clients: Clients) -> None:
    wire = clients("renamer")
    make(wire, "s", "old", "old words")
    wire.value("x := 5", "s")
    made = make(wire, "s", "new", "new words")
    assert (made["name"], made["description"]) == ("new", "new words")
    assert wire.value("x", "s") == "5"
    assert ids(wire) == ["s"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"session_id": "s"},
        {"session_id": 5, "name": "n"},
        {"session_id": "", "name": "n"},
        {"session_id": "s" * 201, "name": "n"},
        {"session_id": "s", "name": None},
        {"session_id": "s", "name": "n", "description": 5},
    ],
    ids=lambda params: str(params)[:40],
)
def test_bad_sessions(wire: Wire, params: dict[str, object]) -> None:
    assert code_of(wire, "create_session", **params) == "InvalidRequest"


def test_closing(clients: Clients) -> None:
    wire = clients("closer")
    make(wire, "s")
    assert wire.call("close_session", session_id="s") == {"closed": True, "checkpoint": None, "busy": None}
    assert ids(wire) == []
    for method in ("close_session", "checkpoint_session"):
        assert code_of(wire, method, session_id="s") == "SessionNotFound"
    assert code_of(wire, "evaluate", session_id="s", source="3") == "SessionNotFound"
    make(wire, "s")
    assert wire.evaluate("x", "s")["outcome"] == "not_run"


def test_closing_stops_what_runs(clients: Clients) -> None:
    wire = clients("stopper")
    make(wire, "s")
    numbers = [wire.request("evaluate", session_id="s", source="[true] whileTrue", time_limit_ms=30_000) for _ in "ab"]
    wire.call("ping", message=None)
    wire.call("close_session", session_id="s")
    for number in numbers:
        with pytest.raises(RemoteError) as caught:
            wire.answer(number)
        assert caught.value.code == "Interrupted"


def test_two_clients_never_meet(clients: Clients, image_id: str) -> None:
    mine, theirs = clients("mine"), clients("theirs")
    make(mine, "shared", "mine")
    make(mine, "private", "mine")
    mine.value("x := 1", "shared")
    make(theirs, "shared", "theirs")
    assert theirs.evaluate("x", "shared")["outcome"] == "not_run"
    assert ids(theirs) == ["shared"]
    assert theirs.call("get_image_session_stats", image_id=image_id)["total"] == 1
    unknown = code_of(theirs, "close_session", session_id="never made")
    assert code_of(theirs, "close_session", session_id="private") == unknown == "SessionNotFound"
    cleaned = theirs.call(
        "cleanup_image_sessions", image_id=image_id, session_ids=["private"], force=True, preserve_active=False
    )
    assert cleaned == {"cleaned": [], "kept": [{"session_id": "private", "reason": "not_found"}]}
    assert mine.value("x", "shared") == "1"
    assert ids(mine) == ["private", "shared"]


def test_an_admin_sees_and_closes_all(clients: Clients, image_id: str) -> None:
    mine, admin = clients("owned"), clients("boss", role="admin")
    make(mine, "to be closed by the admin")
    assert "to be closed by the admin" in ids(admin)
    stats = admin.call("get_image_session_stats", image_id=image_id)
    assert "owned" in {each["client_id"] for each in stats["per_client"]}
    admin.call("close_session", session_id="to be closed by the admin")
    assert ids(mine) == []


def test_the_sessions_of_a_client_are_counted(starter: Starter) -> None:
    agent = starter(KEYS[1], sessionsPerClient=3).start()
    clients = starter.clients_of(agent)
    wire = clients("greedy")
    for number in range(3):
        make(wire, f"s{number}")
    assert code_of(wire, "create_session", session_id="s3", name="n") == "LimitExceeded"
    make(wire, "s1", "renaming is no new one")
    make(clients("modest"), "s0")
    wire.call("close_session", session_id="s0")
    make(wire, "s3")


def test_history_is_bounded(starter: Starter) -> None:
    agent = starter(KEYS[1], historyLimit=5).start()
    wire = starter.clients_of(agent)()
    make(wire, "s")
    for number in range(9):
        wire.value(str(number), "s")
    assert make(wire, "s")["history"] == 5


def test_stats(clients: Clients, image_id: str) -> None:
    wire = clients("counted")
    for number in range(3):
        make(wire, f"s{number}")
        wire.value("a := 1. b := 2", f"s{number}")
    stats = wire.call("get_image_session_stats", image_id=image_id)
    assert stats["image_id"] == image_id
    assert (stats["total"], stats["active"], stats["idle"], stats["orphaned"]) == (3, 3, 0, 0)
    assert stats["bindings"] == 6
    assert stats["memory_estimate"] > 0
    assert stats["last_activity"] > 1_600_000_000_000
    (one,) = stats["per_client"]
    assert (one["client_id"], one["total"]) == ("counted", 3)


def test_idle_and_orphaned(starter: Starter) -> None:
    agent = starter(KEYS[1], activeFor=100, orphanAfter=300).start()
    clients = starter.clients_of(agent)
    wire = clients("sleepy")
    image_id = clients.bare().hello()["image_id"]
    assert make(wire, "s")["state"] == "active"
    time.sleep(0.2)
    (listed,) = wire.call("list_image_sessions", image_id=None, include_disconnected=True)
    assert listed["state"] == "idle"
    time.sleep(0.3)
    stats = wire.call("get_image_session_stats", image_id=image_id)
    assert (stats["active"], stats["idle"], stats["orphaned"]) == (0, 1, 1)


def cleanup(wire: Wire, image_id: str, **params: object) -> tuple[list[str], dict[str, str]]:
    params = {"session_ids": None, "force": False, "preserve_active": True} | params
    result = wire.call("cleanup_image_sessions", image_id=image_id, **params)
    return result["cleaned"], {each["session_id"]: each["reason"] for each in result["kept"]}


def test_cleanup_keeps_what_is_active(clients: Clients, image_id: str) -> None:
    wire = clients("cleaner")
    for name in ("a", "b", "c"):
        make(wire, name)
    assert cleanup(wire, image_id) == ([], {"a": "active", "b": "active", "c": "active"})
    assert cleanup(wire, image_id, session_ids=["a", "nope"], preserve_active=False) == (["a"], {"nope": "not_found"})
    assert cleanup(wire, image_id, session_ids=["b"], force=True) == (["b"], {})
    assert cleanup(wire, image_id, preserve_active=False) == (["c"], {})
    assert cleanup(wire, image_id) == ([], {})


def test_cleanup_keeps_what_runs_unless_forced(clients: Clients, image_id: str) -> None:
    wire = clients("runner")
    make(wire, "s")
    number = wire.request("evaluate", session_id="s", source="(Delay forSeconds: 30) wait", time_limit_ms=60_000)
    assert cleanup(wire, image_id, preserve_active=False) == ([], {"s": "running"})
    assert cleanup(wire, image_id, force=True) == (["s"], {})
    with pytest.raises(RemoteError) as caught:
        wire.answer(number)
    assert caught.value.code == "Interrupted"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("list_image_sessions", {"include_disconnected": True}),
        ("get_image_session_stats", {}),
        ("get_image_connection_status", {}),
        ("cleanup_image_sessions", {"session_ids": None, "force": False, "preserve_active": True}),
        ("create_session", {"session_id": "s", "name": "n"}),
        ("evaluate", {"session_id": None, "source": "3"}),
        ("ping", {"message": 1}),
    ],
)
def test_another_image_was_meant(wire: Wire, method: str, params: dict[str, object]) -> None:
    with pytest.raises(RemoteError) as caught:
        wire.call(method, image_id="another", **params)
    assert caught.value.code == "ImageMismatch"


@pytest.mark.parametrize("method", ["get_image_session_stats", "get_image_connection_status", "cleanup_image_sessions"])
@pytest.mark.parametrize("image_id", [None, 5])
def test_the_image_must_be_named(wire: Wire, method: str, image_id: object) -> None:
    assert code_of(wire, method, image_id=image_id) == "InvalidRequest"


def test_connection_status(clients: Clients, image_id: str) -> None:
    status = clients().call("get_image_connection_status", image_id=image_id)
    assert status["image_id"] == image_id
    assert status["address"] == clients.agent.address
    assert status["status"] == "connected"
    assert status["connection_health"] == "healthy"
    assert isinstance(status["session_count"], int)
    assert abs(status["last_seen"] - time.time() * 1000) < 30_000
    assert status["last_activity"] <= status["last_seen"]


def test_ping_tells_how_the_image_is(clients: Clients) -> None:
    wire = clients("vital")
    make(wire, "s")
    answer = wire.call("ping", message="m")
    assert answer["message"] == "m"
    assert answer["status"] == "ok"
    assert answer["pid"] == clients.agent.pid
    assert answer["uptime_ms"] >= 0
    assert abs(answer["clock_ms"] - time.time() * 1000) < 30_000
    assert 1_000_000 < answer["memory_used"] < 2_000_000_000
    assert answer["memory_limit"] is None
    assert answer["session_count"] >= 1
    assert answer["evaluating"] == 0
    assert answer["scheduled_ms"] < 1000
    assert answer["unsaved_changes"] is None


LITERALS = {
    "integer": "-12345",
    "large": "123456789012345678901234567890",
    "negative_large": "-98765432109876543210",
    "fraction": "(3/7)",
    "float": "0.1",
    "tiny": "5.0d-324",
    "huge": "-1.7976931348623157d308",
    "single": "1.5e0",
    "string": "'it''s größer'",
    "lines": "'one\ntwo\ttab'",
    "empty": "''",
    "dirty": "(String with: (Character value: 200) with: (Character value: 0))",
    "symbol": "#plain",
    "keyword": "#at:put:",
    "odd_symbol": "#'with space''s'",
    "character": "$a",
    "blank": "$ ",
    "high_character": "(Character value: 200)",
    "wide_character": "(UnicodeCharacter value: 8364)",
    "yes": "true",
    "nothing": "nil",
    "array": "#(1 $a 'x' #sym (1 2 (3)) nil true)",
    "floats": "{1.5. {-2.5d0. #a}. 1/3}",
    "empty_array": "#()",
    "bytes": "#[1 2 255]",
    "long": "(1 to: 500) asArray",
}
LOST = {
    "object": "Object new",
    "sorted": "SortedCollection sortBlock: [:a :b | a > b]",
    "block": "[3]",
    "holder": "{Object new}",
    "stream": "ReadStream on: #(1)",
}


def test_checkpoint_and_restore(clients: Clients) -> None:
    wire = clients("keeper")
    make(wire, "old")
    for name, source in (LITERALS | LOST).items():
        wire.value(f"{name} := {source}", "old")
    wire.value(
        "deep := nil. 60 timesRepeat: [deep := Array with: deep]. cyclic := Array new: 1. cyclic at: 1 put: cyclic. 0",
        "old",
    )
    checkpoint = wire.call("checkpoint_session", session_id="old")
    assert checkpoint["session_id"] == "old"
    bindings = {each["name"]: each for each in checkpoint["bindings"]}
    assert set(bindings) == set(LITERALS) | set(LOST) | {"deep", "cyclic"}
    assert all({"name", "class", "print", "store"} <= set(each) for each in bindings.values())
    lost = set(LOST) | {"deep", "cyclic"}
    assert {name for name, each in bindings.items() if each["store"] is None} == lost
    result = wire.call(
        "restore_session",
        session_id="new",
        name="restored",
        description="from text",
        bindings=[{"name": name, "store": each["store"]} for name, each in bindings.items()],
        replay=[],
    )
    assert set(result["restored"]) == set(LITERALS)
    assert {each["name"] for each in result["lost"]} == lost
    assert all(each["reason"] for each in result["lost"])
    assert (result["replayed"], result["failed"]) == (0, None)
    assert result["session"]["name"] == "restored"
    assert result["session"]["bindings"] == len(LITERALS)
    again = {each["name"]: each for each in wire.call("checkpoint_session", session_id="new")["bindings"]}
    for name in LITERALS:
        assert again[name]["class"] == bindings[name]["class"], name
        assert again[name]["print"] == bindings[name]["print"], name
        assert again[name]["store"] == bindings[name]["store"], name


@pytest.mark.parametrize(
    "number", [0.1, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e22, 1e23, -2.5]
)
def test_floats_are_stored_exactly(clients: Clients, number: float) -> None:
    wire = clients("floater")
    make(wire, "s")
    fraction, exponent = math.frexp(abs(number))
    shift = min(53, exponent + 1074)
    source = f"({int(math.ldexp(fraction, shift))} asFloatD timesTwoPower: {exponent - shift})"
    value = wire.evaluate(f"f := {source}" + (" negated" if number < 0 else ""), "s")["value"]
    assert value["float"] == number
    (binding,) = wire.call("checkpoint_session", session_id="s")["bindings"]
    assert wire.evaluate(binding["store"])["value"]["float"] == number


def test_restore_into_a_session_that_is_there(clients: Clients) -> None:
    wire = clients("restorer")
    make(wire, "s", "name", "words")
    wire.value("kept := 1. changed := 2", "s")
    changed = [{"name": "changed", "store": "3"}]
    result = wire.call("restore_session", session_id="s", name="name", bindings=changed, replay=[])
    assert result["restored"] == ["changed"]
    assert (result["session"]["name"], result["session"]["description"]) == ("name", "words")
    assert wire.value("{kept. changed}", "s") == "(1 3 )"


def test_replay_stops_at_the_first_that_fails(clients: Clients) -> None:
    wire = clients("replayer")
    result = wire.call(
        "restore_session",
        session_id="s",
        bindings=[{"name": "x", "store": "5"}],
        replay=["y := x + 1", "Transcript show: 'again'. z := y * 2", "nil foo", "never := 1"],
    )
    assert result["replayed"] == 2
    assert result["failed"]["index"] == 2
    assert "foo" in result["failed"]["error"]
    assert wire.value("{x. y. z}", "s") == "(5 6 12 )"
    assert wire.evaluate("never", "s")["outcome"] == "not_run"


@pytest.mark.parametrize(
    ("name", "store"),
    [
        ("x", None),
        ("x", "3 +"),
        ("x", "1/0"),
        ("not a name", "3"),
        ("x := 3", "3"),
        ("it", "3"),
        ("", "3"),
        ("x", "Smalltalk := 3"),
    ],
)
def test_what_cannot_be_restored_is_named(clients: Clients, name: str, store: str | None) -> None:
    wire = clients("loser")
    result = wire.call("restore_session", session_id="s", bindings=[{"name": name, "store": store}], replay=[])
    assert result["restored"] == []
    assert result["lost"][0]["name"] == name
    assert result["lost"][0]["reason"]


@pytest.mark.parametrize(
    "params",
    [
        {"bindings": 5},
        {"bindings": [5]},
        {"bindings": [{}]},
        {"bindings": [{"name": 5, "store": "3"}]},
        {"bindings": [{"name": "x", "store": 3}]},
        {"bindings": [], "replay": [5]},
        {"bindings": [], "replay": "3"},
    ],
    ids=str,
)
def test_a_bad_restore_makes_no_session(clients: Clients, params: dict[str, object]) -> None:
    wire = clients("bad restorer")
    assert code_of(wire, "restore_session", session_id="s", **params) == "InvalidRequest"
    assert ids(wire) == []


def test_restoring_has_a_time_limit(clients: Clients) -> None:
    wire = clients("patient")
    params = {"session_id": "s", "bindings": [], "replay": ["[true] whileTrue"], "time_limit_ms": 200}
    assert code_of(wire, "restore_session", **params) == "Timeout"
    assert wire.value("3 + 4", "s") == "7"


def test_switching(clients: Clients, image_id: str) -> None:
    wire = clients("switcher")
    make(wire, "s")
    wire.value("x := 5", "s")
    left = wire.call(
        "switch_image_context", from_image_id=image_id, to_image_id="other", session_id="s", preserve_context=True
    )
    assert [each["store"] for each in left["checkpoint"]["bindings"]] == ["5"]
    assert left["session"] is None
    entered = wire.call(
        "switch_image_context", from_image_id="other", to_image_id=image_id, session_id="s", preserve_context=True
    )
    assert entered["checkpoint"] is None
    assert entered["session"]["session_id"] == "s"
    both = wire.call(
        "switch_image_context", from_image_id=image_id, to_image_id=image_id, session_id="s", preserve_context=True
    )
    assert both["checkpoint"]["session_id"] == both["session"]["session_id"] == "s"
    bare = wire.call(
        "switch_image_context", from_image_id=image_id, to_image_id="other", session_id="s", preserve_context=False
    )
    assert bare == {"checkpoint": None, "session": None}
    params = {"from_image_id": "a", "to_image_id": "b", "session_id": "s", "preserve_context": True}
    assert code_of(wire, "switch_image_context", **params) == "ImageMismatch"
    params = {"from_image_id": image_id, "to_image_id": "b", "session_id": "nope", "preserve_context": True}
    assert code_of(wire, "switch_image_context", **params) == "SessionNotFound"
