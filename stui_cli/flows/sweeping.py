"""What else gathers: operations and objects past their retention, runtime files of dead agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.image.runtime_files import runtime_directory, sweep_stale

if TYPE_CHECKING:
    from stui_cli.flows.workbench import Workbench


def sweep_files(bench: Workbench) -> None:
    """Remove what no undo within the window needs, and the runtime files whose processes are gone."""
    if bench.store.home.exists():
        bench.store.prune()
    sweep_stale(runtime_directory(bench.environ))
