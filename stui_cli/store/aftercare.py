"""What follows a commit: the audit line, the names for completion, pruning. All of it can be made again from the
state and the operation log, so a failure here is a warning and does not fail the change, which is made."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem
from stui_cli.store.problems import Damaged, Obstructed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stui_cli.model.state import State
    from stui_cli.store.backend import Backend
    from stui_cli.store.transaction import Committed, Place

# How many operations pass until a commit looks for what is past its retention.
PRUNED_EVERY = 500


def finish(place: Place, committed: Committed) -> None:
    """Bring what is derived up to a commit. Happens where nobody else writes."""
    from stui_cli.model.operations import Kind  # who commits has that already; each command on a team's store has not

    operation, before, after = committed.operation, committed.before, committed.state
    try:
        # A switch leaves its audit line to the next change: json and the sync would take a tenth of its time.
        if operation.details.kind is not Kind.SWITCH:
            from stui_cli.store.audit import append

            append(place.backend, (), operation.number, newest=operation)
        place.backend.write_names(before, after, session_names(place.backend, after))
        if operation.number % PRUNED_EVERY == 0:
            from stui_cli.store.retention import prune

            prune(place)
    except Obstructed as error:
        place.announce(f"warning: the change is made, but {error.where} could not be: {error.said}")


def refresh_names(backend: Backend, state: State) -> None:
    """Bring the names for completion up to a state that others made. The old ones are as good as any where that cannot
    be."""
    with suppress(StoreProblem):
        backend.write_names(state, state, session_names(backend, state))


def session_names(backend: Backend, state: State) -> Callable[[str], Iterable[str]]:
    """A function that returns the names of the sessions of an image id, as of `state`."""

    def names(image_id: str) -> Iterable[str]:
        from stui_cli.store.objects import read_shard

        try:
            return read_shard(backend, image_id, state.shards[image_id]).sessions
        except Damaged:
            return ()  # reported where it is needed; completion does without

    return names
