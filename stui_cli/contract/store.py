"""The place of a store as an item: a folder, or a team's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import ItemKind, Show

if TYPE_CHECKING:
    from stui_cli.model.store_facts import Copied, Facts, SetUp

STORE: Final = ItemKind(
    "store",
    {
        "place": Show.TEXT,
        "kind": Show.TEXT,
        "schema": Show.NUMBER,
        "schema_known": Show.NUMBER,
        "head": Show.NUMBER,
        "operations": Show.NUMBER,
        "size": Show.BYTES,
        "latency_ms": Show.MILLISECONDS,
        "server": Show.TEXT,
        "role": Show.TEXT,
        "mode": Show.TEXT,
        "folder": Show.TEXT,
    },
    name_key="place",
)

# What makes a store, and lets people use it.
STORE_SQL: Final = ItemKind(
    "store_sql",
    {
        "place": Show.TEXT,
        "created": Show.TEXT,
        "upgraded_from": Show.NUMBER,
        "schema": Show.NUMBER,
        "sql": Show.LINES,
    },
    name_key="place",
)

STORE_COPY: Final = ItemKind(
    "store_copy",
    {
        "from": Show.TEXT,
        "to": Show.TEXT,
        "head": Show.NUMBER,
        "operations": Show.NUMBER,
        "objects": Show.NUMBER,
        "histories": Show.NUMBER,
        "audit_lines": Show.NUMBER,
    },
    name_key="to",
)


def store_item(facts: Facts, folder: str) -> dict[str, object]:
    """One store. `folder` is where this person keeps what is his own."""
    return {
        "place": facts.where,
        "kind": facts.kind,
        "schema": facts.schema,
        "schema_known": facts.schema if facts.known is None else facts.known,
        "head": facts.head,
        "operations": facts.operations,
        "size": facts.size,
        "latency_ms": facts.latency_ms,
        "server": facts.server,
        "role": facts.role,
        "mode": facts.mode,
        "folder": folder,
    }


def sql_item(place: str, done: SetUp | None, sql: str) -> dict[str, object]:
    """What makes the tables of a store, or lets people use them; `done` is what was made, None for nothing tried."""
    before, after = done or (None, None)
    return {
        "place": place,
        "created": before is None and after is not None,
        "upgraded_from": before if before != after else None,
        "schema": after,
        "sql": sql,
    }


def copy_item(done: Copied) -> dict[str, object]:
    """A copy of a store: what was put there, none where all was there already."""
    return {
        "from": done.source,
        "to": done.target,
        "head": done.head,
        "operations": done.operations,
        "objects": done.objects,
        "histories": done.histories,
        "audit_lines": done.lines,
    }
