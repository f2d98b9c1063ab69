"""Making a connection: waiting for one host after the other, in Python, so that Ctrl-C is heard."""

from __future__ import annotations

import os
from ctypes import CFUNCTYPE, c_char_p, c_void_p
from select import POLLIN, POLLOUT, poll
from time import monotonic
from typing import TYPE_CHECKING

from stui_cli.store.postgresql.libpq import ServerError, is_bad, pq, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_FAILED, _READING, _WRITING, _MADE = 0, 1, 2, 3  # PostgresPollingStatusType

_LARGEST = 2**31 - 1  # of C's int: what libpq takes for seconds, and poll for milliseconds

# libpq would print notices to stderr: that a table is there already, for instance.
_unheard = CFUNCTYPE(None, c_void_p, c_char_p)(lambda _argument, _notice: None)


def connected(parameters: Mapping[str, str]) -> int | None:
    """A connection, made or refused. libpq goes from host to host by itself where one says no, but leaves it to the
    caller to wait, and so to lose patience with one that says nothing: then the others are asked without it. Raises
    ServerError."""
    seconds = patience_of(parameters)
    while True:
        pointer = _begun(parameters)
        try:
            if _is_settled(pointer, seconds):
                return pointer
            silent = text_of(pq.PQhost(pointer)), text_of(pq.PQport(pointer))
        except BaseException:
            pq.PQfinish(pointer)
            raise
        pq.PQfinish(pointer)
        others = without_host(parameters, *silent)
        if others is None:
            raise ServerError('connection to server at "{}", port {} failed: timeout expired'.format(*silent))
        parameters = others


def _begun(parameters: Mapping[str, str]) -> int | None:
    names = (c_char_p * (len(parameters) + 1))(*(name.encode() for name in parameters), None)
    values = (c_char_p * (len(parameters) + 1))(*map(os.fsencode, parameters.values()), None)
    pointer: int | None = pq.PQconnectStartParams(names, values, 0)
    pq.PQsetNoticeProcessor(pointer, _unheard, None)
    return pointer


def _is_settled(pointer: int | None, seconds: float | None) -> bool:
    """Wait until a connection is made or refused; False where a host is silent for so long."""
    state, asked, end = _WRITING, None, 0.0
    if is_bad(pointer):
        return True
    while state not in (_FAILED, _MADE):
        now = monotonic()
        if asked != (asked := (pq.PQhost(pointer), pq.PQport(pointer))):
            end = now + (seconds or 0.0)
        waiting = poll()  # of a socket that may be another one each time
        waiting.register(pq.PQsocket(pointer), POLLIN if state == _READING else POLLOUT)
        if not waiting.poll(None if seconds is None else max(0, min(int((end - now) * 1000), _LARGEST))):
            return False
        state = pq.PQconnectPoll(pointer)
    return True


def patience_of(parameters: Mapping[str, str]) -> float | None:
    """For how many seconds each host is waited for, as libpq has it: None is for ever, and less than 2 is 2. Raises
    ServerError."""
    text = parameters.get("connect_timeout") or "0"
    try:
        seconds = int(text)
    except ValueError:
        raise ServerError(f'invalid integer value "{text}" for connection option "connect_timeout"') from None
    if seconds > _LARGEST:
        raise ServerError(f'integer value "{text}" for connection option "connect_timeout" is out of range')
    return max(2.0, seconds) if seconds > 0 else None


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
