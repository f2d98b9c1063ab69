"""What the system says of a connection, in the words and outcomes of stui: foreign errors are translated here, once."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from stui_cli.image.transports.waits import LONGEST_WAIT_S
from stui_cli.model.errors import TooLate, Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from stui_cli.model.deadlines import Deadline

# What the operating system says when this machine has no way there at all: nothing about the image.
_NO_ROUTE = {errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}

# And when a neighbour on the way, or the machine itself, is silent: the way there begins, so this is silence.
_HOST_SILENT = {errno.EHOSTUNREACH, errno.EHOSTDOWN}

# And when this process can open no more: that says nothing about the image either.
_SHORTAGE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def seconds_left(deadline: Deadline) -> float:
    """How long a socket may wait now, in seconds."""
    # 0 would mean "do not block" to a socket.
    return min(max(deadline.remaining(), 0.001), LONGEST_WAIT_S)


def not_connected(where: str, error: OSError) -> Unreachable:
    """Why no connection came about: what can be said of the image, and what speaks of this machine alone."""
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


def silent(where: str, deadline: Deadline) -> Unreachable:
    """Nobody answered while connecting, so nothing ran."""
    return Unreachable(
        f"{where} did not answer within {deadline.seconds:g} s",
        todo="try again with a longer --timeout, or see `stui status`",
        outcome=ProbeOutcome.TIMED_OUT,
    )


def mute(where: str, deadline: Deadline) -> Unreachable:
    """Somebody accepted the connection and said no more, so nothing ran."""
    return Unreachable(
        f"{where} accepted the connection but did not answer within {deadline.seconds:g} s",
        todo="the image may be busy or stopped: try a longer --timeout, or look at its process",
        outcome=ProbeOutcome.TIMED_OUT,
    )


def too_late(where: str, deadline: Deadline) -> TooLate:
    """An answer that was owed did not come: what was asked may have been done."""
    return TooLate(f"{where} did not answer within {deadline.seconds:g} s", todo="see `stui status`")


def broken(where: str, error: OSError) -> Unreachable:
    """An open connection ended before its time."""
    return Unreachable(
        f"{where}: the connection broke: {error.strerror or error}",
        todo="probe it with `stui status`",
        outcome=ProbeOutcome.BROKEN,
    )


def ended(where: str) -> Unreachable:
    """The other end closed an open connection."""
    return Unreachable(
        f"{where} closed the connection",
        todo="see its log, or probe it with `stui status`",
        outcome=ProbeOutcome.BROKEN,
    )
