"""The chain of the audit log: each line carries the hash of the line before, and its number.

A chain of hashes shows what was changed inside it, and nothing of an end that was cut off. So a mark beside the log
says how many lines there were after the last append, and the hash of the last one; each operation repeats that, for
where the mark is gone too. A process killed between line and mark leaves a mark that says less, which is fine. Where
there is less than the mark says, the next line is chained to what the mark says: the gap stays visible.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from stui_cli.model.digest import sha256_hex

# The hash that the first line of all carries for the line before it.
NOTHING_BEFORE = "0" * 64


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


def fields_of(line: bytes) -> dict[str, Any] | None:
    """What a line says, None where it is no line of ours."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):  # lists a thousand deep are no line of ours
        return None
    return fields if isinstance(fields, dict) else None


def number_in(line: bytes) -> int | None:
    """The number of a line; None in those of an earlier stui, which are counted."""
    fields = fields_of(line)
    number = fields.get("line") if fields is not None else None
    return number if isinstance(number, int) else None
