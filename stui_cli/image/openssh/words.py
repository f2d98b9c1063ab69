"""What ssh says when it fails, in the words and outcomes of stui.

ssh ends with 255 whatever happened; only its text tells one failure from another. That text is partly the host's, so it
is foreign: cut, and its control characters made harmless.

what happened                                 outcome         exit  what it says of the image
the host's key is unknown, or another one     not permitted   4     nothing; trying again cannot help
the host refused our key                      not permitted   4     nothing; trying again cannot help
the host forbids to forward                   not permitted   4     nothing; trying again cannot help
its name has no address, no network           no route        5     nothing, it is about this machine
the host is silent                            timed out       5     it may be asleep
its ssh server refuses or drops us            broken          5     nothing
nobody listens behind it (a TCP port)         refused         5     it does not listen; the host proved who it is
nobody listens behind it (a socket's path)    broken          5     ssh does not tell whether we may not
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stui_cli.model.errors import NotPermitted, StuiError, Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

# Of what ssh said so much is read, from the end, and so much of it is told.
LONGEST_READ = 16 * 1024
_LONGEST_TOLD = 300


class HostNotTrusted(NotPermitted):
    """The host's key is not known, or not the known one: nothing was sent to it."""

    code = "host_key"


class KeyRefused(NotPermitted):
    """The host takes none of our keys. Trying again may lock us out of it (sshd_config(5), PerSourcePenalties)."""

    code = "key_refused"


class ForwardForbidden(NotPermitted):
    """The host lets us in, and forbids to reach the image through it."""

    code = "forward_forbidden"


class Dropped(Unreachable):
    """The host ended the connection before anybody could prove anything: too many at once, as a rule."""


class _Words(NamedTuple):
    """A failure by what ssh says of it: the pattern, what it means, and what to do, with {by_hand} and {host}."""

    pattern: re.Pattern[str]
    means: str
    todo: str
    outcome: ProbeOutcome
    shape: type[NotPermitted] | type[Unreachable]


def _row(
    pattern: str,
    means: str,
    todo: str,
    outcome: ProbeOutcome = ProbeOutcome.BROKEN,
    shape: type[NotPermitted] | type[Unreachable] = Unreachable,
) -> _Words:
    return _Words(re.compile(pattern, re.IGNORECASE), means, todo, outcome, shape)


_BY_HAND = "see it by hand: {by_hand}"

# A shell says that it found no ProxyCommand, and ssh behind it no more than that its stream ended.
_FROM_A_SHELL = r"(?m)^[\w/.-]*sh: .*(not found|No such file or directory|Permission denied|cannot execute.*)$"
# What is at the other end of a ProxyCommand has no name for ssh: its stream was closed, or broke while ssh wrote.
_ENDED = r"UNKNOWN port 65535"
_ROWS = (
    _row(
        r"IDENTIFICATION HAS CHANGED|host key .*has changed",
        "the key of the host is another one than the known",
        "ask its owner; if that is right: ssh-keygen -R {host}, and then: {by_hand}",
        shape=HostNotTrusted,
    ),
    _row(
        r"Host key verification failed|No \S+ host key is known for",
        "the key of the host is not known",
        "compare its fingerprint and accept it once: {by_hand}",
        shape=HostNotTrusted,
    ),
    _row(
        r"Permission denied[ ,][^:]*(\(|please)|Too many authentication failures|authentication methods",
        "the host refused our keys",
        "make this work without a question (ssh-add, or a key in its authorized_keys): {by_hand}",
        shape=KeyRefused,
    ),
    _row(
        r"Could not resolve hostname",
        "the name of the host has no address",
        "check the spelling and the network, and `HostName` in ~/.ssh/config",
        ProbeOutcome.NO_ROUTE,
    ),
    _row(
        r"Network is (unreachable|down)|Can't assign requested address",
        "this machine has no route to the host",
        "check the network",
        ProbeOutcome.NO_ROUTE,
    ),
    _row(
        r"connect to host .*: (Connection timed out|Operation timed out|No route to host|Host is down)"
        r"|timed out during banner exchange|Connection to .* timed out",
        "the host does not answer",
        "it may be asleep or off; " + _BY_HAND,
        ProbeOutcome.TIMED_OUT,
    ),
    _row(
        r"connect to host .*: Connection refused",
        "no ssh server listens at the host",
        "start it there, or correct the port; " + _BY_HAND,
    ),
    _row(
        _FROM_A_SHELL,
        "a command of its configuration cannot be run",
        "correct ProxyCommand or `Match exec` for it in ~/.ssh/config; " + _BY_HAND,
        ProbeOutcome.NO_ROUTE,
    ),
    _row(
        r"Bad configuration option|terminating, .* bad configuration|Bad owner or permissions|line \d+: ",
        "ssh cannot use its configuration",
        "correct the file that it names; " + _BY_HAND,
        ProbeOutcome.NO_ROUTE,
    ),
    _row(
        _ENDED,
        "its ProxyCommand or its jump host ended before anybody logged in",
        "see by hand which of them fails, and why: {by_hand}",
        shape=Dropped,
    ),
    _row(
        r"kex_exchange_identification|Connection (closed|reset) by|Connection reset|Not allowed at this time",
        "the host dropped the connection before anybody logged in",
        "too many come at once, or it locks us out for a while: wait a minute; " + _BY_HAND,
        shape=Dropped,
    ),
)


def cleaned(raw: bytes) -> list[str]:
    """The lines of what ssh said, without warnings that are no failure, and without a character that does something to
    a terminal."""
    lines = raw[-LONGEST_READ:].decode(errors="replace").splitlines()
    clean = ("".join(each if each.isprintable() else "?" for each in line.replace("\t", " ")).strip() for line in lines)
    return [line for line in clean if line and not line.startswith(("Warning: Permanently added", "@@@@"))]


def failure_of(raw: bytes, host: str, by_hand: str) -> StuiError:
    """Why there is no connection to `host`, by what ssh said."""
    lines = cleaned(raw)
    text = "\n".join(lines)
    told = _told(lines)
    machine = host.rpartition("@")[2]
    for row in _ROWS:
        if row.pattern.search(text):
            todo = row.todo.replace("{by_hand}", by_hand).replace("{host}", machine)
            if row.pattern.pattern == _FROM_A_SHELL:
                told = _told([line for line in lines if row.pattern.search(line)])
            what = f"ssh to {host}: {row.means}{told}"
            if issubclass(row.shape, Unreachable):
                return row.shape(what, todo=todo, outcome=row.outcome)
            return row.shape(what, todo=todo)
    return Unreachable(
        f"ssh to {host} failed{told or ', and said nothing'}",
        todo=_BY_HAND.replace("{by_hand}", by_hand),
        outcome=ProbeOutcome.BROKEN,
    )


_OPEN_FAILED = re.compile(r"open failed: (.*)")
_REFUSED = re.compile(r"connect failed: Connection refused", re.IGNORECASE)
_FORBIDDEN = re.compile(r"administratively prohibited|open failed: unknown channel type", re.IGNORECASE)
# What a server says of the path of a socket, whatever is wrong with it.
_NOT_TOLD = re.compile(r"connect failed: open failed", re.IGNORECASE)
_SILENT = re.compile(r"connect failed: (Connection timed out|Operation timed out|No route to host)", re.IGNORECASE)


def reasons_of(raw: bytes) -> set[str]:
    """Why the host opened no way to what is behind it, each reason once, as ssh logs it."""
    return {found[1] for line in cleaned(raw) if (found := _OPEN_FAILED.search(line))}


def forward_failure(host: str, target: str, reason: str | None, by_hand: str) -> StuiError:
    """Why there is no way from `host` to `target`; `reason` is None where ssh does not tell."""
    there = f"{target}, seen from {host},"
    if reason is None:
        return Unreachable(
            f"{there} is not reached: nobody listens there, or the host forbids to forward; ssh does not tell which",
            todo=f"start the image, or look at AllowTcpForwarding there; {_BY_HAND.replace('{by_hand}', by_hand)}",
            outcome=ProbeOutcome.BROKEN,
        )
    if _FORBIDDEN.search(reason):
        return ForwardForbidden(
            f"{host} does not allow to reach {target} through it: {reason}",
            todo="allow it in its sshd_config (AllowTcpForwarding, AllowStreamLocalForwarding, PermitOpen)",
        )
    if _REFUSED.search(reason):
        return Unreachable(
            f"nobody listens at {target} of {host}",
            todo="start the image, or see what else changed with `stui status`",
            outcome=ProbeOutcome.REFUSED,
        )
    if _NOT_TOLD.search(reason):
        return Unreachable(
            f"{there} is not reached: nobody listens there, or that user may not reach it; ssh does not tell which",
            todo=f"start the image, or look at it over there; {_BY_HAND.replace('{by_hand}', by_hand)}",
            outcome=ProbeOutcome.BROKEN,
        )
    outcome = ProbeOutcome.TIMED_OUT if _SILENT.search(reason) else ProbeOutcome.BROKEN
    return Unreachable(f"{there} is not reached: {reason}"[:_LONGEST_TOLD], todo="see `stui status`", outcome=outcome)


def _told(lines: list[str]) -> str:
    """The last thing that ssh said, behind what it means; that its stream from a jump host ended is said after that."""
    lines = [line for line in lines if not re.search(_ENDED, line)] or lines
    if not lines:
        return ""
    last = lines[-1] if len(lines[-1]) <= _LONGEST_TOLD else lines[-1][:_LONGEST_TOLD] + "..."
    return f": {last}"
