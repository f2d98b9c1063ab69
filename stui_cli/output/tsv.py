r"""Tab separated values: the plain values of the fields, not the words of the table.

The headings are keys. Tab, newline, return and backslash are \t, \n, \r and \\, further control characters
\xNN, \uNNNN or \UNNNNNNNN. Truth values are `true` and `false`, null is empty, maps and lists are JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.times import Moment
from stui_cli.output.cleaning import escaped_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.results import Column, Item


def listing(items: Sequence[Item], columns: Sequence[Column], *, headers: bool) -> str:
    """One line per item; with `headers`, a line of keys first, for an empty listing too."""
    keys = [column.key for column in columns]
    lines = ["\t".join(map(escaped_field, keys))] if headers and keys else []
    lines.extend("\t".join(_field(item.get(key)) for key in keys) for item in items)
    return "".join(f"{line}\n" for line in lines)


def _field(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return escaped_field(value)
        case Moment():
            return str(value)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            from stui_cli.output.structured import encoded

            return escaped_field(encoded(value))
