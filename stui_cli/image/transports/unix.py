"""unix:///PATH: a socket in a folder of this machine; who may connect is said by the modes of its files, and who may
answer by their owners."""

from __future__ import annotations

import _socket as socket  # as in tcp.py
from typing import TYPE_CHECKING

from stui_cli.image.transports.outcomes import not_connected, silent
from stui_cli.image.transports.ownership import refuse_strange_peer, refuse_strange_place, trusted_users
from stui_cli.image.transports.waits import Pause, waited_for
from stui_cli.model.errors import Unreachable

if TYPE_CHECKING:
    from stui_cli.image.transports.waits import Steps
    from stui_cli.model.addresses import UnixAddress
    from stui_cli.model.deadlines import Deadline

# A socket whose backlog is full says so at once instead of letting us wait.
_RETRY_S = 0.01


def connect(address: UnixAddress, where: str, deadline: Deadline, owner: str | None = None) -> socket.socket:
    """Connect to the socket file. Raises Unreachable, also for one that may be somebody else's; `owner` is a user whose
    it may be."""
    return waited_for(connecting(address, where, deadline, owner), deadline)


def connecting(address: UnixAddress, where: str, deadline: Deadline, owner: str | None = None) -> Steps[socket.socket]:
    """`connect` in steps."""
    if not hasattr(socket, "AF_UNIX"):
        raise Unreachable(f"{where}: this system has no unix sockets", todo="use a tcp:// address")
    trusted = trusted_users(owner, where)
    refuse_strange_place(address.path, trusted, where)
    try:
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError as error:
        raise not_connected(where, error) from error
    try:
        connected.setblocking(False)
        while not _accepted(connected, address.path):
            yield Pause(_RETRY_S)
        refuse_strange_peer(connected, trusted, where)
        return connected
    except TimeoutError as error:
        connected.close()
        raise silent(where, deadline) from error
    except OSError as error:
        connected.close()
        raise not_connected(where, error) from error
    except BaseException:
        connected.close()
        raise


def _accepted(connected: socket.socket, path: str) -> bool:
    """Whether it is connected; not yet where the backlog is full. Raises OSError."""
    try:
        connected.connect(path)
    except BlockingIOError:
        return False
    return True
