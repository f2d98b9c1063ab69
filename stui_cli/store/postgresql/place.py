"""What can be told of the database itself: how large it is, what this user may do there."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from stui_cli.model.store_facts import Facts
from stui_cli.store.problems import Forbidden, Obstructed

if TYPE_CHECKING:
    from stui_cli.store.backend import Backend
    from stui_cli.store.postgresql.connection import Server


# As libpq calls it; what else there is see `mode`.
READ_WRITE = "read-write"


def may(server: Server, what: str, table: str) -> bool:
    """Whether this user has a privilege on a table."""
    found = server.row("select has_table_privilege($1, $2)", (f"{server.address.schema}.{table}", what))
    return bool(found and found[0])


def mode(server: Server) -> str:
    """Whether it takes changes."""
    query = "select pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'"
    replica, read_only = server.row(query) or (False, False)
    return "replica" if replica else "read-only" if read_only else READ_WRITE


def unwritable(server: Server, said: str) -> Obstructed | None:
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


def check_recordable(server: Server) -> None:
    """Raise StoreProblem where no evaluation can be recorded: on a replica, or for a reader."""
    where = server.address.shown
    if (problem := unwritable(server, "nothing can be recorded there")) is not None:
        raise problem
    if not may(server, "insert", "history"):
        todo = "ask who looks after the database for the role of a member"
        raise Forbidden(f"{where} does not let you record evaluations", todo, where, "permission denied")


def facts(server: Server, backend: Backend) -> Facts:
    """How large the store is, and how long its state takes to be read, in ms."""
    from stui_cli.store.postgresql.schema import VERSION
    from stui_cli.store.postgresql.setting_up import role_of

    schema = server.address.schema
    server.connection()
    begun = perf_counter()
    state = backend.read_head()
    latency = (perf_counter() - begun) * 1000
    version, operations, size, server_version = server.row(
        f"select (select version from {schema}.about), (select count(*) from {schema}.operations), "
        "(select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = $1 and c.relkind = 'r')::bigint, current_setting('server_version')",
        (schema,),
    ) or (None, 0, 0, None)
    return Facts(
        "postgresql",
        server.address.shown,
        version,
        state.head if state else 0,
        operations,
        size,
        round(latency, 3),
        server_version,
        role_of(server),
        mode(server),
        VERSION,
    )
