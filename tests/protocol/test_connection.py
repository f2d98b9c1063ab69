"""The side that asks: which bytes give which events, and what kills a connection."""

from __future__ import annotations

from itertools import pairwise

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.protocol.connection import Answered, ClientConnection, Dismissed, Event, Failed, Notified
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, RemoteProtocolError, WireError
from stui_cli.protocol.limits import WireLimits


def packed(*messages: object) -> bytes:
    return b"".join(msgpack.packb(message) for message in messages)


def asked(count: int) -> ClientConnection:
    connection = ClientConnection()
    assert [connection.request("ping", {})[0] for _ in range(count)] == list(range(1, count + 1))
    return connection


def test_a_request_is_four_elements_with_one_map_or_none() -> None:
    connection = ClientConnection()
    assert msgpack.unpackb(connection.request("ping", {"message": 1})[1]) == [0, 1, "ping", [{"message": 1}]]
    assert msgpack.unpackb(connection.request("ping", {})[1]) == [0, 2, "ping", []]
    assert msgpack.unpackb(connection.notify("interrupt", {"id": 2})) == [2, "interrupt", [{"id": 2}]]
    assert connection.in_flight == 2


def test_answers_come_in_any_order() -> None:
    connection = asked(3)
    events = connection.receive(packed([1, 3, None, "c"], [1, 1, None, "a"], [1, 2, None, "b"]))
    assert events == [Answered(3, "c"), Answered(1, "a"), Answered(2, "b")]
    assert connection.in_flight == 0


def test_an_error_answer_keeps_what_it_says() -> None:
    connection = asked(2)
    error = {"code": "SessionNotFound", "message": "gone", "details": {"x": 1}, "stack": ["a"], "more": True}
    assert connection.receive(packed([1, 1, error, None], [1, 2, "as text", None])) == [
        Failed(1, WireError("SessionNotFound", "gone", {"x": 1}, ["a"])),
        Failed(2, WireError("InternalError", "as text")),
    ]


def test_answers_of_peers_in_other_languages() -> None:
    """Whole floats for integers, bytes for text, an empty array for an empty map, an error as one text."""
    connection = asked(4)
    error = {b"code": b"Timeout", b"message": b"over"}
    answers = packed(
        [1.0, 1.0, None, 7], [1, 2, error, None], [1, 3, b"Interrupted: stopped", None], [1, 4, "Eh: ?", None]
    )
    assert connection.receive(answers + packed([2, b"bye", [[]]], [2, "output", [{b"id": 1}]])) == [
        Answered(1, 7),
        Failed(2, WireError("Timeout", "over")),
        Failed(3, WireError("Interrupted", "stopped")),
        Failed(4, WireError("InternalError", "Eh: ?")),
        Notified("bye", {}),
        Notified("output", {"id": 1}),
    ]


def test_a_null_answer_is_an_answer() -> None:
    assert asked(1).receive(packed([1, 1, None, None])) == [Answered(1, None)]


def test_notifications() -> None:
    events = ClientConnection().receive(packed([2, "output", [{"id": 1, "text": "x"}]], [2, "bye", []]))
    assert events == [Notified("output", {"id": 1, "text": "x"}), Notified("bye", {})]


def test_a_peer_that_ends_the_connection_says_why() -> None:
    error = {"code": "LimitExceeded", "message": "too long"}
    assert asked(1).receive(packed([1, None, error, None])) == [Dismissed(WireError("LimitExceeded", "too long"))]


WRONG = [
    5,
    "text",
    None,
    {},
    [],
    [1],
    [1, 1, None],
    [1, 1, None, 1, 1],
    [3, 1, None, None],
    [0, 1, "ping", []],  # nobody may ask us
    [1, 2, None, "never asked"],
    [1, -1, None, None],
    [1, "1", None, None],
    [1, True, None, None],
    [True, 1, None, None],
    [1.5, 1, None, None],
    [1, 1.5, None, None],
    [1, float("nan"), None, None],
    [1, None, None, None],
    [1, 1, {}, None],
    [1, 1, {"code": "X"}, None],
    [1, 1, {"code": 1, "message": "x"}, None],
    [1, 1, 7, None],
    [1, 1, False, None],
    [2, "output"],
    [2, "output", {}],
    [2, "output", [{}, {}]],
    [2, "output", [1]],
    [2, 7, []],
    [True, "output", []],
    [1, 1, None, msgpack.ExtType(4, b"x")],
    [1, 1, None, [msgpack.Timestamp(1)]],
]


@pytest.mark.parametrize("message", WRONG, ids=repr)
def test_what_is_neither_answer_nor_notification_kills(message: object) -> None:
    connection = asked(1)
    with pytest.raises(RemoteProtocolError):
        connection.receive(packed(message))
    assert connection.broken is not None


def test_dead_stays_dead() -> None:
    connection = asked(2)
    with pytest.raises(RemoteProtocolError, match="no MessagePack"):
        connection.receive(b"\xc1")
    for _ in range(2):
        with pytest.raises(RemoteProtocolError, match="no MessagePack"):
            connection.receive(packed([1, 1, None, "too late"]))
    with pytest.raises(LocalProtocolError, match="dead"):
        connection.request("ping", {})
    with pytest.raises(LocalProtocolError, match="dead"):
        connection.notify("interrupt", {"id": 1})


def test_the_same_answer_twice_kills() -> None:
    connection = asked(1)
    assert connection.receive(packed([1, 1, None, 1])) == [Answered(1, 1)]
    with pytest.raises(RemoteProtocolError, match="not in flight"):
        connection.receive(packed([1, 1, None, 1]))


def test_what_came_whole_before_the_break_is_delivered_first() -> None:
    connection = asked(2)
    assert connection.receive(packed([1, 1, None, "good"]) + b"\xc1") == [Answered(1, "good")]
    assert connection.broken is not None
    with pytest.raises(RemoteProtocolError):
        connection.receive(b"")


def test_a_request_that_cannot_be_said_takes_no_id() -> None:
    connection = ClientConnection(WireLimits(message=64))
    with pytest.raises(LocalProtocolError, match="limit"):
        connection.request("ping", {"message": "x" * 100})
    with pytest.raises(LocalProtocolError, match="cannot carry"):
        connection.request("ping", {"message": object()})
    assert connection.request("ping", {})[0] == 1
    assert connection.in_flight == 1


def test_an_answer_over_the_limit_kills() -> None:
    connection = ClientConnection(WireLimits(message=64))
    connection.request("ping", {})
    with pytest.raises(RemoteProtocolError) as caught:
        connection.receive(packed([1, 1, None, "x" * 100]))
    assert caught.value.code is ErrorCode.LIMIT_EXCEEDED


def fed(parts: list[bytes]) -> tuple[list[Event], bool]:
    """All events of a stream cut into `parts`, and whether it broke."""
    connection = asked(4)
    events: list[Event] = []
    for part in parts:
        try:
            events += connection.receive(part)
        except RemoteProtocolError:
            return events, True
    return events, connection.broken is not None


STREAM = packed(
    [1, 2, None, {"k": [1, "x" * 40]}],
    [2, "output", [{"id": 1, "text": "hé"}]],
    [1, 1, {"code": "Timeout", "message": "m"}, None],
    [1, 4, None, b"\x00" * 30],
)


@pytest.mark.parametrize("tail", [b"", b"\x94\x01", b"\xc1", packed([1, 9, None, None]), packed(7)])
def test_byte_by_byte_is_as_good_as_whole(tail: bytes) -> None:
    data = STREAM + tail
    whole = fed([data])
    assert len(whole[0]) == 4
    assert fed([bytes([byte]) for byte in data]) == whole


@given(st.lists(st.integers(0, len(STREAM) + 1), max_size=8), st.sampled_from([b"", b"\xc1"]))
def test_the_cut_does_not_matter(cuts: list[int], tail: bytes) -> None:
    data = STREAM + tail
    edges = [0, *sorted(cuts), len(data)]
    assert fed([data[start:end] for start, end in pairwise(edges)]) == fed([data])
