"""Which format a text has, and its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from stui_cli.playground.source.brackets import read_brackets, read_statements
from stui_cli.playground.source.chunks import first_line_passed, read_chunks
from stui_cli.playground.source.tokens import Kind, Misread, Source
from stui_cli.playground.source.tonel import begins_as_tonel, read_tonel

if TYPE_CHECKING:
    from stui_cli.playground.source.parts import Part
    from stui_cli.playground.source.tokens import Poll

Format = Literal["chunks", "brackets", "tonel", "statements"]
FORMATS: dict[str, Format] = {
    "chunks": "chunks",
    "brackets": "brackets",
    "tonel": "tonel",
    "statements": "statements",
}


def read(text: str, form: Format, poll: Poll | None = None) -> list[Part]:
    """The parts of a text in its format, in their order."""
    match form:
        case "chunks":
            return read_chunks(text, poll)
        case "brackets":
            return read_brackets(text, poll)
        case "tonel":
            return read_tonel(text, poll)
        case "statements":
            return read_statements(text, poll)


def format_of(text: str, poll: Poll | None = None) -> Format:
    """As the text itself shows: a bracket behind a name opens a class body or a method, a mark at the end of a line
    ends a chunk. In text that is no Smalltalk, as comments of chunks are, the last character tells."""
    if begins_as_tonel(text):
        return "tonel"
    source = Source(text, poll)
    marked, named, at = False, False, first_line_passed(text)
    while True:
        token = source.token(at)
        at = token.end
        if token.kind is Kind.END:
            break
        if token.kind is Kind.BROKEN:
            marked = marked or text.rstrip().endswith("!")
            break
        if named and token.opens_body():
            return "brackets"
        named = token.kind is Kind.WORD
        marked = marked or (token.kind is Kind.BANG and _is_last_in_line(text, at))
        if token.kind is Kind.OPEN:
            try:
                at = source.after_group(token).end
            except Misread:
                marked = marked or text.rstrip().endswith("!")
                break
    return "chunks" if marked or _starts_with_mark(source, text) else "statements"


def _is_last_in_line(text: str, at: int) -> bool:
    rest = text[at : at + 200].lstrip(" \t")
    return not rest or rest[0] in "\r\n\f!"


def _starts_with_mark(source: Source, text: str) -> bool:
    return source.token(first_line_passed(text)).kind is Kind.BANG
