"""The place of a store as an item: a folder, or a team's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import ItemKind, Show

if TYPE_CHECKING:
    from stui_cli.model.store_facts import Facts

STORE: Final = ItemKind(
    "store",
    {
        "place": Show.TEXT,
        "kind": Show.TEXT,
        "schema": Show.NUMBER,
        "head": Show.NUMBER,
        "operations": Show.NUMBER,
        "size": Show.BYTES,
        "latency_ms": Show.MILLISECONDS,
        "server": Show.TEXT,
        "role": Show.TEXT,
        "folder": Show.TEXT,
    },
    name_key="place",
)

# What makes a store, and lets people use it.
STORE_SQL: Final = ItemKind(
    "store_sql", {"place": Show.TEXT, "created": Show.TEXT, "sql": Show.LINES}, name_key="place"
)


def store_item(facts: Facts, folder: str) -> dict[str, object]:
    """One store. `folder` is where this person keeps what is his own."""
    return {
        "place": facts.where,
        "kind": facts.kind,
        "schema": facts.schema,
        "head": facts.head,
        "operations": facts.operations,
        "size": facts.size,
        "latency_ms": facts.latency_ms,
        "server": facts.server,
        "role": facts.role,
        "folder": folder,
    }
