"""One connection to the database of a team, made when it is first needed, and made again where it was lost.

Every statement stands by itself but those of a `transaction`: so no lock is held while anything else is waited for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import finalize

import psycopg

from stui_cli.store.postgresql.failures import (
    is_gone,
    is_lacking,
    lost,
    not_connected,
    problem_of,
    too_old,
    unreadable,
    words_of,
)
from stui_cli.store.team_address import has_password

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.model.errors import StoreProblem
    from stui_cli.store.team_address import TeamAddress

Row = tuple[Any, ...]
Parameters: TypeAlias = Sequence[object] | Mapping[str, object]

# The oldest server, as libpq counts: 13 knows all that is asked of it.
_OLDEST = 130_000

# Seconds, where the address does not say otherwise.
_CONNECT_TIMEOUT = 10
# A server that fell silent is given up after so long, in ms; libpq itself would wait for hours.
_SILENT_MS = 20_000

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class Server:
    """The database behind an address. Making one connects to nothing.

    `patience` is for how many seconds a connection that was lost is sought again; a first one is tried once.
    """

    def __init__(self, address: TeamAddress) -> None:
        self.address = address
        self.patience = 0.0
        self._connection: psycopg.Connection[Row] | None = None
        self._was_there = False

    def connection(self) -> psycopg.Connection[Row]:
        """The connection. Raises Away, Forbidden."""
        if self._connection is None or self._connection.closed:
            if self._was_there:
                self.reconnect()
            else:
                self._connect()
        assert self._connection is not None
        return self._connection

    def _connect(self) -> None:
        try:
            self._connection = self._connected()
        except psycopg.Error as error:
            raise not_connected(error, self.address) from error
        self._was_there = True

    def rows(self, query: str, parameters: Parameters = ()) -> list[Row]:
        """What a query returns. One that was lost on the way is asked again: it changes nothing."""
        try:
            return self._rows(query, parameters)
        except psycopg.Error as error:
            if not is_gone(error):
                raise self._told(error) from error
            self.reconnect(error)
        try:
            return self._rows(query, parameters)
        except psycopg.Error as error:
            raise self._told(error) from error

    def row(self, query: str, parameters: Parameters = ()) -> Row | None:
        """The first row."""
        return next(iter(self.rows(query, parameters)), None)

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[psycopg.Cursor[Row]]:
        """A serializable transaction, given up where anything is raised inside. Raises Overtaken where it would not be
        as if it were alone, Away where it was lost: then it is not known whether it was committed."""
        connection = self.connection()
        try:
            with connection.transaction(), connection.cursor(binary=True) as cursor:
                if not durable:
                    cursor.execute("set local synchronous_commit = off")
                yield cursor
        except psycopg.Error as error:
            raise self._told(error) from error

    def script(self, text: str) -> None:
        """Run statements that are a transaction of their own, from `begin` to `commit`. Raises Away where it was lost:
        then it is not known whether it was committed."""
        connection = self.connection()
        try:
            connection.execute(text.encode())
        except psycopg.Error as error:
            if not connection.closed:
                connection.rollback()
            raise self._told(error) from error

    def reconnect(self, why: psycopg.Error | None = None) -> None:
        """Connect anew, for as long as `patience` lasts. Raises Away."""
        from time import monotonic, sleep

        self.close()
        end, pause = monotonic() + self.patience, _FIRST_PAUSE
        while True:
            try:
                self._connection = self._connected()
            except psycopg.Error as error:
                if monotonic() + pause > end:
                    raise (
                        lost(why, self.address) if why is not None else not_connected(error, self.address)
                    ) from error
                sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return

    def close(self) -> None:
        """Let go of the connection. What is asked next makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _rows(self, query: str, parameters: Parameters) -> list[Row]:
        return self.connection().execute(query, parameters, binary=True).fetchall()

    def _told(self, error: psycopg.Error) -> StoreProblem:
        if is_gone(error):
            self.close()
            return lost(error, self.address)
        if is_lacking(error):
            from stui_cli.store.postgresql.setting_up import lacking

            return lacking(self, words_of(error))
        return problem_of(error, self.address)

    def _parameters(self) -> dict[str, Any]:
        """What libpq reads in the address. Raises UsageProblem, which shows nothing that may be part of a password."""
        secret = has_password(self.address.conninfo)
        try:
            found: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(self.address.conninfo)
        except psycopg.ProgrammingError as error:
            raise unreadable(self.address, None if secret else error) from None
        port = str(found.get("port") or "")
        if secret and not port.replace(",", "").isdecimal() and port:
            raise unreadable(self.address, None)
        return found

    def _connected(self) -> psycopg.Connection[Row]:
        given = self._parameters()
        ours: dict[str, Any] = {
            "connect_timeout": _CONNECT_TIMEOUT,
            "fallback_application_name": "stui",
            "keepalives_idle": 10,
            "tcp_user_timeout": _SILENT_MS,
        }
        # No statement is prepared by name: a pool between here and the server would not know it.
        connection = psycopg.connect(**{**ours, **given}, autocommit=True, prepare_threshold=None)
        if (version := connection.info.server_version) < _OLDEST:
            connection.close()
            raise too_old(version, self.address)
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
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
