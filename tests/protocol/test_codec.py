"""MessagePack with limits: every type there and back, every limit at its edge, on both sides."""

from __future__ import annotations

import contextlib
import math
import struct
import subprocess
import sys

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.protocol.codec import Decoder, Message, Unusable, encode
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, RemoteProtocolError
from stui_cli.protocol.limits import WireLimits

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text() | st.integers(0, 2**64 - 1), inner, max_size=5)
    ),
    max_leaves=20,
)


def decoded(data: bytes, limits: WireLimits | None = None) -> list[object]:
    messages = list((Decoder(limits) if limits else Decoder()).feed(data))
    assert all(not message.flaw for message in messages)
    return [message.value for message in messages]


def fed(decoder: Decoder, parts: list[bytes]) -> list[Message]:
    return [message for part in parts for message in decoder.feed(part)]


def nested(depth: int) -> object:
    """`depth` arrays in one another."""
    value: object = []
    for _ in range(depth - 1):
        value = [value]
    return value


def nested_maps(depth: int) -> object:
    value: object = {}
    for _ in range(depth - 1):
        value = {"k": value}
    return value


INTEGERS = sorted(
    {
        sign * 2**bits + off
        for bits in (0, 5, 7, 8, 15, 16, 31, 32, 63)
        for sign in (1, -1)
        for off in (-1, 0, 1)
        if -(2**63) <= sign * 2**bits + off < 2**64
    }
    | {2**64 - 1}
)


@pytest.mark.parametrize("value", INTEGERS)
def test_integers_of_every_width(value: int) -> None:
    (back,) = decoded(encode(value))
    assert back == value
    assert type(back) is int


@pytest.mark.parametrize("length", [0, 1, 31, 32, 255, 256, 65_535, 65_536])
def test_texts_bytes_arrays_and_maps_at_the_edges_of_their_headers(length: int) -> None:
    for value in ("x" * length, b"x" * length, [7] * length, dict.fromkeys(range(length), True)):
        assert decoded(encode(value)) == [value]


@pytest.mark.parametrize("value", [0.0, -0.0, 1.5, math.pi, 5e-324, 1.7976931348623157e308, math.inf, -math.inf])
def test_floats_travel_exactly(value: float) -> None:
    (back,) = decoded(encode(value))
    assert struct.pack(">d", back) == struct.pack(">d", value)


def test_not_a_number_stays_one() -> None:
    (back,) = decoded(encode(math.nan))
    assert isinstance(back, float)
    assert math.isnan(back)


def test_float32_of_a_peer() -> None:
    assert decoded(b"\xca" + struct.pack(">f", 0.5)) == [0.5]


@given(VALUES)
def test_what_is_encoded_is_decoded(value: object) -> None:
    assert decoded(encode(value)) == [value]


@given(st.lists(VALUES, max_size=6), st.lists(st.integers(1, 40), max_size=30))
def test_any_cut_of_the_stream_gives_the_same_messages(values: list[object], cuts: list[int]) -> None:
    data = b"".join(encode(value) for value in values)
    decoder, found, at = Decoder(), [], 0
    for size in [*cuts, len(data)]:
        found += [message.value for message in decoder.feed(data[at : at + size])]
        at += size
    assert found == values


@given(VALUES)
def test_byte_by_byte(value: object) -> None:
    decoder, found = Decoder(), []
    for byte in encode(value):
        found += list(decoder.feed(bytes([byte])))
    assert found == [Message(value)]


def test_trailing_bytes_wait_for_the_rest() -> None:
    decoder = Decoder()
    assert [m.value for m in decoder.feed(encode([1]) + encode("later")[:-1])] == [[1]]
    assert [m.value for m in decoder.feed(encode("later")[-1:])] == ["later"]


def test_text_that_is_no_utf8_goes_back_as_it_came() -> None:
    raw = b"\xa3\xff\xfe\x80"
    (text,) = decoded(raw)
    assert isinstance(text, str)
    assert encode(text) == raw


# --- what is refused ------------------------------------------


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, {1, 2}, object(), 1j, "\ud800"])
def test_what_messagepack_cannot_say_is_our_fault(value: object) -> None:
    with pytest.raises(LocalProtocolError):
        encode([value])


@pytest.mark.parametrize("value", [msgpack.ExtType(5, b"x"), msgpack.Timestamp(1, 2)])
def test_extensions_are_not_sent(value: object) -> None:
    if isinstance(value, msgpack.ExtType):
        # An ExtType is a tuple, so that the survey walks over it; a receiver of ours refuses it.
        (message,) = Decoder().feed(encode([value]))
        assert message.flaw
    else:
        with pytest.raises(LocalProtocolError, match="extension"):
            encode([value])


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"\xd4\x05\x00", "extension type 5"),
        (b"\xc7\x00\x7f", "extension type 127"),
        (b"\x93\x01\xc7\x03\x80abc\x02", "extension type -128"),
        (b"\xd6\xff\x00\x00\x00\x01", "extension type -1"),  # a timestamp, which the library knows by itself
        (b"\x91\xd7\xff" + bytes(8), "extension type -1"),
        (b"\x81\xd4\x05\x00\x01", "extension type 5"),  # as a key
        (b"\x81\x91\x01\x02", "keyed by an array"),
        (b"\x91\x81\x80\x02", "keyed by an array or a map"),
    ],
)
def test_what_the_protocol_does_not_use_is_told_and_the_stream_goes_on(data: bytes, flaw: str) -> None:
    first, second = Decoder().feed(data + b"\x2a")
    assert flaw in first.flaw
    assert second == Message(42)


def test_unusable_values_are_plain_values() -> None:
    (message,) = Decoder().feed(b"\x92\x01\xd4\x05\x00")
    assert message.value == [1, Unusable("a value of extension type 5")]


@pytest.mark.parametrize("data", [b"\xc1", b"\x91\xc1", b"\x81\xa1k\xc1"])
def test_the_byte_that_messagepack_never_uses_ends_it(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="no MessagePack"):
        list(Decoder().feed(data))


# --- depth ------------------------------------------


@pytest.mark.parametrize("make", [nested, nested_maps])
def test_depth_64_is_allowed_on_both_sides(make: object) -> None:
    value = make(64)  # type: ignore[operator]
    assert decoded(encode(value)) == [value]


@pytest.mark.parametrize("make", [nested, nested_maps])
def test_depth_65_is_refused_on_both_sides(make: object) -> None:
    value = make(65)  # type: ignore[operator]
    with pytest.raises(LocalProtocolError, match="deeper than 64"):
        encode(value)
    with pytest.raises(RemoteProtocolError, match="deeper than 64") as caught:
        list(Decoder().feed(msgpack.packb(value)))
    assert caught.value.code is ErrorCode.LIMIT_EXCEEDED


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_depth_is_counted_in_arrays_and_maps(depth: int) -> None:
    limits = WireLimits(depth=depth)
    assert decoded(encode(1, limits), limits) == [1]
    if depth:
        assert decoded(encode(nested(depth), limits), limits) == [nested(depth)]
    for deeper in (nested(depth + 1), nested_maps(depth + 1)):
        with pytest.raises(LocalProtocolError):
            encode(deeper, limits)
        with pytest.raises(RemoteProtocolError):
            list(Decoder(limits).feed(msgpack.packb(deeper)))


@pytest.mark.parametrize("header", [b"\x91", b"\x81\x01", b"\xdd\x00\x00\x00\x01", b"\x81\x91"])
@pytest.mark.parametrize("size", [1_000, 100_000])
def test_a_nesting_bomb_is_an_answer_and_no_crash(header: bytes, size: int) -> None:
    with pytest.raises(RemoteProtocolError):
        list(Decoder().feed(header * size + b"\x01"))


def test_a_cyclic_value_of_ours_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(LocalProtocolError, match="deeper"):
        encode(value)


# --- size ------------------------------------------


def test_a_message_of_exactly_the_limit_passes_and_one_byte_more_does_not() -> None:
    limits = WireLimits(message=100)
    exact = b"\xc4\x62" + bytes(98)
    assert len(exact) == 100
    assert decoded(exact * 3, limits) == [bytes(98)] * 3
    assert len(encode(bytes(98), limits)) == 100
    longer = b"\xc4\x63" + bytes(99)
    with pytest.raises(LocalProtocolError, match="101 bytes"):
        encode(bytes(99), limits)
    for stream in ([longer], [bytes([byte]) for byte in longer], [exact + longer], [longer + exact]):
        with pytest.raises(RemoteProtocolError, match="limit of 100") as caught:
            fed(Decoder(limits), stream)
        assert caught.value.code is ErrorCode.LIMIT_EXCEEDED


def test_an_unfinished_message_over_the_limit_is_refused_as_soon_as_it_is() -> None:
    decoder = Decoder(WireLimits(message=1_000))
    assert list(decoder.feed(b"\xc6\x00\x00\xff\xff" + bytes(995))) == []
    with pytest.raises(RemoteProtocolError, match="limit"):
        list(decoder.feed(b"\x00"))


def test_a_header_that_announces_more_than_the_limit_is_refused_at_once() -> None:
    for header in (b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff"):
        with pytest.raises(RemoteProtocolError):
            list(Decoder(WireLimits(message=1_000)).feed(header))


def test_many_small_messages_in_one_feed_are_no_large_one() -> None:
    limits = WireLimits(message=1_000)
    data = encode(["ping", 1]) * 100_000
    assert sum(1 for _ in Decoder(limits).feed(data)) == 100_000


def test_16_mib_is_the_limit() -> None:
    largest = 16 * 1024 * 1024 - 5
    (message,) = Decoder().feed(encode(bytes(largest)))
    assert isinstance(message.value, bytes)
    with pytest.raises(LocalProtocolError):
        encode(bytes(largest + 1))
    with pytest.raises(RemoteProtocolError):
        list(Decoder().feed(msgpack.packb(bytes(largest + 1))))


# --- values ------------------------------------------


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"\x93\x01\x02\x03", 4),
        (b"\x82\xa1a\x01\xa1b\x80", 5),
        (b"\x92\xc4\x03\x01\x02\x03\xd9\x02ab", 3),
        (b"\x93\xcb" + bytes(8) + b"\xcd\x01\x00\xd1\xff\x00", 4),
        (b"\x92\xc7\x02\x05\x00\x00\xd6\x05" + bytes(4), 3),
        (b"\xdc\x00\x03\xc0\xc2\xca" + bytes(4), 4),
        (b"\xde\x00\x01\xa3abc\xda\x01\x00" + b"x" * 256, 3),
    ],
)
def test_values_are_counted_before_any_is_built(data: bytes, values: int) -> None:
    assert len(list(Decoder(WireLimits(values=values)).feed(data))) == 1
    for part in ([data], [data[at : at + 1] for at in range(len(data))]):
        with pytest.raises(RemoteProtocolError, match=f"more than {values - 1:,} values") as caught:
            fed(Decoder(WireLimits(values=values - 1)), part)
        assert caught.value.code is ErrorCode.LIMIT_EXCEEDED


@given(VALUES)
def test_any_value_is_counted_to_its_end(value: object) -> None:
    data = encode([value, b"x" * 300])

    def count(each: object) -> int:
        match each:
            case list():
                return 1 + sum(map(count, each))
            case dict():
                return 1 + sum(map(count, each)) + sum(map(count, each.values()))
            case _:
                return 1

    whole = count(value) + 2
    assert list(Decoder(WireLimits(values=whole)).feed(data))
    with pytest.raises(RemoteProtocolError, match="values"):
        list(Decoder(WireLimits(values=whole - 1)).feed(data))


BOMBS = """
import resource, time
from stui_cli.protocol.codec import Decoder
from stui_cli.protocol.faults import RemoteProtocolError
def array(item, count):
    return b"\\xdd" + count.to_bytes(4, "big") + item * count
most = 16 * 1024 * 1024 - 5
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
for item in (b"\\x80", b"\\x90", b"\\x81\\xa2ab\\x80", b"\\xa2ab"):
    bomb = array(item, most // len(item))
    decoder = Decoder()
    try:
        for at in range(0, len(bomb), 65536):
            list(decoder.feed(bomb[at : at + 65536]))
        raise AssertionError("it was taken")
    except RemoteProtocolError as error:
        assert "1,000,000 values" in str(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, time.process_time() - began)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs ru_maxrss as Linux has it")
def test_sixteen_mebibytes_of_empty_maps_cost_what_their_bytes_cost() -> None:
    """They cost 1.2 GB and seconds where only bytes were bounded."""
    done = subprocess.run([sys.executable, "-c", BOMBS], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    memory, seconds = done.stdout.split()
    assert int(memory) < 100_000  # KiB
    assert float(seconds) < 8


HEADERS = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (2**30,) * 2)
from stui_cli.protocol.codec import Decoder
from stui_cli.protocol.faults import RemoteProtocolError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    assert list(Decoder().feed(b"\\xdd\\x00\\xff\\xff\\xff" * 1000)) == []
except RemoteProtocolError:
    pass  # other versions of msgpack take the space at once
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS and ru_maxrss as Linux has them")
def test_headers_that_announce_millions_cost_no_memory() -> None:
    """1,000 nested arrays of 16 million elements each, in 5,000 bytes, with 1 GiB of address space."""
    done = subprocess.run([sys.executable, "-c", HEADERS], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 200_000  # KiB


@given(st.binary(max_size=200))
def test_garbage_gives_messages_or_the_one_error(data: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        for message in Decoder(WireLimits(message=100, depth=5)).feed(data):
            assert isinstance(message, Message)
