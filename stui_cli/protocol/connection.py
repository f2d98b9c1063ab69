"""One side of a conversation, without I/O: bytes in, events out.

States: OPEN until the peer breaks the protocol, then DEAD for ever; a dead connection neither sends nor reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli.protocol.codec import Decoder, encode
from stui_cli.protocol.faults import LocalProtocolError, RemoteProtocolError, WireError
from stui_cli.protocol.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUEST, _RESPONSE, _NOTIFICATION = 0, 1, 2


@dataclass(frozen=True)
class Answered:
    """The request `id` succeeded."""

    id: int
    result: object


@dataclass(frozen=True)
class Failed:
    """The request `id` was answered with an error."""

    id: int
    error: WireError


@dataclass(frozen=True)
class Notified:
    """A notification from the peer."""

    method: str
    params: Mapping[str, object]


Event = Answered | Failed | Notified


class ClientConnection:
    """The side that asks. Several requests may be in flight; answers come in any order."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._decoder = Decoder(limits)
        self._pending: set[int] = set()
        self._last_id = 0
        self._dead: RemoteProtocolError | None = None

    @property
    def in_flight(self) -> int:
        """How many requests still wait for their answer."""
        return len(self._pending)

    def request(self, method: str, params: Mapping[str, object]) -> tuple[int, bytes]:
        """The id of a new request and its bytes. Raises LocalProtocolError on a dead connection or over a limit."""
        if self._dead is not None:
            raise LocalProtocolError(f"the connection is dead: {self._dead}")
        number = self._last_id + 1
        data = encode([_REQUEST, number, method, [params] if params else []], self._limits)
        self._last_id = number
        self._pending.add(number)
        return number, data

    def notify(self, method: str, params: Mapping[str, object]) -> bytes:
        """The bytes of a notification."""
        return encode([_NOTIFICATION, method, [params] if params else []], self._limits)

    def receive(self, data: bytes) -> list[Event]:
        """The events that `data` completes. Raises RemoteProtocolError, now and at every later call, once the
        peer broke the protocol."""
        if self._dead is not None:
            raise self._dead
        try:
            return [self._event(message) for message in self._decoder.feed(data)]
        except RemoteProtocolError as error:
            self._dead = error
            raise

    def _event(self, message: object) -> Event:
        match message:
            case [1, int(number), error, result] if not isinstance(number, bool):
                if number not in self._pending:
                    raise RemoteProtocolError(f"an answer to request {number}, which is not in flight")
                self._pending.discard(number)
                return Answered(number, result) if error is None else Failed(number, _wire_error(error))
            case [2, str(method), [dict(params)]]:
                return Notified(method, params)
            case [2, str(method), []]:
                return Notified(method, {})
            case _:
                raise RemoteProtocolError("a message that is neither an answer nor a notification")


def _wire_error(raw: object) -> WireError:
    match raw:
        case {"code": str(code), "message": str(message), **more}:
            return WireError(code, message, more.get("details"), more.get("stack"))
        case str(message):  # plain MessagePack-RPC servers answer an error as text
            return WireError("InternalError", message)
        case _:
            raise RemoteProtocolError("an error answer without code and message")
