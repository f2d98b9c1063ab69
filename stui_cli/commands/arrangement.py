"""The order in which images are listed: sorted by a field, standing together by a field or a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stui_cli.contract.image import PROBED
from stui_cli.model.errors import UsageProblem
from stui_cli.model.names import nearest
from stui_cli.model.results import Column
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.model.times import Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = dict[str, object]

# What needs somebody's attention comes first.
_URGENCY: dict[object, int] = {
    word: place
    for words in (
        ("failed", "disconnected", "reconnecting", "unknown", "connected"),
        ("critical", "warning", "unknown", "healthy"),
    )
    for place, word in enumerate(words)
}

# The words of the headings, for those who sort by what they see.
_HEADINGS = {"age": "age_s"} | {column.title.lower(): column.key for column in PROBED if " " not in column.title}

_GROUPS = ("dialect", "status", "health", "image_version")


def arranged(rows: Sequence[Row], sort: str | None, group_by: str | None) -> list[Row]:
    """`rows` by the field `sort` (a leading - turns it round; what is not known comes last), and where `group_by`
    is given, those of one group together. Raises UsageProblem for a field that no row has."""
    ordered = list(rows)
    if sort is not None and ordered:
        ordered = _sorted(ordered, sort)
    if group_by is not None and ordered:
        key = group_key(group_by)
        if key == "group":
            ordered = [row | {"group": _label(row, group_by)} for row in ordered]
            if all(row["group"] is None for row in ordered):
                raise _no_such_label(group_by, ordered)
        ordered.sort(key=lambda row: _place(row.get(key)))
    return ordered


def group_key(group_by: str) -> str:
    """The field of the rows by which they stand together: one of their own, or `group` for a label."""
    word = _HEADINGS.get(group_by, group_by)
    return word if word in _GROUPS else "group"


def grouped_columns(columns: Iterable[Column], group_by: str) -> list[Column]:
    """`columns` with that of the group in front."""
    key = group_key(group_by)
    own = [column for column in columns if column.key == key] or [Column(key, group_by.upper())]
    return [*own, *(column for column in columns if column.key != key)]


def _sorted(rows: list[Row], sort: str) -> list[Row]:
    word = sort.removeprefix("-")
    key = _HEADINGS.get(word, word)
    if key not in rows[0]:
        known = sorted({*rows[0], *_HEADINGS})
        hint = nearest(word, known)
        raise UsageProblem(
            f"images cannot be sorted by {word!r}",
            todo=f"{hint}\nfields: {', '.join(known)}" if hint else ", ".join(known),
        )
    known_rows = [row for row in rows if row[key] is not None]
    known_rows.sort(key=lambda row: _place(row[key]), reverse=sort.startswith("-"))
    return [*known_rows, *(row for row in rows if row[key] is None)]


def _place(value: object) -> tuple[int, float, str]:
    """Where a value stands: states by urgency, then times and numbers, then texts, then what is not known."""
    match value:
        case ConnectionStatus() | ConnectionHealth():
            return (0, _URGENCY[str(value)], "")
        case Moment(ms=ms):
            return (1, ms, "")
        case bool() | int() | float():
            return (1, float(value), "")
        case None:
            return (3, 0.0, "")
        case _:
            return (2, 0.0, str(value).casefold())


def _label(row: Row, label: str) -> object:
    metadata = row.get("metadata")
    return metadata.get(label) if isinstance(metadata, Mapping) else None


def _no_such_label(label: str, rows: Sequence[Row]) -> UsageProblem:
    known = sorted({str(key) for row in rows if isinstance(found := row.get("metadata"), Mapping) for key in found})
    hint = nearest(label, [*known, *_GROUPS])
    words = f"group by {', '.join(_GROUPS)} or a label" + (f" ({', '.join(known)})" if known else "")
    return UsageProblem(f"no image here has the label {label!r}", todo=f"{hint}\n{words}" if hint else words)
