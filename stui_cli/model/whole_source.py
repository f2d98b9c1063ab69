"""Source that comes line by line: a line goes on while a bracket, a parenthesis, a brace, a string or a comment is
open."""

from __future__ import annotations

import re

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


class OpenPiece:
    """A piece of source that is put together of lines without their ends; blank ones before it are left out."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._end = OpenEnd()

    @property
    def is_begun(self) -> bool:
        """Whether the next line goes on with one that was fed."""
        return bool(self._lines)

    def fed(self, line: str) -> str | None:
        """The whole piece if it ends with this line; then the next one begins."""
        if not self._lines and not line.strip():
            return None
        self._lines.append(line)
        self._end.feed(line)
        return None if self._end else self.rest()

    def rest(self) -> str | None:
        """What there is of a piece, None if there is nothing. What is open at the end is a piece, too: its image tells
        what it lacks."""
        lines, self._lines, self._end = self._lines, [], OpenEnd()
        return "\n".join(lines) if lines else None
