"""What can be told of the database itself: how large it is, what this user may do there."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from stui_cli.model.store_facts import Facts
from stui_cli.store.problems import Forbidden, Obstructed

if TYPE_CHECKING:
    from stui_cli.store.backend import Backend
    from stui_cli.store.postgresql.connection import Server


def may(server: Server, what: str, table: str) -> bool:
    """Whether this user has a privilege on a table."""
    found = server.row("select has_table_privilege($1, $2)", (f"{server.address.schema}.{table}", what))
    return bool(found and found[0])


def check_recordable(server: Server) -> None:
    """Raise StoreProblem where no evaluation can be recorded: on a replica, or for a reader."""
    where = server.address.shown
    found = server.row("select pg_is_in_recovery()")
    if found is not None and found[0]:
        todo = "use the address of the server that takes changes: target_session_attrs=read-write finds it"
        raise Obstructed(f"{where} is a replica that can only be read", todo, where, "it is in recovery")
    if not may(server, "insert", "history"):
        todo = "ask who looks after the database for the role of a member"
        raise Forbidden(f"{where} does not let you record evaluations", todo, where, "permission denied")


def facts(server: Server, backend: Backend) -> Facts:
    """How large the store is, and how long its state takes to be read, in ms."""
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
    role = role_of(server)
    head = state.head if state else 0
    where = server.address.shown
    return Facts("postgresql", where, version, head, operations, size, round(latency, 3), server_version, role)
