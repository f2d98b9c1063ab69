"""Chunk files: what Smalltalks write when they file out, cut into parts that are run or compiled one by one.

    Object subclass: #Foo ... !                      a statement, ended by one exclamation mark
    !Foo methodsFor: 'greeting'!                     a chunk that begins with a mark of its own: methods follow
    hello ^ 'oh!!' ! bye ^ 'bye' ! !                 each one a chunk; a blank chunk ends them, !! is one !

A mark in a string, a comment or a character ends nothing. In a chunk that is no Smalltalk (the comment of a class) a
quote has no end: there each single mark counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.playground.source.parts import CommentText, MethodPart, Place, Statement
from stui_cli.playground.source.tokens import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.playground.source.parts import Part
    from stui_cli.playground.source.tokens import Poll

_HEADING = re.compile(
    r"""\s* (?P<name>[A-Za-z_][\w.]*) (?P<side>\s+class)? \s+
        (?P<what>methodsFor|commentStamp) : \s* (?:'(?P<category>(?:[^']|'')*)')?""",
    re.VERBOSE,
)
_REORGANIZED = re.compile(r"\s*[A-Za-z_][\w.]*(?:\s+class)?\s+reorganize\s*(?:!|$)")
_SELECTOR = re.compile(
    r"""(?:\s|"[^"]*")* (?: (?P<binary>[-+*/\\<>=~,@%&?|]+) | (?P<unary>[^\W\d]\w*)(?!\w*:) )""", re.X
)
_KEYWORD = re.compile(r"""(?:\s|"[^"]*")* ([^\W\d]\w*:) (?:\s|"[^"]*")* [^\W\d]\w*""", re.X)


def selector_of(text: str) -> str | None:
    """The selector of a method's text; none where it does not begin with one."""
    parts, at = [], 0
    while (found := _KEYWORD.match(text, at)) is not None:
        parts.append(found[1])
        at = found.end()
    if parts:
        return "".join(parts)
    single = _SELECTOR.match(text)
    return None if single is None else single["binary"] or single["unary"]


def read_chunks(text: str, poll: Poll | None = None) -> list[Part]:
    """The parts in their order. A last chunk without a mark counts too; nothing is ever refused."""
    return list(_Reader(Source(text, poll), first_line_passed(text)).parts())


def read_heading(source: Source, at: int) -> tuple[list[Part], int] | None:
    """What the chunk behind the mark before `at` is the heading of, and where that ends; none if it is no heading."""
    reader = _Reader(source, at)
    return (list(reader.headed()), reader.at) if is_heading(source.text, at) else None


def is_heading(text: str, at: int) -> bool:
    """Whether methods, a comment or an arrangement follow what begins here; else the mark has ended something."""
    return _HEADING.match(text, at) is not None or _REORGANIZED.match(text, at) is not None


class _Reader:
    def __init__(self, source: Source, at: int) -> None:
        self._source = source
        self._text = source.text
        self.at = at

    def parts(self) -> Iterator[Part]:
        while self._skip_comments():
            if self._text[self.at] != "!":
                yield from self._statement(*self._chunk())
                continue
            self.at += 1
            if is_heading(self._text, self.at):
                yield from self.headed()

    def headed(self) -> Iterator[Part]:
        """A chunk that begins with a mark, and what it is the heading of."""
        text, _ = self._chunk()
        found = _HEADING.match(text)
        if _REORGANIZED.match(text):
            self._raw_chunk()
        elif found is not None and found["what"] == "commentStamp":
            if self._skip_blanks():
                yield CommentText(found["name"], *self._raw_chunk())
        elif found is not None:
            category = (found["category"] or "").replace("''", "'")
            yield from self._methods(found["name"], bool(found["side"]), category)

    def _statement(self, text: str, place: Place) -> Iterator[Part]:
        if Source(text).token(0).kind is not Kind.END:
            yield Statement(text, place)

    def _methods(self, name: str, side: bool, category: str) -> Iterator[Part]:
        while self._skip_blanks():
            text, place = self._chunk()
            if Source(text).token(0).kind is Kind.END:  # of comments only: as in GNU Smalltalk
                return
            yield MethodPart(name, side, category, selector_of(text) or "?", text, place)

    def _skip_comments(self) -> bool:
        """Whether anything is left after them: a heading may follow a comment as well."""
        self.at = self._source.skip_blanks(self.at)
        return self.at < len(self._text)

    def _skip_blanks(self) -> bool:
        """Whether anything is left after them."""
        while self.at < len(self._text) and (self._text[self.at].isspace() or self._text[self.at] == "\ufeff"):
            self.at += 1
        return self.at < len(self._text)

    def _chunk(self) -> tuple[str, Place]:
        """The text from here to the next single mark, which is passed."""
        begin = at = self.at
        while True:
            token = self._source.token(at)
            at = token.end
            if token.kind is Kind.BROKEN:
                return self._raw_chunk()
            if token.kind is Kind.BANG and self._text.startswith("!", at):
                at += 1
            elif token.kind in (Kind.BANG, Kind.END):
                self.at = at
                return self._cut(begin, token.start)

    def _raw_chunk(self) -> tuple[str, Place]:
        begin = self.at
        found = re.compile(r"(?:[^!]|!!)*").match(self._text, begin)
        end = begin if found is None else found.end()
        self.at = min(end + 1, len(self._text))
        return self._cut(begin, end)

    def _cut(self, begin: int, end: int) -> tuple[str, Place]:
        return self._text[begin:end].replace("!!", "!").rstrip(), Place(*self._source.place(begin))


def first_line_passed(text: str) -> int:
    """Where the text begins: behind the mark of UTF-8, and behind a first line for the shell."""
    begin = 1 if text.startswith("\ufeff") else 0
    if not text.startswith("#!", begin):
        return begin
    found = re.compile(r"[^\r\n]*").match(text, begin)
    return begin if found is None else found.end()
