"""A byte stream to an image, whatever the address, with a deadline on every step.

Foreign errors are translated here, once: what the network says becomes Unreachable with its outcome.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, assert_never

from stui_cli.model.addresses import (
    SshAddress,
    TcpAddress,
    TlsAddress,
    UnixAddress,
    format_address,
    is_loopback,
)
from stui_cli.model.errors import NotPermitted, TooLate, Unreachable
from stui_cli.model.status import ProbeOutcome

if TYPE_CHECKING:
    from stui_cli.model.addresses import Address
    from stui_cli.model.deadlines import Deadline

_READ = 256 * 1024

# What the operating system says when this machine has no way there at all: nothing about the image.
_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}


class Link:
    """An open stream. `send` and `receive` raise Unreachable when it breaks and TooLate when time is over."""

    def __init__(self, connected: socket.socket, where: str) -> None:
        self._socket = connected
        self.where = where

    def send(self, data: bytes, deadline: Deadline) -> None:
        try:
            self._socket.settimeout(_slice(deadline))
            self._socket.sendall(data)
        except TimeoutError as error:
            raise _too_late(self.where, deadline) from error
        except OSError as error:
            raise _broken(self.where, error) from error

    def receive(self, deadline: Deadline) -> bytes:
        """At least one byte. The end of the stream is Unreachable too: every answer is still owed to us."""
        try:
            self._socket.settimeout(_slice(deadline))
            data = self._socket.recv(_READ)
        except TimeoutError as error:
            raise _too_late(self.where, deadline) from error
        except OSError as error:
            raise _broken(self.where, error) from error
        if not data:
            raise Unreachable(
                f"{self.where} closed the connection",
                todo="see its log, or probe it with `stui status`",
                outcome=ProbeOutcome.BROKEN,
            )
        return data

    def source_address(self) -> str | None:
        """The local address that this link uses, None where there is none."""
        name = self._socket.getsockname()
        return str(name[0]) if isinstance(name, tuple) else None

    def close(self) -> None:
        self._socket.close()


def open_link(address: Address, deadline: Deadline, *, allow_plaintext: bool = False) -> Link:
    """Connect. Raises Unreachable, TooLate, or NotPermitted where plain text would leave this machine."""
    where = format_address(address)
    match address:
        case TcpAddress(host, port):
            if not allow_plaintext and not is_loopback(host):
                raise NotPermitted(
                    f"{where} would carry code and keys over the network in plain text",
                    todo="use ssh://HOST/127.0.0.1:PORT, or allow it: stui images set NAME --allow-plaintext",
                )
            return Link(_connect_tcp(host, port, where, deadline), where)
        case UnixAddress(path):
            return Link(_connect_unix(path, where, deadline), where)
        case TlsAddress() | SshAddress():
            raise Unreachable(
                f"{where}: this version of stui opens tcp:// and unix:// only",
                todo="forward a port yourself for now (ssh -N -L 7001:127.0.0.1:PORT HOST) and add tcp://127.0.0.1:7001",
            )
        case _:
            assert_never(address)


def _connect_tcp(host: str, port: int, where: str, deadline: Deadline) -> socket.socket:
    try:
        connected = socket.create_connection((host, port), timeout=_slice(deadline))
    except socket.gaierror as error:
        raise Unreachable(
            f"{where}: the name {host!r} has no address",
            todo="check the spelling and the network",
            outcome=ProbeOutcome.NO_ROUTE,
        ) from error
    except TimeoutError as error:
        raise _silent(where, deadline) from error
    except OSError as error:
        raise _not_connected(where, error) from error
    # A request is one small write; waiting to fill a packet would cost 40 ms each.
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if connected.getsockname() == connected.getpeername():
        # A dead image's ephemeral port can be given to our own end: TCP then connects to itself.
        connected.close()
        raise _not_connected(where, ConnectionRefusedError())
    return connected


def _connect_unix(path: str, where: str, deadline: Deadline) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise Unreachable(f"{where}: this system has no unix sockets", todo="use a tcp:// address")
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(_slice(deadline))
        connected.connect(path)
    except TimeoutError as error:
        connected.close()
        raise _silent(where, deadline) from error
    except OSError as error:
        connected.close()
        raise _not_connected(where, error) from error
    return connected


def _slice(deadline: Deadline) -> float:
    # 0 would mean "do not block" to a socket.
    return max(deadline.remaining(), 0.001)


def _not_connected(where: str, error: OSError) -> Unreachable:
    todo = "start the image, or see what else changed with `stui status`"
    if error.errno in _NO_ROUTE:
        return Unreachable(
            f"{where}: this machine has no route there",
            todo="check the network",
            outcome=ProbeOutcome.NO_ROUTE,
        )
    if isinstance(error, ConnectionRefusedError | FileNotFoundError):
        return Unreachable(f"{where}: nobody listens there", todo=todo, outcome=ProbeOutcome.REFUSED)
    if isinstance(error, PermissionError):
        return Unreachable(
            f"{where}: this user may not connect there",
            todo="check the owner of the socket",
            outcome=ProbeOutcome.NOT_PERMITTED,
        )
    return Unreachable(f"{where}: {error.strerror or error}", todo=todo, outcome=ProbeOutcome.BROKEN)


def _silent(where: str, deadline: Deadline) -> Unreachable:
    return Unreachable(
        f"{where} did not answer within {deadline.seconds:g} s",
        todo="try again with a longer --timeout, or see `stui status`",
        outcome=ProbeOutcome.TIMED_OUT,
    )


def _too_late(where: str, deadline: Deadline) -> TooLate:
    return TooLate(f"{where} did not answer within {deadline.seconds:g} s", todo="see `stui status`")


def _broken(where: str, error: OSError) -> Unreachable:
    return Unreachable(
        f"{where}: the connection broke: {error.strerror or error}",
        todo="probe it with `stui status`",
        outcome=ProbeOutcome.BROKEN,
    )
