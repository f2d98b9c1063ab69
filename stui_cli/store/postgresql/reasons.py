"""Why a server refused what was asked of it: which tables it has, and whether it takes changes. It is asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stui_cli.model.errors import StoreProblem
from stui_cli.store.postgresql.schema import VERSION
from stui_cli.store.problems import Damaged, Newer, Obstructed, Uncertain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.errors import StuiError
    from stui_cli.store.postgresql.columns import Row
    from stui_cli.store.problems import Away
    from stui_cli.store.team_address import TeamAddress

REMEDY = "whoever looks after the database brings it back from a backup"


class AskedServer(Protocol):
    """What of a Server (connection.py) is needed here: that one asks this module itself."""

    @property
    def address(self) -> TeamAddress: ...

    def row(self, query: str, parameters: Sequence[object] = ()) -> Row | None: ...


# As libpq calls it; what else there is see `mode`.
READ_WRITE = "read-write"


def version_there(server: AskedServer) -> int | None:
    """The version of the tables that are there; None where there are none. Raises StoreProblem."""
    schema = server.address.schema
    found = server.row("select to_regclass($1) is not null", (f"{schema}.about",))
    if not found or not found[0]:
        return None
    about = server.row(f"select version from {schema}.about")
    return None if about is None else int(about[0])


def mode(server: AskedServer) -> str:
    """Whether it takes changes."""
    query = "select pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'"
    replica, read_only = server.row(query) or (False, False)
    return "replica" if replica else "read-only" if read_only else READ_WRITE


def unwritable(server: AskedServer, said: str) -> Obstructed | None:
    """Why nothing can be changed there: it is a replica, or this user may only read. None where neither is so."""
    where, found = server.address.shown, mode(server)
    if found == READ_WRITE:
        return None
    if found == "read-only":
        todo = "let whoever looks after it see to default_transaction_read_only"
        return Obstructed(f"{where} can only be read, though it is no replica: {said}", todo, where, said)
    # Only who may see the server's statistics is told from where it comes.
    query = "select sender_host, sender_port from pg_stat_wal_receiver where sender_host is not null"
    primary = server.row(query)
    todo = "write to the server that it follows"
    if primary is not None:
        todo += f", {primary[0]} port {primary[1]}"
    todo += ": an address that names both hosts, with target_session_attrs=read-write, finds it"
    return Obstructed(f"{where} is a replica that can only be read: {said}", todo, where, said)


def newer(server: AskedServer, version: int) -> Newer:
    """The tables there are of a `version` that this stui does not know; they say which one does."""
    # The row as a map: whatever columns it has by then.
    found = server.row(f"select to_jsonb(about) ->> 'stui' from {server.address.schema}.about")
    return Newer(server.address.shown, f"schema {version}; this one knows {VERSION}", found[0] if found else None)


def lacking(server: AskedServer, said: str) -> StoreProblem:
    """Why a table, or a column of one, is not there: the server `said` which."""
    where, version = server.address.shown, version_there(server)
    if version is None:
        return StoreProblem(
            f"{where} holds no store of stui: {said}",
            todo="who owns the database makes it, naming the same store: stui store init",
        )
    if version > VERSION:
        return newer(server, version)
    if version < VERSION:
        return StoreProblem(
            f"{where} has older tables than this needs (schema {version}; {VERSION} is known here): {said}",
            todo="who owns the tables brings them up to it, naming the same store: stui store init",
        )
    return damaged(where, said)


def unknown(where: str, error: Away, still: StuiError) -> Uncertain:
    """Something was written when the connection was lost, and there is no other one that could tell of it."""
    now = still.said if isinstance(still, Obstructed) else still.what
    return Uncertain(
        f"{where} went away while it was written, and did not come back to tell whether it was: {error.said}; {now}",
        "when the server is there again look whether it is: stui audit",
        where,
        error.said,
    )


def damaged(where: str, wrong: str) -> Damaged:
    """What a database lost is in its backups: no state of one's own may stand in for a team's."""
    return Damaged(where, wrong, REMEDY)
