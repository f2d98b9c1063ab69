"""Where an image listens: four kinds of address, one union (DESIGN section 11)."""

import re
from functools import lru_cache
from typing import Literal, assert_never

from stui_cli.model.errors import UsageProblem
from stui_cli.named_tuples import NamedTuple

_FORMS = "tcp://HOST:PORT, tls://HOST:PORT, ssh://[USER@]HOST[:PORT]/HOST:PORT, ssh://[USER@]HOST[:PORT]//PATH or unix:///PATH"

# Patterns are text, as everywhere that an evaluation passes: to compile one takes 0.05 to 0.1 ms, where it is needed.

# What ssh is given may meet a shell in the user's ProxyCommand or Match exec (%h, %r), so nothing of a shell's
# grammar is let through, and no leading dash that would make an option of it.
_SSH_NAME = r"[\w.+@][\w.+@-]*\Z"
_SSH_HOST = r"[\w.][\w.-]*\Z|[0-9A-Fa-f:.]+\Z"

# ssh itself expands % and ${} in the path of a socket.
_SSH_PATH = r"/[\w./+@,=~:-]+\Z"

_DIGITS = frozenset("0123456789")


# The scheme is the last field of each, so that two of different kinds are never equal.


class TcpAddress(NamedTuple):
    host: str
    port: int
    scheme: Literal["tcp"] = "tcp"


class TlsAddress(NamedTuple):
    host: str
    port: int
    scheme: Literal["tls"] = "tls"


class SshAddress(NamedTuple):
    """`destination` is what ssh itself is given, so that ~/.ssh/config applies; host and port are seen from there.

    With `path` it is a unix socket of that machine, and host and port are "" and 0.
    """

    destination: str
    ssh_port: int | None
    host: str
    port: int
    path: str | None = None
    scheme: Literal["ssh"] = "ssh"


class UnixAddress(NamedTuple):
    path: str
    scheme: Literal["unix"] = "unix"


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
        case SshAddress(destination, ssh_port, host, port, path):
            user, at, machine = destination.rpartition("@")
            ssh = f"{user}{at}{_bracketed(machine)}" + ("" if ssh_port is None else f":{ssh_port}")
            return f"ssh://{ssh}/{_bracketed(host)}:{port}" if path is None else f"ssh://{ssh}/{path}"
        case UnixAddress(path):
            return f"unix://{path}"
        case _:
            assert_never(address)


@lru_cache(maxsize=64)  # of many images of one host it is asked twice for each
def is_loopback(host: str) -> bool:
    """Whether plain text to `host` stays on this machine."""
    if host.lower() in ("localhost", "::1"):
        return True
    octets = host.split(".")
    return octets[0] == "127" and len(octets) == 4 and all(_is_number(each, 3) and int(each) < 256 for each in octets)


def is_local(text: str) -> bool:
    """Whether an address is one of this machine alone: loopback, or a unix socket. False for what is no address."""
    try:
        address = parse_address(text)
    except UsageProblem:
        return False
    match address:
        case TcpAddress(host, _) | TlsAddress(host, _):
            return is_loopback(host)
        case UnixAddress():
            return True
        case SshAddress():
            return False
        case _:
            assert_never(address)


# What an agent that listens everywhere says, and where its own machine finds it.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared, not bound  # nosec B104


def reached_from_here(text: str) -> str:
    """The address by which this machine reaches what it itself listens at: `tcp://0.0.0.0:7001` is
    `tcp://127.0.0.1:7001`. What is no address stays as it is, to be told where it is used."""
    try:
        address = parse_address(text)
    except UsageProblem:
        return text
    match address:
        case TcpAddress(host, port) | TlsAddress(host, port) if host in _EVERYWHERE:
            return format_address(address._replace(host=_EVERYWHERE[host], port=port))
        case _:
            return text


def _ssh(rest: str, text: str) -> SshAddress:
    destination, slash, inner = rest.partition("/")
    path = inner if inner.startswith("/") else None
    host, port = _host_port(inner, text) if path is None else ("", 0)
    user, at, machine = destination.rpartition("@")
    ssh_port = None
    if machine.startswith("[") and machine.endswith("]"):
        machine = machine[1:-1]
    elif ":" in machine:
        machine, ssh_port = _host_port(machine, text)
    if not slash or (at and not re.match(_SSH_NAME, user)) or not re.match(_SSH_HOST, machine):
        raise _nonsense(text)
    if path is not None and not re.match(_SSH_PATH, path):
        raise _nonsense(text)
    return SshAddress(f"{user}{at}{machine}", ssh_port, host, port, path)


def _host_port(text: str, whole: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise _nonsense(whole)
    if not colon or not host or host.startswith("-") or not _is_number(port, 5) or not 0 < int(port) < 65536:
        raise _nonsense(whole)
    if not _can_be_host(host):
        raise _nonsense(whole)
    return host, int(port)


@lru_cache(maxsize=64)
def _can_be_host(text: str) -> bool:
    return not any(character.isspace() or not character.isprintable() or character in "/\\@[]" for character in text)


def _is_number(text: str, most: int) -> bool:
    return 0 < len(text) <= most and _DIGITS.issuperset(text)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _nonsense(text: str) -> UsageProblem:
    return UsageProblem(f"{text!r} is not an address of an image", todo=f"write {_FORMS}")
