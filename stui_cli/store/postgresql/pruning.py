"""Removing operations, and the objects and histories that nothing needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.postgresql.history import key_of
from stui_cli.store.postgresql.place import may
from stui_cli.store.values import Pruned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.store.postgresql.connection import Server
    from stui_cli.store.postgresql.database import DatabaseConnection
    from stui_cli.store.values import Needed


def prune(server: Server, head: int, going: Iterable[int], needed: Needed | None) -> Pruned:
    """Nothing goes where the head is no more operation `head`, nor where this user may not: an admin's command does
    it."""
    schema = server.address.schema
    if not may(server, "delete", "operations"):
        return Pruned()
    with server.transaction() as connection:
        # Whoever commits meanwhile waits for this row, and is made again after it: what he refers to is there then.
        if not connection.execute(f"update {schema}.head set number = number where number = $1", (head,)).affected:
            return Pruned()  # what is needed may be more by now
        gone = connection.execute(f"delete from {schema}.operations where number = any($1::bigint[])", (sorted(going),))
        if needed is None:
            return Pruned(gone.affected)
        objects = _forget_objects(connection, schema, needed)
        return Pruned(gone.affected, objects, _forget_histories(connection, schema, needed))


def _forget_objects(connection: DatabaseConnection, schema: str, needed: Needed) -> int:
    gone = connection.execute(
        f"delete from {schema}.objects where not exists "
        "(select from unnest($1::text[]) as needed (sha256) where needed.sha256 = objects.sha256)",
        (list(needed.objects),),
    )
    return gone.affected


def _forget_histories(connection: DatabaseConnection, schema: str, needed: Needed) -> int:
    found = connection.execute(
        f"with gone as (delete from {schema}.history where not exists (select from "
        "unnest($1::text[], $2::text[]) as needed (image_id, session_id) where needed.image_id = "
        "history.image_id and needed.session_id = history.session_id) returning image_id, session_id) "
        "select count(*) from (select distinct image_id, session_id from gone) as each",
        ([key_of(image_id) for image_id, _ in needed.sessions], [key_of(each) for _, each in needed.sessions]),
    )
    ((histories,),) = found.rows
    return int(histories)
