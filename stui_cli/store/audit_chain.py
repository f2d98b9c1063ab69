"""The chain of the audit log: each line carries the hash of the line before, and its number.

A chain of hashes shows what was changed inside it, and nothing of an end that was cut off. So a mark beside the log
says how many lines there were after the last append, and the hash of the last one; each operation repeats that, for
where the mark is gone too. A process killed between line and mark leaves a mark that says less, which is fine. Where
there is less than the mark says, the next line is chained to what the mark says: the gap stays visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.model.digest import sha256_hex
from stui_cli.named_tuples import NamedTuple

# By this json itself writes a text. All of json would cost an evaluation 1 ms, which has one line of texts and numbers
# to add, and nothing to read but the end of the one before.
try:
    from _json import encode_basestring_ascii as quoted
except ImportError:
    from json.encoder import encode_basestring_ascii as quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

# The hash that the first line of all carries for the line before it.
NOTHING_BEFORE = "0" * 64

# No log has so many lines.
_MOST_DIGITS = 18


class Mark(NamedTuple):
    """How many lines there are, and the hash of the last one."""

    lines: int
    sha256: str

    def after(self, line: bytes) -> Mark:
        """The mark once `line` follows."""
        return Mark(self.lines + 1, sha256_hex(line))


EMPTY = Mark(0, NOTHING_BEFORE)


def mark_of(text: str) -> Mark | None:
    """The mark that a text says."""
    lines, _, sha256 = text.strip().partition(" ")
    return Mark(int(lines), sha256) if lines.isdigit() and len(sha256) == len(NOTHING_BEFORE) else None


def text_of(mark: Mark) -> str:
    """The mark as a text."""
    return f"{mark.lines} {mark.sha256}\n"


def line_of(fields: Mapping[str, object], before: Mark, head: int) -> bytes:
    """The line of `fields` after those that `before` tells of. Its end is as `_end_of` reads it."""
    told = ",".join(f"{_written(key)}:{_written(value)}" for key, value in fields.items())
    return f'{{{told},"line":{before.lines + 1},"head":{head},"previous":"{before.sha256}"}}'.encode("ascii")


def number_in(line: bytes) -> int | None:
    """The number of a line; None in those of an earlier stui, which are counted."""
    end = _end_of(line)
    return end[0] if end is not None else _integer_in(line, "line")


def head_in(line: bytes) -> int | None:
    """How far the operation log was written down with a line; None where it does not tell, or is none of ours."""
    end = _end_of(line)
    return end[1] if end is not None else _integer_in(line, "head")


def fields_of(line: bytes) -> dict[str, Any] | None:
    """What a line says, None where it is no line of ours."""
    import json

    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):  # lists a thousand deep are no line of ours
        return None
    return fields if isinstance(fields, dict) else None


def _integer_in(line: bytes, key: str) -> int | None:
    found = (fields_of(line) or {}).get(key)
    return found if isinstance(found, int) else None


def _end_of(line: bytes) -> tuple[int, int] | None:
    """Number and head of a line as `line_of` makes it: in a text of JSON no quotation mark stands as it is. None for
    any other line, which is read as JSON."""
    _, begun, end = line.rpartition(b',"line":')
    number, _, end = end.partition(b',"head":')
    head, _, end = end.partition(b',"previous":"')
    whole = begun and len(end) == len(NOTHING_BEFORE) + len('"}') and end.endswith(b'"}')
    if whole and number.isdigit() and head.isdigit() and max(len(number), len(head)) <= _MOST_DIGITS:
        return int(number), int(head)
    return None


def _written(value: object) -> str:
    """A value as JSON."""
    if isinstance(value, str):
        return quoted(value)
    if value.__class__ is int:
        return str(value)
    import json

    return json.dumps(value, separators=(",", ":"))
