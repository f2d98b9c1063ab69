"""The history of a session: history/IMAGE/SESSION, one line per evaluation, bounded.

A line is the CRC-32 of its JSON as 8 hexadecimal digits, a blank, and the JSON. The first line is the schema.
A line that does not fit its checksum is passed over: one broken record must not hide the rest.
"""

from __future__ import annotations

import json
import os
from binascii import crc32
from typing import TYPE_CHECKING, Any

from stui_cli.model.history import Entry
from stui_cli.records import Misfit
from stui_cli.store.encoding import HISTORY
from stui_cli.store.files.lines import complete_lines, mended
from stui_cli.store.problems import checked_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.store.files.disk import Disk

SCHEMA = 1

# A file above its bound loses its oldest records until it has this part of the bound, so that not every
# evaluation rewrites it.
_KEPT = 0.75


def append(path: str, disk: Disk, entries: Iterable[Entry], limit: int) -> None:
    """Add evaluations; keep the file below `limit` bytes by forgetting the oldest. The caller holds the lock.

    Not synced: it survives the end of this process; a power cut may take the last seconds. What was
    evaluated lives in the image, and a sync for each of 1,000 expressions would cost more than they do.
    """
    disk.make_folder(os.path.dirname(path))
    size = mended(path, disk).size
    data = b"".join(_line(HISTORY.encode(entry)) for entry in entries)
    if size + len(data) > limit and size:
        _forget_oldest(path, disk, data, limit)
        return
    disk.append(path, data if size else _line({"schema": SCHEMA}) + data, durable=False)


def read(path: str, disk: Disk) -> list[Entry]:
    """The evaluations, oldest first; [] if there are none. Raises Newer, or OSError."""
    try:
        data = disk.read(path)
    except FileNotFoundError:
        return []
    entries = []
    for line in complete_lines(data):
        fields = fields_of(line)
        if fields is None:
            continue
        if "schema" in fields:
            checked_schema(path, fields["schema"], SCHEMA)
            continue
        if (entry := entry_of(fields)) is not None:
            entries.append(entry)
    return entries


def entry_of(fields: dict[str, Any]) -> Entry | None:
    """The evaluation that a line records, None if it records none. Those of an older stui lack what was added since."""
    try:
        return HISTORY.decode(Entry, fields)
    except Misfit:
        return None


def fields_of(line: bytes) -> dict[str, Any] | None:
    """What a line says, None if it is damaged."""
    checksum, _, text = line.partition(b" ")
    if checksum != b"%08x" % crc32(text):
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def broken_lines(path: str, disk: Disk) -> int:
    """How many records of the file cannot be read; a last one that was not written whole is not counted."""
    return sum(fields_of(line) is None for line in complete_lines(disk.read(path)))


def sound_content(path: str, disk: Disk) -> bytes | None:
    """The file without the records that cannot be read; None if it cannot be read at all."""
    try:
        lines = complete_lines(disk.read(path))
    except OSError:
        return None
    records = [line + b"\n" for line in lines[1:] if fields_of(line) is not None]
    return b"".join((_line({"schema": SCHEMA}), *records))


def _line(fields: object) -> bytes:
    text = json.dumps(fields, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (crc32(text), text)


def _forget_oldest(path: str, disk: Disk, data: bytes, limit: int) -> None:
    head = _line({"schema": SCHEMA})
    room = max(0, int(limit * _KEPT) - len(head) - len(data))
    kept: list[bytes] = []
    for line in reversed(complete_lines(disk.read(path))[1:]):
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line + b"\n")
    disk.replace(path, b"".join((head, *reversed(kept), data)), durable=False)
