"""The evaluations of sessions, in the table `history`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.encoding import HISTORY
from stui_cli.store.envelope import pack, unpack
from stui_cli.store.postgresql.connection import retried
from stui_cli.store.problems import Away

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.model.history import Entry
    from stui_cli.store.postgresql.connection import Server
    from stui_cli.store.postgresql.database import DatabaseConnection

# A history that grew above its bound loses its oldest entries until it has this part of it, so that not every
# evaluation looks for what goes.
_KEPT = 0.75


def append(server: Server, image_id: str, session_id: str, entries: Sequence[Entry], limit: int) -> None:
    """Add entries; beyond `limit` bytes the oldest are forgotten. Where the server's answer is lost they are added
    under the same numbers: the first try may still be on its way, and is made then or never. Raises Uncertain where
    the server does not come back."""
    if not entries:
        return
    schema, key = server.address.schema, (key_of(image_id), key_of(session_id))
    contents = [pack(HISTORY.encode(entry)) for entry in entries]
    numbers: list[int] = []

    def add() -> None:
        numbers.clear()
        with server.transaction(durable=False) as connection:
            numbers.extend(_add(connection, schema, key, contents))
            _forget_oldest(connection, schema, key, limit, len(contents))

    def add_missing() -> None:
        with server.transaction(durable=False) as connection:
            _add_missing(connection, schema, key, list(zip(numbers, contents, strict=False)))

    try:
        retried(add)
    except Away as error:
        server.reconnect_after(error)
        retried(add_missing if numbers else add)


def _add(connection: DatabaseConnection, schema: str, key: tuple[str, str], contents: Sequence[bytes]) -> list[int]:
    """Return the numbers that they have got, none of which any other entry has, or had."""
    found = connection.execute(
        f"insert into {schema}.history (image_id, session_id, content) "
        "select $1, $2, content from unnest($3::bytea[]) with ordinality as added (content, place) "
        "order by place returning number",
        (*key, contents),
    )
    return [number for (number,) in found.rows]


def _forget_oldest(connection: DatabaseConnection, schema: str, key: tuple[str, str], limit: int, added: int) -> None:
    """All but the entries just `added`, where the history has grown above its bound."""
    connection.execute(
        "with sized as (select number, sum(length(content)) over (order by number desc) as above, "
        f"sum(length(content)) over () as whole from {schema}.history where image_id = $1 and session_id = $2) "
        f"delete from {schema}.history where image_id = $1 and session_id = $2 and "
        "number in (select number from sized where whole > $3 and above > $4 "
        "order by number limit greatest((select count(*) from sized) - $5, 0))",
        (*key, limit, int(limit * _KEPT), added),
    )


def _add_missing(
    connection: DatabaseConnection, schema: str, key: tuple[str, str], numbered: Sequence[tuple[int, bytes]]
) -> None:
    """Add those that are not there, waiting for whoever is just adding them. After a crash of the server another entry
    may have a number of those that were not committed: then they get new ones."""
    numbers = [number for number, _ in numbered]
    connection.execute(
        f"insert into {schema}.history (image_id, session_id, number, content) overriding system value "
        "select $1, $2, number, content from unnest($3::bigint[], $4::bytea[]) as added (number, content) "
        "order by number on conflict do nothing",
        (*key, numbers, [content for _, content in numbered]),
    )
    there = connection.execute(
        f"select number, content from {schema}.history "
        "where image_id = $1 and session_id = $2 and number = any($3::bigint[])",
        (*key, numbers),
    )
    if missing := [content for number, content in numbered if (number, content) not in there.rows]:
        _add(connection, schema, key, missing)


def read(server: Server, image_id: str, session_id: str) -> list[Entry]:
    """All entries of a session, the oldest first."""
    schema = server.address.schema
    found = server.rows(
        f"select content from {schema}.history where image_id = $1 and session_id = $2 order by number",
        (key_of(image_id), key_of(session_id)),
    )
    return [entry for (content,) in found if (entry := _entry_of(content)) is not None]


def last_evaluations(server: Server, image_id: str, since: Mapping[str, int]) -> dict[str, Entry]:
    """The last entry of each session (by id) that was written after `since` (ms by id)."""
    wanted = {key_of(session_id): session_id for session_id in since}
    found = server.rows(
        f"select distinct on (session_id) session_id, at, content from {server.address.schema}.history "
        "where image_id = $1 and session_id = any($2::text[]) order by session_id, number desc",
        (key_of(image_id), list(wanted)),
    )
    return {
        wanted[key]: entry
        for key, at, content in found
        if at >= since[wanted[key]] and (entry := _entry_of(content)) is not None
    }


def _entry_of(content: bytes) -> Entry | None:
    from stui_cli.model.history import Entry

    try:
        return HISTORY.decode(Entry, unpack(content))
    except ValueError:
        return None


def key_of(identifier: str) -> str:
    """What stands in a column for an id that an image gave itself: what no text of a database can be is hashed."""
    if "\0" not in identifier:
        try:
            identifier.encode()
        except UnicodeEncodeError:
            pass
        else:
            return identifier
    from stui_cli.model.digest import sha256_hex

    return "id." + sha256_hex(identifier.encode("utf-8", "surrogatepass"))
