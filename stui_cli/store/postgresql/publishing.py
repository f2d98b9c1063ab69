"""The commit point: objects, the operation and the head in one transaction, whose lost answer is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from stui_cli.store.postgresql.connection import retried
from stui_cli.store.problems import Away, HeadMoved, Uncertain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.store.postgresql.connection import Server


class Publication(NamedTuple):
    """What a commit writes: operation `number` as it is kept, the state it made, and the objects that it refers to.
    Made only if the head still is operation `expected`, and was not fenced since."""

    number: int
    content: bytes
    state: bytes
    objects: Mapping[str, bytes]
    expected: int
    fence: int


def publish(server: Server, made: Publication) -> None:
    """Make the change. Raises HeadMoved where others were quicker, Uncertain where nobody can tell whether it is
    made."""
    identity = str(uuid4())
    try:
        _swap(server, identity, made)
    except Away as error:
        if not _was_made(server, identity, error):
            raise HeadMoved(made.expected, made.expected) from error  # it never will be: it is made again


def _swap(server: Server, identity: str, made: Publication) -> None:
    schema = server.address.schema
    with server.transaction() as connection:
        if made.objects:
            connection.execute(
                f"insert into {schema}.objects (sha256, content) "
                "select * from unnest($1::text[], $2::bytea[]) on conflict do nothing",
                (list(made.objects), list(made.objects.values())),
            )
        swapped = connection.execute(
            f"update {schema}.head set number = $1, state = $2 where number = $3 and fence = $4",
            (made.number, made.state, made.expected, made.fence),
        )
        if not swapped.affected:
            raise HeadMoved(made.expected, made.expected)
        # Who listens is told once it is committed, and not before.
        connection.execute(
            f"insert into {schema}.operations (number, id, content) values ($1, $2::uuid, $3) "
            "returning pg_notify($4, $5)",
            (made.number, identity, made.content, server.address.channel, str(made.number)),
        )


def _was_made(server: Server, identity: str, error: Away) -> bool:
    """Whether a commit was made whose answer was lost. One that was not is kept from being made any more, wherever it
    is on its way: the head is fenced first. Raises Uncertain where the server does not come back."""
    schema = server.address.schema

    def fence() -> bool:
        with server.transaction() as connection:
            connection.execute(f"update {schema}.head set fence = fence + 1")
            found = connection.execute(f"select from {schema}.operations where id = $1::uuid", (identity,))
            return found.affected == 1

    try:
        server.reconnect()
        return bool(retried(fence))
    except Away as still:
        where = server.address.shown
        raise Uncertain(
            f"{where} went away while the change was made, and did not come back to tell whether it was: {error.said}",
            f"when the server is there again look whether the change is: stui log list (its id is {identity})",
            where,
            still.said,
        ) from still
