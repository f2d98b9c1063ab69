"""The lines of the audit log, and how far it was after the last one: the tables `audit` and `audit_mark`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.audit_chain import Mark
from stui_cli.store.problems import Away, Overtaken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.store.postgresql.connection import Server


def read_lines(server: Server) -> list[tuple[str, list[bytes]]]:
    """All lines, the oldest first, as one part."""
    lines = server.rows(f"select content from {server.address.schema}.audit order by line")
    return [(f"the audit log of {server.address.shown}", [content for (content,) in lines])]


def end(server: Server) -> tuple[bytes | None, Mark | None]:
    """The last line and the mark, as of one instant."""
    schema = server.address.schema
    found = server.row(
        f"select (select content from {schema}.audit order by line desc limit 1), "
        f"(select lines from {schema}.audit_mark), (select sha256 from {schema}.audit_mark)"
    )
    last, lines, sha256 = found or (None, None, None)
    return last, None if lines is None else Mark(lines, sha256)


def read_mark(server: Server) -> Mark | None:
    """The mark; None where there is none yet."""
    found = server.row(f"select lines, sha256 from {server.address.schema}.audit_mark")
    return None if found is None else Mark(*found)


def append_lines(server: Server, lines: Sequence[bytes], mark: Mark, *, durable: bool) -> None:
    """Add lines, all or none, and move the mark. Where the server's answer is lost it is found out whether they are
    there. Raises Overtaken where others added some meanwhile, Uncertain where the server does not come back."""
    try:
        _append(server, lines, mark, durable=durable)
    except Away as error:
        server.reconnect_after(error)
        if _are_there(server, lines, mark):
            return
        try:
            _append(server, lines, mark, durable=durable)  # waits for the first try, where that is still on its way
        except Overtaken:
            if not _are_there(server, lines, mark):
                raise


def _append(server: Server, lines: Sequence[bytes], mark: Mark, *, durable: bool) -> None:
    schema, first = server.address.schema, mark.lines - len(lines) + 1
    with server.transaction(durable=durable) as connection:
        connection.execute(
            f"insert into {schema}.audit (line, content) "
            "select $1 + place - 1, content from unnest($2::bytea[]) with ordinality as added (content, place)",
            (first, list(lines)),
        )
        connection.execute(
            f"insert into {schema}.audit_mark (lines, sha256) values ($1, $2) on conflict (one) "
            "do update set lines = excluded.lines, sha256 = excluded.sha256",
            mark,
        )


def _are_there(server: Server, lines: Sequence[bytes], mark: Mark) -> bool:
    """Whether these very lines end where the mark says."""
    query = f"select content from {server.address.schema}.audit where line > $1 and line <= $2 order by line"
    return [content for (content,) in server.rows(query, (mark.lines - len(lines), mark.lines))] == list(lines)
