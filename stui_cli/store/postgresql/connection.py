"""One connection to the database of a team, made when it is first needed, and made again where it was lost.

Every statement stands by itself but those of a `transaction`: so no lock is held while anything else is waited for.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import finalize

from stui_cli.model.errors import StuiError
from stui_cli.store.postgresql.database import DatabaseConnection
from stui_cli.store.postgresql.failures import (
    is_gone,
    is_lacking,
    is_read_only,
    lost,
    problem_of,
    too_old,
    unreadable,
    words_of,
)
from stui_cli.store.postgresql.libpq import ServerError, completed, parameters_of
from stui_cli.store.team_address import has_password

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stui_cli.model.errors import StoreProblem
    from stui_cli.store.postgresql.columns import Row
    from stui_cli.store.problems import Away
    from stui_cli.store.team_address import TeamAddress

T = TypeVar("T")

# The oldest server, as libpq counts: 13 knows all that is asked of it.
_OLDEST = 130_000

# Where nobody says otherwise: seconds until a host that is silent counts as away, and ms until one that
# fell silent is given up, asked every 5 s; libpq itself would wait for hours.
_OURS = {
    "connect_timeout": "10",
    "fallback_application_name": "stui",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "tcp_user_timeout": "20000",
}

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class Server:
    """The database behind an address, for several threads by turns. Making one connects to nothing.

    `patience` is for how many seconds a connection that was lost is sought again; a first one is tried once.
    """

    def __init__(self, address: TeamAddress) -> None:
        self.address = address
        self.patience = 0.0
        self._lock = RLock()
        self._connection: DatabaseConnection | None = None
        self._was_there = False
        self._is_in_doubt = False  # whether the last transaction may be committed though its answer was lost

    def connection(self) -> DatabaseConnection:
        """The connection. Raises Away, Forbidden."""
        with self._lock:
            if self._connection is None or self._connection.is_closed:
                if self._was_there:
                    self.reconnect()
                else:
                    self._connect()
            assert self._connection is not None
            return self._connection

    def _connect(self) -> None:
        try:
            self._connection = self._connected()
        except ServerError as error:
            from stui_cli.store.postgresql.refusals import refusal  # few commands are refused, and pay for it

            raise refusal(error, self.address) from error
        self._was_there = True

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[Row]:
        """What a query returns. One that was lost on the way is asked again: it changes nothing."""
        with self._lock:  # until it is answered: another thread must not be given a new connection in a transaction
            try:
                return self._on_a_connection(lambda: self.connection().execute(query, parameters).rows)
            except ServerError as error:
                raise self._told(error) from error

    def row(self, query: str, parameters: Sequence[object] = ()) -> Row | None:
        """The first row."""
        return next(iter(self.rows(query, parameters)), None)

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[DatabaseConnection]:
        """A serializable transaction, given up where anything is raised inside. Raises Overtaken where it would not be
        as if it were alone, Away where it was lost: then it is not known whether it was committed."""
        with self._lock:
            self._is_in_doubt = False
            try:
                connection = self._begun(durable=durable)
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                self._is_in_doubt = True
                connection.commit()
                self._is_in_doubt = False
            except ServerError as error:
                raise self._told(error) from error

    def _begun(self, *, durable: bool) -> DatabaseConnection:
        """The connection, in a transaction. Where it turns out to be lost nothing was done yet, and it is begun on
        another one."""
        self._on_a_connection(lambda: self.connection().begin(durable=durable))
        return self.connection()

    def _on_a_connection(self, ask: Callable[[], T]) -> T:
        """`ask`, which changes nothing: again on another connection where that was lost on the way, once at least and
        for as long as `patience` lasts. Raises ServerError, Away."""
        end = None
        while True:
            try:
                return ask()
            except ServerError as error:
                if not is_gone(error) or (end is not None and monotonic() >= end):
                    raise
                end = monotonic() + self.patience if end is None else end
                self.reconnect(error, end)

    def script(self, text: str) -> None:
        """Run statements that are a transaction of their own, from `begin` to `commit`. Raises Away where it was lost:
        then it is not known whether it was committed."""
        with self._lock:
            connection = self.connection()
            try:
                connection.script(text)
            except ServerError as error:
                connection.rollback()
                raise self._told(error) from error

    def reconnect(self, why: ServerError | None = None, end: float | None = None) -> None:
        """Connect anew, for as long as `patience` lasts, or until `end` as time.monotonic tells it. Raises Away, or
        whatever else the server says at last."""
        with self._lock:
            self.close()
            self._seek(why, end)

    def _seek(self, why: ServerError | None, end: float | None) -> None:
        end, pause = monotonic() + self.patience if end is None else end, _FIRST_PAUSE
        while True:
            try:
                self._connection = self._connected()
            except ServerError as error:
                if monotonic() + pause > end:
                    from stui_cli.store.postgresql.refusals import refusal

                    told = refusal(error, self.address)
                    raise (told if why is None else lost(why, self.address, told)) from error
                sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return

    def reconnect_after(self, error: Away) -> None:
        """Connect anew after a transaction was lost. Raises what the server says, or Uncertain where it may be
        committed."""
        try:
            self.reconnect()
        except StuiError as still:
            if not self._is_in_doubt:
                raise
            from stui_cli.store.postgresql.reasons import unknown

            raise unknown(self.address.shown, error, still) from still

    def close(self) -> None:
        """Let go of the connection. What is asked next makes a new one."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _told(self, error: ServerError) -> StoreProblem:
        if is_gone(error):
            self.close()
            return lost(error, self.address)
        if is_lacking(error):
            from stui_cli.store.postgresql.reasons import lacking

            return lacking(self, words_of(error))
        if is_read_only(error):
            from stui_cli.store.postgresql.reasons import unwritable

            return unwritable(self, words_of(error)) or problem_of(error, self.address)
        return problem_of(error, self.address)

    def _parameters(self) -> dict[str, str]:
        """What libpq reads in the address. Raises UsageProblem, which shows nothing that may be part of a password."""
        secret = has_password(self.address.conninfo)
        try:
            found = parameters_of(self.address.conninfo)
        except ServerError as error:
            raise unreadable(self.address, None if secret else error) from None
        port = found.get("port", "")
        if secret and not port.replace(",", "").isdecimal() and port:
            raise unreadable(self.address, None)
        return found

    def parameters(self) -> dict[str, str]:
        """All that libpq is given: ours give way to what the address, its service and libpq's variables say."""
        given = self._parameters()
        theirs = {name: value for name, value in completed(given).items() if name in _OURS and value}
        return {**_OURS, **theirs, **given}

    def _connected(self) -> DatabaseConnection:
        connection = DatabaseConnection(self.parameters())
        if (version := connection.server_version) < _OLDEST:
            connection.close()
            raise too_old(version, self.address)
        finalize(self, connection.close)  # who used the store need not say when he has enough of it
        return connection


def retried(work: Callable[[], Any]) -> Any:
    """`work` again where others were quicker: for what reads nothing before."""
    from stui_cli.store.problems import Overtaken

    try:
        return work()
    except Overtaken:
        from stui_cli.store.retrying import again

        return again(work, 30.0)
