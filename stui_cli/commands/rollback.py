"""`stui rollback`: make an earlier state the state again."""

from __future__ import annotations

import click

from stui_cli.commands.reversals import reversal_result
from stui_cli.global_options import complete_operation
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.times import parse_time
from stui_cli.option_types import Whole, option


@command("operation", name="rollback", purpose=Purpose.ACT)
@click.argument("number", type=Whole(0), required=False, shell_complete=complete_operation)
@option("--before", metavar="TIME", help="Take back all from this time on: 2026-05-01T12:00, or 2h for 2 h ago.")
def cli(invocation: Invocation, number: int | None, before: str | None) -> int:
    """Take back every change after operation NUMBER (0: all of them), or from a time on.

    A rollback is an operation itself and can be undone. Where another command changed something while you were
    asked, nothing is taken back, with exit 9.
    """
    if (number is None) == (before is None):
        raise UsageProblem("name either a number or --before", todo="see the numbers with: stui log")
    store = invocation.open_store()
    if number:
        store.operation(number)  # one that is not there is told before anybody is asked
    earliest = parse_time(before, invocation.bench.clock()) if before is not None else None
    # What a person saw is looked at again under the lock; -y says that nobody looked.
    seen = None if invocation.confirms_all else store.read().head
    since = f"after operation {number}" if before is None else f"from {before} on"
    last = "" if seen is None else f" (the last is {seen})"
    if not invocation.confirm(f"Take back every change {since}{last}?"):
        return 0
    terminal = invocation.bench.terminal
    return invocation.show(reversal_result(store.rollback(number, before=earliest, seen=seen), "took back", terminal))
