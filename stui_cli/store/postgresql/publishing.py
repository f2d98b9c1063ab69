"""The commit point: objects, the operation and the head in one transaction, whose lost answer is found out."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from stui_cli.model.errors import StoreProblem, StuiError
from stui_cli.store.postgresql.connection import retried
from stui_cli.store.problems import Away, HeadMoved, Obstructed, Uncertain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.store.postgresql.connection import Server


# Seconds between two questions to a server that is there and cannot tell.
_PAUSE = 0.2


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
            raise HeadMoved(made.expected)
        # Who listens is told once it is committed, and not before.
        connection.execute(
            f"insert into {schema}.operations (number, id, content) values ($1, $2::uuid, $3) "
            "returning pg_notify($4, $5)",
            (made.number, identity, made.content, server.address.channel, str(made.number)),
        )


def _was_made(server: Server, identity: str, error: Away) -> bool:
    """Whether a commit was made whose answer was lost. One that was not is kept from being made any more, wherever it
    is on its way: the head is fenced first. It is asked as long as the server's patience lasts, for a replica may just
    become the one that takes changes. Raises Uncertain where nobody can tell by then."""
    end = monotonic() + server.patience
    while True:
        try:
            server.reconnect(end=end)
        except StuiError as still:
            raise _uncertain(server, identity, error, "did not come back to tell whether it was", still) from still
        try:
            return bool(retried(lambda: _fenced(server, identity)))
        except StoreProblem as still:
            if _is_there(server, identity):
                return True
            if monotonic() + _PAUSE > end:
                raise _uncertain(server, identity, error, "cannot tell now whether it was", still) from still
        sleep(_PAUSE)


def _fenced(server: Server, identity: str) -> bool:
    """Whether a commit is there. If not it never will be: it began with another fence."""
    schema = server.address.schema
    with server.transaction() as connection:
        connection.execute(f"update {schema}.head set fence = fence + 1")
        return bool(connection.execute(f"select 1 from {schema}.operations where id = $1::uuid", (identity,)).rows)


def _is_there(server: Server, identity: str) -> bool:
    """Whether a commit can be seen. One that cannot be may be made yet, or elsewhere."""
    try:
        return (
            server.row(f"select 1 from {server.address.schema}.operations where id = $1::uuid", (identity,)) is not None
        )
    except StoreProblem:
        return False


def _uncertain(server: Server, identity: str, error: Away, unknown: str, still: StuiError) -> Uncertain:
    where = server.address.shown
    now = still.said if isinstance(still, Obstructed) else still.what
    return Uncertain(
        f"{where} went away while the change was made, and {unknown}: {error.said}; {now}",
        f"when the server takes changes again look whether the change is there: stui log list (its id is {identity})",
        where,
        error.said,
    )
