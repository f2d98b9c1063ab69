"""libpq, PostgreSQL's own client library, by its C interface.

psycopg brings the library, and can do much more with it. But importing psycopg takes 80 ms of a processor, and its
layer over libpq alone 48 ms, where all of `stui context` takes 31: no command could be half as quick as over files.
Loading libpq through ctypes takes 5 ms. Its interface, libpq.so.5, only ever grew since PostgreSQL 8.2.

Service files, .pgpass, TLS, sockets and several hosts stay libpq's own affair; waiting is ours (connecting.py).
"""

from __future__ import annotations

import os
import sys
from ctypes import CDLL, POINTER, Structure, byref, c_char_p, c_int, c_uint, c_void_p, cast
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BAD = 1  # ConnStatusType: CONNECTION_BAD

_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "PQcmdTuples": (c_char_p, (c_void_p,)),
    "PQconnectPoll": (c_int, (c_void_p,)),
    "PQconnectStartParams": (c_void_p, (c_void_p, c_void_p, c_int)),
    "PQconninfo": (c_void_p, (c_void_p,)),
    "PQconninfoFree": (None, (c_void_p,)),
    "PQconninfoParse": (c_void_p, (c_char_p, c_void_p)),
    "PQclear": (None, (c_void_p,)),
    "PQconsumeInput": (c_int, (c_void_p,)),
    "PQerrorMessage": (c_char_p, (c_void_p,)),
    "PQfinish": (None, (c_void_p,)),
    "PQflush": (c_int, (c_void_p,)),
    "PQfreemem": (None, (c_void_p,)),
    "PQftype": (c_uint, (c_void_p, c_int)),
    "PQgetisnull": (c_int, (c_void_p, c_int, c_int)),
    "PQgetlength": (c_int, (c_void_p, c_int, c_int)),
    "PQgetResult": (c_void_p, (c_void_p,)),
    "PQgetvalue": (c_void_p, (c_void_p, c_int, c_int)),
    "PQhost": (c_char_p, (c_void_p,)),
    "PQisBusy": (c_int, (c_void_p,)),
    "PQnfields": (c_int, (c_void_p,)),
    "PQnotifies": (c_void_p, (c_void_p,)),
    "PQntuples": (c_int, (c_void_p,)),
    "PQport": (c_char_p, (c_void_p,)),
    "PQresultErrorField": (c_char_p, (c_void_p, c_int)),
    "PQresultErrorMessage": (c_char_p, (c_void_p,)),
    "PQresultStatus": (c_int, (c_void_p,)),
    "PQsendQuery": (c_int, (c_void_p, c_char_p)),
    "PQsendQueryParams": (c_int, (c_void_p, c_char_p, c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_int)),
    "PQserverVersion": (c_int, (c_void_p,)),
    "PQsetErrorVerbosity": (c_int, (c_void_p, c_int)),
    "PQsetNoticeProcessor": (c_void_p, (c_void_p, c_void_p, c_void_p)),
    "PQsetnonblocking": (c_int, (c_void_p, c_int)),
    "PQsocket": (c_int, (c_void_p,)),
    "PQstatus": (c_int, (c_void_p,)),
    "PQtransactionStatus": (c_int, (c_void_p,)),
}


class ServerError(Exception):
    """What libpq or the server refused. `sqlstate` is None where libpq itself says it; with `is_lost` the connection
    is of no use any more."""

    def __init__(self, said: str, sqlstate: str | None = None, *, is_lost: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.sqlstate = sqlstate
        self.is_lost = is_lost


class Silent(ServerError):
    """The server took what it was asked, and said nothing to it for too long."""


class _Option(Structure):
    """PQconninfoOption: one parameter of an address, and its value there."""

    _fields_ = (
        ("keyword", c_char_p),
        ("envvar", c_char_p),
        ("compiled", c_char_p),
        ("val", c_char_p),
        ("label", c_char_p),
        ("dispchar", c_char_p),
        ("dispsize", c_int),
    )


def _library() -> CDLL:
    """The libpq that psycopg uses, or else the system's. Raises ImportError."""
    for name in _candidates():
        try:
            library = CDLL(name)
            for function, (returns, takes) in _FUNCTIONS.items():
                found = getattr(library, function)
                found.restype, found.argtypes = returns, takes
        except (OSError, AttributeError):
            continue
        return library
    raise ImportError("there is no libpq, the library that speaks with PostgreSQL")


def _candidates() -> Iterator[str]:
    # What psycopg compiled refers to its libpq: through it the same is found as psycopg has.
    for package in ("psycopg_c", "psycopg_binary"):
        found = PathFinder.find_spec(package)
        module = found and PathFinder.find_spec(f"{package}.pq", found.submodule_search_locations)
        if module and module.origin:
            yield module.origin
    yield "libpq.5.dylib" if sys.platform == "darwin" else "libpq.so.5"


pq = _library()


def parameters_of(conninfo: str) -> dict[str, str]:
    """What an address says, by libpq's own names. Raises ServerError, whose words repeat parts of the address."""
    message = c_char_p()
    options = pq.PQconninfoParse(conninfo.encode(errors="surrogateescape"), byref(message))
    if not options:
        raise ServerError(text_of(message.value))
    return _values_of(options)


def completed(parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters with what libpq adds by itself, from a service file and from its variables. No other file is read
    and nothing connected to: libpq has put all of it together when it refuses the mode of TLS."""
    pointer = begun({**parameters, "password": "-", "sslmode": "-"})  # neither is one  # nosec B105
    try:
        found = _values_of(pq.PQconninfo(pointer))
    finally:
        pq.PQfinish(pointer)
    return {**{name: value for name, value in found.items() if name not in ("password", "sslmode")}, **parameters}


def begun(parameters: Mapping[str, str]) -> int | None:
    """A connection that is begun; see PQconnectPoll for how it goes on."""
    names = (c_char_p * (len(parameters) + 1))(*(name.encode() for name in parameters), None)
    values = (c_char_p * (len(parameters) + 1))(*map(os.fsencode, parameters.values()), None)
    pointer: int | None = pq.PQconnectStartParams(names, values, 0)
    return pointer


def _values_of(options: int | None) -> dict[str, str]:
    """The values of those parameters that have one, and the end of `options`."""
    found, number, option = {}, 0, cast(options or 0, POINTER(_Option))
    while options and (keyword := option[number].keyword):
        if (value := option[number].val) is not None:
            found[keyword.decode()] = os.fsdecode(value)
        number += 1
    pq.PQconninfoFree(options)
    return found


def text_of(said: bytes | None) -> str:
    """What libpq says of an error."""
    return (said or b"").decode(errors="replace").strip()


def error_of(connection: int | None) -> ServerError:
    """What a connection says that was refused, or lost."""
    return ServerError(text_of(pq.PQerrorMessage(connection)), is_lost=is_bad(connection))


def is_bad(connection: int | None) -> bool:
    """Whether a connection is closed, refused or lost."""
    return not connection or pq.PQstatus(connection) == _BAD
