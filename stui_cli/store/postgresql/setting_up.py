"""Making the tables of a team's store, and telling which are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem
from stui_cli.model.store_facts import SetUp
from stui_cli.store.postgresql.schema import VERSION, tables_sql
from stui_cli.store.problems import Away, Damaged, Forbidden, Newer

if TYPE_CHECKING:
    from stui_cli.store.postgresql.connection import Server


def version_there(server: Server) -> int | None:
    """The version of the tables that are there; None where there are none. Raises StoreProblem."""
    schema = server.address.schema
    found = server.row("select to_regclass($1) is not null", (f"{schema}.about",))
    if not found or not found[0]:
        return None
    about = server.row(f"select version from {schema}.about")
    return None if about is None else int(about[0])


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


def newer(server: Server, version: int) -> Newer:
    """The tables there are of a `version` that this stui does not know; they say which one does."""
    # The row as a map: whatever columns it has by then.
    found = server.row(f"select to_jsonb(about) ->> 'stui' from {server.address.schema}.about")
    return Newer(server.address.shown, f"schema {version}; this one knows {VERSION}", found[0] if found else None)


def lacking(server: Server, said: str) -> StoreProblem:
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
            f"{where} has older tables than this needs (schema {version}; this stui makes {VERSION}): {said}",
            todo="who owns the tables brings them up to it, naming the same store: stui store init",
        )
    return Damaged(where, said)


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
