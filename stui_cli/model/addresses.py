"""Where an image listens: four kinds of address, one union (DESIGN section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from stui_cli.model.errors import UsageProblem

_FORMS = "tcp://HOST:PORT, tls://HOST:PORT, ssh://[USER@]HOST[:PORT]/HOST:PORT or unix:///PATH"


@dataclass(frozen=True)
class TcpAddress:
    host: str
    port: int


@dataclass(frozen=True)
class TlsAddress:
    host: str
    port: int


@dataclass(frozen=True)
class SshAddress:
    """`destination` is what ssh itself is given, so that ~/.ssh/config applies; host and port are seen from there."""

    destination: str
    ssh_port: int | None
    host: str
    port: int


@dataclass(frozen=True)
class UnixAddress:
    path: str


Address = TcpAddress | TlsAddress | SshAddress | UnixAddress


def parse_address(text: str) -> Address:
    """The address that `text` names; raises UsageProblem with the possible forms for anything else.

    A bare HOST:PORT is tcp, as people type it.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "tcp", text
    match scheme:
        case "tcp":
            return TcpAddress(*_host_port(rest, text))
        case "tls":
            return TlsAddress(*_host_port(rest, text))
        case "ssh":
            return _ssh(rest, text)
        case "unix" if rest.startswith("/") and len(rest) > 1 and "\0" not in rest:
            return UnixAddress(rest)
        case _:
            raise _nonsense(text)


def format_address(address: Address) -> str:
    """The one way each address is written in the store and in messages."""
    match address:
        case TcpAddress(host, port):
            return f"tcp://{_bracketed(host)}:{port}"
        case TlsAddress(host, port):
            return f"tls://{_bracketed(host)}:{port}"
        case SshAddress(destination, ssh_port, host, port):
            ssh = destination if ssh_port is None else f"{destination}:{ssh_port}"
            return f"ssh://{ssh}/{_bracketed(host)}:{port}"
        case UnixAddress(path):
            return f"unix://{path}"
        case _:
            assert_never(address)


def is_loopback(host: str) -> bool:
    """Whether plain text to `host` stays on this machine."""
    if host in ("localhost", "::1"):
        return True
    octets = host.split(".")
    return len(octets) == 4 and octets[0] == "127" and all(o.isdigit() and int(o) < 256 for o in octets)


def _ssh(rest: str, text: str) -> SshAddress:
    destination, slash, inner = rest.partition("/")
    if not slash or not destination or destination.startswith("-"):
        raise _nonsense(text)
    host, port = _host_port(inner, text)
    user, at, machine = destination.rpartition("@")
    # An option smuggled in as a host or user name would be obeyed by ssh.
    if not machine or machine.startswith("-") or (at and (not user or user.startswith("-"))):
        raise _nonsense(text)
    if ":" in machine and not machine.endswith("]"):
        machine, ssh_port = _host_port(machine, text)
        return SshAddress(f"{user}{at}{machine}", ssh_port, host, port)
    return SshAddress(destination, None, host, port)


def _host_port(text: str, whole: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise _nonsense(whole)
    if not colon or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise _nonsense(whole)
    if any(character.isspace() or not character.isprintable() or character in "/\\@" for character in host):
        raise _nonsense(whole)
    return host, int(port)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _nonsense(text: str) -> UsageProblem:
    return UsageProblem(f"{text!r} is not an address of an image", todo=f"write {_FORMS}")
