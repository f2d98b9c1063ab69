"""Where on this machine the way to an image begins: by this a change of network is told from a dead image."""

from __future__ import annotations

import _socket as socket  # as in transports/tcp.py
from contextlib import closing
from typing import TYPE_CHECKING, Any, assert_never

from stui_cli.model.addresses import SshAddress, TcpAddress, TlsAddress, UnixAddress
from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.addresses import Address

# Any port will do: nothing is sent.
_PORT = 9

# A machine changes the rest of its IPv6 address by itself, daily (RFC 8981); the network is the first half.
_NETWORK_BYTES = 8


class Route(NamedTuple):
    """`source` is the local address that packets would leave from, None if there is no way at all."""

    source: str | None


def route_to(address: Address) -> Route | None:
    """The way to `address`; None where this machine cannot tell. Sends no packet: connecting a UDP socket only
    asks the kernel's routing table (udp(7))."""
    match address:
        case TcpAddress(host, _) | TlsAddress(host, _):
            return _route_to_host(host)
        case UnixAddress() | SshAddress():  # ssh's own configuration decides where its way begins
            return None
        case _:
            assert_never(address)


def network_of(source: str) -> str:
    """`source` as far as it tells the network: an IPv4 address whole, of an IPv6 address the first 64 bits."""
    if ":" not in source:
        return source
    try:
        packed = socket.inet_pton(socket.AF_INET6, source.partition("%")[0])
    except (OSError, ValueError):
        return source
    return f"{socket.inet_ntop(socket.AF_INET6, packed[:_NETWORK_BYTES] + bytes(_NETWORK_BYTES))}/64"


def _route_to_host(host: str) -> Route | None:
    try:
        found = socket.getaddrinfo(host, _PORT, type=socket.SOCK_DGRAM)
    except (socket.gaierror, UnicodeError):
        return None
    return route_among(found)


def route_among(found: Sequence[tuple[Any, ...]]) -> Route:
    """The way to the first of a host's addresses to which there is one; `found` is as getaddrinfo returns them."""
    for family, *_, address in found:
        try:
            with closing(socket.socket(family, socket.SOCK_DGRAM)) as asking:
                asking.connect((address[0], _PORT, *address[2:]))
                return Route(network_of(str(asking.getsockname()[0])))
        except OSError:
            continue
    return Route(None)
