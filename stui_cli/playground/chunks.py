"""Chunk files: what Smalltalks write when they file out, cut into pieces that are run or compiled one by one.

    Object subclass: #Foo ... !                      a statement, ended by one exclamation mark
    !Foo methodsFor: 'greeting'!                     a chunk that begins with a mark of its own: methods follow
    hello ^ 'oh!!' ! bye ^ 'bye' ! !                 each one a chunk; a blank chunk ends them; !! is one !

The rules are those of the Blue Book's file-in: a mark counts wherever it stands, also in a string or a comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_READER = re.compile(
    r"""\s* (?P<name>[A-Za-z_][\w.]*) (?P<side>\s+class)? \s+
        (?P<what>methodsFor|commentStamp) : \s* (?:'(?P<category>(?:[^']|'')*)')?""",
    re.VERBOSE,
)
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Statement:
    """Something to evaluate. `line` is that of its first character, from 1."""

    text: str
    line: int


@dataclass(frozen=True)
class MethodSource:
    """A method to compile into the class, or into its class side."""

    class_name: str
    class_side: bool
    category: str
    text: str
    line: int


@dataclass(frozen=True)
class CommentText:
    """What a class is for."""

    class_name: str
    text: str
    line: int


Piece = Statement | MethodSource | CommentText


def pieces(text: str) -> list[Piece]:
    """The pieces of a chunk file in their order. A last chunk without a mark counts too; nothing is ever refused."""
    return list(_Reader(text).pieces())


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0

    def pieces(self) -> Iterator[Piece]:
        while self._skip_blanks():
            if self._text[self._at] != "!":
                yield self._statement()
                continue
            self._at += 1
            if self._skip_blanks():
                yield from self._read_by(self._statement())

    def _read_by(self, asked: Statement) -> Iterator[Piece]:
        """What follows a chunk that begins with a mark."""
        found = _READER.match(asked.text)
        if found is None:
            if asked.text:
                yield asked
        elif found["what"] == "commentStamp":
            if self._skip_blanks():
                comment = self._statement()
                yield CommentText(found["name"], comment.text, comment.line)
        else:
            category = (found["category"] or "").replace("''", "'")
            yield from self._methods(found["name"], bool(found["side"]), category)

    def _methods(self, name: str, side: bool, category: str) -> Iterator[Piece]:
        while self._skip_blanks():
            method = self._statement()
            if not method.text:
                return
            yield MethodSource(name, side, category, method.text, method.line)

    def _skip_blanks(self) -> bool:
        """Whether anything is left after them."""
        while self._at < len(self._text) and (self._text[self._at].isspace() or self._text[self._at] == "\ufeff"):
            self._at += 1
        return self._at < len(self._text)

    def _statement(self) -> Statement:
        """The text from here to the next single mark, which is passed."""
        line = self._line_here()
        parts = []
        while True:
            end = self._text.find("!", self._at)
            if end < 0:
                parts.append(self._text[self._at :])
                self._at = len(self._text)
                break
            parts.append(self._text[self._at : end])
            self._at = end + 1
            if not self._text.startswith("!", self._at):
                break
            parts.append("!")
            self._at += 1
        return Statement("".join(parts).rstrip(), line)

    def _line_here(self) -> int:
        self._line += len(_LINE_END.findall(self._text, self._counted, self._at))
        self._counted = self._at
        return self._line
