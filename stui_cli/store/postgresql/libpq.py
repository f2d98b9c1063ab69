"""libpq, PostgreSQL's own client library, by its C interface: connect, run a statement, read its rows, hear a notice.

psycopg brings the library, and can do much more with it. But importing psycopg takes 80 ms of a processor, and its
layer over libpq alone 48 ms, where all of `stui context` takes 31: no command could be half as quick as over files.
Loading libpq through ctypes takes 5 ms. Its interface, libpq.so.5, only ever grew since PostgreSQL 8.2.

Everything that libpq does by itself stays its own: service files, .pgpass, TLS, sockets, several hosts, time-outs.
"""

from __future__ import annotations

import os
import sys
from ctypes import CDLL, CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_uint, c_void_p, cast, string_at
from importlib.machinery import PathFinder
from select import POLLIN, POLLOUT, poll
from typing import TYPE_CHECKING, Any, NamedTuple

from stui_cli.store.postgresql.columns import BINARY, encoded, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stui_cli.store.postgresql.columns import Row

_BAD = 1  # ConnStatusType: CONNECTION_BAD
_EMPTY, _DONE, _ROWS = 0, 1, 2  # ExecStatusType: PGRES_EMPTY_QUERY, PGRES_COMMAND_OK, PGRES_TUPLES_OK
_IN_TRANSACTION = 2  # PGTransactionStatusType: PQTRANS_INTRANS
_SQLSTATE, _PRIMARY = ord("C"), ord("M")  # PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY

_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "PQcmdTuples": (c_char_p, (c_void_p,)),
    "PQconnectdbParams": (c_void_p, (c_void_p, c_void_p, c_int)),
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
    "PQisBusy": (c_int, (c_void_p,)),
    "PQnfields": (c_int, (c_void_p,)),
    "PQnotifies": (c_void_p, (c_void_p,)),
    "PQntuples": (c_int, (c_void_p,)),
    "PQresultErrorField": (c_char_p, (c_void_p, c_int)),
    "PQresultErrorMessage": (c_char_p, (c_void_p,)),
    "PQresultStatus": (c_int, (c_void_p,)),
    "PQsendQuery": (c_int, (c_void_p, c_char_p)),
    "PQsendQueryParams": (c_int, (c_void_p, c_char_p, c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_int)),
    "PQserverVersion": (c_int, (c_void_p,)),
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


class Fetched(NamedTuple):
    """What a statement returned, and how many rows it made, changed or found."""

    rows: list[Row]
    affected: int


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


class _Notice(Structure):
    """PGnotify, as far as it is read: the channel, and the server's process that told it."""

    _fields_ = (("relname", c_char_p), ("be_pid", c_int))


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


_pq = _library()

# libpq would print notices to stderr: that a table is there already, for instance.
_unheard = CFUNCTYPE(None, c_void_p, c_char_p)(lambda _argument, _notice: None)


def parameters_of(conninfo: str) -> dict[str, str]:
    """What an address says, by libpq's own names. Raises ServerError, whose words repeat parts of the address."""
    message = c_char_p()
    options = _pq.PQconninfoParse(conninfo.encode(errors="surrogateescape"), byref(message))
    if not options:
        raise ServerError(_text(message.value))
    found, number, option = {}, 0, cast(options, POINTER(_Option))
    while keyword := option[number].keyword:
        if (value := option[number].val) is not None:
            found[keyword.decode()] = os.fsdecode(value)
        number += 1
    _pq.PQconninfoFree(options)
    return found


class DatabaseConnection:
    """A connection, for one thread at a time. Making one connects, for as long as the parameters permit, and raises
    ServerError. Whatever else is raised while the server is waited for closes it."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._process = os.getpid()
        self._pointer = _connected({**parameters, "client_encoding": "UTF8"})
        if _pq.PQstatus(self._pointer) == _BAD:
            error = self._error()
            self.close()
            raise error
        _pq.PQsetNoticeProcessor(self._pointer, _unheard, None)
        _pq.PQsetnonblocking(self._pointer, 1)
        self._poll = poll()

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, or lost."""
        return not self._pointer or _pq.PQstatus(self._pointer) == _BAD

    @property
    def server_version(self) -> int:
        """As libpq counts: 150004 is 15.4."""
        return int(_pq.PQserverVersion(self._pointer))

    def execute(self, query: str, parameters: Sequence[object] = ()) -> Fetched:
        """Run one statement, whose parameters are $1 and on. Raises ServerError."""
        types, values = zip(*map(encoded, parameters), strict=True) if parameters else ((), ())
        number = len(values)
        return self._run(
            lambda: _pq.PQsendQueryParams(
                self._pointer,
                query.encode(),
                number,
                (c_uint * number)(*types),
                (c_char_p * number)(*values),
                (c_int * number)(*(0 if value is None else len(value) for value in values)),
                (c_int * number)(*([BINARY] * number)),
                BINARY,
            )
        )

    def script(self, text: str) -> None:
        """Run statements without parameters: one transaction, where they make none of their own. Raises ServerError."""
        self._run(lambda: _pq.PQsendQuery(self._pointer, text.encode()))

    def begin(self, *, durable: bool) -> None:
        """Begin a serializable transaction. Without `durable` a crash of the server may lose it after it was
        committed."""
        also = "" if durable else "; SET LOCAL synchronous_commit = off"
        self.script(f"BEGIN ISOLATION LEVEL SERIALIZABLE{also}")

    def commit(self) -> None:
        """Commit the transaction. Raises ServerError; where the connection is lost, it may be committed all the
        same."""
        if not self.is_closed and _pq.PQtransactionStatus(self._pointer) != _IN_TRANSACTION:
            raise ServerError("the transaction was given up before")  # to which COMMIT would answer: ROLLBACK
        self.script("COMMIT")

    def rollback(self) -> None:
        """Give the transaction up, whatever it takes."""
        if self.is_closed:
            return
        try:
            self.script("ROLLBACK")
        except ServerError:
            self.close()

    def heard(self, seconds: float) -> list[tuple[str, int]]:
        """Wait for notices, `seconds` at most; return the channel of each, and the server's process that told it.
        Raises ServerError."""
        notices = self._take_notices()
        if not notices and self._wait(POLLIN, int(seconds * 1000)):
            self._consume()
        return notices + self._take_notices()

    def close(self) -> None:
        """Let go of it. In a process that was forked from the one that made it, it stays as it is."""
        pointer, self._pointer = self._pointer, None
        if pointer and os.getpid() == self._process:
            _pq.PQfinish(pointer)

    def _run(self, send: Callable[[], int]) -> Fetched:
        """Send a query and wait for all that comes of it."""
        if self.is_closed:
            raise ServerError("the connection is closed", is_lost=True)
        try:
            if not send():
                raise self._error()
            return self._results()
        except ServerError:
            raise
        except BaseException:  # it is not known any more what the next answer would be of
            self.close()
            raise

    def _results(self) -> Fetched:
        self._flush()
        result, error = Fetched([], 0), None
        while pointer := self._next_result():
            try:
                if _pq.PQresultStatus(pointer) in (_EMPTY, _DONE, _ROWS):
                    result = Fetched(list(_rows(pointer)), int(_pq.PQcmdTuples(pointer) or 0))
                else:
                    error = error or _error_of(pointer)
            finally:
                _pq.PQclear(pointer)
        if error is not None:
            error.is_lost = self.is_closed
            raise error
        return result

    def _next_result(self) -> int | None:
        while _pq.PQisBusy(self._pointer):
            self._wait(POLLIN)
            self._consume()
        found: int | None = _pq.PQgetResult(self._pointer)
        return found

    def _flush(self) -> None:
        """Send all of what was asked; the server may want to be read meanwhile."""
        while left := _pq.PQflush(self._pointer):
            if left < 0:
                return  # what the server said last tells why
            if self._wait(POLLIN | POLLOUT) & POLLIN:
                self._consume()

    def _consume(self) -> None:
        if not _pq.PQconsumeInput(self._pointer):
            raise self._error()

    def _wait(self, events: int, milliseconds: int | None = None) -> int:
        """Wait until the socket can be read, or written: in Python, so that Ctrl-C is heard."""
        socket = _pq.PQsocket(self._pointer)
        if socket < 0:
            raise self._error()
        self._poll.register(socket, events)
        return sum(found for _, found in self._poll.poll(milliseconds))

    def _take_notices(self) -> list[tuple[str, int]]:
        taken = []
        while pointer := _pq.PQnotifies(self._pointer):
            notice = cast(pointer, POINTER(_Notice)).contents
            taken.append((notice.relname.decode(), int(notice.be_pid)))
            _pq.PQfreemem(pointer)
        return taken

    def _error(self) -> ServerError:
        return ServerError(_text(_pq.PQerrorMessage(self._pointer)), is_lost=self.is_closed)


def _connected(parameters: Mapping[str, str]) -> int | None:
    """A connection, made or not, by a thread of its own: libpq waits by itself there, and Ctrl-C is heard here."""
    from threading import Thread

    names = (c_char_p * (len(parameters) + 1))(*(name.encode() for name in parameters), None)
    values = (c_char_p * (len(parameters) + 1))(*map(os.fsencode, parameters.values()), None)
    made: list[int | None] = []
    thread = Thread(target=lambda: made.append(_pq.PQconnectdbParams(names, values, 0)), daemon=True)
    thread.start()
    thread.join()
    return made[0]


def _rows(result: int) -> Iterator[Row]:
    types = [_pq.PQftype(result, column) for column in range(_pq.PQnfields(result))]
    for row in range(_pq.PQntuples(result)):
        yield tuple(
            None
            if _pq.PQgetisnull(result, row, column)
            else value_of(kind, string_at(_pq.PQgetvalue(result, row, column), _pq.PQgetlength(result, row, column)))
            for column, kind in enumerate(types)
        )


def _error_of(result: int) -> ServerError:
    state, said = _pq.PQresultErrorField(result, _SQLSTATE), _pq.PQresultErrorField(result, _PRIMARY)
    return ServerError(_text(said or _pq.PQresultErrorMessage(result)), state.decode() if state else None)


def _text(said: bytes | None) -> str:
    return (said or b"").decode(errors="replace").strip()
