"""`stui sessions history`: what was evaluated in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.two_words import SessionCommand
from stui_cli.contract.history import DESCRIBED, HISTORY, LISTED, history_item
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, command
from stui_cli.model.errors import NotFound, UsageProblem
from stui_cli.model.results import Result
from stui_cli.option_types import Whole, option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.names import Target

# More of a number are not looked at: no history has so many.
_DIGITS = 12


def history(target: Target, entries: Sequence[Entry], last: int | None, *, sources: bool) -> Result:
    """The last entries, oldest first, numbered from the first that is kept; or their sources alone."""
    chosen = list(enumerate(entries, 1))[-last if last else 0 :]
    items = [history_item(target, number, entry) for number, entry in chosen]
    text = "\n".join(entry.source for _, entry in chosen) if sources and chosen else None
    columns = () if sources and not chosen else LISTED
    return Result(HISTORY, items, columns, text=text, empty=f"nothing was evaluated in {target} yet", newest_last=True)


def one(target: Target, entries: Sequence[Entry], number: int, *, sources: bool) -> Result:
    """One entry whole, by its number in the listing; or its source alone. Raises NotFound and says which there are."""
    if not 1 <= number <= len(entries):
        there = "nothing was evaluated in it yet" if not entries else f"there are 1 to {len(entries)}"
        raise NotFound(
            f"{target} has no evaluation {number}: {there}",
            todo=f"see `stui sessions history {target}`",
            image=target.image,
        )
    entry = entries[number - 1]
    text = entry.source if sources else None
    return Result(HISTORY, [history_item(target, number, entry)], DESCRIBED, text=text, vertical=True)


def named_and_number(named: str | None, number: str | None) -> tuple[str | None, int | None]:
    """The session and the number that the arguments name. One alone of digits is a number: a session of such a name is
    called by its image too, or with a slash."""
    if number is None and named is not None and _is_number(named):
        named, number = None, named
    if number is None:
        return named, None
    if not _is_number(number):
        raise UsageProblem(f"{number!r} is not the number of an evaluation", todo="see stui sessions history --help")
    return named, int(number[:_DIGITS])


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


@command("history", name="history", cls=SessionCommand, lists=True)
@click.argument("named", required=False, metavar="[IMAGE/SESSION]", shell_complete=complete_target)
@click.argument("number", required=False, metavar="[N]")
@option("-n", "--last", type=Whole(1), metavar="N", help="Only the last N.")
@option("--source", "sources", is_flag=True, help="The sources alone, as they were given.")
def cli(invocation: Invocation, named: str | None, number: str | None, last: int | None, sources: bool) -> int:
    """Show what was evaluated in a session, or in the current one, one line each; or the evaluation N, whole.

    A source of many lines is shown as its first one and how many more there are; N is the number before it. A session
    whose name is a number is named by IMAGE/SESSION.
    """
    from stui_cli.work.meant.session import recorded_session
    from stui_cli.work.meant.several import joined
    from stui_cli.work.meant.target import meant_session

    if named and number and not _is_number(number) and (pair := joined(invocation.bench.store.read(), named, number)):
        named, number = pair, None
    session, wanted = named_and_number(named, number)
    if wanted is not None and last is not None:
        raise UsageProblem("one evaluation and the last of them are asked for", todo="leave N out, or -n")
    bench = invocation.bench
    state = bench.store.read()
    found = recorded_session(bench, state, meant_session(state, session, invocation.asked, bench))
    entries = bench.store.history(found.session.image_id, found.session.session_id)
    if wanted is not None:
        return invocation.show(one(found.target, entries, wanted, sources=sources))
    return invocation.show(history(found.target, entries, last, sources=sources))
