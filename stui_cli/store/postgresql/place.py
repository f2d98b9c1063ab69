"""What can be told of the database itself: how large it is, what this user may do there."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from stui_cli.model.store_facts import Facts
from stui_cli.store.postgresql.reasons import mode, unwritable
from stui_cli.store.problems import Forbidden

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
