"""`stui undo`: take back one change of the store."""

from __future__ import annotations

import click

from stui_cli.commands.reversals import reversal_result
from stui_cli.global_options import complete_operation
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.option_types import Whole


@command("operation", name="undo", purpose=Purpose.ACT)
@click.argument("number", type=Whole(1), required=False, shell_complete=complete_operation)
def cli(invocation: Invocation, number: int | None) -> int:
    """Take back operation NUMBER, or the last one that is not taken back yet.

    Moves of context and kept checkpoints are passed over; `stui log --all` shows their numbers. An undo is an operation
    itself: `stui redo` takes it back. What was changed again since is left alone and told. What happened inside an
    image cannot be taken back, and how to restore it is told; a session that comes back has its newest checkpoint.
    """
    bench = invocation.bench
    return invocation.show(reversal_result(bench.store.undo(number), "undid", bench.terminal))
