"""What protects the way to an image, by what its entry says: nothing is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from stui_cli.model.addresses import (
    SshAddress,
    TcpAddress,
    TlsAddress,
    UnixAddress,
    is_loopback,
    parse_address,
)
from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from stui_cli.model.images import Image


def protection_of(image: Image) -> str | None:
    """In one line: who could read or change what goes to the image and back, and who may answer for it. None for an
    address that is none."""
    try:
        address = parse_address(image.address)
    except UsageProblem:
        return None
    key = "a key that both sides prove" if image.key_file else "no key"
    match address:
        case TcpAddress(host, _) if is_loopback(host):
            return f"this machine alone (plain text), and {key}"
        case TcpAddress():
            way = "nothing: plain text over the network" if image.allow_plaintext else "plain text, not allowed here"
            return f"{way}; {key}"
        case UnixAddress():
            owner = f", root's or {image.socket_owner}'s" if image.socket_owner else " or root's"
            return f"a socket that is this user's{owner}, and {key}"
        case TlsAddress():
            return f"TLS, trusted by {_trust(image)}{_shown(image)}, and {key}"
        case SshAddress(destination):
            return f"ssh to {destination}, and {key}"
        case _:
            assert_never(address)


def _trust(image: Image) -> str:
    if image.fingerprint is not None:
        return "its pinned certificate"
    return "this machine's CAs" if image.ca_file is None else "a CA of ours"


def _shown(image: Image) -> str:
    return "" if image.cert is None else ", with our certificate"
