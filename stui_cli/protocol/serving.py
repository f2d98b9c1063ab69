"""The side that answers, without I/O: bytes in, events out. The playground and the tests' images are made of it.

States: OPEN until the peer breaks the protocol, then DEAD for ever: nothing more is read, what was asked before may
still be answered, `dismiss` says why, and the stream is to be closed. A request that is wrong in itself does not break
the protocol as long as its id can be read: it comes as Malformed, and is owed the answer InvalidRequest.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli.protocol.connection import NOTIFICATION, REQUEST, RESPONSE, Notified, Wire, named_params, no_bool
from stui_cli.protocol.faults import LocalProtocolError, RemoteProtocolError
from stui_cli.protocol.foreign import usual
from stui_cli.protocol.limits import DEFAULT_LIMITS, WireLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.protocol.codec import Message
    from stui_cli.protocol.faults import ErrorCode


@dataclass(frozen=True)
class Requested:
    """The peer asks. `params` is not checked yet: `fields.parse` makes a request of the table out of it."""

    id: int
    method: str
    params: Mapping[str, object]


@dataclass(frozen=True)
class Malformed:
    """A request that cannot be understood; `fail(id, ErrorCode.INVALID_REQUEST, why)` is its answer."""

    id: int
    why: str


ServerEvent = Requested | Notified | Malformed


class ServerConnection:
    """The side that answers, in any order; each request exactly once."""

    def __init__(self, limits: WireLimits = DEFAULT_LIMITS) -> None:
        self._wire = Wire(limits)
        self._open: Counter[int] = Counter()
        self.errors_as_text = False  # as the peer's hello wants it

    @property
    def unanswered(self) -> frozenset[int]:
        """The ids of the requests that still wait for their answer."""
        return frozenset(self._open)

    @property
    def broken(self) -> RemoteProtocolError | None:
        """How the peer broke the protocol; None while the connection lives."""
        return self._wire.broken

    def allow(self, limits: WireLimits) -> None:
        """From now on other limits hold: a peer that has shown who it is may send more."""
        self._wire.allow(limits)

    def receive(self, data: bytes) -> list[ServerEvent]:
        """The events that `data` completes. Raises RemoteProtocolError, now and at every later call, once the
        peer broke the protocol; events that came whole before that are answered first."""
        return self._wire.read(data, self._event)

    def answer(self, number: int, result: object) -> bytes:
        """The bytes of a result. Raises LocalProtocolError for an id that waits for none, and over a limit; the
        request then still waits, so that a `fail` can say what happened."""
        return self._respond(number, None, result)

    def fail(self, number: int, code: ErrorCode, message: str, details: object = None, stack: object = None) -> bytes:
        """The bytes of an error answer. Raises LocalProtocolError like `answer`."""
        return self._respond(number, self._error(code, message, details, stack), None)

    def dismiss(self) -> bytes:
        """The last bytes to a peer that broke the protocol: why, without an id. Then the stream is to be closed."""
        if self.broken is None:
            raise LocalProtocolError("the peer has not broken the protocol")
        return self.farewell(self.broken.code, str(self.broken))

    def farewell(self, code: ErrorCode, message: str) -> bytes:
        """The last bytes to a peer that is sent away: why, without an id. Then the stream is to be closed."""
        return self._wire.encoded([RESPONSE, None, self._error(code, message), None])

    def notify(self, method: str, params: Mapping[str, object]) -> bytes:
        """The bytes of a notification. Raises LocalProtocolError over a limit."""
        return self._wire.encoded([NOTIFICATION, method, [params] if params else []])

    def _respond(self, number: int, error: object, result: object) -> bytes:
        if number not in self._open:
            raise LocalProtocolError(f"request {number} waits for no answer")
        data = self._wire.encoded([RESPONSE, number, error, result])
        self._open[number] -= 1
        if not self._open[number]:
            del self._open[number]
        return data

    def _error(self, code: ErrorCode, message: str, details: object = None, stack: object = None) -> object:
        if self.errors_as_text:
            return f"{code.value}: {message}"
        return {"code": code.value, "message": message, "details": details, "stack": stack}

    def _event(self, message: Message) -> ServerEvent | None:
        match usual(message.value):
            case [int(kind), int(number), *rest] if kind == REQUEST and no_bool(kind, number):
                self._open[number] += 1
                if self._open[number] > 1:
                    return Malformed(number, f"a request {number} is under way already")
                return _request(number, rest, message.flaw)
            case [int(kind), str(method), params] if kind == NOTIFICATION and no_bool(kind):
                named = named_params(params)
                # It has no id that an answer could carry, so a wrong one is passed over.
                return None if named is None or message.flaw else Notified(method, named)
        raise RemoteProtocolError("a message that is neither a request nor a notification")


def _request(number: int, rest: list[object], flaw: str) -> Requested | Malformed:
    if flaw:
        return Malformed(number, f"{flaw}, which stui protocol 1 does not use")
    match rest:
        case [str(method), params]:
            named = named_params(params)
            return Malformed(number, "params: expected one map") if named is None else Requested(number, method, named)
        case [str(), *_]:
            return Malformed(number, "a request is [0, id, method, [params]]")
        case _:
            return Malformed(number, "method: expected text")
