"""Making the tables of a team's store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from stui_cli.model.errors import StoreProblem
from stui_cli.store.postgresql.schema import VERSION, tables_sql
from stui_cli.store.problems import Newer

if TYPE_CHECKING:
    from stui_cli.store.postgresql.connection import Server


def version_there(server: Server) -> int | None:
    """The version of the tables that are there; None where there are none. Raises StoreProblem."""
    schema = server.address.schema
    found = server.row("select to_regclass(%s) is not null", (f"{schema}.about",))
    if not found or not found[0]:
        return None
    about = server.row(f"select version from {schema}.about")
    return None if about is None else int(about[0])


def make_tables(server: Server) -> bool:
    """Make what is missing, all of it or nothing; return whether there was nothing before. Raises Newer."""
    version = version_there(server)
    if version is not None and version > VERSION:
        raise Newer(server.address.shown, f"schema {version}; this one knows {VERSION}")
    try:
        with server.connection().transaction():
            server.connection().execute(tables_sql(server.address.schema).encode())
    except psycopg.Error as error:
        from stui_cli.store.postgresql.failures import problem_of

        raise problem_of(error, server.address) from error
    if version_there(server) is None:
        raise StoreProblem(f"{server.address.shown} has no tables after they were made", todo="see the server's log")
    return version is None


def role_of(server: Server) -> str:
    """What this user may do there, in the words of schema.py; "none" for who may not even read."""
    schema = server.address.schema
    found = server.row(
        "select has_table_privilege(%(head)s, 'select'), has_table_privilege(%(audit)s, 'insert'), "
        "has_table_privilege(%(operations)s, 'delete'), has_table_privilege(%(audit)s, 'delete')",
        {name: f"{schema}.{name}" for name in ("head", "audit", "operations")},
    )
    names = ("reader", "member", "admin", "owner")
    return next((name for name, may in reversed(list(zip(names, found or (), strict=False))) if may), "none")
