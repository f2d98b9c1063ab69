"""Reads Smalltalk in the chunk format, as far as the core needs it: which messages are sent, which globals named."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""\s+ | "[^"]*"
    | (?P<string>\#?'(?:[^']|'')*')
    | (?P<character>\$.)
    | (?P<symbol>\#(?:[A-Za-z][\w:]*|[-+*/\\~<>=@%|&?,]+))
    | (?P<open_array>\#\()
    | (?P<number>-?\d+(?:r[0-9A-Z]+|\.\d+)?)
    | (?P<keyword>[A-Za-z]\w*:(?!=))
    | (?P<name>[A-Za-z]\w*)
    | (?P<assign>:=)
    | (?P<mark>[()\[\]^.;|:])
    | (?P<binary>[-+*/\\~<>=@%&?,!|]+)
    """,
    re.VERBOSE,
)


@dataclass
class Reading:
    """What a text defines, sends, and names."""

    defined: set[str] = field(default_factory=set)
    sent: dict[str, str] = field(default_factory=dict)  # selector: the first method that sends it
    globals: set[str] = field(default_factory=set)
    declared: dict[str, set[str]] = field(default_factory=dict)  # method: its arguments and temporaries


def tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while position < len(text):
        match = TOKEN.match(text, position)
        assert match is not None, text[position : position + 40]
        position = match.end()
        if match.lastgroup is not None:
            found.append((match.lastgroup, match[0]))
    return [*found, ("end", "")]


class Method:
    """A recursive descent over the tokens of one method, or of one statement outside of any."""

    def __init__(self, text: str, where: str, reading: Reading) -> None:
        self.tokens = tokens(text)
        self.at = 0
        self.where = where
        self.reading = reading
        self.declared: set[str] = set()

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    @property
    def text(self) -> str:
        return self.tokens[self.at][1]

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def pattern(self) -> str:
        """The first line: a name, an operator with an argument, or keywords with theirs."""
        if self.kind == "name":
            return self.take()
        selector = ""
        while self.kind in ("keyword", "binary"):
            selector += self.take()
            self.declare()
        return selector

    def declare(self) -> None:
        self.declared.add(self.take())

    def body(self) -> None:
        while self.text == "|":
            self.take()
            while self.text != "|":
                self.declare()
            self.take()
        while self.text not in ("]", "") or self.kind not in ("mark", "end"):
            if self.text in ("^", "."):
                self.take()
            else:
                self.expression()

    def expression(self) -> None:
        while self.kind == "name" and self.tokens[self.at + 1][0] == "assign":
            self.note_global(self.take())
            self.take()
        self.cascade()

    def cascade(self) -> None:
        self.primary()
        self.messages()
        while self.text == ";":
            self.take()
            self.messages()

    def messages(self) -> None:
        self.binaries()
        selector = ""
        while self.kind == "keyword":
            selector += self.take()
            self.primary()
            self.binaries()
        self.note(selector)

    def binaries(self) -> None:
        self.unaries()
        while self.kind == "binary" or (self.kind, self.text) == ("mark", "|"):
            self.note(self.take())
            self.primary()
            self.unaries()

    def unaries(self) -> None:
        while self.kind == "name":
            self.note(self.take())

    def primary(self) -> None:
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "open_array":
            self.skip_array()
        elif text == "(" and kind == "mark":
            self.expression()
            assert self.take() == ")", self.where
        elif text == "[" and kind == "mark":
            while self.text == ":":
                self.take()
                self.declare()
            if self.text == "|":
                self.take() if self.tokens[self.at - 1][0] == "name" else None
            self.body()
            assert self.take() == "]", self.where
        elif kind == "name":
            self.note_global(text)
        else:
            assert kind in ("string", "character", "symbol", "number"), (self.where, kind, text)

    def skip_array(self) -> None:
        depth = 1
        while depth:
            kind, text = self.tokens[self.at]
            assert kind in ("string", "symbol", "number", "open_array", "mark"), (self.where, "in an array", text)
            assert text not in ("[", "]", "^", ";"), (self.where, "in an array", text)
            depth += (text in ("(", "#(")) - (text == ")")
            self.at += 1

    def note(self, selector: str) -> None:
        if selector:
            self.reading.sent.setdefault(selector, self.where)

    def note_global(self, name: str) -> None:
        if name[0].isupper():
            self.reading.globals.add(name)


def chunks(text: str) -> list[str]:
    """Nothing of ours has a ! elsewhere: the rule of portable sources."""
    return [chunk.strip() for chunk in text.split("!")]


def read(text: str, reading: Reading) -> None:
    """A whole file: its statements, and the methods that stand between a heading and an empty chunk."""
    heading = ""
    for chunk in chunks(text):
        if not chunk:
            heading = ""
        elif match := re.fullmatch(r"(\w+(?: class)?) methodsFor: '[^']*'", chunk):
            heading = match[1]
        elif heading:
            method = Method(chunk, heading, reading)
            selector = method.pattern()
            method.where = f"{heading}>>{selector}"
            reading.defined.add(selector)
            reading.declared[method.where] = method.declared
            method.body()
        else:
            Method(chunk, "a statement", reading).body()
