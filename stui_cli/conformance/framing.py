"""Messages as such: framing, ids, unknown methods, limits, and bytes that are no message at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.conversation import NO_ID, request_bytes
from stui_cli.conformance.verdicts import Deviation, expect
from stui_cli.protocol.codec import encode
from stui_cli.protocol.connection import Answered, Failed
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation

SUBJECT = Subject()

_LARGEST_ID = 2**32 - 1  # of the MessagePack-RPC specification

# [0, id, "ping", [{"message": X}]]: X stands inside four levels of nesting, counted from the message itself.
_LEVELS_AROUND = 3
_PING = b"\xa4ping\x91\x81\xa7message"


def ping_bytes(number: int, message: bytes) -> bytes:
    """A ping whose message is made of raw bytes, for what our own encoder would not say."""
    return b"\x94\x00" + encode(number) + _PING + message


def _echo(talk: Conversation, number: int) -> object:
    match talk.result_of(number):
        case {"message": message}:
            return message
        case other:
            raise Deviation("a result with the message", str(other)[:100])


@SUBJECT.case("framing", "one byte at a time", "4: over any byte stream")
def _byte_by_byte(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.next_id("ping")
    for byte in request_bytes(number, "ping", {"message": "drop by drop"}):
        talk.send_raw(bytes([byte]))
    expect(_echo(talk, number) == "drop by drop", "the message echoed", "another")


@SUBJECT.case("framing", "cut in the middle", "4: over any byte stream")
def _cut(bench: Bench) -> None:
    talk = bench.talk()
    numbers = [talk.next_id("ping") for _ in range(3)]
    data = b"".join(request_bytes(n, "ping", {"message": n}) for n in numbers)
    for start, end in ((0, 7), (7, len(data) - 3), (len(data) - 3, len(data))):
        talk.send_raw(data[start:end])
    for number in numbers:
        expect(_echo(talk, number) == number, "each message echoed under its own id", "another")


@SUBJECT.case("framing", "200 requests at once", "4: several requests may be in flight")
def _pipelined(bench: Bench) -> None:
    talk = bench.talk()
    numbers = talk.requests([("ping", {"message": index}) for index in range(200)])
    for index, number in enumerate(numbers):
        expect(_echo(talk, number) == index, "each message echoed under its own id", "another")


@SUBJECT.case("framing", "any id", "4: request [0, id, ...], answered under the same id")
def _ids(bench: Bench) -> None:
    talk = bench.talk()
    for number in (0, 127, 128, 65_536, _LARGEST_ID):
        talk.expects(number, "ping")
        talk.send_raw(request_bytes(number, "ping", {"message": "id"}))
        talk.result_of(number)


@SUBJECT.case("framing", "an id in a wider form", "4: the public spec, so that any existing client speaks it")
def _wide_id(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.next_id("ping")
    data = request_bytes(number, "ping", {"message": "wide"})
    narrow = b"\x94\x00" + encode(number)
    wide = b"\xdd\x00\x00\x00\x04" + b"\xcc\x00" + b"\xcf" + number.to_bytes(8, "big")
    talk.send_raw(wide + data.removeprefix(narrow))
    talk.result_of(number)


@SUBJECT.case("framing", "an empty map of params", "4: params is one map of named values, or the array is empty")
def _empty_map(bench: Bench) -> None:
    talk = bench.talk()
    method = "list_image_sessions"
    for params in (b"\x90", b"\x91\x80"):
        number = talk.next_id(method)
        talk.send_raw(b"\x94\x00" + encode(number) + encode(method) + params)
        talk.result_of(number)


@SUBJECT.case("framing", "params that are no map", "4: params is one map of named values, or the array is empty")
def _no_map(bench: Bench) -> None:
    talk = bench.talk()
    wrong: tuple[object, ...] = ([1], ["text"], [None], [{}, {}], [[1]], {}, None, 7, "text")
    for params in wrong:
        number = talk.next_id("ping")
        talk.send_raw(encode([0, number, "ping", params]))
        match talk.answer(number):
            case Failed(_, error):
                right = error.code == ErrorCode.INVALID_REQUEST
                expect(right, f"InvalidRequest for the params {params!r}", error.code)
            case Answered():
                raise Deviation(f"InvalidRequest for the params {params!r}", "a result")
    talk.lives()


@SUBJECT.case("framing", "an unknown method", "4: UnsupportedMethod; the connection lives")
def _unknown_method(bench: Bench) -> None:
    talk = bench.talk()
    for method in ("no_such_method", "", "ping ", "Ping", "pong" * 1000, "become:", "прив"):
        talk.refused(ErrorCode.UNSUPPORTED_METHOD, method, {"source": "3 + 4"})
    talk.lives()


@SUBJECT.case("framing", "a method that is no text", "4: a mistyped one is InvalidRequest; the connection lives")
def _odd_method(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.next_id("7")
    talk.send_raw(encode([0, number, 7, []]))
    talk.refusal_of(number, ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_METHOD)
    talk.lives()


@SUBJECT.case("framing", "an unknown notification", "4: what nobody waits for gets no answer")
def _unknown_notification(bench: Bench) -> None:
    talk = bench.talk()
    talk.notify("no_such_notification", {"id": 1})
    talk.send_raw(encode([2, "interrupt", []]))
    talk.send_raw(encode([2, "interrupt", [{"id": "seven"}]]))
    talk.lives()


@SUBJECT.case("framing", "an extension type", "4: ext is InvalidRequest; the connection lives")
def _extension(bench: Bench) -> None:
    talk = bench.talk()
    timestamp = b"\xd6\xff\x00\x00\x00\x01"
    for message in (b"\xd4\x01x", b"\xd8\x05" + bytes(16), b"\xc7\x03\x2aabc", b"\xc8\x00\x01\x2aa", timestamp):
        for place in (message, b"\x92\x01" + message, b"\x81\xa1k" + message):
            number = talk.next_id("ping")
            talk.send_raw(ping_bytes(number, place))
            match talk.answer(number):
                case Failed(_, error):
                    expect(error.code == ErrorCode.INVALID_REQUEST, "InvalidRequest", error.code)
                case Answered():
                    raise Deviation("InvalidRequest for an extension type", "a result")
    talk.lives()


def _nested(levels: int) -> bytes:
    """Arrays around nil."""
    return b"\x91" * levels + b"\xc0"


@SUBJECT.case("framing", "nesting up to the limit", f"4: depth {DEFAULT_LIMITS.depth}")
def _deep(bench: Bench) -> None:
    talk = bench.talk()
    levels = DEFAULT_LIMITS.depth - _LEVELS_AROUND
    for shell in (b"\x91", b"\x81\xa1k"):
        number = talk.next_id("ping")
        talk.send_raw(ping_bytes(number, shell * levels + b"\xc0"))
        found, depth = _echo(talk, number), 0
        while isinstance(found, (list, dict)):
            found = found[0] if isinstance(found, list) else found["k"]
            depth += 1
        expect(depth == levels, f"{levels} levels echoed", f"{depth} levels")


@SUBJECT.case("framing", "nesting over the limit", "4: LimitExceeded and the connection ends")
def _too_deep(bench: Bench) -> None:
    for levels in (DEFAULT_LIMITS.depth + 16, 5_000):
        talk = bench.talk()
        number = talk.next_id("ping")
        talk.send_raw(ping_bytes(number, _nested(levels)))
        _over_limit(talk, f"{levels} nested arrays")
    bench.talk().lives()


@SUBJECT.case("framing", "a large message", f"4: message {DEFAULT_LIMITS.message // 1024 // 1024} MiB")
def _large(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.next_id("ping")
    size = DEFAULT_LIMITS.message - 4096
    talk.send_raw(ping_bytes(number, b"\xc6" + size.to_bytes(4, "big") + bytes(size)))
    found = _echo(talk, number)
    same = isinstance(found, bytes) and len(found) == size
    expect(same, f"{size:,} bytes echoed", f"{len(found) if isinstance(found, bytes) else 0:,} bytes")


@SUBJECT.case("framing", "a message over the limit", "4: LimitExceeded and the connection ends")
def _too_large(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.next_id("ping")
    size = DEFAULT_LIMITS.message + 1024 * 1024
    talk.flood(ping_bytes(number, b"\xc6" + size.to_bytes(4, "big")), size)
    _over_limit(talk, f"a message of {size:,} bytes")
    bench.talk().lives()


@SUBJECT.case("framing", "a flood of small parts", "4: LimitExceeded and the connection ends")
def _many_parts(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.next_id("ping")
    talk.send_raw(ping_bytes(number, b"\xdd\x7f\xff\xff\xff"))
    bench.talk().lives()  # what was announced and not sent costs nobody anything
    talk.flood(b"", DEFAULT_LIMITS.message + 1024 * 1024)
    _over_limit(talk, "an endless array")
    bench.talk().lives()


def _over_limit(talk: Conversation, what: str) -> None:
    """Wait for LimitExceeded, under the id or under nil where the id could not be read, and for the end.

    An end without it is taken too where it came as a reset: closing a connection with unread bytes in it may
    throw away what was written before (RFC 1122, 4.2.2.13). The reset itself is not reported to us by name.
    """
    talk.ends()
    for answer in talk.answers.values():
        match answer:
            case Failed(_, error):
                expect(error.code == ErrorCode.LIMIT_EXCEEDED, f"LimitExceeded for {what}", error.code)
            case Answered():
                raise Deviation(f"LimitExceeded for {what}", "a result")


@SUBJECT.case("framing", "the limit is told", "4: LimitExceeded, before the connection ends")
def _limit_is_an_answer(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.next_id("ping")
    # Small enough to be read whole, so that nothing unread can turn the end into a reset.
    talk.send_raw(ping_bytes(number, _nested(DEFAULT_LIMITS.depth + 16)))
    talk.ends()
    expect(bool(talk.answers.keys() & {number, NO_ID}), "LimitExceeded", "the end without a word")


@SUBJECT.case("framing", "no MessagePack", "4: who broke the protocol is cut off; others do not notice", Needs.NOTHING)
def _garbage(bench: Bench) -> None:
    other = bench.connect()
    for data in (b"\xc1", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00", b"\xa5hello", b"\x80", b"\x90", b"\x91\x00"):
        talk = bench.connect()
        talk.send_raw(data)
        talk.ends()
        other.lives()


@SUBJECT.case("framing", "a client that vanishes", "5: a vanished client never takes the agent down")
def _vanished(bench: Bench) -> None:
    other = bench.talk()
    for _ in range(5):
        talk = bench.talk()
        talk.requests([("ping", {"message": bytes(10_000)}) for _ in range(20)])
        talk.close()
        half = bench.connect()
        half.send_raw(b"\x94\x00\x01\xa4ping\x91\x81\xa7message\xc6\x00\xff\xff\xff")
        half.close()
    other.lives()


@SUBJECT.case("framing", "many connections", "5: many connections at once", Needs.NOTHING)
def _many(bench: Bench) -> None:
    talks = [bench.connect() for _ in range(50)]
    numbers = [talk.request("hello", bench.hello()) for talk in talks]
    for talk, number in zip(talks, numbers, strict=True):
        talk.result_of(number)
