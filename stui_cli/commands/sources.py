"""The pieces of source that a command line of `stui eval` means: its words, files, lines of standard input, or all of
that."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING

from stui_cli.model.errors import UsageProblem
from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

STANDARD_INPUT = "-"


class Sources(NamedTuple):
    """What is run, in its order, as it comes; the names of those pieces that were read from files; and `place`, where
    that helps, which says of each piece in turn where it stands."""

    pieces: Iterable[str]
    files: Mapping[str, str]
    place: Callable[[], str] | None = None


def sources_meant(code: Sequence[str], files: Sequence[str]) -> Sources:
    """Raises UsageProblem where nothing is meant, or what cannot be."""
    batch = tuple(code) == (STANDARD_INPUT,)
    if batch and files:
        raise UsageProblem("both -f and - are given", todo="use one of them")
    if batch:
        piped = PiecesOfInput()
        return Sources(piped, {}, None if sys.stdin.isatty() else piped.place)
    if files.count(STANDARD_INPUT) > 1:
        raise UsageProblem("standard input is named twice", todo="-f - once is all of it")
    contents = [(_content(file), file) for file in files]
    named = {text: file for text, file in contents if file != STANDARD_INPUT}
    pieces = [*(text for text, _ in contents), *code] or _piped()
    if not pieces:
        raise UsageProblem("no expression is given", todo="stui eval '3 + 4', or -f FILE, or - for standard input")
    return Sources(pieces, named)


class PiecesOfInput:
    """Standard input, an expression per line; one that is open at its end goes on with the next line."""

    def __init__(self) -> None:
        from stui_cli.model.whole_source import OpenPiece
        from stui_cli.standard_input import InputLines

        self._lines = InputLines()
        self._piece = OpenPiece()
        self._next: str | None = None
        self._number = 0  # of the line that was read last
        self._first = 0  # of the piece that is put together, or the next
        self._places: deque[tuple[int, int]] = deque()  # of the pieces that were taken

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while self._next is None and (line := self._lines.next()) is not None:
            self._feed(line)
        piece, self._next = self._next, None
        if piece is None and (piece := self._piece.rest()) is None:
            raise StopIteration
        self._places.append((self._first, self._first + piece.count("\n")))
        return piece

    def _feed(self, line: str) -> None:
        self._number += 1
        if not self._piece.is_begun:
            self._first = self._number
        self._next = self._piece.fed(line)

    def place(self) -> str:
        """Which lines the first is of the pieces taken that were not asked for yet."""
        first, last = self._places.popleft()
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        return f"{lines} of standard input"

    def is_at_hand(self) -> bool:
        """Whether the next piece, or the end, is there without waiting for whoever writes it."""
        while self._next is None and self._lines.is_at_hand:
            line = self._lines.next()
            if line is None:
                return True
            self._feed(line)
        return self._next is not None


def _piped() -> list[str]:
    """All of standard input where somebody put something into it: a terminal is not waited for."""
    if sys.stdin.isatty():
        return []
    try:
        text = _content(STANDARD_INPUT)
    except UsageProblem:  # it is closed: then nothing is given
        return []
    return [text] if text.strip() else []


def _content(path: str) -> str:
    if path == STANDARD_INPUT:
        from stui_cli.standard_input import standard_input

        return standard_input().decode("utf-8", "surrogateescape")
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise UsageProblem(f"{path} cannot be read: {error.strerror}", todo="name a file of source text") from error
