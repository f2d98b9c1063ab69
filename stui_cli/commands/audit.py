"""`stui audit`: who did what to which image; append-only, each line carries the hash of the line before."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

import click

from stui_cli.invocation import Invocation, command
from stui_cli.model.exits import Exit
from stui_cli.model.results import Column, Result, Show
from stui_cli.model.times import parse_moment, rfc3339

if TYPE_CHECKING:
    from stui_cli.model.audit import AuditEntry
    from stui_cli.store.store import Store

_COLUMNS = (
    Column("time", "WHEN", Show.AGE),
    Column("action", "ACTION"),
    Column("image", "IMAGE"),
    Column("session", "SESSION"),
    Column("outcome", "OUTCOME"),
    Column("user", "USER"),
    Column("source", "SOURCE"),
    Column("operation", "OPERATION", Show.NUMBER),
)


def audit(store: Store, since: int | None, image: str | None, count: int | None = None) -> Result:
    """The entries from `since` (ms) on, or the newest `count` of them, oldest first; those that touched one image."""
    entries = (e for e in store.audit(since) if image is None or e.image == image or image in e.images)
    items = [_item(entry) for entry in deque(entries, count)]
    return Result("audit", items, _COLUMNS, name_key="time", empty="nothing is recorded")


def verify(store: Store) -> Result:
    """Whether the chain of hashes holds to its end; exit 8 names the first line that does not."""
    verdict = store.verify_audit()
    sound = verdict.line is None
    file = verdict.file.rpartition(os.sep)[2]
    item = {
        "name": file,
        "sound": sound,
        "lines": verdict.lines,
        "line": verdict.line,
        "reason": verdict.reason,
    }
    if sound:
        text = f"audit.jsonl: {verdict.lines} lines, each carries the hash of the one before"
    elif verdict.line is not None and verdict.line > verdict.lines:
        text = f"{file}: {verdict.lines} lines, and {verdict.reason}"
    else:
        text = f"{file}: line {verdict.line} does not fit: {verdict.reason}"
    return Result("audit", [item], text=text, exit_code=Exit.DONE if sound else Exit.PARTLY_DONE)


def _item(entry: AuditEntry) -> dict[str, object]:
    return {
        "time": rfc3339(entry.time),
        "user": entry.actor.user,
        "host": entry.actor.host,
        "pid": entry.actor.pid,
        "command": entry.actor.command,
        "action": entry.action,
        "image": entry.image,
        "images": list(entry.images or ([entry.image] if entry.image else [])),
        "session": entry.session,
        "role": entry.role,
        "outcome": entry.outcome,
        "source": entry.source,
        "operation": entry.operation,
    }


@command("audit", name="audit")
@click.option("--since", metavar="TIME", help="From this time on: 2026-05-01T12:00, or 2h for 2 h ago.")
@click.option("-n", "--number", "count", type=click.IntRange(1), help="The newest so many only.")
@click.option("--verify", "check", is_flag=True, help="Check that no line was changed or removed; exits with 8 if so.")
def cli(invocation: Invocation, since: str | None, count: int | None, check: bool) -> int:
    """Show who did what to which image, oldest first; with -i for one image. `stui undo` never touches this log."""
    store = invocation.open_store()
    if check:
        return invocation.show(verify(store))
    moment = parse_moment(since, invocation.bench.clock()) if since is not None else None
    return invocation.show(audit(store, moment, invocation.asked.image, count))
