"""Whether a text is longer than the terminal: only such a one is worth a pager."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from stui_cli.output.plain import text_width

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

_CODES: Final = re.compile(r"\x1b\[[\d;]*m")

# Of a terminal that does not tell its size.
_COLUMNS: Final = 80
_LINES: Final = 24


def until_longer_than_screen(texts: Iterator[str], out: TextIO) -> tuple[str, bool]:
    """As many of `texts` as tell, in one, and whether they are longer than the terminal; all of them if they are not.
    No more than these are asked for."""
    begun = ""
    for text in texts:
        begun += text
        if is_longer_than_screen(begun, out):
            return begun, True
    return begun, False


def is_longer_than_screen(text: str, out: TextIO) -> bool:
    """Whether some of `text` scrolls away before the next prompt. A line that is wider than the terminal takes more
    than one of its."""
    try:
        size = os.get_terminal_size(out.fileno())
    except (OSError, ValueError):
        return False
    room = (size.lines or _LINES) - 1
    if text.count("\n") > room:
        return True
    columns = size.columns or _COLUMNS
    lines = _CODES.sub("", text).removesuffix("\n").split("\n")
    return sum(max(1, -(-text_width(line.expandtabs()) // columns)) for line in lines) > room
