"""The side that asks, without I/O: bytes in, events out.

States: OPEN until the peer breaks the protocol, then DEAD for ever; a dead connection neither sends nor reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.codec import Decoder, Message, encode
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, RemoteProtocolError, WireError
from stui_cli.protocol.foreign import map_in, text_in, usual
from stui_cli.protocol.limits import DEFAULT_LIMITS, WireLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REQUEST, RESPONSE, NOTIFICATION = 0, 1, 2

E = TypeVar("E")


class Answered(NamedTuple):
    """The request `id` succeeded."""

    id: int
    result: object


class Failed(NamedTuple):
    """The request `id` was answered with an error."""

    id: int
    error: WireError


class Notified(NamedTuple):
    """A notification from the peer."""

    method: str
    params: Mapping[str, object]


class Dismissed(NamedTuple):
    """The peer could not read what we sent as far as an id, says so, and ends the connection."""

    error: WireError


Event = Answered | Failed | Notified | Dismissed


class Wire:
    """What both sides share: messages out of bytes, bytes out of messages, and whether the peer broke the protocol."""

    def __init__(self, limits: WireLimits) -> None:
        self._limits = limits
        self._decoder = Decoder(limits)
        self.broken: RemoteProtocolError | None = None

    def allow(self, limits: WireLimits) -> None:
        """From now on other limits hold, both ways."""
        self._limits = limits
        self._decoder.allow(limits)

    def read(self, data: bytes, event_of: Callable[[Message], E | None]) -> list[E]:
        """The events of the messages that `data` completes.

        What came whole before the peer broke the protocol is still delivered, so that it does not matter how the
        stream was cut; RemoteProtocolError follows at the next call, and at every later one.
        """
        if self.broken is not None:
            raise RemoteProtocolError(str(self.broken), self.broken.code) from self.broken
        events: list[E] = []
        try:
            for message in self._decoder.feed(data):
                if (event := event_of(message)) is not None:
                    events.append(event)
        except RemoteProtocolError as error:
            # Another of the same words: one that was raised holds its frames, and so all of this, until a collection.
            self.broken = RemoteProtocolError(str(error), error.code)
            if not events:
                raise
        return events

    def encoded(self, message: list[object]) -> bytes:
        """The bytes of `message`. Raises LocalProtocolError over a limit."""
        return encode(message, self._limits)


def request_message(number: int, method: str, params: Mapping[str, object]) -> list[object]:
    """A request as it is encoded."""
    return [REQUEST, number, method, [params] if params else []]


class ClientConnection:
    """The side that asks. Several requests may be in flight; answers come in any order."""

    def __init__(self, limits: WireLimits = DEFAULT_LIMITS) -> None:
        self._wire = Wire(limits)
        self._pending: set[int] = set()
        self._last_id = 0

    @property
    def in_flight(self) -> int:
        """How many requests still wait for their answer."""
        return len(self._pending)

    @property
    def broken(self) -> RemoteProtocolError | None:
        """How the peer broke the protocol; None while the connection lives."""
        return self._wire.broken

    def allow(self, limits: WireLimits) -> None:
        """From now on other limits hold: an image that has shown who it is may send more."""
        self._wire.allow(limits)

    def request(self, method: str, params: Mapping[str, object]) -> tuple[int, bytes]:
        """The id of a new request and its bytes. Raises LocalProtocolError on a dead connection or over a limit."""
        return self.send(lambda number: self._wire.encoded(request_message(number, method, params)))

    def send(self, encoded: Callable[[int], bytes]) -> tuple[int, bytes]:
        """The same of a request that `encoded` makes the bytes of."""
        self._check_alive()
        number = self._last_id + 1
        data = encoded(number)
        self._last_id = number
        self._pending.add(number)
        return number, data

    def notify(self, method: str, params: Mapping[str, object]) -> bytes:
        """The bytes of a notification. Raises LocalProtocolError like `request`."""
        self._check_alive()
        return self._wire.encoded([NOTIFICATION, method, [params] if params else []])

    def receive(self, data: bytes) -> list[Event]:
        """The events that `data` completes. Raises RemoteProtocolError, now and at every later call, once the
        peer broke the protocol; events that came whole before that are answered first."""
        return self._wire.read(data, self._event)

    def _check_alive(self) -> None:
        if self.broken is not None:
            raise LocalProtocolError(f"the connection is dead: {self.broken}")

    def _event(self, message: Message) -> Event:
        if message.flaw:
            raise RemoteProtocolError(message.flaw)
        match usual(message.value):
            case [int(kind), int(number), error, result] if kind == RESPONSE and no_bool(kind, number):
                if number not in self._pending:
                    raise RemoteProtocolError(f"an answer to request {number}, which is not in flight")
                self._pending.discard(number)
                return Answered(number, result) if error is None else Failed(number, _wire_error(error))
            case [int(kind), None, error, None] if kind == RESPONSE and no_bool(kind) and error is not None:
                return Dismissed(_wire_error(error))
            case [int(kind), str(method), params] if kind == NOTIFICATION and no_bool(kind):
                if (named := named_params(params)) is not None:
                    return Notified(method, named)
        raise RemoteProtocolError("a message that is neither an answer nor a notification")


def named_params(params: object) -> Mapping[str, object] | None:
    """The one map in `params`, {} for an empty array, None for anything else."""
    match params:
        case []:
            return {}
        case [named]:
            return map_in(named)
        case _:
            return None


def no_bool(*numbers: int) -> bool:
    """Whether these are numbers on the wire too: to Python, true is a 1."""
    return bool not in map(type, numbers)


def _wire_error(raw: object) -> WireError:
    if (told := text_in(raw)) is not None:  # as plain MessagePack-RPC servers answer it
        prefix, _, rest = told.partition(": ")
        return WireError(prefix, rest) if prefix in set(ErrorCode) else WireError(ErrorCode.INTERNAL_ERROR, told)
    more = map_in(raw) or {}
    code, message = text_in(more.get("code")), text_in(more.get("message"))
    if code is None or message is None:
        raise RemoteProtocolError("an error answer without code and message")
    return WireError(code, message, more.get("details"), more.get("stack"))
