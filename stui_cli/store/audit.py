"""audit.jsonl: who did what to which image. Append-only; each line carries the hash of the line before.

Every line also says how far the operation log had been written down when it was appended (`head`). So whoever
appends next also writes the lines of the operations that are missing: those of a process that was killed between its
commit and its line, and those of switches, which leave it to the next one in order to be quick. A reader is shown
them too. Undo never touches this file, and repair does not either: what cannot be read is told and passed over.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, assert_never

from stui_cli.model.audit import AuditEntry, AuditVerdict
from stui_cli.model.digest import sha256_hex
from stui_cli.model.operations import (
    Actor,
    CleanupDetails,
    ImageDetails,
    Operation,
    RepairDetails,
    ReversalDetails,
    SessionDetails,
    SwitchDetails,
)
from stui_cli.store.lines import complete_lines, last_line, mend
from stui_cli.store.operations import read_operation, walk
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.store.disk import Disk
    from stui_cli.store.location import Home

SCHEMA = 1

# What the first line carries for the hash of the line before it.
_NOTHING_BEFORE = "0" * 64


def append(home: Home, disk: Disk, entries: Sequence[AuditEntry], head: int, *, durable: bool = True) -> None:
    """Add lines, after those of operations up to `head` that are missing. The caller holds the lock.

    Without `durable` a power cut may take them, until the next durable line makes them durable too.
    """
    mend(home.audit, disk)
    last = last_line(home.audit)
    written = _written(home, disk, last)
    missing = _entries_of(home, disk, written, head)
    previous = _NOTHING_BEFORE if last is None else sha256_hex(last)
    lines = []
    for entry in (*missing, *entries):
        written = max(written, entry.operation or 0)
        line = _line(entry, written, previous)
        previous = sha256_hex(line)
        lines.append(line + b"\n")
    if lines:
        disk.append(home.audit, b"".join(lines), durable=durable)


def read(home: Home, disk: Disk, since: int | None, head: int) -> Iterator[AuditEntry]:
    """The entries from `since` (ms) on, oldest first, with those of operations up to `head` whose line is not
    written yet. Lines that cannot be read are left out; `verify` names them."""
    try:
        lines = complete_lines(disk.read(home.audit))
    except FileNotFoundError:
        lines = []
    for line in lines:
        entry = _entry_of(line)
        if entry is not None and (since is None or entry.time >= since):
            yield entry
    for entry in _entries_of(home, disk, _head_in(lines), head):
        if since is None or entry.time >= since:
            yield entry


def verify(home: Home, disk: Disk) -> AuditVerdict:
    """Follow the chain of hashes through the whole file."""
    try:
        lines = complete_lines(disk.read(home.audit))
    except FileNotFoundError:
        return AuditVerdict(0, None, "there is no audit log yet")
    previous = _NOTHING_BEFORE
    for number, line in enumerate(lines, 1):
        fields = _fields_of(line)
        if fields is None:
            return AuditVerdict(len(lines), number, "it is no line of an audit log")
        if fields.get("previous") != previous:
            before = (
                "lines before it are missing" if number == 1 else f"line {number - 1} was changed, or lines are missing"
            )
            return AuditVerdict(len(lines), number, before)
        previous = sha256_hex(line)
    return AuditVerdict(len(lines), None, "each line fits the one before")


def _entries_of(home: Home, disk: Disk, written: int, head: int) -> list[AuditEntry]:
    """The entries of the operations above `written` up to `head`, oldest first."""
    entries = []
    for number in walk(home, head) if written < head else ():
        if number <= written:
            break
        try:
            entries.append(_entry_for(read_operation(home, disk, number).operation))
        except (Damaged, FileNotFoundError):
            continue  # the log names it as damaged; the chain goes on
    entries.reverse()
    return entries


def _entry_for(operation: Operation) -> AuditEntry:
    image: str | None = None
    session: str | None = None
    outcome = "done"
    match operation.details:
        case ImageDetails(_, image):
            pass
        case SessionDetails(_, image, session):
            pass
        case SwitchDetails(_, _, left, entered):
            outcome = f"{left or '-'} -> {entered or '-'}"
        case CleanupDetails(_, removed):
            outcome = ", ".join(map(str, removed))
        case ReversalDetails(_, operations):
            outcome = f"operations {', '.join(map(str, operations))}"
        case RepairDetails(_, damaged, _):
            outcome = ", ".join(damaged)
        case _:
            assert_never(operation.details)
    return AuditEntry(
        operation.time, operation.actor, str(operation.details.kind), image, session,
        outcome=outcome, operation=operation.number,
    )  # fmt: skip


def _line(entry: AuditEntry, head: int, previous: str) -> bytes:
    actor = entry.actor
    fields: dict[str, Any] = {
        "schema": SCHEMA,
        "time": entry.time,
        "user": actor.user,
        "host": actor.host,
        "pid": actor.pid,
        "command": actor.command,
        "action": entry.action,
    }
    for name in ("image", "session", "role", "outcome", "source", "operation"):
        if (value := getattr(entry, name)) is not None:
            fields[name] = value
    return json.dumps({**fields, "head": head, "previous": previous}, separators=(",", ":")).encode("ascii")


def _fields_of(line: bytes) -> dict[str, Any] | None:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):  # lists a thousand deep are no line of ours
        return None
    return fields if isinstance(fields, dict) else None


def _entry_of(line: bytes) -> AuditEntry | None:
    fields = _fields_of(line)
    if fields is None:
        return None
    optional = {name: fields.get(name) for name in ("image", "session", "role", "outcome", "source", "operation")}
    try:
        actor = Actor(fields["user"], fields["host"], fields["pid"], fields["command"])
        return AuditEntry(fields["time"], actor, fields["action"], **optional)
    except KeyError:
        return None


def _written(home: Home, disk: Disk, last: bytes | None) -> int:
    """How far the operation log is written down. The last line says it; where that one cannot be read, the
    newest that can."""
    if last is None or _head_in([last]):
        return _head_in([last] if last else [])
    return _head_in(complete_lines(disk.read(home.audit)))


def _head_in(lines: Sequence[bytes]) -> int:
    for line in reversed(lines):
        fields = _fields_of(line)
        if fields is not None and isinstance(fields.get("head"), int):
            return int(fields["head"])
    return 0
