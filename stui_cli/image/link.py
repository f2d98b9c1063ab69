"""A byte stream to an image, whatever the address, with a deadline on every step.

Foreign errors are translated here, once: what the network says becomes Unreachable with its outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from stui_cli.image.transports.outcomes import broken, ended, seconds_left, too_late
from stui_cli.model.addresses import SshAddress, TcpAddress, TlsAddress, UnixAddress, format_address, parse_address
from stui_cli.model.errors import StuiError
from stui_cli.model.images import NO_TLS_TERMS, tls_terms

if TYPE_CHECKING:
    from typing import Protocol

    from stui_cli.image.transports.ssh import Carrier
    from stui_cli.model.addresses import Address
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.images import Image, TlsTerms

    class Stream(Protocol):
        """What a transport opens: a connected socket, or what stands on one and has the same methods."""

        def settimeout(self, seconds: float, /) -> None: ...

        def sendall(self, data: bytes, /) -> None: ...

        def recv(self, most: int, /) -> bytes: ...

        def getsockname(self) -> object: ...

        def close(self) -> None: ...


_READ = 64 * 1024


class Link:
    """An open stream. `send` and `receive` raise Unreachable when it breaks and TooLate when time is over.

    `carrier` is the ssh that carries it, if one does.
    """

    def __init__(self, connected: Stream, where: str, carrier: Carrier | None = None) -> None:
        self._socket = connected
        self._carrier = carrier
        self._heard = self._owed = False
        self.where = where

    @property
    def is_open(self) -> bool:
        """Whether it is known that somebody accepted the connection: ssh may only be about to try."""
        return self._carrier is None or self._carrier.opened

    @property
    def asked_s(self) -> float:
        """How long a person was asked for something while it was opened, in seconds."""
        return 0.0 if self._carrier is None else self._carrier.asked_s

    def why_unheard(self) -> StuiError | None:
        """Why it ended before the image said anything, where what carries it knows."""
        return None if self._carrier is None or self._heard else self._carrier.failure()

    def send(self, data: bytes, deadline: Deadline) -> None:
        try:
            self._socket.settimeout(seconds_left(deadline))
            self._owed = True
            self._socket.sendall(data)
        except TimeoutError as error:
            raise too_late(self.where, deadline) from error
        except OSError as error:
            raise broken(self.where, error) from error

    def receive(self, deadline: Deadline) -> bytes:
        """At least one byte. The end of the stream is Unreachable too: every answer is still owed to us."""
        # Asked before each read: who sends a little all the time must not hold us for ever.
        if deadline.passed:
            raise too_late(self.where, deadline)
        try:
            self._socket.settimeout(seconds_left(deadline))
            data = self._socket.recv(_READ)
        except TimeoutError as error:
            raise too_late(self.where, deadline) from error
        except OSError as error:
            raise broken(self.where, error) from error
        if not data:
            raise ended(self.where)
        self._owed = False
        if not self._heard:
            self._heard = True
            if self._carrier is not None:
                self._carrier.heard()
        return data

    def source_address(self) -> str | None:
        """The local address that this link uses, None where there is none."""
        return source_address_of(self._socket)

    def close(self) -> None:
        self._socket.close()
        if self._carrier is not None:
            self._carrier.close(owed=self._owed)


def source_address_of(stream: Stream) -> str | None:
    """The local address that a stream uses, None where there is none."""
    try:
        name = stream.getsockname()
    except OSError:  # already reset
        return None
    return str(name[0]) if isinstance(name, tuple) else None


def link_to(image: Image, deadline: Deadline) -> Link:
    """Connect to an image on the terms of its entry. Raises what open_link does."""
    address = parse_address(image.address)
    try:
        return open_link(
            address,
            deadline,
            allow_plaintext=image.allow_plaintext,
            tls=tls_terms(image),
            socket_owner=image.socket_owner,
        )
    except StuiError as error:
        if image.name != image.address:  # an entry of the registry
            error.todo = error.todo.replace("NAME", image.name)
        raise


def open_link(
    address: Address,
    deadline: Deadline,
    *,
    allow_plaintext: bool = False,
    tls: TlsTerms = NO_TLS_TERMS,
    socket_owner: str | None = None,
) -> Link:
    """Connect. Raises Unreachable, TooLate, or NotPermitted where plain text would leave this machine, or where who
    answers is not whom `tls` trusts. A unix socket may be that of `socket_owner`, too."""
    where = format_address(address)
    match address:
        case TcpAddress():
            from stui_cli.image.transports import tcp

            return Link(tcp.connect(address, where, deadline, allow_plaintext=allow_plaintext), where)
        case UnixAddress():
            from stui_cli.image.transports import unix

            return Link(unix.connect(address, where, deadline, socket_owner), where)
        case TlsAddress():
            from stui_cli.image.transports import tls as secure  # ssl: 9 ms

            return Link(secure.connect(address, where, deadline, tls), where)
        case SshAddress():
            from stui_cli.image.transports import ssh

            stream, carrier = ssh.connect(address, where, deadline)
            return Link(stream, where, carrier)
        case _:
            assert_never(address)
