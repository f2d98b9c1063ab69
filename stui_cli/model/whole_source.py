"""Source that comes line by line: a line goes on while a bracket, a parenthesis, a brace, a string or a comment is
open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A character such as $' or $( stands for itself. A quotation mark that is doubled ends a string and begins it again.
_OUTSIDE = re.compile(r"""\$.|['"()\[\]{}]""", re.DOTALL)
_OPENING, _CLOSING = "([{", ")]}"


class OpenEnd:
    """What is open after the lines that were fed. What closes more than was opened closes all: its image tells."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0

    def __bool__(self) -> bool:
        return bool(self._quote) or self._depth > 0

    def feed(self, line: str) -> None:
        """Look at one more line."""
        at = 0
        while True:
            if self._quote:
                end = line.find(self._quote, at)
                if end < 0:
                    return
                self._quote, at = "", end + 1
            match = _OUTSIDE.search(line, at)
            if match is None:
                return
            at = match.end()
            sign = match[0]
            if sign in ("'", '"'):
                self._quote = sign
            elif sign in _OPENING:
                self._depth += 1
            elif sign in _CLOSING:
                self._depth = max(0, self._depth - 1)


def whole_pieces(lines: Iterable[str]) -> Iterator[str]:
    """Lines without their ends, put together to pieces of source; blank ones between pieces are left out. What is open
    at the end is a piece, too: its image tells what it lacks."""
    piece: list[str] = []
    end = OpenEnd()
    for line in lines:
        if not piece and not line.strip():
            continue
        piece.append(line)
        end.feed(line)
        if not end:
            yield "\n".join(piece)
            piece = []
    if piece:
        yield "\n".join(piece)
