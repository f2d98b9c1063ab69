"""`stui sessions history`: what was evaluated in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Column, Result, Show
from stui_cli.model.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.names import Target

_COLUMNS = (
    Column("number", "#", Show.NUMBER),
    Column("time", "TIME", Show.AGE),
    Column("outcome", "OUTCOME"),
    Column("source", "SOURCE"),
    Column("result", "RESULT"),
    Column("elapsed_ms", "TOOK", Show.MILLISECONDS),
)


def history(target: Target, entries: Sequence[Entry], last: int | None, *, sources: bool) -> Result:
    """The last entries, oldest first, numbered from the first that is kept; or their sources alone."""
    chosen = list(enumerate(entries, 1))[-last if last else 0 :]
    items = [history_item(target, number, entry) for number, entry in chosen]
    text = "\n".join(entry.source for _, entry in chosen) if sources and chosen else None
    if sources and not chosen:
        return Result("history", [], name_key="source", empty=f"nothing was evaluated in {target} yet")
    return Result(
        "history", items, _COLUMNS, text=text, name_key="source", empty=f"nothing was evaluated in {target} yet"
    )


def history_item(target: Target, number: int, entry: Entry) -> dict[str, object]:
    """One recorded evaluation. `result` is what came of it: the value as text, or what went wrong."""
    return {
        "number": number,
        "time": rfc3339(entry.time),
        "image": target.image,
        "session": target.session,
        "source": entry.source,
        "kind": entry.kind,
        "outcome": entry.outcome,
        "print": entry.printed,
        "class": entry.class_name,
        "error": entry.error,
        "result": entry.printed if entry.error is None else entry.error,
        "elapsed_ms": entry.elapsed_ms,
        "incarnation": entry.incarnation,
    }


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
