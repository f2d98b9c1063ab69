"""Append-only files of JSON lines: history and audit.

A line that ends without a newline is what a killed process, or a full disk, left of a record that nobody was told
is kept. Readers pass over it; the next append cuts it off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.files.disk import open_plain

if TYPE_CHECKING:
    from stui_cli.store.files.disk import Disk

# How much is read from the end at a time to find the last line.
_BLOCK = 4096


def complete_lines(data: bytes) -> list[bytes]:
    """The lines of `data` that were written whole, without their newlines."""
    return data.split(b"\n")[:-1]


def mend(path: str, disk: Disk) -> None:
    """Cut off a last line that was not written whole. The caller holds the lock."""
    try:
        with open(open_plain(path), "rb") as file:
            size = file.seek(0, 2)
            end = size
            while end > 0:
                start = max(0, end - _BLOCK)
                file.seek(start)
                newline = file.read(end - start).rfind(b"\n")
                if newline >= 0:
                    end = start + newline + 1
                    break
                end = start
    except FileNotFoundError:
        return
    if end < size:
        disk.truncate(path, end)


def last_line(path: str) -> bytes | None:
    """The last line of a mended file without its newline; None if there is none."""
    try:
        with open(open_plain(path), "rb") as file:
            start = size = file.seek(0, 2)
            tail = b""
            while start > 0:
                start = max(0, start - _BLOCK)
                file.seek(start)
                tail = file.read(size - start)
                if (newline := tail.rfind(b"\n", 0, -1)) >= 0:
                    return tail[newline + 1 : -1]
            return tail[:-1] if tail else None
    except FileNotFoundError:
        return None
