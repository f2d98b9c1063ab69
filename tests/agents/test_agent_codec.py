"""What is sent in a ping comes back byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgpack
import pytest
from wire import Ended, RemoteError, Wire

if TYPE_CHECKING:
    from running import Clients

VALUES = [
    *(0, 1, 127, 128, 255, 256, 65535, 65536, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1),
    *(-1, -32, -33, -128, -129, -32768, -32769, -(2**31), -(2**31) - 1, -(2**63)),
    *(0.0, -0.0, 1.5, 3.14, 1e300, 5e-324, float("inf"), float("-inf")),
    *(b"", b"a" * 255, b"a" * 256, b"b" * 65535, b"b" * 65536),
    *("", "a" * 31, "a" * 32, "a" * 255, "a" * 256, "é" * 40000, "\0\x01\n"),
    *([], [1] * 15, [1] * 16, [None] * 65535, [None] * 65536),
    *({}, {i: i for i in range(15)}, {i: i for i in range(16)}, {i: i for i in range(66000)}),
    *(True, False, None, [[], {}, [b"x", {"a": [1, {"b": None}]}]]),
]

# The same values in other widths than the shortest, which a peer may choose: they come back as they were.
WIDE = [
    b"\xcc\x01",
    b"\xcd\x00\x01",
    b"\xce\x00\x00\x00\x01",
    b"\xcf" + bytes(7) + b"\x01",
    b"\xd0\x01",
    b"\xd1\x00\x01",
    b"\xd2\x00\x00\x00\x01",
    b"\xd3" + bytes(7) + b"\x05",
    b"\xca\x3f\x80\x00\x00",
    b"\xca\x7f\xc0\x00\x01",
    b"\xcb\x3f\xf0" + bytes(6),
    b"\xcb\x7f\xf8" + bytes(5) + b"\x01",
    b"\xd9\x01a",
    b"\xda\x00\x01a",
    b"\xdb\x00\x00\x00\x01a",
    b"\xc4\x01a",
    b"\xc5\x00\x01a",
    b"\xc6\x00\x00\x00\x01a",
    b"\xdc\x00\x01\xc0",
    b"\xdd\x00\x00\x00\x01\xc0",
    b"\xde\x00\x01\xa1a\xc3",
    b"\xdf\x00\x00\x00\x01\xa1a\xc3",
    b"\xa2\xff\xfe",
]


def describe(value: object) -> str:
    return repr(value)[:30] + f"-{len(msgpack.packb(value))}"


@pytest.mark.parametrize("value", VALUES, ids=describe)
def test_ping_echoes_any_value(wire: Wire, value: object) -> None:
    echoed = wire.call("ping", message=value)["message"]
    assert echoed == value
    assert msgpack.packb(echoed) == msgpack.packb(value)


@pytest.mark.parametrize("encoded", WIDE, ids=bytes.hex)
def test_ping_keeps_the_width(wire: Wire, encoded: bytes) -> None:
    assert echo_of(wire, encoded) == encoded


def echo_of(wire: Wire, encoded: bytes) -> bytes:
    """Raw bytes between the name of the first value of the answer and that of the second."""
    wire.send_bytes(b"\x94\x00\x07\xa4ping\x91\x81\xa7message" + encoded)
    received = b""
    answers = msgpack.Unpacker(raw=True, strict_map_key=False)
    while True:
        data = wire.socket.recv(65536)
        received += data
        answers.feed(data)
        if any(answers):  # a whole answer is there; answers may grow keys
            break
    start = received.index(b"\xa7message") + len(b"\xa7message")
    return received[start : received.index(b"\xa6status")]


@pytest.mark.parametrize("size", [65_536, 1_000_000, 16 * 1024 * 1024 - 1000])
def test_ping_echoes_large_values(wire: Wire, size: int) -> None:
    value = bytes(size)
    assert wire.call("ping", message=value)["message"] == value


def nested(depth: int) -> object:
    value: object = None
    for _ in range(depth):
        value = [value]
    return value


def test_ping_echoes_nesting_to_the_limit(wire: Wire) -> None:
    """64 levels, of which the request itself is three: its array, the parameters, their map."""
    assert wire.call("ping", message=nested(61))["message"] == nested(61)


def test_deeper_nesting_ends_the_connection(wire: Wire) -> None:
    number = wire.request("ping", message=nested(62))
    with pytest.raises((RemoteError, Ended)):
        wire.answer(number)
    wire.wait_closed()
    assert wire.answers[None][0]["code"] == "LimitExceeded"


@pytest.mark.parametrize(
    "extension",
    [
        b"\xd4\x01a",
        b"\xd5\x01ab",
        b"\xd6\xff" + bytes(4),
        b"\xd7\x01" + bytes(8),
        b"\xd8\x01" + bytes(16),
        b"\xc7\x02\x01ab",
        b"\xc8\x00\x02\x01ab",
        b"\xc9\x00\x00\x00\x02\x01ab",
        b"\x92\xc0\xd4\x01a",
    ],
    ids=bytes.hex,
)
def test_extension_types_are_refused_and_the_connection_lives(wire: Wire, extension: bytes) -> None:
    wire.send_bytes(b"\x94\x00\x07\xa4ping\x91\x81\xa7message" + extension)
    with pytest.raises(RemoteError) as caught:
        wire.answer(7)
    assert caught.value.code == "InvalidRequest"
    assert wire.call("ping", message=1)["message"] == 1


def test_a_message_byte_by_byte(wire: Wire) -> None:
    for byte in msgpack.packb([0, 9, "ping", [{"message": {"a": [1, "b", b"c"]}}]]):
        wire.send_bytes(bytes([byte]))
    assert wire.answer(9)["message"] == {"a": [1, "b", b"c"]}


def test_many_messages_in_one_piece(wire: Wire) -> None:
    messages = b"".join(msgpack.packb([0, number, "ping", [{"message": number}]]) for number in range(100, 1100))
    wire.send_bytes(messages)
    assert [wire.answer(number)["message"] for number in range(100, 1100)] == list(range(100, 1100))


def test_bin_serves_as_text_if_it_is_utf8_and_text_as_bin(clients: Clients) -> None:
    wire = clients.bare()
    for wrong in (b"\xff", b"\xed\xa0\x80", b"\xc0\x80"):
        with pytest.raises(RemoteError) as caught:
            wire.call("hello", protocol=1, client="wire", client_id=wrong)
        assert caught.value.code == "InvalidRequest"
        assert caught.value.message == "client_id: text was expected, not bytes"
    wire.call("hello", protocol=1, client="wire", client_id="é".encode())
    assert len(wire.hello(key_id="none", nonce="sixteen letters.")["proof"]) == 32


def test_text_that_is_no_utf8_goes_out_repaired(wire: Wire) -> None:
    assert wire.value("String with: (Character value: 200) with: $a") == "'\ufffda'"
