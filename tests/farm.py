#!/usr/bin/env python3
"""Test images in Python: real loopback sockets, the real protocol code, and every bad habit an image can have.

In a test::

    with Farm() as farm:
        image = farm.add(Behaviour(name="alpha"))
        ... image.address ...

One thread with one selector serves all of them; a thousand cost two descriptors each while they are talked to.
For measurements from outside, ``python tests/farm.py --count 1000 --black-holes 100`` prints one line of JSON per
image (name, address, image_id) and serves until its input ends.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import heapq
import json
import os
import selectors
import socket
import struct
import sys
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from stui_cli.protocol.evaluation import Evaluate, Evaluation, Value
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, Mistyped, RemoteProtocolError
from stui_cli.protocol.fields import method_of, parse, to_map
from stui_cli.protocol.greeting import Authenticate, Authenticated, Greeting, Hello
from stui_cli.protocol.handshake import NONCE_BYTES, client_proof, same_proof, server_proof
from stui_cli.protocol.limits import DEFAULT_LIMITS, PROTOCOL, WireLimits
from stui_cli.protocol.requests import TABLE
from stui_cli.protocol.serving import Malformed, Requested, ServerConnection
from stui_cli.protocol.vitals import Ping, Pong
from stui_cli.protocol.workspaces import Closed, CloseSession, CreateSession, ListImageSessions, LiveSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from stui_cli.protocol.connection import Notified

REQUESTS: dict[str, type] = {method_of(row.request): row.request for row in TABLE}
_LOOPBACKS = [f"127.0.0.{last}" for last in range(1, 10)]
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST instead of FIN


class Habit(Enum):
    """What an image does with its connections."""

    WELL = auto()
    BLACK_HOLE = auto()  # accepts and never answers
    DEAF = auto()  # accepts nothing: its backlog is full
    HANGS_UP = auto()  # closes at once
    RESETS = auto()  # resets at once
    CLOSES_MID_ANSWER = auto()  # sends half of each answer (after the handshake) and closes
    RESETS_MID_REQUEST = auto()  # resets when it gets a request after the handshake
    GARBAGE = auto()  # answers what is no MessagePack
    WEB_SERVER = auto()  # answers in HTTP
    DRIBBLES = auto()  # one byte every 20 ms
    CHATTERS = auto()  # never answers after the handshake, but sends output without end
    OUT_OF_ORDER = auto()  # holds answers after the handshake back until there are two, the later one first
    UNKNOWN_ID = auto()  # answers requests that nobody asked
    HELLO_ONLY = auto()  # greets, then says nothing more
    MISTYPED = auto()  # every answer lacks a field or has a wrong one
    REFUSES_HELLO = auto()  # answers every request with InvalidRequest


class Lie(Enum):
    """What an image with keys does wrong in the handshake."""

    NONE = auto()
    WRONG_PROOF = auto()
    NO_PROOF = auto()
    SHORT_NONCE = auto()
    DOWNGRADE = auto()  # says auth none although it has keys


@dataclass(frozen=True)
class Behaviour:
    """One image. `keys` maps key ids to (role, secret); with any, the handshake asks for a proof.

    `delay_s` goes before every answer after hello. `texts` is applied to every text of an answer that people may
    see. `answers` replaces the answer of a method: a value, or a function of the params.
    """

    name: str = "farmed"
    image_id: str = ""
    habit: Habit = Habit.WELL
    dialect: str = "playground"
    image_name: str = "farm.image"
    image_version: str = "Farm 1"
    protocol: int = PROTOCOL
    keys: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    lie: Lie = Lie.NONE
    delay_s: float = 0.0
    scheduled_ms: int = 0
    memory_used: int | None = 50_000_000
    memory_limit: int | None = 1_000_000_000
    clock_offset_ms: int = 0
    padding: int = 0
    limits: WireLimits = DEFAULT_LIMITS
    texts: Callable[[str], str] = str
    answers: dict[str, Any] = field(default_factory=dict)
    abilities: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    unix_path: str | None = None
    port: int = 0


def with_control_characters(text: str) -> str:
    """For `Behaviour.texts`: what a hostile image would have the terminal do."""
    return f"\x1b[2J\x1b]0;owned\x07{text}\r\n\t\x9b31m\u202e\x00\x7f"


class FarmImage:
    """One listening image: its address, and what it was asked."""

    def __init__(self, farm: Farm, behaviour: Behaviour) -> None:
        self._farm = farm
        self.behaviour = behaviour
        self.name = behaviour.name
        self.image_id = behaviour.image_id or str(uuid.uuid4())
        self.incarnation = uuid.uuid4().hex
        self.started = time.time()
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.interrupts: list[int] = []
        self.sessions: dict[str, tuple[str, LiveSession]] = {}
        self.accepted = 0
        self.peers: set[_Peer] = set()
        self.listener = _listener(behaviour)
        self.address = _address_of(self.listener)
        self._filler: list[socket.socket] = []
        if behaviour.habit is Habit.DEAF:
            self._fill_backlog()

    @property
    def connections(self) -> int:
        """How many peers are connected now, as this side sees it."""
        return len(self.peers)

    def methods(self) -> list[str]:
        """What it was asked, in order."""
        return [method for method, _ in self.requests]

    def close(self) -> None:
        """Stop listening and drop every connection, as a killed process would."""
        self._farm.remove(self)

    def _fill_backlog(self) -> None:
        for _ in range(8):
            each = socket.socket(self.listener.family, socket.SOCK_STREAM)
            each.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                each.connect(self.listener.getsockname())
            self._filler.append(each)
        time.sleep(0.02)  # the kernel completes the first ones by itself

    def _release(self) -> None:
        self.listener.close()
        for each in self._filler:
            each.close()

    def _give_up(self) -> socket.socket | None:
        """Release, and keep the port: whoever began to listen there meanwhile would be taken for another image. Where
        nobody listens a connection is refused; who asks for this very port may have it (SO_REUSEADDR)."""
        place = self.listener.getsockname()
        self._release()
        if self.listener.family == socket.AF_UNIX:
            return None
        kept = socket.socket()
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            kept.bind(place)
        except OSError:
            kept.close()
            return None
        return kept


class Farm:
    """Serves its images in one daemon thread. A context manager: leaving it closes every socket."""

    def __init__(self) -> None:
        _raise_descriptor_limit()
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._kept: list[socket.socket] = []
        self._orders: deque[tuple[str, FarmImage, threading.Event]] = deque()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timer_number = 0
        self._stopping = False
        self.images: list[FarmImage] = []
        self.failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._serve, name="farm", daemon=True)

    def __enter__(self) -> Farm:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        self._wake.send(b"x")
        self._thread.join(10)
        assert not self._thread.is_alive(), "the farm's thread hangs"
        for image in self.images:
            for peer in list(image.peers):
                peer.close()
            image._release()
        for kept in self._kept:
            kept.close()
        self._selector.close()
        self._wake.close()
        self._woken.close()
        if self.failures and error is None:
            raise self.failures[0]

    def add(self, behaviour: Behaviour | None = None) -> FarmImage:
        """Start one image; it accepts when this returns."""
        image = FarmImage(self, behaviour or Behaviour())
        self.images.append(image)
        if image.behaviour.habit is not Habit.DEAF:
            self._order("listen", image)
        return image

    def add_many(self, count: int, behaviour: Behaviour | None = None) -> list[FarmImage]:
        """Start `count` of them, called name-0, name-1 and so on."""
        import dataclasses

        model = behaviour or Behaviour()
        return [self.add(dataclasses.replace(model, name=f"{model.name}-{i}")) for i in range(count)]

    def remove(self, image: FarmImage) -> None:
        self._order("close", image)
        self.images.remove(image)

    def at(self, seconds: float, action: Callable[[], None]) -> None:
        """Run `action` in the farm's thread after `seconds`."""
        self._timer_number += 1
        heapq.heappush(self._timers, (time.monotonic() + seconds, self._timer_number, action))

    def _order(self, what: str, image: FarmImage) -> None:
        done = threading.Event()
        self._orders.append((what, image, done))
        self._wake.send(b"x")
        assert done.wait(10), "the farm's thread does not answer"

    def _serve(self) -> None:
        try:
            while not self._stopping:
                patience = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
                for key, _ in self._selector.select(patience):
                    match key.data:
                        case None:
                            self._take_orders()
                        case FarmImage():
                            self._accept(key.data)
                        case _Peer():
                            key.data.readable()
                while self._timers and self._timers[0][0] <= time.monotonic():
                    heapq.heappop(self._timers)[2]()
        except BaseException as error:  # noqa: BLE001  told when the farm is left, so that a bug in here is no silent time-out
            self.failures.append(error)

    def _take_orders(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)
        while self._orders:
            what, image, done = self._orders.popleft()
            if what == "listen":
                self._selector.register(image.listener, selectors.EVENT_READ, image)
            else:
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(image.listener)
                for peer in list(image.peers):
                    peer.close()
                if (kept := image._give_up()) is not None:
                    self._kept.append(kept)
            done.set()

    def _accept(self, image: FarmImage) -> None:
        try:
            accepted, _ = image.listener.accept()
        except OSError:
            return
        image.accepted += 1
        if image.behaviour.habit in (Habit.HANGS_UP, Habit.RESETS):
            if image.behaviour.habit is Habit.RESETS:
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            accepted.close()
            return
        peer = _Peer(self, image, accepted)
        image.peers.add(peer)
        self._selector.register(accepted, selectors.EVENT_READ, peer)

    def forget(self, peer: _Peer) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(peer.socket)


class _Peer:
    """One connection of one image, with the state of its handshake."""

    def __init__(self, farm: Farm, image: FarmImage, accepted: socket.socket) -> None:
        self.farm = farm
        self.image = image
        self.behaviour = image.behaviour
        self.socket = accepted
        self.connection = ServerConnection(image.behaviour.limits)
        self.hello: Hello | None = None
        self.nonce = os.urandom(NONCE_BYTES)
        self.role = ""
        self.running: dict[int, Evaluate] = {}
        self.waiting: dict[int, dict[str, object]] = {}
        self.held: list[bytes] = []
        self.closed = False
        accepted.settimeout(5)

    def close(self, *, reset: bool = False) -> None:
        if self.closed:
            return
        self.closed = True
        self.farm.forget(self)
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.socket.close()
        self.image.peers.discard(self)

    def readable(self) -> None:
        try:
            data = self.socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        match self.behaviour.habit:
            case Habit.BLACK_HOLE:
                return
            case Habit.GARBAGE:
                self.send(b"\xc1\xc1 this is no MessagePack")
                return
            case Habit.WEB_SERVER:
                self.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html></html>")
                self.close()
                return
            case _:
                pass
        try:
            events = self.connection.receive(data)
        except RemoteProtocolError:
            self.send(self.connection.dismiss())
            self.close()
            return
        for event in events:
            if self.closed:
                return
            match event:
                case Requested(number, method, params):
                    self.requested(number, method, dict(params))
                case Malformed(number, why):
                    self.send(self.connection.fail(number, ErrorCode.INVALID_REQUEST, why))
                case notified:
                    self.notified(notified)
        if self.connection.broken is not None and not self.closed:
            self.send(self.connection.dismiss())
            self.close()

    def notified(self, event: Notified) -> None:
        if event.method == "interrupt" and isinstance(number := event.params.get("id"), int):
            self.image.interrupts.append(number)
            if (details := self.waiting.pop(number, None)) is not None:
                self.send(self.connection.fail(number, ErrorCode.INTERRUPTED, "interrupted", details))
            if self.running.pop(number, None) is not None:
                self.send(self.connection.fail(number, ErrorCode.INTERRUPTED, "interrupted"))

    def requested(self, number: int, method: str, params: dict[str, Any]) -> None:
        self.image.requests.append((method, params))
        habit = self.behaviour.habit
        if habit is Habit.REFUSES_HELLO:
            self.send(self.connection.fail(number, ErrorCode.INVALID_REQUEST, "no such protocol"))
            return
        greeting = method in ("hello", "authenticate")
        if not greeting:
            if habit is Habit.HELLO_ONLY:
                return
            if habit is Habit.RESETS_MID_REQUEST:
                self.close(reset=True)
                return
            if habit is Habit.CHATTERS:
                self.chatter(number)
                return
        try:
            shape = REQUESTS.get(method)
            if shape is None:
                raise _Refusal(ErrorCode.UNSUPPORTED_METHOD, f"no method {method}")
            if not greeting and not self.role:
                raise _Refusal(ErrorCode.NOT_AUTHENTICATED, "say hello first")
            result = self.answer_to(number, parse(shape, params))
        except Mistyped as error:
            self.send(self.connection.fail(number, ErrorCode.INVALID_REQUEST, str(error)))
            return
        except _Refusal as refusal:
            self.send(self.connection.fail(number, refusal.code, refusal.message))
            return
        if method in self.behaviour.answers:
            given = self.behaviour.answers[method]
            result = given(params) if callable(given) else given
        if result is _LATER:
            return
        self.reply(number, result, greeting=greeting)

    def reply(self, number: int, result: object, *, greeting: bool) -> None:
        habit = self.behaviour.habit
        if habit is Habit.MISTYPED and isinstance(result, dict):
            result = {key: value for key, value in result.items() if key not in ("dialect", "uptime_ms")}
        if habit is Habit.UNKNOWN_ID:
            number += 1000
            self.connection._open[number] += 1  # a lie that the real class rightly refuses to tell
        try:
            data = self.connection.answer(number, result)
        except LocalProtocolError as error:
            data = self.connection.fail(number, ErrorCode.LIMIT_EXCEEDED, str(error))
        if habit is Habit.OUT_OF_ORDER and not greeting:
            self.held.append(data)
            if len(self.held) == 2:
                self.send(self.held[1] + self.held[0])
                self.held.clear()
        elif habit is Habit.CLOSES_MID_ANSWER and not greeting:
            self.send(data[: len(data) // 2])
            self.close()
        elif habit is Habit.DRIBBLES:
            self.dribble(data)
        elif self.behaviour.delay_s and not greeting:
            self.farm.at(self.behaviour.delay_s, lambda: self.send(data))
        else:
            self.send(data)

    def answer_to(self, number: int, request: Any) -> object:
        match request:
            case Hello():
                return self.greet(request)
            case Authenticate(proof):
                return self.authenticate(proof)
            case Ping(message):
                return self.pong(message)
            case Evaluate():
                return self.evaluate(number, request)
            case CreateSession():
                return self.create_session(request)
            case CloseSession(session_id) if "close_session" not in self.behaviour.answers:
                return to_map(Closed(self.image.sessions.pop(session_id, None) is not None))
            case ListImageSessions():
                mine = [s for owner, s in self.image.sessions.values() if owner == self.client_id]
                return [to_map(session) for session in mine]
            case _:
                if (name := method_of(type(request))) in self.behaviour.answers:
                    return None
                raise _Refusal(ErrorCode.UNSUPPORTED_METHOD, f"the farm does not {name}")

    @property
    def client_id(self) -> str:
        return self.hello.client_id if self.hello else ""

    def greet(self, hello: Hello) -> object:
        behaviour, texts = self.behaviour, self.behaviour.texts
        self.hello = hello
        asks = bool(behaviour.keys) and behaviour.lie is not Lie.DOWNGRADE
        nonce = self.nonce[:4] if behaviour.lie is Lie.SHORT_NONCE else self.nonce
        proof = None
        if asks and hello.nonce is not None:
            _, secret = behaviour.keys.get(hello.key_id or "", ("", b"no such key"))
            if behaviour.lie is Lie.WRONG_PROOF:
                secret = b"a key that nobody has"
            plain = self.image.image_id.encode("ascii", "replace").decode()
            proof = server_proof(secret, hello.nonce, nonce, plain)
        if behaviour.lie is Lie.NO_PROOF:
            proof = None
        if not asks:
            self.role = "admin"
        greeting = Greeting(
            protocol=behaviour.protocol,
            agent=texts("farm 1"),
            image_id=self.image.image_id,
            incarnation=self.image.incarnation,
            image_name=texts(behaviour.image_name),
            dialect=texts(behaviour.dialect),
            image_version=texts(behaviour.image_version),
            auth="hmac-sha256" if asks else "none",
            nonce=nonce if asks else None,
            proof=proof,
            abilities=behaviour.abilities,
            methods=behaviour.methods,
        )
        return to_map(greeting)

    def authenticate(self, proof: bytes) -> object:
        hello = self.hello
        if hello is None or hello.nonce is None or (hello.key_id or "") not in self.behaviour.keys:
            raise _Refusal(ErrorCode.NOT_AUTHENTICATED, "no such key")
        role, secret = self.behaviour.keys[hello.key_id or ""]
        if not same_proof(client_proof(secret, hello.nonce, self.nonce, self.image.image_id), proof):
            raise _Refusal(ErrorCode.NOT_AUTHENTICATED, "the proof does not fit the key")
        self.role = role
        return to_map(Authenticated(role))

    def pong(self, message: object) -> object:
        behaviour = self.behaviour
        pong = Pong(
            message="x" * behaviour.padding if behaviour.padding else message,
            status=behaviour.texts("running"),
            uptime_ms=round((time.time() - self.image.started) * 1000),
            clock_ms=round(time.time() * 1000) + behaviour.clock_offset_ms,
            pid=os.getpid(),
            memory_used=behaviour.memory_used,
            memory_limit=behaviour.memory_limit,
            session_count=len(self.image.sessions),
            evaluating=len(self.running),
            scheduled_ms=behaviour.scheduled_ms,
            unsaved_changes=None,
        )
        return to_map(pong)

    def evaluate(self, number: int, request: Evaluate) -> object:
        """`wait` is answered when it is interrupted, `say TEXT` tells TEXT as output first, the rest is echoed.

        As in a busy session, `queued` waits behind other work until its time limit is over, and `stuck` until it is
        taken back.
        """
        if request.source in ("queued", "stuck"):
            busy = {"busy_ms": 12_000, "source": "Delay\nwait"}
            self.send(self.connection.notify("queued", {"id": number, **busy}))
            if request.source == "stuck":
                self.waiting[number] = {"started": False}
            else:
                refusal = self.connection.fail(number, ErrorCode.TIMEOUT, "busy", {"started": False, **busy})
                self.farm.at(request.time_limit_ms / 1000, lambda: self.send(refusal))
            return _LATER
        if self.role == "observer":
            raise _Refusal(ErrorCode.PERMISSION_DENIED, "an observer may not evaluate")
        if request.source == "wait":
            self.running[number] = request
            return _LATER
        output = ""
        if request.source.startswith("say "):
            output = self.behaviour.texts(request.source.removeprefix("say "))
            self.send(self.connection.notify("output", {"id": number, "text": output}))
        value = Value(self.behaviour.texts(request.source), self.behaviour.texts("String"), False, None)
        return to_map(Evaluation("returned", value, None, output, 0))

    def create_session(self, request: CreateSession) -> object:
        now = round(time.time() * 1000)
        live = LiveSession(
            request.session_id, request.name, request.description, self.client_id, "active", now, now, 0,
            self.image.image_id, self.behaviour.image_name, self.behaviour.image_version,
        )  # fmt: skip
        self.image.sessions[request.session_id] = (self.client_id, live)
        return to_map(live)

    def chatter(self, number: int) -> None:
        if not self.closed:
            self.send(self.connection.notify("output", {"id": number, "text": "still busy\n"}))
            self.farm.at(0.0005, lambda: self.chatter(number))

    def dribble(self, data: bytes) -> None:
        if data and not self.closed:
            self.send(data[:1])
            self.farm.at(0.02, lambda: self.dribble(data[1:]))

    def send(self, data: bytes) -> None:
        if self.closed:
            return
        try:
            self.socket.sendall(data)
        except OSError:
            self.close()


class _Refusal(Exception):
    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


_LATER = object()


@contextlib.contextmanager
def refusing_address() -> Iterator[str]:
    """An address where nobody listens, and nobody else can begin to meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield _address_of(bound)


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A port of 127.0.0.1 at which only who asks for this very one may listen, if it says SO_REUSEADDR."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


def _listener(behaviour: Behaviour) -> socket.socket:
    if behaviour.unix_path is not None:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.bind(behaviour.unix_path)
    else:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(made, behaviour.port)
    made.listen(0 if behaviour.habit is Habit.DEAF else 128)
    made.setblocking(behaviour.habit is Habit.DEAF)
    return made


def _bind(made: socket.socket, port: int) -> None:
    """To a port of loopback; to any where it is 0. One address has 28,000 of these, and each connection that ended
    keeps one for a minute: rounds over ten thousand images use them up, and the next address has as many."""
    full: OSError | None = None
    for host in _LOOPBACKS:
        try:
            return made.bind((host, port))
        except OSError as error:
            if port or error.errno != errno.EADDRINUSE:
                raise
            full = error
    assert full is not None
    raise full


def _address_of(bound: socket.socket) -> str:
    name = bound.getsockname()
    return f"tcp://{name[0]}:{name[1]}" if isinstance(name, tuple) else f"unix://{name}"


def _raise_descriptor_limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 16_384 if hard == resource.RLIM_INFINITY else min(hard, 16_384)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main() -> None:
    arguments = argparse.ArgumentParser(description="serve test images until the input ends")
    arguments.add_argument("--count", type=int, default=1)
    arguments.add_argument("--black-holes", type=int, default=0)
    arguments.add_argument("--refusing", type=int, default=0)
    arguments.add_argument("--delay", type=float, default=0.0)
    chosen = arguments.parse_args()
    with Farm() as farm, contextlib.ExitStack() as stack:
        images = farm.add_many(chosen.count, Behaviour(delay_s=chosen.delay))
        images += farm.add_many(chosen.black_holes, Behaviour(name="hole", habit=Habit.BLACK_HOLE))
        for image in images:
            print(json.dumps({"name": image.name, "address": image.address, "image_id": image.image_id}))
        for number in range(chosen.refusing):
            address = stack.enter_context(refusing_address())
            print(json.dumps({"name": f"refusing-{number}", "address": address, "image_id": None}))
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
