"""tcp://HOST:PORT, in plain text: to this machine alone, unless the image's entry allows more."""

from __future__ import annotations

# The module `socket` is this one with enumerations of its numbers, and selectors: they would cost an evaluation 1.5 ms.
import _socket as socket
import os
from typing import TYPE_CHECKING, Any

from stui_cli.image.transports.outcomes import not_connected, silent
from stui_cli.image.transports.waits import WRITE, Ready, waited_for
from stui_cli.model.addresses import SshAddress, TlsAddress, format_address, is_loopback
from stui_cli.model.errors import NotPermitted, Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.image.transports.waits import Steps
    from stui_cli.model.addresses import TcpAddress
    from stui_cli.model.deadlines import Deadline

    # As getaddrinfo returns them, and how they are found for a host and a port; raises Unreachable.
    Found = Sequence[tuple[Any, ...]]
    Resolve = Callable[[str, int, str], Found]


def connect(address: TcpAddress, where: str, deadline: Deadline, *, allow_plaintext: bool) -> socket.socket:
    """Connect to the first of the host's addresses that can be reached. Raises Unreachable, or NotPermitted where
    plain text would leave this machine."""
    return waited_for(connecting(address, where, deadline, allow_plaintext=allow_plaintext), deadline)


def connecting(
    address: TcpAddress, where: str, deadline: Deadline, resolve: Resolve | None = None, *, allow_plaintext: bool
) -> Steps[socket.socket]:
    """`connect` in steps; `resolve` may know the addresses of the host already."""
    if not allow_plaintext and not is_loopback(address.host):
        raise _in_plain_text(address, where)
    here = not allow_plaintext
    return (yield from _reaching(address.host, address.port, where, deadline, resolve or resolved, here=here))


def reached(host: str, port: int, where: str, deadline: Deadline) -> socket.socket:
    """The same whatever is spoken there. Raises Unreachable."""
    return waited_for(_reaching(host, port, where, deadline, resolved, here=False), deadline)


def _reaching(
    host: str, port: int, where: str, deadline: Deadline, resolve: Resolve, *, here: bool
) -> Steps[socket.socket]:
    """Connect in steps; `here` keeps it on this machine, whatever its resolver says."""
    found = resolve(host, port, where)
    if here and found and not (found := [each for each in found if is_loopback(each[4][0])]):
        raise Unreachable(
            f"{where}: the name {host!r} leads to other machines here, and plain text stays on this one",
            todo="look into /etc/hosts; or name the machine itself: stui images set NAME --address tcp://127.0.0.1:PORT",
            outcome=ProbeOutcome.NO_ROUTE,
        )
    failure: Unreachable | None = None
    try:
        for each in found:
            # Each further address gets what is left of the deadline: a name with two must not take twice as long.
            if failure is not None and deadline.passed:
                break
            try:
                return (yield from _connected_to(each))
            except TimeoutError:
                failure = silent(where, deadline)
            except OSError as error:
                failure = not_connected(where, error)
        raise failure or _nameless(host, where)
    finally:
        failure = None  # it knows this frame by its traceback: the two would wait for a collection of garbage


def _connected_to(found: tuple[Any, ...]) -> Steps[socket.socket]:
    """A connected socket. Raises OSError; none is open then."""
    family, sort, protocol, _, address = found
    connected = socket.socket(family, sort, protocol)
    try:
        connected.setblocking(False)
        yield from _connected(connected, address)
        # A request is one small write; waiting to fill a packet would cost 40 ms each.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A dead image's ephemeral port can be given to our own end: TCP then connects to itself.
        if connected.getsockname() == connected.getpeername():
            raise ConnectionRefusedError
    except BaseException:
        connected.close()
        raise
    return connected


def _connected(connected: socket.socket, address: Any) -> Steps[None]:
    """Raises OSError."""
    try:
        connected.connect(address)
    except BlockingIOError:  # it is under way
        yield Ready(connected, WRITE)
        if number := connected.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(number, os.strerror(number)) from None


def resolved(host: str, port: int, where: str) -> Found:
    """What the system's resolver says, which keeps its own time. Raises Unreachable."""
    try:
        return asked(host, port)
    except (OSError, UnicodeError) as error:
        raise not_resolved(host, where, error) from error


def asked(host: str, port: int) -> Found:
    """What getaddrinfo says. Raises OSError, and UnicodeError for what IDNA cannot write."""
    # Given text, it would import the codec of IDNA, for 1 ms, also for what needs none.
    name = host.encode("ascii") if host.isascii() else host
    return socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)


def not_resolved(host: str, where: str, error: Exception) -> Unreachable:
    """Why nothing is known of a host: its name, or that this machine could not ask."""
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror):
        return not_connected(where, error)
    return _nameless(host, where)


def _nameless(host: str, where: str) -> Unreachable:
    return Unreachable(
        f"{where}: the name {host!r} has no address",
        todo="check the spelling and the network",
        outcome=ProbeOutcome.NO_ROUTE,
    )


def _in_plain_text(address: TcpAddress, where: str) -> NotPermitted:
    """What would go out in plain text, and the better ways, each to be pasted."""
    from shlex import quote

    host, port = address.host, address.port
    ssh = quote(format_address(SshAddress(host, None, "127.0.0.1", port)))
    tls = quote(format_address(TlsAddress(host, port)))
    return NotPermitted(
        f"{where} would carry code and answers over the network in plain text",
        todo=f"go through ssh: stui images set NAME --address {ssh}; or through TLS, with stunnel at that port: "
        f"stui images set NAME --address {tls}; or forward a port: ssh -N -L 7001:127.0.0.1:{port} {quote(host)} and "
        "stui images set NAME --address tcp://127.0.0.1:7001; or, where all of the network between is your own: "
        "stui images set NAME --allow-plaintext",
    )
