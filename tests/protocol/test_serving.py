"""The side that answers: what is asked, what is owed InvalidRequest, and what ends the conversation."""

from __future__ import annotations

from itertools import pairwise

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.protocol.codec import encode
from stui_cli.protocol.connection import Answered, ClientConnection, Dismissed, Failed, Notified
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, RemoteProtocolError, WireError
from stui_cli.protocol.limits import WireLimits
from stui_cli.protocol.serving import Malformed, Requested, ServerConnection, ServerEvent


def packed(*messages: object) -> bytes:
    return b"".join(msgpack.packb(message) for message in messages)


def test_a_conversation_of_both_sides() -> None:
    client, server = ClientConnection(), ServerConnection()
    first, data = client.request("ping", {"message": [1, b"\xff", None]})
    second, more = client.request("evaluate", {})
    asked = server.receive(data + more + client.notify("interrupt", {"id": second}))
    assert asked == [
        Requested(first, "ping", {"message": [1, b"\xff", None]}),
        Requested(second, "evaluate", {}),
        Notified("interrupt", {"id": second}),
    ]
    assert server.unanswered == {first, second}
    told = server.notify("output", {"id": second, "text": "x"})
    failed = server.fail(second, ErrorCode.INTERRUPTED, "stopped", {"after": 1}, ["here"])
    assert client.receive(told + failed + server.answer(first, {"message": 1})) == [
        Notified("output", {"id": second, "text": "x"}),
        Failed(second, WireError("Interrupted", "stopped", {"after": 1}, ["here"])),
        Answered(first, {"message": 1}),
    ]
    assert server.unanswered == frozenset()


def test_requests_of_peers_in_other_languages() -> None:
    server = ServerConnection()
    assert server.receive(packed([0.0, 2.0**31, b"ping", [[]]], [0, 2, "ping", [{b"message": 1}]])) == [
        Requested(2**31, "ping", {}),
        Requested(2, "ping", {"message": 1}),
    ]
    server.errors_as_text = True
    failed = server.fail(2, ErrorCode.INTERRUPTED, "stopped")
    assert msgpack.unpackb(failed) == [1, 2, "Interrupted: stopped", None]


MALFORMED = [
    [0, 7],
    [0, 7, "ping"],
    [0, 7, "ping", [], 1],
    [0, 7, 5, []],
    [0, 7, None, []],
    [0, 7, b"\xff", []],
    [0, 7, 1.0, []],
    [0, 7, "ping", {}],
    [0, 7, "ping", None],
    [0, 7, "ping", [1]],
    [0, 7, "ping", [{}, {}]],
    [0, 7, "ping", [{"message": msgpack.ExtType(5, b"x")}]],
    [0, 7, "ping", [{"message": [[msgpack.Timestamp(1)]]}]],
    [0, 7, "ping", msgpack.ExtType(5, b"x")],
    [0, 7, msgpack.ExtType(5, b"x"), []],
]


@pytest.mark.parametrize("message", MALFORMED, ids=repr)
def test_a_wrong_request_with_an_id_is_owed_an_answer_and_the_connection_lives(message: object) -> None:
    server = ServerConnection()
    (event,) = server.receive(packed(message))
    assert isinstance(event, Malformed)
    assert event.id == 7
    assert event.why
    answer = msgpack.unpackb(server.fail(7, ErrorCode.INVALID_REQUEST, event.why))
    assert answer[:2] == [1, 7]
    assert answer[2]["code"] == "InvalidRequest"
    assert server.receive(packed([0, 8, "ping", []])) == [Requested(8, "ping", {})]


def test_a_map_keyed_by_an_array_is_malformed() -> None:
    (event,) = ServerConnection().receive(b"\x94\x00\x07\xa4ping\x91\x81\xa7message\x81\x91\x01\x02")
    assert isinstance(event, Malformed)


@pytest.mark.parametrize(
    "message",
    [[2, "interrupt", [{"id": msgpack.ExtType(1, b"")}]], [2, "interrupt", 5], [2, "interrupt", [{}, {}]]],
    ids=repr,
)
def test_a_wrong_notification_is_passed_over(message: object) -> None:
    server = ServerConnection()
    assert server.receive(packed(message)) == []
    assert server.broken is None


BREAKING = [
    5,
    None,
    {},
    [],
    [0],
    [0, "1", "ping", []],
    [0, None, "ping", []],
    [0, True, "ping", []],
    [0, 1.5, "ping", []],
    [0.5, 1, "ping", []],
    [False, 1, "ping", []],
    [0, msgpack.ExtType(1, b""), "ping", []],
    [1, 1, None, None],
    [2],
    [2, 5, []],
    [7, 1, "ping", []],
    msgpack.ExtType(5, b"x"),
]


@pytest.mark.parametrize("message", BREAKING, ids=repr)
def test_what_has_no_id_ends_it(message: object) -> None:
    server = ServerConnection()
    with pytest.raises(RemoteProtocolError):
        server.receive(packed(message))
    with pytest.raises(RemoteProtocolError):
        server.receive(packed([0, 1, "ping", []]))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xc1", "InvalidRequest"),
        (b"\x91" * 65 + b"\x01", "LimitExceeded"),
        (b"\xc5\x04\x00" + bytes(1024), "LimitExceeded"),
    ],
)
def test_a_broken_peer_is_told_why(data: bytes, code: str) -> None:
    server = ServerConnection(WireLimits(message=512))
    with pytest.raises(RemoteProtocolError):
        server.receive(data)
    client = ClientConnection()
    (told,) = client.receive(server.dismiss())
    assert isinstance(told, Dismissed)
    assert told.error.code == code


def test_only_a_broken_peer_is_dismissed() -> None:
    with pytest.raises(LocalProtocolError):
        ServerConnection().dismiss()


def test_what_was_asked_before_the_break_can_still_be_answered() -> None:
    server = ServerConnection()
    assert server.receive(packed([0, 1, "ping", []]) + b"\xc1") == [Requested(1, "ping", {})]
    assert server.broken is not None
    assert msgpack.unpackb(server.answer(1, "pong")) == [1, 1, None, "pong"]
    with pytest.raises(RemoteProtocolError):
        server.receive(b"")


def test_each_request_is_answered_once() -> None:
    server = ServerConnection()
    server.receive(packed([0, 1, "ping", []]))
    server.answer(1, None)
    for again in (lambda: server.answer(1, None), lambda: server.fail(2, ErrorCode.TIMEOUT, "")):
        with pytest.raises(LocalProtocolError, match="waits for no answer"):
            again()


def test_a_second_request_with_an_id_under_way_is_malformed_and_both_are_owed_an_answer() -> None:
    server = ServerConnection()
    first, second = server.receive(packed([0, 1, "ping", []], [0, 1, "ping", []]))
    assert isinstance(first, Requested)
    assert isinstance(second, Malformed)
    server.fail(1, ErrorCode.INVALID_REQUEST, second.why)
    assert server.unanswered == {1}
    server.answer(1, None)
    assert server.unanswered == frozenset()
    assert server.receive(packed([0, 1, "ping", []])) == [Requested(1, "ping", {})]


def test_an_answer_over_the_limit_can_be_replaced_by_a_failure() -> None:
    server = ServerConnection(WireLimits(message=200))
    server.receive(packed([0, 1, "ping", []]))
    with pytest.raises(LocalProtocolError, match="limit"):
        server.answer(1, "x" * 300)
    with pytest.raises(LocalProtocolError, match="cannot carry"):
        server.answer(1, object())
    assert b"LimitExceeded" in server.fail(1, ErrorCode.LIMIT_EXCEEDED, "too long")


def test_depth_64_of_a_whole_request_is_served_and_65_is_not() -> None:
    value: object = 1
    for _ in range(61):  # the request itself, its params and their map make three
        value = [value]
    server = ServerConnection()
    (event,) = server.receive(encode([0, 1, "ping", [{"message": value}]]))
    assert isinstance(event, Requested)
    with pytest.raises(RemoteProtocolError, match="deeper"):
        server.receive(packed([0, 2, "ping", [{"message": [value]}]]))


STREAM = packed([0, 1, "ping", []], [0, 2, 5, []], [2, "interrupt", [{"id": 1}]], [0, 3, "x", [{"k": "v" * 50}]])


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_the_cut_does_not_matter(cuts: list[int]) -> None:
    server = ServerConnection()
    events: list[ServerEvent] = []
    for start, end in pairwise([0, *sorted(cuts), len(STREAM)]):
        events += server.receive(STREAM[start:end])
    assert events == ServerConnection().receive(STREAM)


@given(st.binary(max_size=600))
def test_no_bytes_give_anything_but_events_or_the_one_error(data: bytes) -> None:
    server = ServerConnection(WireLimits(message=256, depth=4))
    try:
        events = server.receive(data)
    except RemoteProtocolError:
        assert server.dismiss()
    else:
        assert all(isinstance(event, Requested | Malformed | Notified) for event in events)
