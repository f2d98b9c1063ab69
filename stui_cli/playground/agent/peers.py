"""One connection: bytes in, requests out, answers back.

A thread of its own reads. Whoever has an answer sends it at once if the kernel takes it; what it does not take waits,
and a second thread sends it: no evaluation waits for a client that does not read.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Protocol

from stui_cli.playground.agent.refusals import Refusal
from stui_cli.protocol.connection import Notified
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, RemoteProtocolError
from stui_cli.protocol.foreign import integer_in
from stui_cli.protocol.serving import Malformed, Requested, ServerEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Thread

    from stui_cli.playground.agent.jobs import AgentJob
    from stui_cli.playground.agent.key_ring import HeldKey
    from stui_cli.protocol.greeting import Hello
    from stui_cli.protocol.serving import ServerConnection


class Attendant(Protocol):
    """What a connection needs of the agent that it belongs to."""

    peers: set[Peer]

    def fresh_connection(self) -> ServerConnection: ...

    def request(self, peer: Peer, number: int, method: str, params: dict[str, object]) -> None: ...

    def malformed(self, peer: Peer, number: int, why: str) -> None: ...

    def interrupt(self, peer: Peer, number: int) -> None: ...

    def refuse_bytes(self, peer: Peer, error: RemoteProtocolError) -> None: ...

    def on_the_wire(self, result: object) -> object: ...

    def start(self, work: Callable[..., object], *arguments: object, small: bool = False) -> Thread: ...


_AT_ONCE = getattr(socket, "MSG_DONTWAIT", 0)
_READ = 256 * 1024
# Bytes that wait to be sent: beyond the first nothing more is read from the client, beyond the second it is cut off.
_SLOW, _LOST = 4 * 1024 * 1024, 64 * 1024 * 1024
# How long a client whose connection ends may take to read why.
_FAREWELL_S = 2.0
# How long one that sends nothing any more may take to read its last answers.
_LAST_READ_S = 30.0


class Peer:
    """One client of the agent."""

    def __init__(self, agent: Attendant, connected: socket.socket) -> None:
        self.agent = agent
        self.socket = connected
        if connected.family != getattr(socket, "AF_UNIX", None):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = agent.fresh_connection()
        self.lock = threading.Lock()
        self.jobs: dict[int, AgentJob] = {}
        self.hello: Hello | None = None
        self.nonce = b""
        self.failures = 0
        self.role: str | None = None
        self.held: HeldKey | None = None  # what it has proved
        self.client_id = ""
        self.since = time.monotonic()
        self.greeted_at: float | None = None  # the first time
        self.closed = False
        self.is_leaving = False  # it sends nothing any more, and may still read
        self._paid_at: float | None = None  # when such a one had all its answers
        self._sent_away = False
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._room = threading.Condition(self.lock)

    @property
    def gone(self) -> bool:
        """Whether nobody may be there to read an answer: one that was killed looks like one that only sends no more."""
        return self.closed or self.is_leaving

    @property
    def is_promising(self) -> bool:
        """Of a stranger: whether it may well be about to prove its key."""
        return self.hello is not None and not self.failures

    # Reading.

    def serve(self) -> None:
        """Read until the client goes, or breaks the protocol."""
        try:
            self._read()
        finally:
            if not self._stays():
                self.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.socket.recv(_READ):
                if self._sent_away:
                    break
                try:
                    events = self.connection.receive(data)
                except RemoteProtocolError as error:
                    self.agent.refuse_bytes(self, error)
                    return
                for event in events:
                    self._handle(event)
                if self.connection.broken is not None:
                    self.agent.refuse_bytes(self, self.connection.broken)
                    return
            if self._sent_away:
                self.hang_up()
                return
            with self.lock:
                self.is_leaving = True

    def _stays(self) -> bool:
        """Whether it is owed an answer. One that has ended its side, as a batch does, gets what it had asked for."""
        with self.lock:
            return self.is_leaving and not self.closed and not self._is_paid()

    def _is_paid(self) -> bool:
        """Under the lock: whether all its answers were sent."""
        return not self.connection.unanswered and not self._waiting

    def close_if_slow(self, now: float) -> None:
        """Sent by the watch: one that sends nothing any more has some time for its last answers."""
        if not self.is_leaving or self.connection.unanswered:
            return
        if self._paid_at is None:
            self._paid_at = now
        elif now - self._paid_at > _LAST_READ_S:
            self.close()

    def _handle(self, event: ServerEvent) -> None:
        match event:
            case Requested(number, method, params):
                self.agent.request(self, number, method, dict(params))
            case Malformed(number, why):
                self.agent.malformed(self, number, why)
            case Notified("interrupt", {"id": raw}) if self.role is not None:
                if (named := integer_in(raw)) is not None:
                    self.agent.interrupt(self, named)
            case Notified():
                pass
        if self._waiting_bytes > _SLOW:
            with self._room:
                self._room.wait_for(lambda: self._waiting_bytes <= _SLOW or self.closed)

    # Sending.

    def reply(self, number: int, result: object) -> None:
        """Answer a request, by its result or by a Refusal."""
        with self.lock:
            try:
                data = self._answer(number, result)
            except LocalProtocolError as error:
                if number not in self.connection.unanswered:
                    return
                data = self.connection.fail(number, ErrorCode.LIMIT_EXCEEDED, str(error))
            self._send(data)
            done = self.is_leaving and self._is_paid()
        if done:
            self.close()

    def notify(self, method: str, params: Mapping[str, object]) -> None:
        """Tell the client something that it has not asked for."""
        with self.lock, contextlib.suppress(LocalProtocolError):
            self._send(self.connection.notify(method, params))

    def dismiss(self) -> None:
        """One last answer to a client that broke the protocol; then the stream ends."""
        with self.lock:
            self._send(self.connection.dismiss())
        self.hang_up()

    def send_away(self, code: ErrorCode, why: str) -> None:
        """Tell it why, and have its reader end the stream. Called by another thread than that."""
        with self.lock:
            if self.closed or self._sent_away:
                return
            self._sent_away = True
            self._send(self.connection.farewell(code, why))
        if self.is_leaving:
            self.close()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RD)

    def hang_up(self) -> None:
        """End the stream when the client has read what it was sent. Called by the thread that reads."""
        with self.lock:
            self._room.wait_for(lambda: not self._waiting or self.closed, _FAREWELL_S)
        until = time.monotonic() + _FAREWELL_S
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            # Closing with bytes unread would make the kernel drop what was just sent.
            while (left := until - time.monotonic()) > 0:
                self.socket.settimeout(left)
                if not self.socket.recv(_READ):
                    return

    def _answer(self, number: int, result: object) -> bytes:
        if isinstance(result, Refusal):
            return self.connection.fail(number, result.code, str(result), result.details)
        return self.connection.answer(number, self.agent.on_the_wire(result))

    def _send(self, data: bytes) -> None:
        """Under the lock."""
        if self.closed:
            return
        sent = 0
        if not self._waiting:
            try:
                sent = self.socket.send(data, _AT_ONCE)
            except BlockingIOError:
                pass
            except OSError:
                return
        if sent == len(data):
            return
        self._waiting.append(data[sent:])
        self._waiting_bytes += len(data) - sent
        if self._waiting_bytes > _LOST:
            self._shut()
        elif len(self._waiting) == 1:
            self.agent.start(self._send_waiting, small=True)

    def _send_waiting(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.socket.sendall(self._waiting[0])
                with self._room:
                    self._waiting_bytes -= len(self._waiting.popleft())
                    self._room.notify_all()
                    if not self._waiting:
                        break
        with self.lock:
            done = self.is_leaving and self._is_paid()
        if done:
            self.close()

    # Ending.

    def close(self) -> None:
        """What runs goes on: it may be what the client wanted done, and its receipt is kept."""
        self.agent.peers.discard(self)
        with self._room:
            self._shut()
        self.socket.close()

    def _shut(self) -> None:
        self.closed = True
        self._room.notify_all()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
