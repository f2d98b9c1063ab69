"""What is shown of a result: which columns (`--columns`), items in which order and how many (`--sort`, `--limit`), or
a line for each by a template (`--template`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Column, Show
from stui_cli.output.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stui_cli.model.fields import Fields
    from stui_cli.model.results import Item, ItemKind, Result
    from stui_cli.output.ordering import SortKey
    from stui_cli.output.template import Template


class Selection:
    """What the command line chooses of the items of a result; None or empty where it says nothing of it."""

    # Written out: a named tuple costs every start 0.1 ms.
    __slots__ = ("columns", "limit", "sort", "template")

    def __init__(
        self,
        columns: tuple[str, ...] | None = None,
        sort: tuple[SortKey, ...] = (),
        limit: int | None = None,
        template: Template | None = None,
    ) -> None:
        self.columns = columns
        self.sort = sort
        self.limit = limit
        self.template = template

    @property
    def picks(self) -> bool:
        """Whether anything is chosen: then the items are shown, and no text in their place."""
        return bool(self.sort) or any(each is not None for each in (self.columns, self.limit, self.template))


EVERYTHING: Final = Selection()


def read_selection(
    fields: Fields | None,
    *,
    columns: str | None = None,
    sort: str | None = None,
    limit: int | None = None,
    template: str | None = None,
) -> Selection:
    """Understand the options by the fields of a command's items; without them any key will do for a column.

    Raises UsageProblem for a field that these items have not, and for what is no list of keys or no template.
    """
    return Selection(
        None if columns is None else tuple(_key_meant(word, fields) for word in _words(columns, "--columns")),
        () if sort is None else tuple(_sort_keys(sort, fields)),
        limit,
        None if template is None else _template(template, fields),
    )


def selected(result: Result, selection: Selection) -> tuple[Result, str]:
    """`result` with its items sorted and those beyond the limit left out, and what is to be said of these; empty where
    all are there.

    Raises UsageProblem for a field by which they should be sorted and that none of them has.
    """
    if not selection.sort and selection.limit is None:
        return result, ""
    from stui_cli.output.ordering import first, ordered

    _check_there(result.items, (key for key, _ in selection.sort))
    items = ordered(result.items, selection.sort, result.group_key) if selection.sort else result.items
    shown, left_out = first(items, selection.limit, from_end=result.newest_last and not selection.sort)
    return result._replace(items=shown), left_out_note(left_out, len(items), selection.limit)


def left_out_note(left_out: int, count: int | None, limit: int | None) -> str:
    """What is to be said of the items that a limit left out; empty where there are none. Of how many is not known where
    reading ended at the limit."""
    if not left_out:
        return ""
    return f"{'the rest' if count is None else f'{left_out} of {count}'} left out: --limit {limit}"


def no_room_note(titles: Iterable[str]) -> str:
    """What is to be said of the columns that a table had no room for."""
    return f"no room for {', '.join(map(clean, titles))}; -o plain shows all"


def filled_in(result: Result, template: Template) -> str:
    """The items of `result`, a line each. Raises UsageProblem for a field that none of them has."""
    _check_there(result.items, template.keys)
    return template.lines(result.items)


def chosen_columns(result: Result, asked: Sequence[str] | None) -> Sequence[Column]:
    """The columns to show; a result that has none shows every field of its items.

    Raises UsageProblem for a key that no column and no item has. An empty listing cannot tell a misspelt key
    from a field of the items that are not there: it accepts any.
    """
    return columns_chosen(result.kind, result.columns, result.items, asked)


def columns_chosen(
    kind: ItemKind, columns: Sequence[Column], items: Sequence[Item], asked: Sequence[str] | None
) -> Sequence[Column]:
    """The same; that the `items` are as those that are shown is enough."""
    known = {column.key: column for column in columns}
    if asked is None and known:
        return columns
    for item in items:
        for key in item:
            if key not in known:
                known[key] = Column(key, _title(key, columns), kind.keys.get(key, Show.TEXT))
    if asked is None:
        return tuple(known.values())
    if not items:
        return [known.get(key) or Column(key, _title(key, columns)) for key in asked]
    for key in asked:
        if key not in known:
            raise unknown_column(key, known)
    return [known[key].in_full() for key in asked]


def spelled_out(columns: Sequence[Column]) -> Sequence[Column]:
    """`columns` for a description, where no heading above tells what a mark means: a title each, yes and no."""
    return [
        Column(
            column.key,
            column.title or _title(column.key, ()),
            Show.TEXT if column.show is Show.MARK else column.show,
        )
        for column in columns
    ]


def narrowed(items: Sequence[Item], columns: Sequence[Column]) -> Sequence[Item]:
    """`items` with the fields of `columns` only, null where an item has none."""
    return [{column.key: item.get(column.key) for column in columns} for item in items]


def name_of(item: Item, name_key: str) -> str | None:
    """What names `item` on a command line; `image/name` joins two fields, leaving out one that is null.

    None when the first field is null: the rest alone would name something else.
    """
    return name_joined([item.get(key) for key in name_key.split("/")])


def name_joined(fields: Sequence[object]) -> str | None:
    """The name that these fields make."""
    return None if fields[0] is None else "/".join(str(part) for part in fields if part is not None)


def _title(key: str, beside: Iterable[Column]) -> str:
    """The title of a column that has none of its own: in capitals or small where those beside it are."""
    words = key.removesuffix("_ms").removesuffix("_at").replace("_", " ")
    titles = "".join(column.title for column in beside)
    if titles.isupper():
        return words.upper()
    return words if titles.islower() else words.capitalize()


def _template(text: str, fields: Fields | None) -> Template:
    from stui_cli.output.template import read_template

    if fields is None:
        raise UsageProblem("this command prints no items: a template has nothing to fill in")
    return read_template(text, fields)


def _sort_keys(text: str, fields: Fields | None) -> Iterable[SortKey]:
    from stui_cli.output.ordering import SortKey

    for word in _words(text, "--sort"):
        yield SortKey(_key_meant(word.removeprefix("-"), fields, " to sort by"), word.startswith("-"))


def _words(text: str, option: str) -> Sequence[str]:
    words = [word.strip() for word in text.split(",")]
    if not all(word.removeprefix("-") for word in words):
        raise UsageProblem(
            f"{option} {text!r} names an empty column", todo=f"separate keys with commas: {option} name,status"
        )
    return words


def _key_meant(word: str, fields: Fields | None, purpose: str = "") -> str:
    """The key of the field that is called so: by its key or its heading, in any case."""
    if fields is None:
        return word
    key = fields.key_of(word)
    if key is None:
        raise unknown_column(word, fields.shows, fields.names, purpose)
    return key


def _check_there(items: Sequence[Item], keys: Iterable[str]) -> None:
    """A kind of item has keys that only some of its commands tell."""
    for key in keys if items else ():
        if not any(key in item for item in items):
            raise unknown_column(key, dict.fromkeys(each for item in items for each in item))


def unknown_column(key: str, known: Iterable[str], more: Iterable[str] = (), purpose: str = "") -> UsageProblem:
    """Why `key` cannot be used, with the nearest of the `known` keys, else of `more` names, and all that are known."""
    from stui_cli.model.names import nearest

    columns = f"columns: {', '.join(known)}"
    hint = nearest(key, known) or nearest(key.casefold(), more)
    return UsageProblem(f"there is no column {key!r}{purpose}", todo=f"{hint}\n{columns}" if hint else columns)
