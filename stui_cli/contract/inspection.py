"""An object of an image as an item: whole with its slots for JSON, slot by slot for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import Column, ItemKind, Show

if TYPE_CHECKING:
    from collections.abc import Sequence

INSPECTION: Final = ItemKind(
    "inspection",
    {
        "class": Show.TEXT,
        "print": Show.LINES,
        "hash": Show.NUMBER,
        "size": Show.NUMBER,
        "ref": Show.NUMBER,
        "named": Show.TEXT,
        "indexed": Show.TEXT,
    },
)

SLOT: Final = ItemKind(
    "inspection",
    {"slot": Show.TEXT, "class": Show.TEXT, "print": Show.LINES, "ref": Show.TEXT, "level": Show.NUMBER},
    name_key="slot",
)

SLOTS: Final = (
    Column("slot", "SLOT"),
    Column("class", "CLASS"),
    Column("print", "VALUE", Show.LINES),
    Column("ref", "REF"),
)


def inspection_item(
    class_name: str,
    printed: str,
    ref: int | None,
    *,
    hash_: int,
    size: int,
    named: Sequence[dict[str, object]],
    indexed: Sequence[dict[str, object]],
) -> dict[str, object]:
    """The object with its slots (`slot_item`); `size` is the number of all indexed ones."""
    return {
        "class": class_name,
        "print": printed,
        "hash": hash_,
        "size": size,
        "ref": ref,
        "named": named,
        "indexed": indexed,
    }


def slot_item(
    name: str,
    class_name: str,
    printed: str,
    ref: int | None,
    named: Sequence[dict[str, object]] | None,
    indexed: Sequence[dict[str, object]] | None,
) -> dict[str, object]:
    """One slot; with its own slots where they were asked for."""
    item = {"name": name, "class": class_name, "print": printed, "ref": ref}
    deeper = (("named", named), ("indexed", indexed))
    return item | {key: slots for key, slots in deeper if slots is not None}


def slot_row(name: str, class_name: str, printed: str, ref: int | None, level: int) -> dict[str, object]:
    """One slot as a row, indented below the slot that it is a slot of."""
    return {
        "slot": "  " * level + name,
        "class": class_name,
        "print": printed,
        "ref": f"@{ref}" if ref is not None else None,
        "level": level,
    }
