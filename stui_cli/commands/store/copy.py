"""`stui store copy`: the whole store in another place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.store import STORE_COPY, copy_item
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.model.store_facts import Copied


@command("store_copy", purpose=Purpose.ACT, name="copy")
@click.argument("from_place", metavar="FROM")
@click.argument("to_place", metavar="TO")
def cli(invocation: Invocation, from_place: str, to_place: str) -> int:
    """Copy a whole store: registry, sessions, checkpoints, histories, operations and the audit log, byte for byte. FROM
    and TO are a folder or a team's database each, either way. TO is a folder that is not there yet, or a database in
    which `stui store init` made the tables and nothing was changed.

    Everything is read back and compared by its hash; the head comes last, so that a copy that was stopped is no store.
    Run again it goes on where it was stopped. FROM stays as it is. Keys, probes and launched images are no part of it.
    """
    try:
        done = invocation.copy_store(from_place, to_place)
    except KeyboardInterrupt as interrupt:
        invocation.tell_interrupt("; the same command goes on where it was stopped")
        raise click.exceptions.Exit(Exit.INTERRUPTED) from interrupt
    return invocation.show(Result(STORE_COPY, [copy_item(done)], text=_told(done)))


def _told(done: Copied) -> str:
    if not done.operations + done.objects + done.histories + done.lines:
        return f"{done.target} has all of it already, up to operation {done.head}"
    put = (
        _counted(done.operations, "operation", "operations"),
        _counted(done.objects, "object", "objects"),
        _counted(done.histories, "history", "histories"),
        _counted(done.lines, "line", "lines"),
    )
    return (
        f"{done.target} is {done.source}, up to operation {done.head}; put there: {put[0]}, {put[1]}, {put[2]} and "
        f"{put[3]} of the audit log"
    )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
