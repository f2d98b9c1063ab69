"""`stui audit`: who did what to which image; append-only, each line carries the hash of the line before."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

from stui_cli.contract.audit import ENTRY, LISTED, VERDICT, audit_item, verdict_item
from stui_cli.invocation import Invocation, command
from stui_cli.model.blocks import Listing, blocks_of
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode, Result
from stui_cli.model.times import parse_time
from stui_cli.option_types import Whole, option
from stui_cli.work.log import audited

if TYPE_CHECKING:
    from stui_cli.store.store import Store


_NO_END = "no end recorded"


def audit(
    store: Store, since: int | None, image: str | None, count: int | None = None, *, for_people: bool = False
) -> Listing:
    """The entries from `since` (ms) on, or the newest `count` of them, oldest first; those that touched one image.

    `for_people` what began and ended is one row: how it ended.
    """
    entries = audited(store, since, image)
    if for_people:
        entries = ((e._replace(outcome=_NO_END) if ended is False else e, ended) for e, ended in entries if not ended)
    chosen = entries if count is None else deque(entries, count)
    items = (audit_item(entry, ended=ended) for entry, ended in chosen)
    return Listing(ENTRY, blocks_of(items), LISTED, list, "nothing is recorded", newest_last=True)


def verify(store: Store) -> Result:
    """Whether the chain of hashes holds to its end; exit 8 names the first line that does not."""
    verdict = store.verify_audit()
    sound = verdict.line is None
    is_file = "://" not in verdict.file
    file = verdict.file.rpartition(os.sep)[2] if is_file else verdict.file
    if sound:
        named = "audit.jsonl" if is_file else file
        text = f"{named}: {verdict.lines} lines, each carries the hash of the one before"
    elif verdict.line is not None and verdict.line > verdict.lines:
        text = f"{file}: {verdict.lines} lines, and {verdict.reason}"
    else:
        text = f"{file}: line {verdict.line} does not fit: {verdict.reason}"
    return Result(VERDICT, [verdict_item(verdict, file)], text=text, exit_code=Exit.DONE if sound else Exit.PARTLY_DONE)


@command("audit", name="audit", lists=True)
@option("--since", metavar="TIME", help="From this time on: 2026-05-01T12:00, or 2h for 2 h ago.")
@option("-n", "--number", "count", type=Whole(1), help="The newest so many only.")
@option("--verify", "check", is_flag=True, help="Check that no line was changed or removed; exits with 8 if so.")
def cli(invocation: Invocation, since: str | None, count: int | None, check: bool) -> int:
    """Show who did what to which image, oldest first; with -i for one image. `stui undo` never touches this log.

    A source of more than 4,096 characters that went to many images stands whole in the lines of the first of them; the
    lines of the others have its beginning, its length and its hash.

    Before code is sent a line tells that it began, and another one how it ended. The table has one row for both; where
    a command was killed, or still runs, it says that no end is recorded. -o json has all lines, and with each that
    began whether it ended. -n and --limit count what is shown: rows of the table, lines elsewhere.
    """
    store = invocation.open_store()
    if check:
        return invocation.show(verify(store))
    first = parse_time(since, invocation.bench.clock()) if since is not None else None
    for_people = invocation.mode in (OutputMode.AUTO, OutputMode.TABLE, OutputMode.PLAIN)
    return invocation.show_listing(audit(store, first, invocation.asked.image, count, for_people=for_people))
