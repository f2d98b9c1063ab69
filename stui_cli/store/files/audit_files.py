"""The files of the audit log: audit.jsonl, the full ones before it, and audit.mark, by which a missing one is noticed.

audit.jsonl.1 is the oldest, the highest number the one before audit.jsonl: so a file that is full gets its name by one
rename, and whoever is killed there leaves a log that only has no newest file yet. Lines are counted over all files.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.model.digest import sha256_hex
from stui_cli.store.audit_chain import EMPTY, Mark, mark_of, text_of
from stui_cli.store.files.disk import read_plain
from stui_cli.store.files.lines import complete_lines, mended, tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home

# No file is full below this size, whatever `audit_limit` says; so most changes need not read config.toml.
LEAST_LIMIT = 64 * 1024


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


def newest_line(home: Home, disk: Disk) -> bytes | None:
    """The last line of all; None where there is none. One in audit.jsonl that was not written whole is cut off: the
    caller holds the lock, and appends."""
    if (line := mended(home.audit, disk).last) is not None:
        return line
    return next((line for path in reversed(full_files(home)) if (line := tail(path).last) is not None), None)


def read_mark(home: Home) -> Mark | None:
    """What the last append left; None where that is gone, or was never written."""
    try:
        return mark_of(read_plain(home.audit_mark).decode("ascii"))
    except (OSError, UnicodeDecodeError):
        return None


def write_mark(home: Home, disk: Disk, mark: Mark) -> None:
    """Not synced, and left out where it cannot be written: an older mark says less, and nothing wrong."""
    with suppress(OSError):
        disk.replace(home.audit_mark, text_of(mark).encode("ascii"), durable=False)


def recount(home: Home, disk: Disk) -> int | None:
    """Let the mark say what is there: for repair, which reports what is missing. Return how many lines there are, None
    if the mark said so before."""
    lines = [line for _, each in read_lines(home, disk) for line in each]
    here = Mark(len(lines), sha256_hex(lines[-1])) if lines else EMPTY
    if here == read_mark(home):
        return None
    write_mark(home, disk, here)
    return here.lines


def append_lines(home: Home, disk: Disk, lines: Sequence[bytes], mark: Mark, *, durable: bool) -> None:
    """Add lines, after which the log is as far as `mark`. The caller holds the lock, and had the last line mended. The
    mark counts durable lines: it must not outlive a power cut that takes what it counts.

    A file that grows above the setting `audit_limit` is full.
    """
    data = b"".join(line + b"\n" for line in lines)
    _begin_new_if_full(home, disk, len(data))
    disk.append(home.audit, data, durable=durable)
    if durable:
        write_mark(home, disk, mark)


def _begin_new_if_full(home: Home, disk: Disk, more: int) -> None:
    try:
        size = os.stat(home.audit).st_size
    except FileNotFoundError:
        return
    if size + more <= LEAST_LIMIT or not size:
        return
    bound = _limit(home)
    if bound is not None and size + more > bound:
        last = full_files(home)[-1:]
        number = int(last[0].rpartition(".")[2]) + 1 if last else 1
        disk.move(home.audit, f"{home.audit}.{number}")


def _limit(home: Home) -> int | None:
    """How large one file may grow. A setting that is wrong is reported by who reads settings for their own sake."""
    if not os.path.lexists(home.config):
        return None
    from stui_cli.model.errors import UsageProblem
    from stui_cli.store.files.settings import read_settings

    try:
        return read_settings(home).audit_limit
    except UsageProblem:
        return None


def _lines_of(path: str, disk: Disk) -> list[bytes]:
    try:
        return complete_lines(disk.read(path))
    except FileNotFoundError:
        return []
