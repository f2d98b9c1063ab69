"""Retention: which operations stay, and what goes with those that do not (DESIGN section 7).

An operation goes if it is older than 30 days and not among the last 1,000. Switches do not count towards the 1,000;
an old one stays only as the parent of an operation that stays, for undo needs its state. With the last operation
that needs them go objects, and the histories of sessions that no state knows any more; and what killed processes left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.store.objects import read_shard
from stui_cli.store.problems import Damaged, Newer
from stui_cli.store.values import Needed, Pruned

if TYPE_CHECKING:
    from collections.abc import Collection

    from stui_cli.model.state import State
    from stui_cli.store.backend import Backend
    from stui_cli.store.transaction import Place

KEPT_OPERATIONS = 1000
KEPT_MS = 30 * 24 * 3600 * 1000


def prune(place: Place, *, keep: int = KEPT_OPERATIONS, keep_ms: int = KEPT_MS) -> Pruned:
    """Remove what is past its retention. Happens where nobody else writes. Stopped half way it has removed less.

    While an operation that stays is damaged, objects and histories stay too: it may need them after repair. Raises
    Damaged where the head is damaged: nothing goes then.
    """
    backend = place.backend
    state = backend.read_head()
    if state is None:
        return Pruned()
    going = _going(backend, state.head, keep, place.clock() - keep_ms)
    if going:
        # The audit log's lines of switches may not be written yet, and are written from the operations.
        from stui_cli.store.audit import append

        append(backend, (), state.head)
    return backend.prune(state.head, going, _needed(backend, state, frozenset(going)))


def _going(backend: Backend, head: int, keep: int, oldest: int) -> list[int]:
    going: list[int] = []
    counted = 0
    parents = {head}
    for number in backend.list_operations(head):
        try:
            operation = backend.read_operation(number).operation
        except (Damaged, Newer):
            continue  # it is repair that judges it
        is_switch = operation.details.kind is Kind.SWITCH
        counted += not is_switch
        if operation.time >= oldest or number in parents or (not is_switch and counted <= keep):
            if not is_switch and counted <= keep and operation.parent is not None:
                parents.add(operation.parent)
        else:
            going.append(number)
    return going


def needed_by(backend: Backend, state: State) -> Needed | None:
    """What the operations up to `state` refer to; None where that cannot be seen."""
    return _needed(backend, state, frozenset())


def _needed(backend: Backend, state: State, going: Collection[int]) -> Needed | None:
    """What is referred to once the operations `going` are gone; None where that cannot be seen."""
    shards = set(state.shards.items())
    objects: set[str] = set()
    sessions: set[tuple[str, str]] = set()
    try:
        for number in backend.list_operations(state.head):
            if number in going:
                continue
            logged = backend.read_operation(number)
            shards.update(logged.state().shards.items())
            details = logged.operation.details
            if isinstance(details, SessionDetails) and details.kept is not None:
                objects.add(details.kept.sha256)  # an undo of this removal gives it back
        objects.update(sha256 for _, sha256 in shards)
        for image_id, sha256 in shards:
            for session in read_shard(backend, image_id, sha256).sessions.values():
                sessions.add((image_id, session.session_id))
                if session.checkpoint is not None:
                    objects.add(session.checkpoint)
    except (Damaged, Newer):
        return None
    return Needed(frozenset(objects), frozenset(sessions))
