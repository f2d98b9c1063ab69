"""The audit log: who did what to which image. Append-only; each line carries the hash of the line before.

Every line also says how far the operation log had been written down when it was appended (`head`). So whoever
appends next also writes the lines of the operations that are missing: those of a process that was killed between its
commit and its line, and those of switches, which leave it to the next one in order to be quick. A reader is shown
them too. Undo never touches this file, and repair does not either: what cannot be read is reported and passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.annotations import Form
from stui_cli.model.audit import AuditEntry, AuditVerdict
from stui_cli.model.digest import sha256_hex
from stui_cli.records import Codec, Misfit
from stui_cli.store.audit_chain import EMPTY, Mark, fields_of, head_in, line_of, mark_of, number_in
from stui_cli.store.problems import Damaged, NoOperation, Overtaken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.model.operations import Operation
    from stui_cli.store.backend import Backend

SCHEMA = 1

# Seconds, in which every line of a large team finds its place.
_PATIENCE = 30.0

_LINES = Codec({AuditEntry: Form(inlined=("actor",))})


def append(
    backend: Backend,
    entries: Sequence[AuditEntry],
    head: int,
    *,
    newest: Operation | None = None,
    durable: bool = True,
) -> None:
    """Add lines, after those of operations up to `head` that are missing. Where another was quicker with the next line
    they follow that one.

    `newest` is operation `head`, where it is at hand and need not be read. Without `durable` a power cut may take them,
    until the next durable line makes them durable too.
    """
    try:
        _append_once(backend, entries, head, newest, durable=durable)
    except Overtaken:
        from stui_cli.store.retrying import again

        again(lambda: _append_once(backend, entries, head, newest, durable=durable), _PATIENCE)


def _append_once(
    backend: Backend, entries: Sequence[AuditEntry], head: int, newest: Operation | None, *, durable: bool
) -> None:
    last, known = backend.audit_end()
    written = _written(backend, last)
    added = (*_entries_of(backend, written, head, newest), *entries)
    if not added:
        return
    mark = _standing(backend, last, known)
    lines = []
    for entry in added:
        written = max(written, entry.operation or 0)
        line = _line(entry, written, mark)
        lines.append(line)
        mark = mark.after(line)
    backend.append_audit(lines, mark, durable=durable)


def read(backend: Backend, since: int | None, head: int) -> Iterator[AuditEntry]:
    """The entries from `since` (ms) on, oldest first, with those of operations up to `head` whose line is not
    written yet. Lines that cannot be read are left out; `verify` names them."""
    lines = [line for _, each in backend.read_audit() for line in each]
    for line in lines:
        entry = _entry_of(line)
        if entry is not None and (since is None or entry.time >= since):
            yield entry
    for entry in _entries_of(backend, _head_in(lines), head):
        if since is None or entry.time >= since:
            yield entry


def verify(backend: Backend, head: int) -> AuditVerdict:
    """Follow the chain of hashes through all files, and hold its end against what is known of it."""
    count, mark, where = 0, EMPTY, backend.where
    parts = backend.read_audit()
    total = sum(len(lines) for _, lines in parts)
    for where, lines in parts:
        for line in lines:
            count += 1
            fields = fields_of(line)
            if fields is None:
                return AuditVerdict(total, count, "it is no line of an audit log", where)
            if fields.get("previous") != mark.sha256:
                return AuditVerdict(total, count, _before(count), where)
            mark = mark.after(line)
    known = backend.audit_mark() or _marked_by_operations(backend, head)
    if known is not None and known.lines > count:
        missing = f"the last {known.lines - count} lines" if count else f"all {known.lines} lines"
        return AuditVerdict(count, count + 1, f"{missing} are missing", where)
    if known is not None and known.lines == count and known.sha256 != mark.sha256:
        return AuditVerdict(count, count, "it was changed", where)
    if not count:
        return AuditVerdict(0, None, "there is no audit log yet", where)
    return AuditVerdict(count, None, "each line fits the one before", where)


def _before(number: int) -> str:
    if number == 1:
        return "lines before it are missing"
    return f"line {number - 1} was changed, or lines are missing"


def _marked_by_operations(backend: Backend, head: int) -> Mark | None:
    """What the newest operation says of the log that says anything: it repeats the mark of its time."""
    for number in backend.list_operations(head):
        try:
            mark = backend.read_operation(number).audit_mark
        except (Damaged, NoOperation):
            continue
        if mark is not None:
            return mark_of(mark)
    return None


def _standing(backend: Backend, last: bytes | None, known: Mark | None) -> Mark:
    """How far the log is whose last line is `last` and whose mark `known`: what the next one is chained to."""
    here = EMPTY if last is None else Mark(number_in(last) or _counted(backend), sha256_hex(last))
    return here if known is None or known.lines < here.lines else known


def _counted(backend: Backend) -> int:
    return sum(len(lines) for _, lines in backend.read_audit())


def _entries_of(backend: Backend, written: int, head: int, newest: Operation | None = None) -> list[AuditEntry]:
    """The entries of the operations above `written` up to `head`, oldest first."""
    if written >= head:  # as for nearly every evaluation, which then needs nothing of operations
        return []
    from stui_cli.store.audit_operations import entry_for

    entries = []
    if newest is not None:
        entries.append(entry_for(newest))
        head -= 1
    for number in backend.list_operations(head) if written < head else ():
        if number <= written:
            break
        try:
            entries.append(entry_for(backend.read_operation(number).operation))
        except (Damaged, NoOperation):
            continue  # the log names it as damaged; the chain goes on
    entries.reverse()
    return entries


def _line(entry: AuditEntry, head: int, before: Mark) -> bytes:
    fields = {"schema": SCHEMA, **_LINES.encode(entry)}
    return line_of(fields, before, head)


def _entry_of(line: bytes) -> AuditEntry | None:
    fields = fields_of(line)
    if fields is None:
        return None
    try:
        entry = _LINES.decode(AuditEntry, fields)
    except Misfit:
        return None
    if "images" in fields:
        return entry
    from stui_cli.store.audit_operations import with_images

    return with_images(entry)


def _written(backend: Backend, last: bytes | None) -> int:
    """How far the operation log is written down. The last line says it; where that one cannot be read, the
    newest that can."""
    if last is None or _head_in([last]):
        return _head_in([last] if last else [])
    return _head_in([line for _, lines in backend.read_audit() for line in lines])


def _head_in(lines: Sequence[bytes]) -> int:
    heads = (head_in(line) for line in reversed(lines))
    return next((head for head in heads if head is not None), 0)
