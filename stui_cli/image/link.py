"""A byte stream to an image, whatever the address, with a deadline on every step.

Foreign errors are translated here, once: what the network says becomes Unreachable with its outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from stui_cli.image.transports.outcomes import broken, seconds_left, too_late
from stui_cli.model.addresses import SshAddress, TcpAddress, TlsAddress, UnixAddress, format_address
from stui_cli.model.errors import Unreachable
from stui_cli.model.status import ProbeOutcome

if TYPE_CHECKING:
    import socket

    from stui_cli.model.addresses import Address
    from stui_cli.model.deadlines import Deadline

_READ = 64 * 1024


class Link:
    """An open stream. `send` and `receive` raise Unreachable when it breaks and TooLate when time is over."""

    def __init__(self, connected: socket.socket, where: str) -> None:
        self._socket = connected
        self.where = where

    def send(self, data: bytes, deadline: Deadline) -> None:
        try:
            self._socket.settimeout(seconds_left(deadline))
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
            raise Unreachable(
                f"{self.where} closed the connection",
                todo="see its log, or probe it with `stui status`",
                outcome=ProbeOutcome.BROKEN,
            )
        return data

    def source_address(self) -> str | None:
        """The local address that this link uses, None where there is none."""
        try:
            name = self._socket.getsockname()
        except OSError:  # already reset
            return None
        return str(name[0]) if isinstance(name, tuple) else None

    def close(self) -> None:
        self._socket.close()


def open_link(address: Address, deadline: Deadline, *, allow_plaintext: bool = False) -> Link:
    """Connect. Raises Unreachable, TooLate, or NotPermitted where plain text would leave this machine."""
    where = format_address(address)
    match address:
        case TcpAddress():
            from stui_cli.image.transports import tcp

            return Link(tcp.connect(address, where, deadline, allow_plaintext=allow_plaintext), where)
        case UnixAddress():
            from stui_cli.image.transports import unix

            return Link(unix.connect(address, where, deadline), where)
        case TlsAddress() | SshAddress():
            raise Unreachable(
                f"{where}: this version of stui opens tcp:// and unix:// only",
                todo="forward a port yourself for now (ssh -N -L 7001:127.0.0.1:PORT HOST) and add tcp://127.0.0.1:7001",
                outcome=ProbeOutcome.WRONG_PROTOCOL,  # trying again cannot help, and the image is not gone
            )
        case _:
            assert_never(address)
