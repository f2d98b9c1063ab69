"""A hostile image: 100,000 mutated messages at the client's side of the protocol. No crash, no hang, no growth."""

from __future__ import annotations

import gc
import random
import resource
from weakref import ref

import msgpack
import pytest

from stui_cli.protocol.connection import Answered, ClientConnection, Failed
from stui_cli.protocol.faults import LocalProtocolError, Mistyped, RemoteProtocolError
from stui_cli.protocol.fields import parse
from stui_cli.protocol.requests import TABLE

SEED = 20_261_123
STREET = b"\xc0\xc1\xc2\xc3\xc4\xc6\xc7\xc9\xca\xcb\xcc\xcf\xd3\xd9\xdb\xdc\xdd\xde\xdf\xff\x00\x7f\x80\x90\xa0"


def sound_messages() -> list[bytes]:
    """Answers of every kind, as a good image gives them."""
    greeting = {"protocol": 1, "agent": "a", "image_id": "i", "incarnation": "x", "image_name": "n", "dialect": "gst",
                "image_version": "1", "auth": "none", "nonce": bytes(16), "proof": None}  # fmt: skip
    value = {"print": "3.5", "class": "Float", "truncated": False, "ref": 1, "float": 3.5}
    error = {"class": "ZeroDivide", "message": "m", "line": 1, "column": None, "stack": ["a", "b"]}
    evaluation = {"outcome": "raised", "value": value, "error": error, "output": "o" * 40, "elapsed_ms": 2}
    session = {"session_id": "s", "name": "n", "description": None, "client_id": "c", "state": "active",
               "created_at": 1, "last_activity": 2, "bindings": 3, "image_id": "i", "image_name": "n",
               "image_version": "v"}  # fmt: skip
    return [
        msgpack.packb([1, 1, None, greeting]),
        msgpack.packb([1, 1, None, evaluation]),
        msgpack.packb([1, 1, None, [session] * 3]),
        msgpack.packb([1, 1, {"code": "Timeout", "message": "m", "details": {"elapsed_ms": 1}, "stack": []}, None]),
        msgpack.packb([2, "output", [{"id": 1, "text": "hello"}]]),
    ]


def mutated(random_: random.Random, messages: list[bytes]) -> bytes:
    """One message cut, spliced, flipped, stretched, or with a byte that means much to MessagePack."""
    data = bytearray(random_.choice(messages))
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(data)) if data else 0
        match random_.randrange(6):
            case 0 if data:
                data[at] ^= 1 << random_.randrange(8)
            case 1 if data:
                data[at] = random_.choice(STREET)
            case 2:
                del data[at : at + random_.randint(1, 8)]
            case 3:
                data[at:at] = random_.randbytes(random_.randint(1, 8))
            case 4:
                data[at:at] = random_.choice(messages)[: random_.randint(1, 30)]
            case _:
                data += data[:at]
    return bytes(data)


def swallow(data: bytes, random_: random.Random) -> None:
    """What a client does with it: cut at a random place, then read as whatever was asked for."""
    connection = ClientConnection()
    connection.request("ping", {})
    cut = random_.randrange(len(data) + 1)
    broken = ""
    try:
        for part in (data[:cut], data[cut:]):
            for event in connection.receive(part):
                if isinstance(event, Answered):
                    assert all(len(complaint(row.answer, event.result)) < 2_000 for row in TABLE)
                elif isinstance(event, Failed):
                    assert isinstance(event.error.code, str)
    except RemoteProtocolError as error:
        broken = str(error) or "without a word"
    if broken:
        assert broken != "without a word"
        with pytest.raises(RemoteProtocolError):
            connection.receive(b"\xc0")
        with pytest.raises(LocalProtocolError):
            connection.request("ping", {})


def complaint(shape: type, raw: object) -> str:
    """What is wrong with a result, empty if nothing is."""
    try:
        parse(shape, raw)
    except Mistyped as error:
        return str(error)
    return ""


def run(count: int) -> None:
    random_ = random.Random(SEED)
    messages = sound_messages()
    for _ in range(count):
        swallow(mutated(random_, messages), random_)


def test_a_thousand_mutated_messages() -> None:
    run(1_000)


def test_a_connection_that_was_broken_is_gone_when_it_is_let_go() -> None:
    """And not at the next look for garbage: 3,000 of them held 90 MB until then."""
    connection = ClientConnection()
    there = ref(connection)
    gc.disable()
    try:
        for _ in range(2):
            with pytest.raises(RemoteProtocolError) as broken:
                connection.receive(b"no message")
            del broken
        del connection
        assert there() is None
    finally:
        gc.enable()


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_hundred_thousand_mutated_messages() -> None:
    run(5_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(100_000)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 32 * 1024, f"{grown} KiB more after 100,000 messages"
