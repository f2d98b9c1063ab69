"""A connection to a database: statements and their rows, transactions, and notices of others."""

from __future__ import annotations

import os
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint, cast, string_at
from select import POLLIN, POLLOUT, poll
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.store.postgresql.columns import BINARY, encoded, value_of
from stui_cli.store.postgresql.connecting import connected, silence_of
from stui_cli.store.postgresql.libpq import ServerError, Silent, error_of, is_bad, pq, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stui_cli.store.postgresql.columns import Row

_EMPTY, _DONE, _ROWS = 0, 1, 2  # ExecStatusType: PGRES_EMPTY_QUERY, PGRES_COMMAND_OK, PGRES_TUPLES_OK
_IN_TRANSACTION = 2  # PGTransactionStatusType: PQTRANS_INTRANS
# In a transaction nothing else is waited for: where it does nothing for so long its process is stopped, or its machine
# is gone, and it must not keep the others from theirs.
_IDLE = "30s"

_SQLSTATE, _PRIMARY = ord("C"), ord("M")  # PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY


class Fetched(NamedTuple):
    """What a statement returned, and how many rows it made, changed or found."""

    rows: list[Row]
    affected: int


class _Notice(Structure):
    """PGnotify, as far as it is read: the channel, and the server's process that told it."""

    _fields_ = (("relname", c_char_p), ("be_pid", c_int))


class DatabaseConnection:
    """A connection, for one thread at a time. Making one connects, for as long as the parameters permit, and raises
    ServerError. Whatever else is raised while the server is waited for closes it. A server that says nothing for as
    long as `silence_of` has it is given up."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._process = os.getpid()
        self._silence = silence_of(parameters)
        self._pointer = connected({**parameters, "client_encoding": "UTF8"})
        if is_bad(self._pointer):
            error = error_of(self._pointer)
            self.close()
            raise error
        pq.PQsetnonblocking(self._pointer, 1)
        self._poll = poll()

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, or lost."""
        return is_bad(self._pointer)

    @property
    def server_version(self) -> int:
        """As libpq counts: 150004 is 15.4."""
        return int(pq.PQserverVersion(self._pointer))

    def execute(self, query: str, parameters: Sequence[object] = ()) -> Fetched:
        """Run one statement, whose parameters are $1 and on. Raises ServerError."""
        types, values = zip(*map(encoded, parameters), strict=True) if parameters else ((), ())
        number = len(values)
        return self._run(
            lambda: pq.PQsendQueryParams(
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
        self._run(lambda: pq.PQsendQuery(self._pointer, text.encode()))

    def begin(self, *, durable: bool) -> None:
        """Begin a serializable transaction. Without `durable` a crash of the server may lose it after it was
        committed."""
        also = "" if durable else "; SET LOCAL synchronous_commit = off"
        # A query would do for whoever has it shorter, but begins what the transaction sees: more would be overtaken.
        idle = f"SET LOCAL idle_in_transaction_session_timeout = '{_IDLE}'"
        self.script(f"BEGIN ISOLATION LEVEL SERIALIZABLE; {idle}{also}")

    def commit(self) -> None:
        """Commit the transaction. Raises ServerError; where the connection is lost, it may be committed all the
        same."""
        if not self.is_closed and pq.PQtransactionStatus(self._pointer) != _IN_TRANSACTION:
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
            pq.PQfinish(pointer)

    def _run(self, send: Callable[[], int]) -> Fetched:
        """Send a query and wait for all that comes of it."""
        if self.is_closed:
            raise ServerError("the connection is closed", is_lost=True)
        try:
            if not send():
                raise error_of(self._pointer)
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
                result = _fetched(pointer)
            except ServerError as refused:
                error = error or refused
            finally:
                pq.PQclear(pointer)
        if error is not None:
            error.is_lost = self.is_closed
            raise error
        return result

    def _next_result(self) -> int | None:
        while pq.PQisBusy(self._pointer):
            self._wait(POLLIN)
            self._consume()
        found: int | None = pq.PQgetResult(self._pointer)
        return found

    def _flush(self) -> None:
        """Send all of what was asked; the server may want to be read meanwhile."""
        while left := pq.PQflush(self._pointer):
            if left < 0:
                return  # what the server said last tells why
            if self._wait(POLLIN | POLLOUT) & POLLIN:
                self._consume()

    def _consume(self) -> None:
        if not pq.PQconsumeInput(self._pointer):
            raise self._lost()

    def _lost(self) -> ServerError:
        """Why nothing can be read any more. libpq itself calls a connection bad for the errors that it knows alone."""
        error = error_of(self._pointer)
        error.is_lost = True
        self.close()
        return error

    def _wait(self, events: int, milliseconds: int | None = None) -> int:
        """Wait until the socket can be read, or written: in Python, so that Ctrl-C is heard. Without `milliseconds` for
        as long as the server may say nothing; then the connection is of no use any more."""
        socket = pq.PQsocket(self._pointer)
        if socket < 0:
            raise self._lost()
        self._poll.register(socket, events)
        found = self._poll.poll(self._silence if milliseconds is None else milliseconds)
        if not found and milliseconds is None:
            self.close()
            raise Silent(f"the server said nothing for {(self._silence or 0) / 1000:g} s", is_lost=True)
        return sum(each for _, each in found)

    def _take_notices(self) -> list[tuple[str, int]]:
        taken = []
        while pointer := pq.PQnotifies(self._pointer):
            notice = cast(pointer, POINTER(_Notice)).contents
            taken.append((notice.relname.decode(), int(notice.be_pid)))
            pq.PQfreemem(pointer)
        return taken


def _fetched(result: int) -> Fetched:
    if pq.PQresultStatus(result) not in (_EMPTY, _DONE, _ROWS):
        raise _refusal_of(result)
    try:
        return Fetched(list(_rows(result)), int(pq.PQcmdTuples(result) or 0))
    except ValueError as error:
        raise ServerError(str(error)) from error


def _rows(result: int) -> Iterator[Row]:
    types = [pq.PQftype(result, column) for column in range(pq.PQnfields(result))]
    for row in range(pq.PQntuples(result)):
        yield tuple(
            None
            if pq.PQgetisnull(result, row, column)
            else value_of(kind, string_at(pq.PQgetvalue(result, row, column), pq.PQgetlength(result, row, column)))
            for column, kind in enumerate(types)
        )


def _refusal_of(result: int) -> ServerError:
    state, said = pq.PQresultErrorField(result, _SQLSTATE), pq.PQresultErrorField(result, _PRIMARY)
    return ServerError(text_of(said or pq.PQresultErrorMessage(result)), state.decode() if state else None)
