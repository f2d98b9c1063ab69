"""Who gets in, and who may do what."""

from __future__ import annotations

import os

import msgpack
import pytest
from running import KEYS, Clients, RunningAgent, Starter, StartFailed
from wire import Ended, Key, RemoteError, Wire

METHODS = [
    ("ping", {"message": 1}),
    ("evaluate", {"session_id": None, "source": "3"}),
    ("inspect", {"session_id": "s", "expression": "3"}),
    ("create_session", {"session_id": "s", "name": "n", "description": ""}),
    ("restore_session", {"session_id": "s", "bindings": [], "replay": []}),
    ("checkpoint_session", {"session_id": "s"}),
    ("close_session", {"session_id": "s"}),
    ("list_image_sessions", {"image_id": None, "include_disconnected": True}),
    ("get_image_session_stats", {"image_id": "x"}),
    ("cleanup_image_sessions", {"image_id": "x", "session_ids": None, "force": False, "preserve_active": True}),
    ("switch_image_context", {"from_image_id": "x", "to_image_id": "x", "session_id": "s"}),
    ("get_image_connection_status", {"image_id": "x"}),
    ("no_such_method", {}),
]


def code_of(wire: Wire, method: str, **params: object) -> str:
    with pytest.raises(RemoteError) as caught:
        wire.call(method, **params)
    return caught.value.code


def test_hello_tells_who_answers(clients: Clients) -> None:
    greeting = clients.bare().hello(key_id="dev", nonce=os.urandom(16))
    assert greeting["protocol"] == 1
    assert greeting["agent"].startswith("stui-agent ")
    assert greeting["dialect"] == "gst"
    assert greeting["image_name"] == "tested"
    assert "3.2" in greeting["image_version"]
    assert greeting["auth"] == "hmac-sha256"
    assert len(greeting["nonce"]) == 16
    assert len(greeting["proof"]) == 32
    assert greeting["image_id"] != greeting["incarnation"]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.role)
def test_both_sides_prove_the_key(clients: Clients, key: Key) -> None:
    wire = clients.bare()
    nonce = os.urandom(16)
    greeting = wire.hello(key_id=key.key_id, nonce=nonce)
    assert greeting["proof"] == key.prove(b"stui-server", nonce, greeting["nonce"], greeting["image_id"])
    proof = key.prove(b"stui-client", greeting["nonce"], nonce, greeting["image_id"])
    assert wire.call("authenticate", proof=proof) == {"role": key.role}


def test_nonces_are_fresh(clients: Clients) -> None:
    assert len({clients.bare().hello()["nonce"] for _ in range(20)}) == 20


@pytest.mark.parametrize(("method", "params"), METHODS, ids=[method for method, _ in METHODS])
def test_nothing_before_authenticate(clients: Clients, method: str, params: dict[str, object]) -> None:
    wire = clients.bare()
    assert code_of(wire, method, **params) == "NotAuthenticated"
    wire.hello(key_id="dev", nonce=os.urandom(16))
    assert code_of(wire, method, **params) == "NotAuthenticated"


def test_authenticate_before_hello(clients: Clients) -> None:
    assert code_of(clients.bare(), "authenticate", proof=bytes(32)) == "NotAuthenticated"


def test_three_wrong_proofs_end_the_connection(clients: Clients) -> None:
    wire = clients.bare()
    wire.hello(key_id="dev", nonce=os.urandom(16))
    for _ in range(3):
        assert code_of(wire, "authenticate", proof=os.urandom(32)) == "NotAuthenticated"
    wire.wait_closed()


def test_greeting_again_gives_no_more_tries(clients: Clients) -> None:
    wire = clients.bare()
    for _ in range(3):
        wire.hello(key_id="dev", nonce=os.urandom(16))
        assert code_of(wire, "authenticate", proof=os.urandom(32)) == "NotAuthenticated"
    wire.wait_closed()


def test_the_right_proof_after_a_wrong_one(clients: Clients) -> None:
    wire = clients.bare()
    key = KEYS[1]
    nonce = os.urandom(16)
    greeting = wire.hello(key_id=key.key_id, nonce=nonce)
    assert code_of(wire, "authenticate", proof=bytes(32)) == "NotAuthenticated"
    proof = key.prove(b"stui-client", greeting["nonce"], nonce, greeting["image_id"])
    assert wire.call("authenticate", proof=proof)["role"] == "developer"


def test_an_unknown_key_looks_like_a_known_one(clients: Clients) -> None:
    known = clients.bare().hello(key_id="dev", nonce=os.urandom(16))
    wire = clients.bare()
    unknown = wire.hello(key_id="nobody", nonce=os.urandom(16))
    assert known.keys() == unknown.keys()
    assert len(unknown["proof"]) == 32
    assert code_of(wire, "authenticate", proof=bytes(32)) == "NotAuthenticated"


def test_a_replayed_proof_is_refused(clients: Clients) -> None:
    key = KEYS[1]
    nonce = os.urandom(16)
    first, second = clients.bare(), clients.bare()
    greeting = first.hello(key_id=key.key_id, nonce=nonce)
    proof = key.prove(b"stui-client", greeting["nonce"], nonce, greeting["image_id"])
    first.call("authenticate", proof=proof)
    second.hello(key_id=key.key_id, nonce=nonce)
    assert code_of(second, "authenticate", proof=proof) == "NotAuthenticated"


def test_a_proof_for_another_image_is_refused(clients: Clients) -> None:
    key = KEYS[1]
    nonce = os.urandom(16)
    wire = clients.bare()
    greeting = wire.hello(key_id=key.key_id, nonce=nonce)
    proof = key.prove(b"stui-client", greeting["nonce"], nonce, "0" * 36)
    assert code_of(wire, "authenticate", proof=proof) == "NotAuthenticated"


def test_the_agents_own_proof_does_not_serve(clients: Clients) -> None:
    wire = clients.bare()
    greeting = wire.hello(key_id="dev", nonce=os.urandom(16))
    assert code_of(wire, "authenticate", proof=greeting["proof"]) == "NotAuthenticated"


def test_a_wrong_version_names_the_supported_ones(clients: Clients) -> None:
    with pytest.raises(RemoteError) as caught:
        clients.bare().call("hello", protocol=2, client="wire", client_id="c")
    assert caught.value.code == "InvalidRequest"
    assert caught.value.details == {"supported": [1]}


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"protocol": "1", "client": "w", "client_id": "c"},
        {"protocol": 1, "client": "w"},
        {"protocol": 1, "client": 5, "client_id": "c"},
        {"protocol": 1, "client": "w", "client_id": "c", "nonce": b"short"},
        {"protocol": 1, "client": "w", "client_id": "c", "nonce": 5},
        {"protocol": 1, "client": "w", "client_id": "c", "key_id": 5},
    ],
    ids=str,
)
def test_a_bad_greeting(clients: Clients, params: dict[str, object]) -> None:
    wire = clients.bare()
    assert code_of(wire, "hello", **params) == "InvalidRequest"
    assert wire.hello()["protocol"] == 1


def test_hello_comes_once(wire: Wire) -> None:
    assert code_of(wire, "hello", protocol=1, client="wire", client_id="other") == "InvalidRequest"


def test_an_observer_looks_and_touches_nothing(clients: Clients) -> None:
    wire = clients("watcher", role="observer")
    image_id = clients.bare().hello()["image_id"]
    assert wire.call("ping", message=None)["status"] == "ok"
    assert wire.call("list_image_sessions", image_id=None, include_disconnected=True) == []
    assert wire.call("get_image_session_stats", image_id=image_id)["total"] == 0
    assert wire.call("get_image_connection_status", image_id=image_id)["image_id"] == image_id
    for method, params in METHODS:
        if method in ("evaluate", "inspect") or method.endswith("_session") or method.startswith(("cleanup", "switch")):
            assert code_of(wire, method, **params) == "PermissionDenied"
    assert code_of(wire, "no_such_method") == "UnsupportedMethod"


def test_strangers_may_send_little(clients: Clients) -> None:
    wire = clients.bare()
    wire.send_bytes(msgpack.packb([0, 1, "hello", [{"protocol": 1, "client": "x" * 70_000}]]))
    wire.wait_closed()
    assert wire.answers[None][0]["code"] == "LimitExceeded"


def test_keys_are_added_and_withdrawn_while_it_runs(starter: Starter) -> None:
    first, second = Key.fresh("first", "developer"), Key.fresh("second", "admin")
    agent = starter(first).start()
    clients = starter.clients_of(agent)
    clients.bare().login(first)
    with pytest.raises(AssertionError):
        clients.bare().login(second)
    agent.write_keys(second)
    clients.bare().login(second)
    with pytest.raises(AssertionError):
        clients.bare().login(first)
    agent.key_file.unlink()
    with pytest.raises(AssertionError):
        clients.bare().login(second)


def test_no_key_is_needed_where_none_is_used(starter: Starter) -> None:
    agent = starter().start()
    wire = starter.clients_of(agent).bare()
    greeting = wire.call("hello", protocol=1, client="foreign", client_id="c")
    assert greeting["auth"] == "none"
    assert greeting["proof"] is None
    assert wire.call("ping", message="x")["message"] == "x"
    assert wire.value("3 + 4") == "7"
    assert wire.call("authenticate", proof=b"") == {"role": "developer"}


def test_without_keys_hello_still_comes_first(starter: Starter) -> None:
    agent = starter().start()
    assert code_of(starter.clients_of(agent).bare(), "ping", message=1) == "NotAuthenticated"


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ("", 0o600, "holds no key"),
        ("k developer abc\n", 0o600, "line 1"),
        (f"k owner {'ab' * 32}\n", 0o600, "a role is"),
        (f"k developer {'zz' * 32}\n", 0o600, "64 hexadecimal digits"),
        (f"k developer {'ab' * 32}\n", 0o644, "0600"),
    ],
)
def test_a_bad_key_file_is_refused_at_the_start(starter: Starter, content: str, mode: int, told: str) -> None:
    agent = starter(KEYS[1])
    agent.key_file.write_text(content)
    agent.key_file.chmod(mode)
    with pytest.raises(StartFailed) as caught:
        agent.start()
    assert "stui-agent: error:" in str(caught.value)
    assert told in str(caught.value)
    assert "abab" not in str(caught.value)


def test_a_missing_key_file_is_refused_at_the_start(starter: Starter) -> None:
    agent = starter(KEYS[1], keyFile="/nowhere/keys")
    with pytest.raises(StartFailed, match="cannot be read"):
        agent.start()


def test_no_keys_only_on_loopback(starter: Starter) -> None:
    with pytest.raises(StartFailed, match="loopback"):
        starter(bind="0.0.0.0").start()


def test_ended_is_ended(agent: RunningAgent, clients: Clients) -> None:
    wire = clients.bare()
    wire.send_bytes(b"\xc1")
    wire.wait_closed()
    with pytest.raises((Ended, OSError)):
        wire.hello()
