"""What is piped into a command."""

from __future__ import annotations

import codecs
import sys
from collections import deque
from io import IncrementalNewlineDecoder, UnsupportedOperation
from typing import IO

from stui_cli.model.errors import UsageProblem

_READ = 64 * 1024


def standard_input() -> bytes:
    """All of standard input. Raises UsageProblem where it cannot be read: a closed one is no empty one."""
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise _unreadable(error) from error


class InputLines:
    """Standard input line by line, as it comes, without the ends of the lines; what is no UTF-8 goes through."""

    def __init__(self) -> None:
        self._file: IO[bytes] = sys.stdin.buffer
        utf8 = codecs.getincrementaldecoder(sys.stdin.encoding)(errors="surrogateescape")
        self._text = IncrementalNewlineDecoder(utf8, translate=True)
        self._lines: deque[str] = deque()
        self._begun = ""  # a line whose end has not come
        self._ended = False

    @property
    def is_at_hand(self) -> bool:
        """Whether the next line, or the end, is there without waiting for whoever writes it."""
        while not self._lines and not self._ended and self._is_readable():
            self._read()
        return bool(self._lines) or self._ended

    def next(self) -> str | None:
        """The next line, None at the end. Raises UsageProblem as above."""
        while not self._lines and not self._ended:
            self._read()
        return self._lines.popleft() if self._lines else None

    def _read(self) -> None:
        try:
            data = self._file.read1(_READ)  # type: ignore[attr-defined]  # which a buffered file has
        except OSError as error:
            raise _unreadable(error) from error
        *whole, self._begun = (self._begun + self._text.decode(data, final=not data)).split("\n")
        self._lines.extend(whole)
        if not data:
            self._ended = True
            if self._begun:
                self._lines.append(self._begun)

    def _is_readable(self) -> bool:
        """Not where it cannot be asked, as a pipe of Windows cannot: there the next line is waited for."""
        from select import select

        try:
            return bool(select([self._file], [], [], 0)[0])
        except (OSError, ValueError, UnsupportedOperation):
            return False


def _unreadable(error: OSError) -> UsageProblem:
    return UsageProblem(f"standard input cannot be read: {error.strerror or error}", todo="pipe or redirect it to stui")
