"""An image that answers as a playground does, but for one value in one of its messages: which, the test says."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from stui_cli.playground.agent.server import Agent
from stui_cli.protocol.serving import Requested, ServerConnection, ServerEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stui_cli.playground.agent.peers import Peer
    from stui_cli.protocol.codec import Message
    from stui_cli.protocol.faults import ErrorCode

# Where a value stands in a message: keys of maps and places in arrays. () is the whole answer.
Path = tuple[str | int, ...]


class HostileImage(Agent):
    """`distort` gets what is said (a method that is answered, "fail", "notify METHOD") and the map of it, and returns
    what is sent instead. `stream` gets the method and the id of a request, and yields the bytes that are sent without
    an end instead of an answer; None where it is answered."""

    distort: Callable[[str, Any], Any] = staticmethod(lambda what, sent: sent)
    stream: Callable[[str, int], Iterator[bytes] | None] = staticmethod(lambda method, number: None)

    def request(self, peer: Peer, number: int, method: str, params: dict[str, object]) -> None:
        stream = self.stream(method, number)
        if stream is None:
            super().request(peer, number, method, params)
            return
        for data in stream:
            peer.socket.sendall(data)  # until the client is gone

    def fresh_connection(self) -> ServerConnection:
        return _Distorted(self)


class _Distorted(ServerConnection):
    def __init__(self, image: HostileImage) -> None:
        super().__init__()
        self._image = image
        self._methods: dict[int, str] = {}

    def _event(self, message: Message) -> ServerEvent | None:
        event = super()._event(message)
        if isinstance(event, Requested):
            self._methods[event.id] = event.method
        return event

    def answer(self, number: int, result: object) -> bytes:
        return super().answer(number, self._image.distort(self._methods.get(number, ""), result))

    def notify(self, method: str, params: Mapping[str, object]) -> bytes:
        sent = self._image.distort(f"notify {method}", dict(params))
        return self._wire.encoded([2, method, [sent]])

    def _error(self, code: ErrorCode, message: str, details: object = None, stack: object = None) -> object:
        return self._image.distort("fail", super()._error(code, message, details, stack))


def paths_in(sent: Any, above: Path = ()) -> Iterator[Path]:
    """Where values stand in a message; of an array its ends stand for all."""
    yield above
    if isinstance(sent, dict):
        for key, value in sent.items():
            yield from paths_in(value, (*above, key))
    elif isinstance(sent, (list, tuple)) and sent:
        for place in {0, len(sent) - 1}:
            yield from paths_in(sent[place], (*above, place))


def with_value(sent: Any, path: Path, value: object) -> Any:
    """The message with another value in one place; as it is where it has no such place."""
    if not path:
        return value
    changed = list(sent) if isinstance(sent, tuple) else copy.copy(sent)
    try:
        changed[path[0]] = with_value(changed[path[0]], path[1:], value)
    except (KeyError, IndexError, TypeError):
        return sent
    return changed
