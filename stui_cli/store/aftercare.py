"""What follows a commit: the audit line, the names for completion, pruning. All of it can be made again from the
state and the operation log, so a failure here is told and does not fail the change, which is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.operations import Kind
from stui_cli.store.files.names import are_of, write_names
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.store.place import Place
    from stui_cli.store.transaction import Committed

# How many operations pass until a commit looks for what is past its retention.
PRUNED_EVERY = 500


def finish(place: Place, committed: Committed) -> None:
    """Bring the derived files up to a commit. The caller holds the lock."""
    operation, before, after = committed.operation, committed.before, committed.state
    try:
        # A switch leaves its audit line to the next change: json and the sync would take a tenth of its time.
        if operation.details.kind is not Kind.SWITCH:
            from stui_cli.store.audit import append

            append(place.home, place.disk, (), operation.number)
        stale = committed.names_before is None or not are_of(place.home, committed.names_before)
        if stale or committed.names_of != committed.names_before:
            write_names(
                place.home, place.disk, None if stale else before, after,
                lambda image_id: _session_names(place, image_id, after.shards[image_id]), committed.names_of or 0,
            )  # fmt: skip
        if operation.number % PRUNED_EVERY == 0:
            from stui_cli.store.retention import prune

            prune(place)
    except OSError as error:
        where = error.filename or place.home.folder
        place.announce(f"warning: the change is made, but {where} could not be: {error.strerror}")


def write_all_names(place: Place) -> None:
    """Make the names for completion anew from the state as it is."""
    from stui_cli.store.files.state_file import load

    loaded = load(place.home, place.disk)
    if loaded is not None:
        shards = loaded.state.shards
        write_names(
            place.home, place.disk, None, loaded.state,
            lambda image_id: _session_names(place, image_id, shards[image_id]), loaded.names_of or 0,
        )  # fmt: skip


def _session_names(place: Place, image_id: str, sha256: str) -> Iterable[str]:
    from stui_cli.store.objects import read_shard

    try:
        return read_shard(place.home, place.disk, image_id, sha256).sessions
    except Damaged:
        return ()  # told where it is needed; completion does without
