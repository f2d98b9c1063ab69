"""A conversation in steps that never wait: what image/loop.py leads with many images at once.

It is for questions whose answers are small. Of each image at most one unfinished message of 64 KiB is held, and one
read is 4 KiB: who sends without end takes no more of the time and the memory of the others.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeVar, assert_never

from stui_cli.image.client import Caller, greeting_steps, not_greeted
from stui_cli.image.exchange import Dialogue, lost
from stui_cli.image.link import source_address_of
from stui_cli.image.transports import tcp, unix
from stui_cli.image.transports.outcomes import broken, ended, mute, too_late
from stui_cli.image.transports.waits import READ, WRITE, Ready
from stui_cli.model.addresses import SshAddress, TcpAddress, TlsAddress, UnixAddress, format_address, parse_address
from stui_cli.model.errors import ConnectionLost, TooLate, Unreachable
from stui_cli.protocol.codec import encode
from stui_cli.protocol.connection import request_message
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.fields import to_map
from stui_cli.protocol.limits import GREETING_LIMITS

if TYPE_CHECKING:
    import _socket as socket
    from collections.abc import Callable

    from stui_cli.image.transports.tcp import Resolve
    from stui_cli.image.transports.waits import Steps
    from stui_cli.model.addresses import Address
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.errors import StuiError
    from stui_cli.model.images import Image
    from stui_cli.protocol.faults import RemoteProtocolError
    from stui_cli.protocol.limits import WireLimits
    from stui_cli.protocol.requests import Request

T = TypeVar("T")

_READ = 4 * 1024


@lru_cache(maxsize=8)
def _bytes_of(method: str, request: Request, number: int) -> bytes:
    """Nearly all images are sent the same: encoding it for each anew would take a tenth of the time."""
    return encode(request_message(number, method, to_map(request)), GREETING_LIMITS)


class Talk(Dialogue):
    """A dialogue over a connected socket that does not wait."""

    def __init__(self, connected: socket.socket, where: str, deadline: Deadline) -> None:
        super().__init__(where)
        self._socket = connected
        self._deadline = deadline
        self._readable = Ready(connected, READ)

    def allow(self, limits: WireLimits) -> None:
        """Nothing larger than a greeting is asked for."""

    def call(self, request: Request, shape: type[T]) -> Steps[T]:
        """Send `request`; its answer as a `shape`. Raises StuiError."""
        number, data = self._request(request)
        yield from self._send(data)
        try:
            while number not in self._answers:
                self._check_alive()
                self._take((yield from self._received()))
        except Unreachable as error:
            raise lost(error) from error
        return self.shaped(shape, self._result_of(number, request))

    def greet(self, caller: Caller, on_identified: Callable[[str], None]) -> Steps[None]:
        """Say hello, and prove the key both ways where the image asks for it: see `greeting_steps`."""
        steps = greeting_steps(self, caller, on_identified)
        try:
            request, shape = next(steps)
            while True:
                answer: object = yield from self.call(request, shape)
                request, shape = steps.send(answer)
        except StopIteration:
            return

    def source_address(self) -> str | None:
        """The local address of this conversation, None where there is none."""
        return source_address_of(self._socket)

    def close(self) -> None:
        self._socket.close()

    def _unreadable(self, error: RemoteProtocolError) -> StuiError:
        if not self.role or error.code != ErrorCode.LIMIT_EXCEEDED:
            return super()._unreadable(error)
        # The protocol allows a message that is larger; of so many images at once it is not taken.
        return ConnectionLost(
            f"{self.where}: its answer is too large for a probe: {error}",
            todo=f"see what its agent answers a ping: stui doctor {self.known_as}",
        )

    def _encoded(self, method: str, request: Request) -> tuple[int, bytes]:
        return self._connection.send(partial(_bytes_of, method, request))

    def _send(self, data: bytes) -> Steps[None]:
        try:
            while data:
                try:
                    data = data[self._socket.send(data) :]
                except BlockingIOError:
                    yield Ready(self._socket, WRITE)
        except TimeoutError as error:
            raise too_late(self.where, self._deadline) from error
        except OSError as error:
            raise broken(self.where, error) from error

    def _received(self) -> Steps[bytes]:
        """At least one byte. The end of the stream is Unreachable too: every answer is still owed to us."""
        try:
            while True:
                yield self._readable
                try:
                    data = self._socket.recv(_READ)
                except BlockingIOError:
                    continue
                break
        except TimeoutError as error:
            raise too_late(self.where, self._deadline) from error
        except OSError as error:
            raise broken(self.where, error) from error
        if not data:
            raise ended(self.where)
        return data


def open_talk(
    image: Image, caller: Caller, deadline: Deadline, on_identified: Callable[[str], None], resolve: Resolve
) -> Steps[Talk]:
    """`open_client` in steps. Raises StuiError; no connection is left open then."""
    address = parse_address(image.address)
    where = format_address(address)
    talk = Talk((yield from _connecting_to(image, address, where, deadline, resolve)), where, deadline)
    try:
        yield from _greeted(talk, address, deadline, caller, on_identified)
    except BaseException:
        talk.close()
        raise
    return talk


def _greeted(
    talk: Talk, address: Address, deadline: Deadline, caller: Caller, on_identified: Callable[[str], None]
) -> Steps[None]:
    try:
        yield from talk.greet(caller, on_identified)
    except (ConnectionLost, Unreachable) as error:
        raise not_greeted(talk.where, address) from error
    except TooLate as error:
        raise mute(talk.where, deadline) from error


def connecting_to(image: Image, deadline: Deadline, resolve: Resolve) -> Steps[socket.socket]:
    """Connect to an image that `waits_for_nobody`. Raises Unreachable or NotPermitted."""
    address = parse_address(image.address)
    return _connecting_to(image, address, format_address(address), deadline, resolve)


def _connecting_to(
    image: Image, address: Address, where: str, deadline: Deadline, resolve: Resolve
) -> Steps[socket.socket]:
    match address:
        case TcpAddress():
            return tcp.connecting(address, where, deadline, resolve, allow_plaintext=image.allow_plaintext)
        case UnixAddress():
            return unix.connecting(address, where, deadline, image.socket_owner)
        case TlsAddress() | SshAddress():
            raise AssertionError(f"{where} is led by a thread")
        case _:
            assert_never(address)


def waits_for_nobody(image: Image) -> bool:
    """Whether the way to `image` can be made in steps, once its host is known. TLS and ssh wait within their libraries
    and programs, and names of users within the system's list of them."""
    if image.socket_owner is not None and not image.socket_owner.isdecimal():
        return False
    scheme, separator, _ = image.address.partition("://")
    return not separator or scheme in ("tcp", "unix")
