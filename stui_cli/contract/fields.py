"""Which fields the items of a kind have, and how people may call each: its key, or a heading of its column."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from stui_cli.model.fields import Fields
from stui_cli.model.results import Column, ItemKind, Show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import ModuleType

# The file of the contract that tells of a kind, where it has another name than the kind.
_FILES: Final = {"test": "test_result", "config_file": "setting", "store_sql": "store", "store_copy": "store"}

# Items that are images, with more to tell.
_OF_IMAGES: Final = ("agent", "check")

# Of commands that print no items.
_WITHOUT: Final = ("error", "completion", "demo")


def fields_of_kind(kind: str, more: Iterable[str] = ()) -> Fields | None:
    """The fields of the items of `kind`, and the `more` that a command adds; None where a command has no items."""
    if kind in _WITHOUT:
        return None
    files = (_FILES.get(kind, kind), *(("image",) if kind in _OF_IMAGES else ()))
    modules = [import_module(f"stui_cli.contract.{file}") for file in files]
    shows: dict[str, Show] = {}
    parts: dict[str, Sequence[str]] = {}
    for found in (value for module in modules for value in vars(module).values() if isinstance(value, ItemKind)):
        if found.name == kind:
            shows.update(found.keys)
            parts.update(found.parts)
    for key in more:
        shows.setdefault(key, Show.TEXT)
    return Fields(shows, (heading for module in modules for heading in _headings(module)), parts)


def _headings(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Every heading that the file has, with its key."""
    for value in vars(module).values():
        if isinstance(value, tuple):
            for column in value:
                if isinstance(column, Column):
                    yield column.title, column.key
