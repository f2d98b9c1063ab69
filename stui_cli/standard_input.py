"""What is piped into a command."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Iterator


def standard_input() -> bytes:
    """All of standard input. Raises UsageProblem where it cannot be read: a closed one is no empty one."""
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise _unreadable(error) from error


def lines_of_input() -> Iterator[str]:
    """Standard input line by line, as it comes; what is no UTF-8 goes through. Raises UsageProblem as above."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    try:
        yield from sys.stdin
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> UsageProblem:
    return UsageProblem(f"standard input cannot be read: {error.strerror or error}", todo="pipe or redirect it to stui")
