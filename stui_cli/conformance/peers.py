"""What clients in other languages write: the MessagePack that a peer takes though stui's own client would not write it.

Neovim writes an empty table as an array and shows an error only if it is one text; Perl writes text, and the keys of
maps, as bytes; JavaScript and Lua know floats alone, and libraries of Lua cannot read bytes at all.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.framing import ping_bytes
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.verdicts import Deviation, NotHere, expect, shortened
from stui_cli.protocol.codec import encode
from stui_cli.protocol.evaluation import Evaluation
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.greeting import Greeting
from stui_cli.protocol.vitals import Pong

if TYPE_CHECKING:
    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation

SUBJECT = Subject()

_LIMIT = b"\xadtime_limit_ms"


def _single(number: float) -> bytes:
    return b"\xca" + struct.pack(">f", number)


def _double(number: float) -> bytes:
    return b"\xcb" + struct.pack(">d", number)


@SUBJECT.case("framing", "an empty array of params", "4: an empty array is taken where a map is meant")
def _empty_array(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.next_id("ping")
    talk.send_raw(encode([0, number, "ping", [[]]]))
    fitting(Pong, talk.result_of(number))


@SUBJECT.case("framing", "text as bytes", "4: bin that is UTF-8 is taken where text is meant, keys and methods too")
def _text_as_bytes(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.next_id("get_image_connection_status")
    params = {b"image_id": bench.image_id.encode()}
    talk.send_raw(encode([0, number, b"get_image_connection_status", [params]]))
    talk.result_of(number)


@SUBJECT.case("framing", "bytes that are no text", "4: InvalidRequest; the connection lives")
def _no_text(bench: Bench) -> None:
    talk = bench.talk()
    for method, params in (
        ("get_image_connection_status", {"image_id": b"\xff\xfe"}),
        (b"\xff\xfe", {}),
    ):
        number = talk.next_id("bytes that are no UTF-8")
        talk.send_raw(encode([0, number, method, [params]]))
        talk.refusal_of(number, ErrorCode.INVALID_REQUEST)
    number = talk.next_id("ping")
    talk.send_raw(encode([0, number, "ping", [{b"\xff": 1}]]))  # a key that nobody knows
    talk.result_of(number)
    talk.lives()


@SUBJECT.case("framing", "an id that is a float", "4: a whole float is taken where an integer is meant")
def _float_id(bench: Bench) -> None:
    talk = bench.talk()
    for number, written in ((1_000, _single(1_000)), (2**24, _single(2**24)), (2**32 - 1, _double(2**32 - 1))):
        talk.expects(number, "ping")
        before = b"\x94\x00"
        talk.send_raw(before + written + ping_bytes(number, b"\xc0").removeprefix(before + encode(number)))
        talk.result_of(number)


@SUBJECT.case("evaluate", "whole floats", "4: a whole float is taken where an integer is meant", Needs.DEVELOPER)
def _whole_floats(bench: Bench) -> None:
    talk = bench.talk()
    for written in (_double(2_000), _single(2_000)):
        found = fitting(Evaluation, talk.result_of(_evaluation_within(bench, talk, written)))
        expect(found.outcome == "returned", "the value of 3 + 4", found.outcome)
    for half in (_double(2_000.5), _single(0.5)):
        number = _evaluation_within(bench, talk, half)
        talk.refusal_of(number, ErrorCode.INVALID_REQUEST)
    talk.lives()


def _evaluation_within(bench: Bench, talk: Conversation, limit: bytes) -> int:
    """Ask for an evaluation whose time limit is these very bytes; answers its id."""
    number = talk.next_id("evaluate")
    params = bench.code("3 + 4")
    whole = encode([0, number, "evaluate", [params]])
    talk.send_raw(whole.replace(_LIMIT + encode(params["time_limit_ms"]), _LIMIT + limit))
    return number


@SUBJECT.case("hello", "errors as text", "4: errors text: an error is one string, CODE: message", Needs.NOTHING)
def _errors_as_text(bench: Bench) -> None:
    talk = bench.connect()
    params = bench.hello() | {"errors": "text"}
    fitting(Greeting, talk.result("hello", params))
    told = talk.text_of_refusal("no_such_method")
    code, colon, message = told.partition(": ")
    fits = code in set(ErrorCode) and bool(colon) and bool(message)
    expect(fits, "an error that is the text CODE: message", told)
    other = bench.connect()
    other.refused(ErrorCode.INVALID_REQUEST, "hello", bench.hello() | {"errors": "loud"})
    other.result("hello", bench.hello() | {"errors": "map"})
    number = other.request("no_such_method")
    other.refusal_of(number, ErrorCode.UNSUPPORTED_METHOD, ErrorCode.NOT_AUTHENTICATED)


@SUBJECT.case("hello", "no bytes where no key is asked for", "4: no nonce and proof where auth is none", Needs.NOTHING)
def _no_bytes(bench: Bench) -> None:
    if bench.greeting.auth != "none":
        raise NotHere("is about agents that ask for no key")
    params = {key: value for key, value in bench.hello().items() if key not in ("key_id", "nonce")}
    match bench.connect().result("hello", params):
        case dict(told):
            came = sorted(str(key) for key, value in told.items() if isinstance(value, bytes))
            expect(not came, "a greeting without any bytes", f"bytes under {', '.join(came)}")
        case other:
            raise Deviation("a greeting", shortened(other))
