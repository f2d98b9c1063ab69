"""What a command returns: one shape, rendered by `stui_cli.output` as table, plain rows or versioned JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from stui_cli.model.exits import Exit
from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from stui_cli.model.errors import StuiError

Item = Mapping[str, object]


class OutputMode(StrEnum):
    """How data is printed; AUTO is a table on a terminal and plain rows elsewhere."""

    AUTO = "auto"
    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    JSONL = "jsonl"
    TSV = "tsv"
    NAME = "name"
    PROMETHEUS = "prometheus"  # of images only


class Show(StrEnum):
    """How a cell is written for people; JSON always carries the plain value."""

    TEXT = "text"
    PHRASE = "phrase"  # a text, perhaps with moments in it that are shown as "3 min ago"
    CODE = "code"  # a text whose line ends and indents are blanks: a line of it can be read
    LINES = "lines"  # a text of many lines, shown as its first one "+5 lines"; whole where one item is described
    STATUS = "status"  # a connection status: symbol and word
    HEALTH = "health"  # a connection health: symbol and word
    AGE = "age"  # a Moment, shown as "3 min ago"
    DURATION = "duration"  # milliseconds, shown as "2 h 5 min"
    MILLISECONDS = "milliseconds"  # shown as "0.4 ms"
    BYTES = "bytes"  # shown as "14 MiB"
    NUMBER = "number"
    MARK = "mark"  # true is a marker, false is empty
    LABELS = "labels"  # a map of strings, shown as "k=v k=v"
    REASON = "reason"  # why a session is left behind, shown as "ImageGone"


class ItemKind:
    """A kind of item, one file of `stui_cli.contract` each.

    `name` is what JSON calls it. `keys` are those that every item of it has, whatever command prints it, with how
    people see each; a command may add some of its own. `name_key` tells which field `-o name` prints, one per line,
    acceptable as arguments again; `image/name` joins two fields, leaving out one that is null. `parts` has the keys of
    those fields that are maps, where these are always the same.
    """

    # Written out: Python makes this class in 0.02 ms and a named tuple in 0.35, and every command needs it.
    __slots__ = ("keys", "name", "name_key", "parts")

    def __init__(
        self,
        name: str,
        keys: Mapping[str, Show],
        name_key: str = "name",
        parts: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.name = name
        self.keys = keys
        self.name_key = name_key
        self.parts = parts or {}


class Column:
    """One column of the human listing: the item's key, its heading, and how its cells are shown.

    `least` is how many cells of a text have to be seen for it to say anything, where that is more than usual. `wish` is
    how many of them are worth more than the columns right of it. `keep`: the listing is worth nothing without it.
    `most` is how many letters of it a listing has that was not asked for it; the whole is where one item is shown.
    `spare`: where there is too little room it goes first, wherever it stands.
    """

    __slots__ = ("keep", "key", "least", "most", "show", "spare", "title", "wish")  # written out, as ItemKind is

    def __init__(
        self,
        key: str,
        title: str,
        show: Show = Show.TEXT,
        least: int = 0,
        wish: int = 0,
        keep: bool = False,
        most: int = 0,
        spare: bool = False,
    ) -> None:
        self.key = key
        self.title = title
        self.show = show
        self.least = least
        self.wish = wish
        self.keep = keep
        self.most = most
        self.spare = spare

    def in_full(self) -> Column:
        """The same, with all of its letters."""
        return Column(self.key, self.title, self.show, self.least, self.wish, self.keep) if self.most else self


class Result(NamedTuple):
    """What a command has to say.

    `items` carry the keys of their `kind`, `columns` are those that a person sees by default, the most important
    first: a narrow terminal leaves out the last. Without columns every field is shown. `text`, where given, replaces
    the table for people (the value of an evaluation, the line of a switch) unless the command line chooses what to
    show of the items (--columns, --sort, --limit, --template). `notes`
    are for people only and go to stderr, never in quiet mode. `errors` and `warnings` go to stderr for people and
    inside the envelope in JSON. `empty` is said on a terminal when there are no items. `vertical` shows an item as
    lines of key and value. `group_key` is the field by which the items stand together: a table shows it once for each
    group. `is_source`: the text is Smalltalk, which is told in colours where there are any; `is_diff`: a unified diff.
    `newest_last`: the items come in the order of time, and the newest are what a few of them are.
    """

    kind: ItemKind
    items: Sequence[Item]
    columns: Sequence[Column] = ()
    text: str | None = None
    notes: Sequence[str] = ()
    errors: Sequence[StuiError] = ()
    warnings: Sequence[str] = ()
    exit_code: Exit = Exit.DONE
    empty: str = ""
    vertical: bool = False
    group_key: str | None = None
    is_source: bool = False
    is_diff: bool = False
    newest_last: bool = False
