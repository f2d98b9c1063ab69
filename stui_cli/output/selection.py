"""Which columns are shown: the result's own, or those that `--columns` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Column, Show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.model.results import Item, Result


def chosen_columns(result: Result, asked: Sequence[str] | None) -> Sequence[Column]:
    """The columns to show; a result that has none shows every field of its items.

    Raises UsageProblem for a key that no column and no item has. An empty listing cannot tell a misspelt key
    from a field of the items that are not there: it accepts any.
    """
    known = {column.key: column for column in result.columns}
    if asked is None and known:
        return result.columns
    for item in result.items:
        for key in item:
            if key not in known:
                known[key] = Column(key, _title(key), result.kind.keys.get(key, Show.TEXT))
    if asked is None:
        return tuple(known.values())
    if not result.items:
        return [known.get(key) or Column(key, _title(key)) for key in asked]
    for key in asked:
        if key not in known:
            raise _unknown_column(key, known)
    return [known[key] for key in asked]


def spelled_out(columns: Sequence[Column]) -> Sequence[Column]:
    """`columns` for a description, where no heading above tells what a mark means: a title each, yes and no."""
    return [
        Column(column.key, column.title or _title(column.key), Show.TEXT if column.show is Show.MARK else column.show)
        for column in columns
    ]


def narrowed(items: Sequence[Item], columns: Sequence[Column]) -> Sequence[Item]:
    """`items` with the fields of `columns` only, null where an item has none."""
    return [{column.key: item.get(column.key) for column in columns} for item in items]


def name_of(item: Item, name_key: str) -> str | None:
    """What names `item` on a command line; `image/name` joins two fields, leaving out one that is null.

    None when the first field is null: the rest alone would name something else.
    """
    first, *rest = (item.get(key) for key in name_key.split("/"))
    if first is None:
        return None
    return "/".join(str(part) for part in (first, *rest) if part is not None)


def _title(key: str) -> str:
    return key.removesuffix("_ms").removesuffix("_at").replace("_", " ").capitalize()


def _unknown_column(key: str, known: Mapping[str, Column]) -> UsageProblem:
    from stui_cli.model.names import nearest

    columns = f"columns: {', '.join(known)}"
    hint = nearest(key, known)
    return UsageProblem(f"there is no column {key!r}", todo=f"{hint}\n{columns}" if hint else columns)
