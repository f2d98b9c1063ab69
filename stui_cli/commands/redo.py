"""`stui redo`: take back the last undo."""

from __future__ import annotations

from stui_cli.commands.reversals import reversal_result
from stui_cli.invocation import Invocation, Purpose, command


@command("operation", name="redo", purpose=Purpose.ACT)
def cli(invocation: Invocation) -> int:
    """Do again what the last undo took back. Only where nothing but switches and checkpoints came since."""
    bench = invocation.bench
    return invocation.show(reversal_result(bench.store.redo(), "did again", bench.terminal))
