"""Walks over the tokens of a text; what brackets, statements and Tonel have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.playground.source.chunks import first_line_passed
from stui_cli.playground.source.parts import MethodPart, Place, Unread
from stui_cli.playground.source.tokens import Kind, Misread, Source, Token

if TYPE_CHECKING:
    from stui_cli.playground.source.tokens import Poll

# At the beginning of a body in brackets; a comment may stand before it.
_CATEGORY = re.compile(r"""\s*(?:"[^"]*"\s*)*<\s*category\s*:\s*'((?:[^']|'')*)'\s*>""")


class Reader:
    """`here` is the token where it stands. What cannot be read raises Misread, and becomes a part by `refused`."""

    def __init__(self, text: str, poll: Poll | None = None) -> None:
        self.source = Source(text, poll)
        self.text = text
        self.here: Token = self.source.token(first_line_passed(text))

    # Walking

    def next(self) -> None:
        """Go to the next token."""
        self.here = self.source.token(self.here.end)

    def back_to(self, token: Token) -> None:
        """Go to a token that was met."""
        self.here = token

    def at(self, *kinds: Kind) -> bool:
        """Whether it stands at one of these."""
        return self.here.kind in kinds

    def at_end(self) -> bool:
        """Whether nothing more can be read."""
        return self.at(Kind.END, Kind.BROKEN)

    def is_word(self, text: str) -> bool:
        """Whether this is the word."""
        return self.at(Kind.WORD) and self.here.text == text

    def is_operator(self, text: str) -> bool:
        """Whether this is the operator."""
        return self.at(Kind.OPERATOR) and self.here.text == text

    def group(self) -> tuple[Token, Token]:
        """The bracket that opens here and the one that closes it, behind which we then stand. Raises Misread."""
        opening = self.here
        closing = self.source.after_group(opening)
        self.here = closing
        self.next()
        return opening, closing

    # Places

    def place(self, at: int) -> Place:
        """Of a position in the text."""
        return Place(*self.source.place(at))

    def refused(self, kind: str, name: str | None, begin: int, problem: Misread) -> Unread:
        """The part that cannot be read, as a part."""
        return Unread(kind, name, str(problem), self.place(begin), self.place(problem.at))

    # What several formats have

    def pattern(self) -> str | None:
        """The head of a method: its selector, or None if this is none. Then we stand behind it."""
        if self.at(Kind.WORD):
            selector = self.here.text
            self.next()
            return selector
        parts = []
        while self.at(Kind.KEYWORD):
            parts.append(self.here.text)
            if not self._argument():
                return None
        if parts:
            return "".join(parts)
        if not self.at(Kind.OPERATOR, Kind.BAR):
            return None
        selector = self.here.text
        return selector if self._argument() else None

    def _argument(self) -> bool:
        self.next()
        if not self.at(Kind.WORD):
            return False
        self.next()
        return True

    def method(self, class_name: str, class_side: bool, category: str) -> MethodPart:
        """From its head to behind its body; the text has blanks where the brackets were, so that places stay."""
        begin = self.here.start
        selector = self.pattern()
        if selector is None or not self.here.opens_body():
            raise Misread("this is no part of a class: a method like bar [ ... ] was expected", begin)
        opening, closing = self.group()
        body = self.text[opening.end : closing.start]
        own = _CATEGORY.match(body)
        category = own[1].replace("''", "'") if own else category
        text = _without_bracket(self.text[begin : opening.start], body)
        return MethodPart(class_name, class_side, category, selector, text.rstrip(), self.place(begin))

    def target(self) -> tuple[str, bool] | None:
        """Foo >> or Foo class >>; None, and we stand where we were, if this is something else."""
        begin = self.here
        if begin.kind is Kind.WORD:
            self.next()
            side = self.is_word("class") or self.is_word("classTrait")
            if side:
                self.next()
            if self.is_operator(">>"):
                self.next()
                return begin.text, side
        self.back_to(begin)
        return None

    def variables(self) -> list[str]:
        """| a b |"""
        begin = self.here.start
        names = []
        self.next()
        while self.at(Kind.WORD):
            names.append(self.here.text)
            self.next()
        if not self.at(Kind.BAR):
            raise Misread("there is no end to this list of variables", begin)
        self.next()
        return names


def _without_bracket(head: str, body: str) -> str:
    """Head and body of a method with a blank for the bracket, so that places stay; none at the end of a line."""
    rest = body.lstrip(" \t")
    return head.rstrip(" \t") + rest if rest.startswith(("\r", "\n")) else f"{head} {body}"
