"""The files of the audit log: audit.jsonl, the full ones before it, and what tells that none is gone.

audit.jsonl.1 is the oldest, the highest number the one before audit.jsonl: so a file that is full gets its name by one
rename, and whoever is killed there leaves a log that only has no newest file yet. Lines are counted over all files.

A chain of hashes shows what was changed inside it, and nothing of an end that was cut off. So audit.mark says how many
lines there were after the last append, and the hash of the last one; each operation repeats that, for where the mark is
gone too. A process killed between line and mark leaves a mark that says less, which is fine. Where there is less than
the mark says, the next line is chained to what the mark says: the gap stays visible.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from stui_cli.model.digest import sha256_hex
from stui_cli.store.files.disk import exists, read_plain
from stui_cli.store.files.lines import complete_lines, last_line, mend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home

# The hash that the first line of all carries for the line before it.
NOTHING_BEFORE = "0" * 64


class Mark(NamedTuple):
    """How many lines there are, and the hash of the last one."""

    lines: int
    sha256: str


EMPTY = Mark(0, NOTHING_BEFORE)


def full_files(home: Home) -> list[str]:
    """The files before audit.jsonl, the oldest first."""
    prefix = f"{os.path.basename(home.audit)}."
    try:
        names = os.listdir(home.folder)
    except FileNotFoundError:
        return []
    numbers = sorted(int(end) for name in names if name.startswith(prefix) and (end := name[len(prefix) :]).isdigit())
    return [f"{home.audit}.{number}" for number in numbers]


def read_lines(home: Home, disk: Disk) -> list[tuple[str, list[bytes]]]:
    """The files with their lines, the oldest first. Takes no lock, so a file may become full meanwhile: then it is
    looked at again."""
    before = full_files(home)
    files = [(path, _lines_of(path, disk)) for path in (*before, home.audit)]
    return files if full_files(home) == before else read_lines(home, disk)


def newest_line(home: Home) -> bytes | None:
    """The last line of all; None where there is none. The caller holds the lock, and has mended audit.jsonl."""
    for path in (home.audit, *reversed(full_files(home))):
        if (line := last_line(path)) is not None:
            return line
    return None


def read_mark(home: Home) -> Mark | None:
    """What the last append left; None where that is gone, or was never written."""
    try:
        return mark_of(read_plain(home.audit_mark).decode("ascii"))
    except (OSError, UnicodeDecodeError):
        return None


def mark_of(text: str) -> Mark | None:
    """The mark that a text says."""
    lines, _, sha256 = text.strip().partition(" ")
    return Mark(int(lines), sha256) if lines.isdigit() and len(sha256) == len(NOTHING_BEFORE) else None


def text_of(mark: Mark) -> str:
    return f"{mark.lines} {mark.sha256}\n"


def write_mark(home: Home, disk: Disk, mark: Mark) -> None:
    """Not synced, and left out where it cannot be written: an older mark says less, and nothing wrong."""
    with suppress(OSError):
        disk.replace(home.audit_mark, text_of(mark).encode("ascii"), durable=False)


def standing(home: Home, disk: Disk) -> Mark:
    """How far the log is: what the next line is chained to. The caller holds the lock, and has mended audit.jsonl."""
    line, mark = newest_line(home), read_mark(home)
    here = EMPTY if line is None else Mark(_number_in(line) or _counted(home, disk), sha256_hex(line))
    return here if mark is None or mark.lines < here.lines else mark


def recount(home: Home, disk: Disk) -> int | None:
    """Let the mark say what is there: for repair, which tells what is missing. Answers how many lines there are, None
    if the mark said so before."""
    lines = [line for _, each in read_lines(home, disk) for line in each]
    here = Mark(len(lines), sha256_hex(lines[-1])) if lines else EMPTY
    if here == read_mark(home):
        return None
    write_mark(home, disk, here)
    return here.lines


def append_lines(
    home: Home,
    disk: Disk,
    makers: Sequence[Callable[[Mark], bytes]],
    limit: Callable[[], int | None],
    least: int,
    *,
    durable: bool,
) -> None:
    """Add lines, each made from the mark before it. The caller holds the lock. The mark counts durable lines: it must
    not outlive a power cut that takes what it counts.

    A file that grows above `limit` bytes is full; `limit` is asked only of one that is larger than `least`.
    """
    mend(home.audit, disk)
    mark = standing(home, disk)
    lines = []
    for make in makers:
        line = make(mark)
        mark = Mark(mark.lines + 1, sha256_hex(line))
        lines.append(line + b"\n")
    data = b"".join(lines)
    _begin_new_if_full(home, disk, len(data), limit, least)
    disk.append(home.audit, data, durable=durable)
    if durable:
        write_mark(home, disk, mark)


def fields_of(line: bytes) -> dict[str, Any] | None:
    """What a line says, None where it is no line of ours."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):  # lists a thousand deep are no line of ours
        return None
    return fields if isinstance(fields, dict) else None


def _begin_new_if_full(home: Home, disk: Disk, more: int, limit: Callable[[], int | None], least: int) -> None:
    size = os.stat(home.audit).st_size if exists(home.audit) else 0
    if size + more <= least or not size:
        return
    bound = limit()
    if bound is not None and size + more > bound:
        last = full_files(home)[-1:]
        number = int(last[0].rpartition(".")[2]) + 1 if last else 1
        disk.move(home.audit, f"{home.audit}.{number}")


def _lines_of(path: str, disk: Disk) -> list[bytes]:
    try:
        return complete_lines(disk.read(path))
    except FileNotFoundError:
        return []


def _number_in(line: bytes) -> int | None:
    """The number of a line; None in those of an earlier stui, which are counted."""
    fields = fields_of(line)
    number = fields.get("line") if fields is not None else None
    return number if isinstance(number, int) else None


def _counted(home: Home, disk: Disk) -> int:
    return sum(len(lines) for _, lines in read_lines(home, disk))
