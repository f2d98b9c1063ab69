"""Bytes of any kind never take the agent down, and a broken connection harms no other."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import time

import msgpack
import pytest
from running import KEYS, Clients, RunningAgent, Starter
from stopwatch import Stopwatch
from wire import ORDINARY, Ended, RemoteError, Wire

BROKEN = {
    "the byte that is never used": (b"\xc1", "InvalidRequest"),
    "http": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "InvalidRequest"),
    "a string of 4 GB": (b"\xdb\xff\xff\xff\xff", "LimitExceeded"),
    "binary of 4 GB": (b"\xc6\xff\xff\xff\xff", "LimitExceeded"),
    "an extension of 4 GB": (b"\xc9\xff\xff\xff\xff\x01", "LimitExceeded"),
    "an array of 2^31": (b"\xdd\x80\x00\x00\x00", "LimitExceeded"),
    "a map of 2^32": (b"\xdf\xff\xff\xff\xff", "LimitExceeded"),
    "a million nested arrays": (b"\x91" * 1_000_000, "LimitExceeded"),
    "nested maps": (b"\x81\xa1a" * 100, "LimitExceeded"),
    "a number": (b"\x05", "InvalidRequest"),
    "a map": (b"\x80", "InvalidRequest"),
    "an empty array": (b"\x90", "InvalidRequest"),
    "a response": (msgpack.packb([1, 1, None, None]), "InvalidRequest"),
    "a request of three": (msgpack.packb([0, 1, "ping"]), "InvalidRequest"),
    "a request of five": (msgpack.packb([0, 1, "ping", [], 5]), "InvalidRequest"),
    "an unknown type": (msgpack.packb([3, 1, "ping", []]), "InvalidRequest"),
    "an id that is text": (msgpack.packb([0, "1", "ping", []]), "InvalidRequest"),
    "an id that is nil": (msgpack.packb([0, None, "ping", []]), "InvalidRequest"),
    "random": (b"\xc1" + random.Random(7).randbytes(5000), "InvalidRequest"),
}


@pytest.mark.parametrize("stage", ["stranger", "developer"])
@pytest.mark.parametrize("what", BROKEN)
def test_broken_messages_are_answered_once_and_end_the_connection(clients: Clients, stage: str, what: str) -> None:
    data, code = BROKEN[what]
    other = clients("bystander")
    wire = clients.bare() if stage == "stranger" else clients()
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        wire.send_bytes(data)
    wire.wait_closed()
    assert wire.answers[None][0]["code"] == code
    assert other.call("ping", message=1)["message"] == 1


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("ping", [1], "InvalidRequest"),
        ("ping", [{}, {}], "InvalidRequest"),
        ("ping", {}, "InvalidRequest"),
        ("ping", None, "InvalidRequest"),
        ("ping", [{"message": 1} | {f"k{i}": i for i in range(100)}], "LimitExceeded"),
        ("nope", [{}], "UnsupportedMethod"),
        ("", [{}], "UnsupportedMethod"),
        (5, [{}], "InvalidRequest"),
        (None, [{}], "InvalidRequest"),
    ],
)
def test_bad_requests_are_answered_and_the_connection_lives(
    wire: Wire, method: object, params: object, code: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        wire.answer(wire.request_with(method, params))
    assert caught.value.code == code
    assert wire.call("ping", message="still here")["message"] == "still here"


def test_errors_have_their_four_fields(wire: Wire) -> None:
    number = wire.request("nope")
    while number not in wire.answers:
        wire.receive()
    error, result = wire.answers[number]
    assert result is None
    assert set(error) == {"code", "message", "details", "stack"}
    assert isinstance(error["details"], dict)
    assert error["stack"] == []


def test_unknown_parameters_are_ignored(wire: Wire) -> None:
    answer = wire.call("ping", message=1, novelty=[1, {"deep": None}], other=b"x")
    assert answer["message"] == 1


def test_odd_parameter_names_are_ignored(wire: Wire) -> None:
    assert wire.answer(wire.request_with("ping", [{1: 2, None: 3, b"x": 4, "message": 5}]))["message"] == 5


@pytest.mark.parametrize("params", [{"id": 5}, {}, {"id": "x"}, {"id": -1}])
def test_notifications_are_never_answered(wire: Wire, params: dict[str, object]) -> None:
    wire.notify("interrupt", **params)
    wire.notify("nothing of the kind", **params)
    assert wire.call("ping", message=1)["message"] == 1
    assert wire.answers == {}


def test_an_id_may_be_any_integer(wire: Wire) -> None:
    for number in (0, -1, 2**32, 2**64 - 1, -(2**63)):
        wire.send_bytes(msgpack.packb([0, number, "ping", [{"message": number}]]))
        assert wire.answer(number)["message"] == number


def test_an_id_under_way_is_not_taken_twice(wire: Wire) -> None:
    params = [{"session_id": None, "source": "(Delay forMilliseconds: 300) wait. 5"} | ORDINARY["evaluate"]]
    wire.send_bytes(msgpack.packb([0, 77, "evaluate", params]) * 2)
    with pytest.raises(RemoteError) as caught:
        wire.answer(77)
    assert caught.value.code == "InvalidRequest"
    assert wire.answer(77)["value"]["print"] == "5"


def test_a_message_above_the_limit(wire: Wire) -> None:
    with pytest.raises((RemoteError, Ended, OSError)):
        wire.call("ping", message=bytes(16 * 1024 * 1024))
    while None not in wire.answers:  # it may be told while all that is still being sent
        wire.receive()
    assert wire.answers[None][0]["code"] == "LimitExceeded"


def test_an_answer_above_the_limit(wire: Wire) -> None:
    with pytest.raises(RemoteError) as caught:
        wire.call("ping", message=bytes(16 * 1024 * 1024 - 100))
    assert caught.value.code == "LimitExceeded"
    assert wire.call("ping", message=1)["status"] == "ok"


def test_limits_are_settings(starter: Starter) -> None:
    agent = starter(KEYS[1], messageLimit=2000, depthLimit=8).start()
    clients = starter.clients_of(agent)
    assert clients().call("ping", message=bytes(1000))["status"] == "ok"
    for message in (bytes(3000), [[[[[[[1]]]]]]]):
        wire = clients()
        wire.request("ping", message=message)
        wire.wait_closed()
        assert wire.answers[None][0]["code"] == "LimitExceeded"


def test_millions_of_tiny_values_cost_neither_memory_nor_others_time(
    agent: RunningAgent, clients: Clients, wire: Wire
) -> None:
    before = agent.resident()
    other = clients("bystander")
    number = wire.request("ping", message=[None] * 1_000_000)
    slowest = max(timed_ping(other, agent.pid) for _ in range(200))
    assert len(wire.answer(number)["message"]) == 1_000_000
    assert slowest < 0.2
    assert agent.resident() - before < 64 * 1024 * 1024


def timed_ping(wire: Wire, pid: int) -> float:
    watch = Stopwatch(pid)
    wire.call("ping", message=None)
    return watch.seconds


def reset(wire: Wire) -> None:
    """Close so that the peer sees a reset."""
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


def test_vanishing_clients_leave_nothing(agent: RunningAgent, clients: Clients) -> None:
    clients("warm").call("ping", message=1)
    before = agent.descriptors()
    partial = msgpack.packb([0, 1, "ping", [{"message": "x" * 100}]])[:50]
    for number in range(100):
        wire = clients.bare()
        wire.send_bytes([b"", partial, b"\x94\x00", b"\xc1"][number % 4])
        reset(wire) if number % 2 else wire.close()
    wait_for(lambda: agent.descriptors() <= before)
    assert clients().call("ping", message=1)["status"] == "ok"


def wait_for(condition: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_two_hundred_connections_at_once(clients: Clients) -> None:
    wires = [clients(f"client-{number}") for number in range(200)]
    numbers = [wire.request("ping", message=index) for index, wire in enumerate(wires)]
    for index, (wire, number) in enumerate(zip(wires, numbers, strict=True)):
        assert wire.answer(number)["message"] == index


def test_more_connections_than_allowed(starter: Starter) -> None:
    agent = starter(KEYS[1], connections=5).start()
    clients = starter.clients_of(agent)
    held = [clients() for _ in range(5)]
    clients.bare().wait_closed()
    held[0].close()
    wait_for(lambda: can_ping(clients))


def can_ping(clients: Clients) -> bool:
    try:
        return clients().call("ping", message=1)["status"] == "ok"
    except (Ended, OSError):
        return False


def test_a_client_that_never_reads_harms_nobody(agent: RunningAgent, clients: Clients) -> None:
    deaf, other = clients("deaf"), clients("bystander")
    deaf.socket.settimeout(0.5)
    message = msgpack.packb([0, 1, "ping", [{"message": bytes(1_000_000)}]])
    with pytest.raises(TimeoutError):
        deaf.send_bytes(message * 60)
    assert timed_ping(other, agent.pid) < 0.5
    assert agent.resident() < 200 * 1024 * 1024
    deaf.close()
    assert other.call("ping", message=1)["status"] == "ok"


def test_a_vanished_client_with_answers_unread(clients: Clients) -> None:
    wire = clients()
    for _ in range(20):
        wire.request("ping", message=bytes(500_000))
    reset(wire)
    assert clients().call("ping", message=1)["status"] == "ok"
