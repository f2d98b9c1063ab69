"""Source text taken apart into tokens: a mark or a bracket in a string, a comment or a character ends nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Poll = Callable[[], None]

_BLANKS = re.compile(r"""[\s\ufeff]*(?:"[^"]*"[\s\ufeff]*)*""")
_TOKEN = re.compile(
    r"""(?P<keyword>[^\W\d]\w*:(?!=)) | (?P<word>[^\W\d]\w*) | (?P<number>\d\w*(?:\.\d\w*)*)
      | (?P<string>'[^']*(?:''[^']*)*') | (?P<character>\$.) | (?P<open>\#*[(\[{])
      | (?P<symbol>\#+(?:'[^']*(?:''[^']*)*'|[-+*/\\<>=~,@%&?|]+|[\w:]+)) | (?P<assign>:=)
      | (?P<close>[)\]}]) | (?P<bar>\|) | (?P<dot>\.) | (?P<bang>!) | (?P<single>[\^:;])
      | (?P<operator>[-+*/\\~<>=@%&?,]+)""",
    re.VERBOSE | re.DOTALL,
)
_NO_END = {'"': "comment", "'": "string", "#": "symbol"}
_LINE_END = re.compile(r"\r\n|\r|\n")
_POLL_EVERY = 1_000
_CLOSER = {"(": ")", "[": "]", "{": "}"}


class Kind(StrEnum):
    """What a token is. BROKEN is text that has no end: the rest is in it; its text says what it is."""

    KEYWORD = "keyword"
    WORD = "word"
    NUMBER = "number"
    STRING = "string"
    CHARACTER = "character"
    OPEN = "open"
    SYMBOL = "symbol"
    ASSIGN = "assign"
    CLOSE = "close"
    BAR = "bar"
    DOT = "dot"
    BANG = "bang"
    SINGLE = "single"
    OPERATOR = "operator"
    BROKEN = "broken"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are positions in the text, as those of a slice."""

    kind: Kind
    text: str
    start: int
    end: int

    def opens_body(self) -> bool:
        """Whether it is an opening square bracket, which no literal begins with."""
        return self.kind is Kind.OPEN and self.text == "["


class Misread(Exception):
    """Something in the text cannot be read; `at` is where."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Source:
    """The text, and its tokens from any place. `poll` is called now and then: it raises what ends the reading."""

    def __init__(self, text: str, poll: Poll | None = None) -> None:
        self.text = text
        self._poll = poll
        self._read = 0
        self._lines = [0, *(found.end() for found in _LINE_END.finditer(text))]

    def place(self, at: int) -> tuple[int, int]:
        """The line and the column of a position, both from 1."""
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1

    def line(self, at: int) -> int:
        """The line of a position, from 1."""
        return self.place(at)[0]

    def skip_blanks(self, at: int) -> int:
        """Behind blanks and comments."""
        found = _BLANKS.match(self.text, at)
        return at if found is None else found.end()

    def token(self, at: int) -> Token:
        """The first at or behind this position."""
        self._read += 1
        if self._poll is not None and self._read % _POLL_EVERY == 0:
            self._poll()
        at = self.skip_blanks(at)
        if at >= len(self.text):
            return Token(Kind.END, "", at, at)
        found = _TOKEN.match(self.text, at)
        if found is not None:
            return Token(Kind(found.lastgroup or ""), found.group(), at, found.end())
        char = self.text[at]
        what = _NO_END.get(char)
        if what is not None or char == "$":
            message = f"there is no end to this {what}" if what else "there is no character after the $"
            return Token(Kind.BROKEN, message, at, len(self.text))
        return Token(Kind.OPERATOR, char, at, at + 1)

    def after_group(self, opening: Token) -> Token:
        """The bracket that closes this one. Raises Misread."""
        openers = [opening]
        at = opening.end
        while True:
            token = self.token(at)
            at = token.end
            if token.kind is Kind.BROKEN:
                raise Misread(token.text, token.start)
            if token.kind is Kind.END:
                last = openers[-1]
                raise Misread(f"there is no end to {last.text[-1]}", last.end - 1)
            if token.kind is Kind.OPEN:
                openers.append(token)
            elif token.kind is Kind.CLOSE:
                if _CLOSER[openers[-1].text[-1]] != token.text:
                    raise Misread(f"there is no beginning to {token.text}", token.start)
                openers.pop()
                if not openers:
                    return token


def contents(literal: str) -> str:
    """Of a string or a symbol; of anything else its own text."""
    plain = literal.lstrip("#")
    return plain[1:-1].replace("''", "'") if plain[:1] == "'" else plain
