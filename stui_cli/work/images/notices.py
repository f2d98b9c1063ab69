"""Changes of status reach the user: one line on the next command, and the command named by `on_change`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.changes import Change, change_since_told, record_once_told
from stui_cli.model.errors import StuiError
from stui_cli.work.talking.side_records import PATIENCE_S, side_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.state import State
    from stui_cli.work.workbench import Workbench

# How long the user's command may take for one event.
HOOK_SECONDS = 5.0

# So many changes fit in a line; the rest is counted.
_MOST_TOLD = 3


def notice(changes: Sequence[Change]) -> str:
    """One line about what changed."""
    shown = [str(change) for change in changes[:_MOST_TOLD]]
    if len(changes) > _MOST_TOLD:
        shown.append(f"and {len(changes) - _MOST_TOLD} more: stui status --cached")
    return f"changed: {'; '.join(shown)}"


def take_untold_changes(bench: Workbench, records: Mapping[str, ProbeRecord]) -> list[Change]:
    """What changed in `records` since a person was last told, which counts as told from now on. Costs no write
    where nothing changed."""
    changes = [change for name, record in records.items() if (change := change_since_told(name, record)) is not None]
    if not changes:
        return []
    taken: list[Change] = []

    def take(latest: dict[str, ProbeRecord]) -> None:
        for name, record in latest.items():
            if name in records and (change := change_since_told(name, record)) is not None:
                taken.append(change)
                latest[name] = record_once_told(record)

    recorded = False
    with side_record(bench, "the probes"):
        bench.store.update_probes(take, PATIENCE_S)
        recorded = True
    return taken if recorded else changes  # what cannot be recorded is told again, which is better than never


def run_on_change(
    bench: Workbench, state: State, changes: Sequence[Change], records: Mapping[str, ProbeRecord]
) -> None:
    """Run the user's command once for each change. Whatever becomes of it is told in a line and harms nothing."""
    try:
        command = bench.store.settings().on_change
    except StuiError as error:
        bench.announce(f"{error.what}; nothing was run for {len(changes)} changes")
        return
    if not command:
        return
    import json

    from stui_cli.contract.change import change_item
    from stui_cli.local.on_change import run_hooks

    events = [
        # The only value in it that JSON has no word for is a moment, which is its text.
        json.dumps(change_item(change, state.images[change.image], records[change.image]), default=str).encode() + b"\n"
        for change in changes
        if change.image in state.images
    ]
    for failure in run_hooks(command, events, HOOK_SECONDS):
        bench.announce(f"on_change failed: {failure}")
