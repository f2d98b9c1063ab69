"""Images that stand together in a list: by a field of theirs, or by a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stui_cli.contract.image import PROBED
from stui_cli.model.errors import UsageProblem
from stui_cli.model.names import nearest
from stui_cli.model.results import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = dict[str, object]

# The words of the headings, for those who group by what they see.
_HEADINGS = {column.title.lower(): column.key for column in PROBED if " " not in column.title}

_GROUPS = ("dialect", "status", "health", "image_version")


def grouped(rows: Sequence[Row], group_by: str | None) -> list[Row]:
    """`rows` with those of one group together, where `group_by` is given. Raises UsageProblem for a label that none of
    them has."""
    if group_by is None or not rows:
        return list(rows)
    from stui_cli.output.ordering import ordered

    key = group_key(group_by)
    if key == "group":
        rows = [row | {"group": _label(row, group_by)} for row in rows]
        if all(row["group"] is None for row in rows):
            raise _no_such_label(group_by, rows)
    return ordered(rows, (), key)


def group_key(group_by: str) -> str:
    """The field of the rows by which they stand together: one of their own, or `group` for a label."""
    word = _HEADINGS.get(group_by, group_by)
    return word if word in _GROUPS else "group"


def grouped_columns(columns: Iterable[Column], group_by: str) -> list[Column]:
    """`columns` with that of the group in front."""
    key = group_key(group_by)
    own = [column for column in columns if column.key == key] or [Column(key, group_by.upper())]
    return [*own, *(column for column in columns if column.key != key)]


def _label(row: Row, label: str) -> object:
    metadata = row.get("metadata")
    return metadata.get(label) if isinstance(metadata, Mapping) else None


def _no_such_label(label: str, rows: Sequence[Row]) -> UsageProblem:
    known = sorted({str(key) for row in rows if isinstance(found := row.get("metadata"), Mapping) for key in found})
    hint = nearest(label, [*known, *_GROUPS])
    words = f"group by {', '.join(_GROUPS)} or a label" + (f" ({', '.join(known)})" if known else "")
    return UsageProblem(f"no image here has the label {label!r}", todo=f"{hint}\n{words}" if hint else words)
