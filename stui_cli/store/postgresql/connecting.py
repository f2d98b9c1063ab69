"""Making a connection: waiting for one host after the other, in Python, so that Ctrl-C is heard.

libpq finds the addresses of a name by itself, and keeps its caller as long as the system's resolver waits, which may be
half a minute. So where a host has a name all of it is done in a thread, which is left to itself after Ctrl-C.
"""

from __future__ import annotations

import re
from ctypes import CFUNCTYPE, c_char_p, c_void_p
from fcntl import ioctl
from select import POLLIN, POLLOUT, poll
from sys import byteorder
from termios import FIONREAD
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from stui_cli.store.postgresql.libpq import ServerError, begun, completed, error_of, is_bad, pq, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_FAILED, _READING, _WRITING, _MADE = 0, 1, 2, 3  # PostgresPollingStatusType

# PGVerbosity. Words of the server come with their SQLSTATE while the connection is made, see refusals.py.
_DEFAULT, _VERBOSE = 1, 2

_LARGEST = 2**31 - 1  # of C's int: what libpq takes for seconds, and poll for milliseconds

# A number, a socket's path, or nothing, which is where sockets are.
_NO_NAME = re.compile(r"[0-9.]+|.*:.*|[/@].*|")

# Why a host is none to wait for.
_SILENT, _CLOSED = "timeout expired", "the server closed the connection"

# libpq would print notices to stderr: that a table is there already, for instance.
_unheard = CFUNCTYPE(None, c_void_p, c_char_p)(lambda _argument, _notice: None)


def connected(parameters: Mapping[str, str]) -> int | None:
    """A connection, made or refused. Raises ServerError."""
    return _InAThread(parameters).made() if has_names(parameters) else _connected(parameters)


def has_names(parameters: Mapping[str, str]) -> bool:
    """Whether the address of a host has to be found: it is no number, and no path of a socket."""
    known = completed(parameters)
    hosts = (known.get("host") or "").split(",")
    addresses = (known.get("hostaddr") or "").split(",")
    if len(addresses) == len(hosts) or not known.get("host"):
        hosts = [host for host, address in zip(hosts, addresses, strict=False) if not address]
    return not all(_NO_NAME.fullmatch(host) for host in hosts)


class _InAThread(Thread):
    """Makes a connection. Who waits for it may be interrupted; it is closed then as soon as it is made."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        super().__init__(daemon=True)
        self._parameters = parameters
        self._done = Event()
        self._is_given_up = False
        self._pointer: int | None = None
        self._error: BaseException | None = None

    def made(self) -> int | None:
        self.start()
        try:
            self._done.wait()
        except BaseException:
            self._is_given_up = True
            raise
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # which has this frame
        return self._pointer

    def run(self) -> None:
        try:
            self._pointer = _connected(self._parameters)
        except BaseException as error:  # noqa: BLE001  told by who waits
            self._error = error
        self._done.set()
        if self._is_given_up:
            pq.PQfinish(self._pointer)


def _connected(parameters: Mapping[str, str]) -> int | None:
    """A connection, made or refused. libpq goes from host to host by itself where one refuses, but not where one takes
    the connection and closes it, as the proxy of a server that is down does. It leaves it to the caller to wait, and so
    to lose patience with one that says nothing. Then the others are asked without it. Raises ServerError."""
    seconds = patience_of(parameters)
    left: list[str] = []
    while True:
        pointer = _begun(parameters)
        try:
            why = _waited_for(pointer, seconds)
            if why is None and not (left and is_bad(pointer)):
                pq.PQsetErrorVerbosity(pointer, _DEFAULT)
                return pointer
            host = text_of(pq.PQhost(pointer)), text_of(pq.PQport(pointer))
            error = error_of(pointer)
        except BaseException:
            pq.PQfinish(pointer)
            raise
        others = without_host(parameters, *host) if why else None
        if why is _CLOSED and others is None and not left:
            return pointer  # libpq has more words for it
        pq.PQfinish(pointer)
        left.append('connection to server at "{}", port {} failed: {}'.format(*host, why) if why else error.said)
        if others is None:
            raise ServerError("\n".join(left), error.sqlstate)
        parameters = others


def _begun(parameters: Mapping[str, str]) -> int | None:
    pointer = begun(parameters)
    pq.PQsetNoticeProcessor(pointer, _unheard, None)
    pq.PQsetErrorVerbosity(pointer, _VERBOSE)
    return pointer


def _waited_for(pointer: int | None, seconds: float | None) -> str | None:
    """Wait until a connection is made or refused: None. Or why the host is none to wait for: silent for so long, or it
    closed what it had taken; then it is refused, too, unless others are asked."""
    state, asked, end = _WRITING, None, 0.0
    if is_bad(pointer):
        return None
    closed = None
    while state not in (_FAILED, _MADE):
        now = monotonic()
        if asked != (asked := (pq.PQhost(pointer), pq.PQport(pointer))):
            end = now + (seconds or 0.0)
        waiting = poll()  # of a socket that may be another one each time
        waiting.register(pq.PQsocket(pointer), POLLIN if state == _READING else POLLOUT)
        if not waiting.poll(None if seconds is None else max(0, min(int((end - now) * 1000), _LARGEST))):
            return _SILENT
        closed = _CLOSED if state == _READING and _is_at_its_end(pq.PQsocket(pointer)) else None
        state = pq.PQconnectPoll(pointer)
    return closed if state == _FAILED else None


def _is_at_its_end(descriptor: int) -> bool:
    """Whether the other side closed a socket that can be read, and left nothing in it."""
    return not int.from_bytes(ioctl(descriptor, FIONREAD, bytes(4)), byteorder)


def patience_of(parameters: Mapping[str, str]) -> float | None:
    """For how many seconds each host is waited for, as libpq has it: None is for ever, and less than 2 is 2. Raises
    ServerError."""
    seconds = _number(parameters, "connect_timeout")
    return max(2.0, seconds) if seconds > 0 else None


def silence_of(parameters: Mapping[str, str]) -> int | None:
    """For how many milliseconds a server may say nothing to what it was asked; None is for ever. Raises ServerError.

    The system heeds tcp_user_timeout only where nobody takes what was sent, and only over TCP. A server that takes it
    may be at work: it has three times as long."""
    milliseconds = _number(parameters, "tcp_user_timeout")
    return min(3 * milliseconds, _LARGEST) if milliseconds > 0 else None


def _number(parameters: Mapping[str, str], name: str) -> int:
    text = parameters.get(name) or "0"
    try:
        number = int(text)
    except ValueError:
        raise ServerError(f'invalid integer value "{text}" for connection option "{name}"') from None
    if number > _LARGEST:
        raise ServerError(f'integer value "{text}" for connection option "{name}" is out of range')
    return number


def without_host(parameters: Mapping[str, str], host: str, port: str) -> dict[str, str] | None:
    """The parameters without one of several hosts; None where it is the only one, or libpq has it from elsewhere."""
    lists = {name: parameters[name].split(",") for name in ("host", "hostaddr", "port") if parameters.get(name)}
    hosts = lists.get("host") or lists.get("hostaddr") or []
    ports = lists.get("port") or [""]
    pairs = list(zip(hosts, ports * len(hosts) if len(ports) == 1 else ports, strict=False))
    found = next((number for number, pair in enumerate(pairs) if pair[0] == host and pair[1] in ("", port)), None)
    if found is None or len(pairs) < 2:
        return None
    left = {name: ",".join(each[:found] + each[found + 1 :]) for name, each in lists.items() if len(each) == len(pairs)}
    return {**parameters, **left}
