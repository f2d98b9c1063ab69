"""A side record never blocks the main act (DESIGN section 7).

A probe, an audit line or a history entry is written down beside what was asked. Where it cannot be written, what was
asked is still done and told, the exit code stays that of what was asked, and one warning says what is not recorded.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.work.workbench import Workbench

# For the store that is to keep it nobody waits longer, in seconds: what was asked comes first.
PATIENCE_S = 0.5


@contextmanager
def side_record(bench: Workbench, what: str) -> Iterator[None]:
    """Let the store fail to take `what` ("the probes", "this evaluation"): a warning says so, and the caller goes on.

    Only StoreProblem is held back; any other exception is the caller's own failure.
    """
    try:
        yield
    except StoreProblem as error:
        bench.announce(f"warning: {what} could not be recorded: {error.what}")
