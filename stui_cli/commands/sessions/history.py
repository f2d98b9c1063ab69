"""`stui sessions history`: what was evaluated in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.history import HISTORY, LISTED, history_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.names import Target


def history(target: Target, entries: Sequence[Entry], last: int | None, *, sources: bool) -> Result:
    """The last entries, oldest first, numbered from the first that is kept; or their sources alone."""
    chosen = list(enumerate(entries, 1))[-last if last else 0 :]
    items = [history_item(target, number, entry) for number, entry in chosen]
    text = "\n".join(entry.source for _, entry in chosen) if sources and chosen else None
    columns = () if sources and not chosen else LISTED
    return Result(HISTORY, items, columns, text=text, empty=f"nothing was evaluated in {target} yet")


@command("history", name="history")
@click.argument("named", required=False, metavar="[IMAGE/SESSION]", shell_complete=complete_target)
@click.option("-n", "--last", type=click.IntRange(1), metavar="N", help="Only the last N.")
@click.option("--source", "sources", is_flag=True, help="The sources alone, as they were given.")
def cli(invocation: Invocation, named: str | None, last: int | None, sources: bool) -> int:
    """Show what was evaluated in a session, or in the current one: source, outcome, value, time."""
    from stui_cli.work.meant.session import recorded_session
    from stui_cli.work.meant.target import meant_session

    bench = invocation.bench
    state = bench.store.read()
    found = recorded_session(bench, state, meant_session(state, named, invocation.asked, bench))
    entries = bench.store.history(found.session.image_id, found.session.session_id)
    return invocation.show(history(found.target, entries, last, sources=sources))
