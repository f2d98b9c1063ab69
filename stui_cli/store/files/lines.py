"""Append-only files of JSON lines: history and audit.

A line that ends without a newline is what a killed process, or a full disk, left of a record that nobody was told
is kept. Readers pass over it; the next append cuts it off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.named_tuples import NamedTuple
from stui_cli.store.files.disk import open_plain

if TYPE_CHECKING:
    from stui_cli.store.files.disk import Disk

# How much is read from the end to find the last line; twice as much each time that it is not in there.
_BLOCK = 4096


class Tail(NamedTuple):
    """The end of a file of lines: how many bytes its whole lines take, the last of them without its newline, and how
    many bytes follow of one that was not written whole."""

    size: int
    last: bytes | None
    torn: int


def complete_lines(data: bytes) -> list[bytes]:
    """The lines of `data` that were written whole, without their newlines."""
    return data.split(b"\n")[:-1]


def tail(path: str) -> Tail:
    """The end of the file, of one that is not there too. Raises OSError."""
    try:
        with open(open_plain(path), "rb", buffering=0) as file:
            size = file.seek(0, 2)
            block = _BLOCK
            while True:
                start = max(0, size - block)
                file.seek(start)
                lines = file.read(size - start).split(b"\n")
                # Three parts: one that begins in an earlier block, the last whole line, and what was torn.
                if len(lines) >= 3 or not start:
                    break
                block *= 2
    except FileNotFoundError:
        return Tail(0, None, 0)
    torn = len(lines[-1])
    return Tail(size - torn, lines[-2] if len(lines) >= 2 else None, torn)


def mended(path: str, disk: Disk) -> Tail:
    """The end of the file, once a last line that was not written whole is cut off. The caller holds the lock."""
    found = tail(path)
    if found.torn:
        disk.truncate(path, found.size)
    return found
