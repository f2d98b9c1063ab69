"""Making the tables of a team's store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem
from stui_cli.model.store_facts import SetUp
from stui_cli.store.postgresql.reasons import newer, version_there
from stui_cli.store.postgresql.schema import VERSION, tables_sql
from stui_cli.store.problems import Away, Forbidden

if TYPE_CHECKING:
    from stui_cli.store.postgresql.connection import Server


def make_tables(server: Server) -> SetUp:
    """Make the tables, or bring older ones up to this stui: all of it or nothing. Raises Newer, Forbidden, Away where
    it is not done."""
    before = version_there(server)
    if before is not None and before > VERSION:
        raise newer(server, before)
    if before == VERSION:
        return SetUp(before, VERSION)
    try:
        server.script(tables_sql(server.address.schema, before or 0))
    except Forbidden as error:
        todo = "who owns the database and the tables runs: stui store init"
        raise Forbidden(error.what, todo, error.where, error.said) from error
    except Away:
        server.reconnect()
        if version_there(server) != VERSION:
            raise  # the answer was lost before it was done
    after = version_there(server)
    if after != VERSION:
        raise StoreProblem(
            f"{server.address.shown} has tables of version {after} after they were made", todo="see the server's log"
        )
    return SetUp(before, VERSION)


def role_of(server: Server) -> str:
    """What this user may do there, in the words of schema.py; "none" for who may not even read."""
    schema = server.address.schema
    found = server.row(
        "select has_table_privilege($1, 'select'), has_table_privilege($2, 'insert'), "
        "has_table_privilege($3, 'delete'), has_table_privilege($2, 'delete')",
        (f"{schema}.head", f"{schema}.audit", f"{schema}.operations"),
    )
    names = ("reader", "member", "admin", "owner")
    return next((name for name, may in reversed(list(zip(names, found or (), strict=False))) if may), "none")
