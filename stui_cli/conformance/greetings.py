"""hello and authenticate: who is there, and the proof of the key both ways."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.params import OTHER_IMAGE, requests_after_hello
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.verdicts import NotHere, expect
from stui_cli.protocol.connection import Answered, Failed
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.fields import method_of
from stui_cli.protocol.greeting import Authenticated, Greeting
from stui_cli.protocol.handshake import NONCE_BYTES, client_proof, server_proof
from stui_cli.protocol.limits import PROTOCOL

if TYPE_CHECKING:
    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation

SUBJECT = Subject()

_PROOF_BYTES = 32  # of SHA-256

# An image is let in after two failures at once; the third ends its connection, this one is never needed.
_TRIES = 3


def _greeting(bench: Bench, talk: Conversation, nonce: bytes | None = None) -> Greeting:
    return fitting(Greeting, talk.result("hello", bench.hello(nonce=nonce)))


def _keyed(bench: Bench) -> tuple[Conversation, Greeting, bytes]:
    """A conversation after hello, before authenticate."""
    talk, nonce = bench.connect(), os.urandom(NONCE_BYTES)
    return talk, _greeting(bench, talk, nonce), nonce


@SUBJECT.case("hello", "answers with every field", "4: hello -> {protocol, agent, image_id, ...}", Needs.NOTHING)
def _every_field(bench: Bench) -> None:
    greeting = _greeting(bench, bench.connect())
    expect(greeting.protocol == PROTOCOL, f"protocol {PROTOCOL}", greeting.protocol)
    expect(greeting.auth in ("none", "hmac-sha256"), "auth none or hmac-sha256", greeting.auth)
    for name in ("agent", "image_id", "incarnation", "dialect", "image_version"):
        expect(bool(getattr(greeting, name)), f"a {name}", "empty text")
    expect(
        greeting.image_id.isascii(), "an image id in ASCII, since the proofs are made of its bytes", greeting.image_id
    )


@SUBJECT.case("hello", "one image, one incarnation", "2: the image id is kept, the incarnation is one per start",
              Needs.NOTHING)  # fmt: skip
def _same_image(bench: Bench) -> None:
    one, other = (_greeting(bench, bench.connect()) for _ in range(2))
    expect(one.image_id == other.image_id, f"image id {one.image_id} again", other.image_id)
    expect(one.incarnation == other.incarnation, f"incarnation {one.incarnation} again", other.incarnation)


@SUBJECT.case("hello", "a fresh nonce each time", "4: no proof can be replayed", Needs.KEY)
def _fresh_nonce(bench: Bench) -> None:
    (_, one, _), (_, other, _) = _keyed(bench), _keyed(bench)
    for greeting in (one, other):
        size = len(greeting.nonce or b"")
        expect(size == NONCE_BYTES, f"a nonce of {NONCE_BYTES} bytes", f"{size} bytes")
    expect(one.nonce != other.nonce, "another nonce in each conversation", "the same twice")


@SUBJECT.case("hello", "proves that it holds the key", "4: server proof = HMAC(key, stui-server | ...)", Needs.KEY)
def _server_proof(bench: Bench) -> None:
    _, greeting, nonce = _keyed(bench)
    size = len(greeting.proof or b"")
    expect(size == _PROOF_BYTES, f"a proof of {_PROOF_BYTES} bytes", f"{size} bytes")
    expected = server_proof(bench.key.secret, nonce, greeting.nonce or b"", greeting.image_id)
    came = (greeting.proof or b"").hex()
    expect(greeting.proof == expected, "HMAC-SHA256 over label, client nonce, server nonce, image id", came)


@SUBJECT.case("hello", "text where bytes are meant", "4: where bin is meant a peer also accepts str", Needs.KEY)
def _text_for_bytes(bench: Bench) -> None:
    talk = bench.connect()
    nonce = os.urandom(NONCE_BYTES)
    params = bench.hello(nonce=nonce) | {"nonce": nonce.decode("utf-8", "surrogateescape")}
    greeting = fitting(Greeting, talk.result("hello", params))
    proof = bench.proof_of(greeting, bench.key, nonce).decode("utf-8", "surrogateescape")
    fitting(Authenticated, talk.result("authenticate", {"proof": proof}))


@SUBJECT.case("hello", "another protocol version", "4: the protocol version is the integer 1", Needs.NOTHING)
def _other_version(bench: Bench) -> None:
    talk = bench.connect()
    match talk.ask("hello", bench.hello() | {"protocol": PROTOCOL + 98}):
        case Answered(_, result):
            said = fitting(Greeting, result).protocol
            expect(said == PROTOCOL, f"a refusal, or a greeting that says protocol {PROTOCOL}", said)
        case Failed(_, error):
            right = error.code == ErrorCode.INVALID_REQUEST
            expect(right, "a greeting that says the agent's protocol, or InvalidRequest", error.code)


@SUBJECT.case("hello", "a mistake can be mended", "4: InvalidRequest; the connection lives", Needs.NOTHING)
def _mended(bench: Bench) -> None:
    talk = bench.connect()
    talk.refused(ErrorCode.INVALID_REQUEST, "hello")
    _greeting(bench, talk)


@SUBJECT.case("hello", "without a key", "4: key_id and nonce may be left out where no key is used", Needs.NOTHING)
def _without_key(bench: Bench) -> None:
    params = {key: value for key, value in bench.hello().items() if key not in ("key_id", "nonce")}
    match bench.connect().ask("hello", params):
        case Answered(_, result):
            fitting(Greeting, result)
        case Failed(_, error):
            expect(bench.greeting.auth != "none", "a greeting", f"{error.code}: {error.message}")
            refusals = (ErrorCode.NOT_AUTHENTICATED, ErrorCode.INVALID_REQUEST)
            expect(error.code in refusals, "a greeting, or a refusal of the missing key", error.code)


@SUBJECT.case("hello", "an unknown key", "4: without the key nobody is let in", Needs.KEY)
def _unknown_key(bench: Bench) -> None:
    talk = bench.connect()
    match talk.ask("hello", bench.hello() | {"key_id": "no-such-key"}):
        case Answered(_, result):
            fitting(Greeting, result)
            talk.refused(ErrorCode.NOT_AUTHENTICATED, "authenticate", {"proof": bytes(_PROOF_BYTES)})
            talk.refused(ErrorCode.NOT_AUTHENTICATED, "ping")
        case Failed(_, error):
            expect(error.code == ErrorCode.NOT_AUTHENTICATED, "NotAuthenticated", error.code)


@SUBJECT.case("authenticate", "the right proof", "4: authenticate {proof} -> {role}", Needs.KEY)
def _right_proof(bench: Bench) -> None:
    talk, role = bench.let_in(0, bench.key)
    expect(role in ("observer", "developer", "admin"), "observer, developer or admin", role)
    bench.pong(talk)


@SUBJECT.case("authenticate", "a wrong proof", "4: until then every other method is NotAuthenticated", Needs.KEY)
def _wrong_proof(bench: Bench) -> None:
    talk, _, _ = _keyed(bench)
    talk.refused(ErrorCode.NOT_AUTHENTICATED, "authenticate", {"proof": os.urandom(_PROOF_BYTES)})
    talk.refused(ErrorCode.NOT_AUTHENTICATED, "ping")


@SUBJECT.case("authenticate", "a short proof", "4: a proof is a whole HMAC, never a part", Needs.KEY)
def _short_proof(bench: Bench) -> None:
    talk, greeting, nonce = _keyed(bench)
    whole = bench.proof_of(greeting, bench.key, nonce)
    for part in (b"", whole[:16], whole + b"\0"):
        again, _, _ = _keyed(bench)
        again.refused(ErrorCode.NOT_AUTHENTICATED, "authenticate", {"proof": part})
    talk.result("authenticate", {"proof": whole})


@SUBJECT.case("authenticate", "a replayed proof", "4: both nonces are in the proof", Needs.KEY)
def _replayed(bench: Bench) -> None:
    first, greeting, nonce = _keyed(bench)
    proof = bench.proof_of(greeting, bench.key, nonce)
    first.result("authenticate", {"proof": proof})
    second = bench.connect()
    _greeting(bench, second, nonce)
    second.refused(ErrorCode.NOT_AUTHENTICATED, "authenticate", {"proof": proof})


@SUBJECT.case("authenticate", "a reflected proof", "4: the labels tell the two proofs apart", Needs.KEY)
def _reflected(bench: Bench) -> None:
    talk, greeting, _ = _keyed(bench)
    talk.refused(ErrorCode.NOT_AUTHENTICATED, "authenticate", {"proof": greeting.proof or b""})


@SUBJECT.case("authenticate", "a proof for another image", "4: the image id is in the proof", Needs.KEY)
def _other_image(bench: Bench) -> None:
    talk, greeting, nonce = _keyed(bench)
    proof = client_proof(bench.key.secret, nonce, greeting.nonce or b"", OTHER_IMAGE)
    talk.refused(ErrorCode.NOT_AUTHENTICATED, "authenticate", {"proof": proof})


@SUBJECT.case("authenticate", "another key's proof", "11: who holds no key is not let in", Needs.KEY)
def _other_key(bench: Bench) -> None:
    talk, greeting, nonce = _keyed(bench)
    proof = client_proof(bytes(32), nonce, greeting.nonce or b"", greeting.image_id)
    talk.refused(ErrorCode.NOT_AUTHENTICATED, "authenticate", {"proof": proof})


@SUBJECT.case("authenticate", f"{_TRIES} failed tries", f"4: at most {_TRIES}, then the connection ends", Needs.KEY)
def _tries(bench: Bench) -> None:
    talk, _, _ = _keyed(bench)
    for _ in range(_TRIES):
        talk.refused(ErrorCode.NOT_AUTHENTICATED, "authenticate", {"proof": os.urandom(_PROOF_BYTES)})
    talk.ends()


@SUBJECT.case("authenticate", "before hello", "4: first request hello", Needs.KEY)
def _before_hello(bench: Bench) -> None:
    talk = bench.connect()
    number = talk.request("authenticate", {"proof": bytes(_PROOF_BYTES)})
    talk.refusal_of(number, ErrorCode.NOT_AUTHENTICATED, ErrorCode.INVALID_REQUEST)
    _greeting(bench, talk)


@SUBJECT.case("authenticate", "nothing before it", "4: until then every other method is NotAuthenticated", Needs.KEY)
def _nothing_before(bench: Bench) -> None:
    talk, _, _ = _keyed(bench)
    for method in [method_of(row.request) for row in requests_after_hello()] + ["no_such_method"]:
        talk.refused(ErrorCode.NOT_AUTHENTICATED, method)
    before = bench.connect()
    before.refused(ErrorCode.NOT_AUTHENTICATED, "ping")


@SUBJECT.case("authenticate", "without a key", "4: auth none is for an agent told so", Needs.OBSERVER)
def _no_key_needed(bench: Bench) -> None:
    if bench.greeting.auth != "none":
        raise NotHere("is about agents that ask for no key")
    expect(bench.greeting.proof is None, "no proof, as there is no key", "one")
    talk = bench.talk()
    talk.ask("authenticate", {"proof": bytes(_PROOF_BYTES)})  # with an error or a role: there is nothing to prove
    talk.lives()


@SUBJECT.case("hello", "a connection that says nothing", "5: one connection never blocks another", Needs.NOTHING)
def _silent(bench: Bench) -> None:
    silent = bench.connect()
    half = bench.connect()
    half.send_raw(b"\x94\x00\x01\xa5hel")
    started = time.monotonic()
    _greeting(bench, bench.connect())
    expect(time.monotonic() - started < 1, "a greeting within a second", "later")
    _greeting(bench, silent)
