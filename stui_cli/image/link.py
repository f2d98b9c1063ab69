"""A byte stream to an image, whatever the address, with a deadline on every step.

Foreign errors are translated here, once: what the network says becomes Unreachable with its outcome.
"""

from __future__ import annotations

import errno
import socket
import time
from typing import TYPE_CHECKING, Any, assert_never

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
_NO_ROUTE = {errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}

# And when a neighbour on the way, or the machine itself, is silent: the way there begins, so this is silence.
_HOST_SILENT = {errno.EHOSTUNREACH, errno.EHOSTDOWN}

# And when this process can open no more: that says nothing about the image either.
_SHORTAGE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

# poll(2) counts in 32 bits of milliseconds; a longer wait is cut into such pieces.
_LONGEST_WAIT_S = 1_000_000.0

# A unix socket whose backlog is full says so at once instead of letting us wait.
_RETRY_S = 0.01


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
        # Asked before each read: who sends a little all the time must not hold us for ever.
        if deadline.passed:
            raise _too_late(self.where, deadline)
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
        case TcpAddress(host, port):
            if not allow_plaintext and not is_loopback(host):
                raise NotPermitted(
                    f"{where} would carry code and keys over the network in plain text",
                    todo="ssh -N -L 7001:127.0.0.1:PORT HOST (tcp://127.0.0.1:7001), or --allow-plaintext",
                )
            return Link(_connect_tcp(host, port, where, deadline), where)
        case UnixAddress(path):
            return Link(_connect_unix(path, where, deadline), where)
        case TlsAddress() | SshAddress():
            raise Unreachable(
                f"{where}: this version of stui opens tcp:// and unix:// only",
                todo="forward a port yourself for now (ssh -N -L 7001:127.0.0.1:PORT HOST) and add tcp://127.0.0.1:7001",
                outcome=ProbeOutcome.WRONG_PROTOCOL,  # trying again cannot help, and the image is not gone
            )
        case _:
            assert_never(address)


def _connect_tcp(host: str, port: int, where: str, deadline: Deadline) -> socket.socket:
    failure: Unreachable | None = None
    for family, sort, protocol, _, address in _resolved(host, port, where):
        # Each further address gets what is left of the deadline: a name with two must not take twice as long.
        if failure is not None and deadline.passed:
            raise failure
        try:
            connected = socket.socket(family, sort, protocol)
        except OSError as error:
            failure = _not_connected(where, error)
            continue
        try:
            connected.settimeout(_slice(deadline))
            connected.connect(address)
            # A request is one small write; waiting to fill a packet would cost 40 ms each.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A dead image's ephemeral port can be given to our own end: TCP then connects to itself.
            if connected.getsockname() == connected.getpeername():
                raise ConnectionRefusedError
        except TimeoutError:
            connected.close()
            failure = _silent(where, deadline)
        except OSError as error:
            connected.close()
            failure = _not_connected(where, error)
        except BaseException:
            connected.close()
            raise
        else:
            return connected
    raise failure or _nameless(host, where)


def _resolved(host: str, port: int, where: str) -> list[tuple[Any, ...]]:
    """What getaddrinfo says; the system's resolver keeps its own time."""
    try:
        # Given text, it would import the codec of IDNA, for 1 ms, also for what needs none.
        name = host.encode("ascii") if host.isascii() else host
        return socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:  # UnicodeError: what IDNA cannot write
        raise _nameless(host, where) from error


def _nameless(host: str, where: str) -> Unreachable:
    return Unreachable(
        f"{where}: the name {host!r} has no address",
        todo="check the spelling and the network",
        outcome=ProbeOutcome.NO_ROUTE,
    )


def _connect_unix(path: str, where: str, deadline: Deadline) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise Unreachable(f"{where}: this system has no unix sockets", todo="use a tcp:// address")
    try:
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError as error:
        raise _not_connected(where, error) from error
    try:
        while True:
            connected.settimeout(_slice(deadline))
            try:
                connected.connect(path)
                return connected
            except BlockingIOError as error:
                if deadline.passed:
                    raise TimeoutError from error
                time.sleep(_RETRY_S)
    except TimeoutError as error:
        connected.close()
        raise _silent(where, deadline) from error
    except OSError as error:
        connected.close()
        raise _not_connected(where, error) from error
    except BaseException:
        connected.close()
        raise


def _slice(deadline: Deadline) -> float:
    # 0 would mean "do not block" to a socket.
    return min(max(deadline.remaining(), 0.001), _LONGEST_WAIT_S)


def _not_connected(where: str, error: OSError) -> Unreachable:
    todo = "start the image, or see what else changed with `stui status`"
    if error.errno in _NO_ROUTE:
        return Unreachable(
            f"{where}: this machine has no route there",
            todo="check the network",
            outcome=ProbeOutcome.NO_ROUTE,
        )
    if error.errno in _HOST_SILENT:
        return Unreachable(
            f"{where}: its machine does not answer: {error.strerror}",
            todo="it may be asleep or off; see `stui status`",
            outcome=ProbeOutcome.TIMED_OUT,
        )
    if error.errno in _SHORTAGE:
        return Unreachable(
            f"{where}: this machine can open no more connections: {error.strerror}",
            todo="contact fewer images at once, or allow more files: ulimit -n",
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
