"""The client against images with every bad habit: the right failure, in time, and nothing left open."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, FarmImage, Habit, Lie, refusing_address, with_control_characters

from stui_cli.image.client import Caller, Client, open_client
from stui_cli.image.keys import Key
from stui_cli.image.link import Link
from stui_cli.model.addresses import parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import (
    ConnectionLost,
    ImageRefused,
    KeyNotTaken,
    NotFound,
    NotPermitted,
    ProtocolBroken,
    Refused,
    StuiError,
    TooLate,
    Unreachable,
)
from stui_cli.model.exits import Exit
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.protocol.codec import encode
from stui_cli.protocol.connection import Answered, ClientConnection
from stui_cli.protocol.evaluation import Evaluate, Evaluation
from stui_cli.protocol.fields import method_of, to_map
from stui_cli.protocol.greeting import Hello
from stui_cli.protocol.inspection import Inspect, Inspection
from stui_cli.protocol.limits import WireLimits
from stui_cli.protocol.vitals import Ping, Pong
from stui_cli.protocol.workspaces import Closed, CloseSession, CreateSession, ListImageSessions, LiveSession

if TYPE_CHECKING:
    from farm import Farm

SECRET = bytes(range(32))
KEY = Key("admin", "admin", SECRET)
NOBODY = Caller("client-1")


def open_to(image: FarmImage, seconds: float = 5.0, caller: Caller = NOBODY) -> Client:
    return open_client(parse_address(image.address), caller, Deadline.after(seconds))


def ping(client: Client, seconds: float = 5.0) -> Pong:
    return client.call(Ping("x"), Pong, Deadline.after(seconds))


def evaluate(client: Client, source: str, seconds: float = 5.0) -> Evaluation:
    return client.call(Evaluate(None, source, 1000, 1000), Evaluation, Deadline.after(seconds))


# --- the handshake ------------------------------------------


def test_hello_without_a_key(farm: Farm) -> None:
    image = farm.add(Behaviour(name="alpha", dialect="gst"))
    with open_to(image) as client:
        assert client.greeting.image_id == image.image_id
        assert client.greeting.dialect == "gst"
        assert client.role == "admin"
        assert ping(client).message == "x"
    assert image.methods() == ["hello", "ping"]
    hello = image.requests[0][1]
    assert hello["client_id"] == "client-1"
    assert hello["key_id"] is None
    assert hello["nonce"] is None


def test_both_sides_prove_the_key(farm: Farm) -> None:
    image = farm.add(Behaviour(keys={"admin": ("developer", SECRET)}))
    with open_to(image, caller=Caller("c", KEY)) as client:
        assert client.role == "developer"
        ping(client)
    assert image.methods() == ["hello", "authenticate", "ping"]
    assert not any(SECRET in value for _, params in image.requests for value in params.values() if type(value) is bytes)


def test_each_conversation_has_its_own_nonce(farm: Farm) -> None:
    image = farm.add(Behaviour(keys={"admin": ("admin", SECRET)}))
    for _ in range(3):
        with open_to(image, caller=Caller("c", KEY)):
            pass
    nonces = [params["nonce"] for method, params in image.requests if method == "hello"]
    assert len({bytes(nonce) for nonce in nonces}) == 3
    assert all(len(nonce) == 16 for nonce in nonces)


@pytest.mark.parametrize(
    ("behaviour", "key", "failure"),
    [
        (Behaviour(keys={"admin": ("admin", b"another" * 4)}), KEY, NotPermitted),
        (Behaviour(keys={"admin": ("admin", SECRET)}), None, NotPermitted),
        (Behaviour(keys={"admin": ("admin", SECRET)}), Key("other", "admin", SECRET), NotPermitted),
        (Behaviour(keys={"admin": ("admin", SECRET)}, lie=Lie.WRONG_PROOF), KEY, NotPermitted),
        (Behaviour(keys={"admin": ("admin", SECRET)}, lie=Lie.DOWNGRADE), KEY, NotPermitted),
        (Behaviour(keys={"admin": ("admin", SECRET)}, lie=Lie.NO_PROOF), KEY, ProtocolBroken),
        (Behaviour(keys={"admin": ("admin", SECRET)}, lie=Lie.SHORT_NONCE), KEY, ProtocolBroken),
        (Behaviour(keys={"admin": ("admin", SECRET)}, image_id="ïd"), KEY, ProtocolBroken),
        (Behaviour(answers={"authenticate": {}}, keys={"admin": ("admin", SECRET)}), KEY, ProtocolBroken),
        (Behaviour(protocol=2), None, ProtocolBroken),
        (Behaviour(answers={"hello": lambda _: {"protocol": 1}}), None, ProtocolBroken),
        (Behaviour(answers={"hello": lambda _: "hello"}), None, ProtocolBroken),
    ],
    ids=[
        *("wrong key", "no key", "unknown key id", "wrong proof", "downgrade", "no proof", "short nonce"),
        *("image id no ASCII", "no role", "other protocol", "greeting lacks fields", "greeting is text"),
    ],
)
def test_a_handshake_that_fails(farm: Farm, behaviour: Behaviour, key: Key | None, failure: type[StuiError]) -> None:
    image = farm.add(behaviour)
    with pytest.raises(failure) as caught:
        open_to(image, caller=Caller("c", key))
    assert caught.value.exit_code == (Exit.NOT_PERMITTED if failure is NotPermitted else Exit.FAILED)
    assert image.address in caught.value.what
    assert caught.value.todo
    told = f"{caught.value!r} {caught.value} {caught.value.what} {caught.value.todo}"
    assert SECRET.hex() not in told
    assert repr(SECRET) not in told
    gone = time.monotonic() + 10
    while image.connections and time.monotonic() < gone:
        time.sleep(0.005)
    assert image.connections == 0


def test_no_proof_is_sent_to_one_who_lacks_the_key(farm: Farm) -> None:
    image = farm.add(Behaviour(keys={"admin": ("admin", SECRET)}, lie=Lie.WRONG_PROOF))
    with pytest.raises(NotPermitted):
        open_to(image, caller=Caller("c", KEY))
    assert image.methods() == ["hello"]


def test_no_proof_is_sent_to_an_image_that_is_not_meant(farm: Farm) -> None:
    """It holds the key, as an image that was copied does; what it could do with our proof is not ours to find out."""
    asked: list[str] = []

    def refuse(image_id: str) -> None:
        asked.append(image_id)
        raise Refused("another image")

    for caller in (Caller("c", KEY), NOBODY):
        image = farm.add(Behaviour(keys={"admin": ("admin", SECRET)} if caller.key else {}))
        with pytest.raises(Refused, match="another image"):
            open_client(parse_address(image.address), caller, Deadline.after(5), on_identified=refuse)
        assert image.methods() == ["hello"]
        assert asked.pop() == image.image_id


def test_who_poses_as_the_image_learns_nothing_to_replay(farm: Farm) -> None:
    """A listener that knows all but the key records what clients send. None of it holds the key, no two are alike, and
    none is a proof."""
    poser = farm.add(Behaviour(keys={"admin": ("admin", bytes(32))}))
    for _ in range(3):
        with pytest.raises(NotPermitted, match="does not hold the key"):
            open_to(poser, caller=Caller("c", KEY))
    assert poser.methods() == ["hello"] * 3
    hellos = [hello for _, hello in poser.requests]
    assert len({hello["nonce"] for hello in hellos}) == 3
    sent = b"".join(encode(hello) for hello in hellos)
    assert SECRET not in sent
    assert SECRET.hex().encode() not in sent


def test_a_recorded_handshake_replayed_is_refused(farm: Farm) -> None:
    """The answers of a real conversation, played to the same client again: its nonce is another by now."""
    image = farm.add(Behaviour(keys={"admin": ("admin", SECRET)}))
    with open_to(image, caller=Caller("c", KEY)) as client:
        recorded = to_map(client.greeting)
    replayed = farm.add(Behaviour(answers={"hello": recorded}))
    with pytest.raises(NotPermitted, match="does not hold the key"):
        open_to(replayed, caller=Caller("c", KEY))
    assert replayed.methods() == ["hello"]


def test_who_has_not_shown_who_it_is_may_send_a_greeting_and_no_more(farm: Farm) -> None:
    for more in ({"of tomorrow": "x" * 70_000}, {"of tomorrow": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}):
        image = farm.add(Behaviour(answers={"hello": GREETING | more}))
        with pytest.raises(ProtocolBroken, match=r"limit of 65,536|deeper than 16"):
            open_to(image)
    with open_to(farm.add(Behaviour(padding=100_000))) as client:
        assert len(str(ping(client).message)) == 100_000  # once it has


def test_an_authentication_of_tomorrow(farm: Farm) -> None:
    image = farm.add(Behaviour(answers={"hello": lambda _: GREETING | {"auth": "kerberos" * 1_000}}))
    with pytest.raises(ProtocolBroken, match="unknown authentication") as caught:
        open_to(image)
    assert len(caught.value.what) < 2_000


GREETING = {
    "protocol": 1,
    "agent": "a",
    "image_id": "i",
    "incarnation": "n",
    "image_name": "x",
    "dialect": "d",
    "image_version": "v",
    "auth": "none",
    "nonce": None,
    "proof": None,
    "of tomorrow": [1],
}


def test_unknown_keys_of_a_greeting_are_ignored(farm: Farm) -> None:
    image = farm.add(Behaviour(answers={"hello": GREETING}))
    with open_to(image) as client:
        assert client.greeting.image_id == "i"


# --- habits ------------------------------------------

AT_HELLO = [
    (Habit.BLACK_HOLE, Unreachable, Exit.UNREACHABLE, ProbeOutcome.TIMED_OUT),
    (Habit.HANGS_UP, Unreachable, Exit.UNREACHABLE, ProbeOutcome.BROKEN),
    (Habit.RESETS, Unreachable, Exit.UNREACHABLE, ProbeOutcome.BROKEN),
    (Habit.GARBAGE, ProtocolBroken, Exit.FAILED, None),
    (Habit.WEB_SERVER, ProtocolBroken, Exit.FAILED, None),
    (Habit.UNKNOWN_ID, ProtocolBroken, Exit.FAILED, None),
    (Habit.MISTYPED, ProtocolBroken, Exit.FAILED, None),
    (Habit.REFUSES_HELLO, ImageRefused, Exit.FAILED, None),
    (Habit.DRIBBLES, Unreachable, Exit.UNREACHABLE, ProbeOutcome.TIMED_OUT),
]


@pytest.mark.parametrize(
    ("habit", "failure", "code", "outcome"), AT_HELLO, ids=lambda each: getattr(each, "name", None)
)
def test_who_does_not_greet(
    farm: Farm, habit: Habit, failure: type[StuiError], code: Exit, outcome: ProbeOutcome | None
) -> None:
    image = farm.add(Behaviour(habit=habit))
    started = time.monotonic()
    with pytest.raises(failure) as caught:
        open_to(image, 0.3 if outcome is ProbeOutcome.TIMED_OUT else 10)
    assert time.monotonic() - started < 5
    assert caught.value.exit_code == code
    assert image.address in caught.value.what
    assert caught.value.todo or failure is ImageRefused
    if outcome is not None:
        assert isinstance(caught.value, Unreachable)
        assert caught.value.outcome is outcome


AT_PING = [
    (Habit.HELLO_ONLY, TooLate),
    (Habit.CLOSES_MID_ANSWER, ConnectionLost),
    (Habit.RESETS_MID_REQUEST, ConnectionLost),
    (Habit.CHATTERS, TooLate),  # a byte every now and then does not extend the deadline
    (Habit.OUT_OF_ORDER, TooLate),  # it waits for a second request
]


@pytest.mark.parametrize(("habit", "failure"), AT_PING, ids=lambda each: getattr(each, "name", None))
def test_who_greets_and_does_not_answer(farm: Farm, habit: Habit, failure: type[StuiError]) -> None:
    """The request had left, so nobody knows whether it was done: exit 6, never 5."""
    image = farm.add(Behaviour(habit=habit))
    with open_to(image) as client:
        started = time.monotonic()
        with pytest.raises(TooLate) as caught:
            ping(client, 0.3 if failure is TooLate else 10)
        assert time.monotonic() - started < 5
    assert type(caught.value) is failure
    assert caught.value.exit_code == Exit.TIMED_OUT
    assert caught.value.answer is None


def test_a_lost_connection_says_that_the_outcome_is_unknown(farm: Farm) -> None:
    with open_to(farm.add(Behaviour(habit=Habit.RESETS_MID_REQUEST))) as client:
        with pytest.raises(ConnectionLost, match="outcome is unknown"):
            evaluate(client, "1")
        # What was never sent did not run: that is plainly unreachable, or lost again.
        with pytest.raises((Unreachable, ConnectionLost)):
            ping(client)


def test_a_slow_image_is_waited_for(farm: Farm) -> None:
    with open_to(farm.add(Behaviour(delay_s=0.15))) as client:
        started = time.monotonic()
        ping(client)
        assert time.monotonic() - started >= 0.15


def test_a_late_answer_does_not_confuse_the_next_request(farm: Farm) -> None:
    with open_to(farm.add(Behaviour(delay_s=0.2))) as client:
        with pytest.raises(TooLate):
            client.call(Ping("first"), Pong, Deadline.after(0.05))
        assert client.call(Ping("second"), Pong, Deadline.after(5)).message == "second"


def test_answers_out_of_order_find_their_requests(farm: Farm) -> None:
    """Two requests in one write, answered the other way round, by the real protocol code on both sides."""
    image = farm.add(Behaviour(habit=Habit.OUT_OF_ORDER))
    address = parse_address(image.address)
    connection = ClientConnection()
    _, hello = connection.request("hello", to_map(Hello(1, "test", "c")))
    first, one = connection.request("ping", {"message": "one"})
    second, two = connection.request("ping", {"message": "two"})
    with socket.create_connection((address.host, address.port), 5) as raw:  # type: ignore[union-attr]
        raw.sendall(hello + one + two)
        events = []
        while len(events) < 3:
            events += connection.receive(raw.recv(65536))
    assert [event.id for event in events[1:] if isinstance(event, Answered)] == [second, first]
    assert [event.result["message"] for event in events[1:]] == ["two", "one"]  # type: ignore[union-attr,index]


def test_a_large_answer_arrives_and_one_over_the_limit_does_not(farm: Farm) -> None:
    with open_to(farm.add(Behaviour(padding=8 * 1024 * 1024))) as client:
        assert len(str(ping(client).message)) == 8 * 1024 * 1024
    large = farm.add(Behaviour(padding=17 * 1024 * 1024, limits=WireLimits(message=2**26)))
    with open_to(large) as client:
        with pytest.raises(ProtocolBroken, match="limit of 16,777,216"):
            ping(client)
        with pytest.raises(ProtocolBroken, match="limit"):  # dead stays dead, and says why
            ping(client)


def test_an_agent_says_that_its_answer_would_be_too_large(farm: Farm) -> None:
    with open_to(farm.add(Behaviour(padding=17 * 1024 * 1024))) as client:
        with pytest.raises(ImageRefused, match="LimitExceeded") as caught:
            ping(client)
        assert caught.value.answer == "LimitExceeded"
        client.call_list(ListImageSessions(), LiveSession, Deadline.after(5))  # and goes on


def test_a_request_over_the_limit_is_not_sent(farm: Farm) -> None:
    image = farm.add()
    with open_to(image) as client:
        with pytest.raises(Refused, match="not sent"):
            evaluate(client, "x" * (16 * 1024 * 1024))
        assert ping(client).message == "x"
    assert image.methods() == ["hello", "ping"]


def test_an_agent_with_a_smaller_limit_says_so_and_ends(farm: Farm) -> None:
    image = farm.add(Behaviour(limits=WireLimits(message=2_000)))
    with open_to(image) as client, pytest.raises(ImageRefused, match="LimitExceeded"):
        evaluate(client, "x" * 3_000)


@pytest.mark.parametrize(
    "answer",
    [None, 5, "pong", [], {}, {"message": 1}, {"uptime_ms": "long"}, [1, 2]],
    ids=repr,
)
def test_an_answer_that_does_not_fit(farm: Farm, answer: object) -> None:
    image = farm.add(Behaviour(answers={"ping": answer}))
    with open_to(image) as client, pytest.raises(ProtocolBroken, match="does not fit") as caught:
        ping(client)
    assert caught.value.exit_code == Exit.FAILED


@pytest.mark.parametrize("answer", [None, {}, "x", [5], [{"session_id": 1}]], ids=repr)
def test_a_list_that_is_none(farm: Farm, answer: object) -> None:
    image = farm.add(Behaviour(answers={"list_image_sessions": answer}))
    with open_to(image) as client, pytest.raises(ProtocolBroken):
        client.call_list(ListImageSessions(), LiveSession, Deadline.after(5))


def test_control_characters_of_a_value_arrive_as_they_are(farm: Farm) -> None:
    """They are cleaned where they are printed; here they only must not break anything."""
    with open_to(farm.add(Behaviour(texts=with_control_characters))) as client:
        value = evaluate(client, "3 + 4").value
        assert value is not None
        assert value.print == with_control_characters("3 + 4")


def test_what_an_image_says_of_itself_is_made_visible_before_it_is_kept(farm: Farm) -> None:
    with open_to(farm.add(Behaviour(texts=with_control_characters, image_name="x" * 50_000))) as client:
        greeting = client.greeting
        for text in (greeting.agent, greeting.dialect, greeting.image_name, greeting.image_version):
            assert text.isprintable()
            assert len(text) <= 200
            assert text.startswith("\\x1b[2J")


def test_text_that_is_no_utf8(farm: Farm) -> None:
    with open_to(farm.add(Behaviour(image_name="caf\udce9"))) as client:
        assert client.greeting.image_name == r"caf\udce9"


NO_IDS = ["", "id\n", "x" * 129, "\u202ed", "\udce9"]
NO_IMAGE_IDS = [*NO_IDS, " ", "a/../../b", "$(touch x)"]


@pytest.mark.parametrize(
    ("key", "odd"), [*(("image_id", odd) for odd in NO_IMAGE_IDS), *(("incarnation", odd) for odd in NO_IDS)]
)
def test_an_id_that_is_none_is_no_greeting(farm: Farm, key: str, odd: str) -> None:
    with pytest.raises(ProtocolBroken, match=f"whose {key.replace('_', ' ')} is none"):
        open_to(farm.add(Behaviour(answers={"hello": GREETING | {key: odd}})))


@pytest.mark.parametrize("dialect", ["$(touch x)", "a b", "-f", "", "x\x1b"])
def test_no_text_of_an_image_is_advised_to_be_pasted(farm: Farm, dialect: str) -> None:
    image = farm.add(Behaviour(dialect=dialect, methods=("hello", "ping")))
    with open_to(image) as client, pytest.raises(ImageRefused) as caught:
        evaluate(client, "1")
    assert "`stui images agent DIALECT`" in caught.value.todo


def test_sessions_of_this_client_only(farm: Farm) -> None:
    image = farm.add()
    with open_to(image, caller=Caller("one")) as client:
        made = client.call(CreateSession("s1", "work"), LiveSession, Deadline.after(5))
        assert made.name == "work"
        assert client.call_list(ListImageSessions(), LiveSession, Deadline.after(5)) == [made]
    with open_to(image, caller=Caller("two")) as client:
        assert client.call_list(ListImageSessions(), LiveSession, Deadline.after(5)) == []
        assert client.call(CloseSession("s1"), Closed, Deadline.after(5)).closed


# --- errors of the image ------------------------------------------


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("InvalidRequest", ImageRefused),
        ("UnsupportedMethod", ImageRefused),
        ("NotAuthenticated", KeyNotTaken),
        ("PermissionDenied", NotPermitted),
        ("SessionNotFound", NotFound),
        ("ObjectNotFound", NotFound),
        ("ImageMismatch", Refused),
        ("Timeout", TooLate),
        ("Interrupted", ImageRefused),
        ("LimitExceeded", ImageRefused),
        ("InternalError", ImageRefused),
        ("OfTomorrow", ImageRefused),
    ],
)
def test_error_codes(code: str, failure: type[StuiError]) -> None:
    from stui_cli.image.refusals import refusal_as_failure
    from stui_cli.protocol.faults import WireError

    error = refusal_as_failure(WireError(code, "why" * 10_000), "tcp://127.0.0.1:1")
    assert type(error) is failure
    assert error.answer == code
    assert code in error.what
    assert len(error.what) < 1_200  # an image may say 16 MiB; the message stays readable


def test_an_observer_may_not_evaluate(farm: Farm) -> None:
    image = farm.add(Behaviour(keys={"admin": ("observer", SECRET)}))
    with (
        open_to(image, caller=Caller("c", KEY)) as client,
        pytest.raises(NotPermitted, match="PermissionDenied") as caught,
    ):
        evaluate(client, "1")
    assert caught.value.exit_code == Exit.NOT_PERMITTED


def test_a_method_the_agent_does_not_have(farm: Farm) -> None:
    request = Inspect(None, 1, 1, 10, 100, expression="3")
    with open_to(farm.add()) as client, pytest.raises(ImageRefused) as caught:
        client.call(request, Inspection, Deadline.after(5))
    assert caught.value.answer == "UnsupportedMethod"
    assert "too old" in caught.value.what
    assert "stui images agent" in caught.value.todo


def test_a_method_that_the_agent_does_not_name_is_not_asked_for(farm: Farm) -> None:
    image = farm.add(Behaviour(methods=("hello", "ping")))
    with open_to(image) as client, pytest.raises(ImageRefused, match="too old for this, it does not know evaluate"):
        evaluate(client, "1")
    assert image.methods() == ["hello"]


# --- output and interrupts ------------------------------------------


def test_output_is_told_while_it_appears(farm: Farm) -> None:
    heard: list[str] = []
    with open_to(farm.add()) as client:
        request = Evaluate(None, "say hello", 1000, 1000)
        answer = client.call(request, Evaluation, Deadline.after(5), heard.append)
    assert heard == ["hello"]
    assert answer.output == "hello"


def test_output_without_a_listener_or_of_wrong_shape_is_passed_over(farm: Farm) -> None:
    with open_to(farm.add()) as client:
        assert evaluate(client, "say hello").output == "hello"


def test_ctrl_c_stops_the_image_first(farm: Farm) -> None:
    """SIGINT while a call waits: KeyboardInterrupt at once, the interrupt sent, the conversation still usable."""
    image = farm.add()
    with open_to(image) as client:
        main = threading.main_thread().ident
        assert main is not None

        def press() -> None:
            give_up = time.monotonic() + 20
            while "evaluate" not in image.methods() and time.monotonic() < give_up:
                time.sleep(0.005)
            signal.pthread_kill(main, signal.SIGINT)

        presser = threading.Thread(target=press)
        presser.start()
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            evaluate(client, "wait", 30)
        presser.join()
        assert time.monotonic() - started < 25  # the call itself may take 30
        ping(client)
    assert len(image.interrupts) == 1


ONE_CALL = """
import signal, sys
from stui_cli.image.client import Caller, open_client
from stui_cli.model.addresses import parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.protocol.evaluation import Evaluate, Evaluation

def terminated(number, frame):
    raise SystemExit(143)

signal.signal(signal.SIGTERM, terminated)
with open_client(parse_address(sys.argv[1]), Caller("c"), Deadline.after(5)) as client:
    try:
        client.call(Evaluate(None, "wait", 60000, 10), Evaluation, Deadline.after(60))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_process_that_is_told_to_end_stops_the_image_first(farm: Farm, number: int, code: int) -> None:
    image = farm.add()
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    process = subprocess.Popen([sys.executable, "-c", ONE_CALL, image.address], env=environment)
    try:
        give_up = time.monotonic() + 20
        while "evaluate" not in image.methods() and time.monotonic() < give_up:
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(20) == code
    finally:
        process.kill()
        process.wait()
    give_up = time.monotonic() + 10
    while not image.interrupts and time.monotonic() < give_up:
        time.sleep(0.005)
    assert len(image.interrupts) == 1


def test_a_signal_as_soon_as_the_request_is_out(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code may run from then on, so the image has to be told, wherever in here the signal meets us."""
    image = farm.add()
    real = Link.send

    def pressed_right_after(self: Link, data: bytes, deadline: Deadline) -> None:
        real(self, data, deadline)
        if b"evaluate" in data:
            raise KeyboardInterrupt

    with open_to(image) as client:
        monkeypatch.setattr(Link, "send", pressed_right_after)
        with pytest.raises(KeyboardInterrupt):
            evaluate(client, "wait", 30)
        ping(client)
    assert len(image.interrupts) == 1


# --- the deadline ------------------------------------------


def test_one_deadline_for_the_whole_call_though_bytes_keep_coming(farm: Farm) -> None:
    """A dribbling image would hold a client for ever whose time-out counts from the last byte."""
    image = farm.add(Behaviour(habit=Habit.DRIBBLES))
    started = time.monotonic()
    with pytest.raises(Unreachable):
        open_to(image, 0.25)
    assert 0.2 < time.monotonic() - started < 4  # the whole answer takes longer


def test_a_peer_that_never_stops_talking_does_not_extend_the_deadline(farm: Farm) -> None:
    image = farm.add(Behaviour(habit=Habit.CHATTERS))
    heard: list[str] = []
    with open_to(image) as client:
        started = time.monotonic()
        with pytest.raises(TooLate):
            client.call(Ping(), Pong, Deadline.after(0.6), heard.append)
        assert 0.5 < time.monotonic() - started < 10
    assert len(heard) > 20


def test_another_thread_can_interrupt_the_call_that_waits(farm: Farm) -> None:
    image = farm.add()
    with open_to(image) as client:
        client.interrupt()  # nothing runs: nothing is sent
        failures: list[ImageRefused] = []

        def wait() -> None:
            with pytest.raises(ImageRefused) as caught:
                evaluate(client, "wait", 30)
            failures.append(caught.value)

        waiter = threading.Thread(target=wait)
        waiter.start()
        give_up = time.monotonic() + 20
        while "evaluate" not in image.methods() and time.monotonic() < give_up:
            time.sleep(0.005)
        client.interrupt()
        waiter.join(20)
        assert failures[0].answer == "Interrupted"
        ping(client)
    assert len(image.interrupts) == 1


def test_a_refusing_address(no_socket_left: None) -> None:
    with refusing_address() as address:
        started = time.monotonic()
        with pytest.raises(Unreachable) as caught:
            open_client(parse_address(address), NOBODY, Deadline.after(30))
        assert time.monotonic() - started < 15
    assert caught.value.outcome is ProbeOutcome.REFUSED
    assert caught.value.exit_code == Exit.UNREACHABLE


def test_an_image_that_ends_while_we_talk(farm: Farm) -> None:
    image = farm.add()
    with open_to(image) as client:
        ping(client)
        image.close()
        with pytest.raises((Unreachable, ConnectionLost)):
            ping(client)


@pytest.mark.parametrize(
    ("shape", "name"),
    [(Ping, "ping"), (ListImageSessions, "list_image_sessions"), (Hello, "hello"), (CloseSession, "close_session")],
)
def test_methods_are_class_names_in_snake_case(shape: type, name: str) -> None:
    assert method_of(shape) == name
