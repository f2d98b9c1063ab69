"""What is wrong with a team's store: every row is read and held against what refers to it. Nothing is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.damage import Damage, DamageKind, Repaired
from stui_cli.store.objects import read_checkpoint, read_shard
from stui_cli.store.postgresql.reasons import REMEDY
from stui_cli.store.problems import Damaged, Newer, NoOperation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.state import State
    from stui_cli.store.backend import Backend


def find_damage(backend: Backend) -> list[Damage]:
    """Everything that is wrong, the worst first."""
    try:
        state = backend.read_head()
    except Damaged as damage:
        return [Damage(DamageKind.STATE, damage.where, damage.wrong, REMEDY)]
    except Newer as newer:
        return [Damage(DamageKind.NEWER, backend.where, newer.what, newer.todo)]
    if state is None:
        return []
    return [*_operations(backend, state.head), *_objects(backend, state), *_audit(backend, state.head)]


def repaired(backend: Backend) -> Repaired:
    """Nothing: what a database lost is in its backups, and no state of one's own may stand in for a team's. Raises
    StoreProblem where something is damaged."""
    from stui_cli.model.errors import StoreProblem

    damage = find_damage(backend)
    if damage:
        raise StoreProblem(
            f"a database is not mended by --repair, and nothing was changed: {damage[0].where}: {damage[0].reason}",
            todo=f"{REMEDY}; stui doctor tells all of it",
        )
    return Repaired((), (), None)


def _operations(backend: Backend, head: int) -> Iterator[Damage]:
    for number in backend.list_operations(head):
        try:
            backend.read_operation(number).state()
        except Damaged as damage:
            yield Damage(DamageKind.OPERATION, damage.where, damage.wrong, REMEDY)
        except (Newer, NoOperation):
            continue  # to be read by a newer one; pruned meanwhile


def _objects(backend: Backend, state: State) -> Iterator[Damage]:
    for image_id, sha256 in state.shards.items():
        try:
            sessions = read_shard(backend, image_id, sha256).sessions
        except Damaged as damage:
            yield Damage(DamageKind.SHARD, damage.where, damage.wrong, REMEDY, image_id, None, sha256)
            continue
        for name, session in sessions.items():
            try:
                if session.checkpoint is not None:
                    read_checkpoint(backend, session.checkpoint)
            except Damaged as damage:
                kind = DamageKind.CHECKPOINT
                yield Damage(kind, damage.where, damage.wrong, REMEDY, image_id, name, session.checkpoint)


def _audit(backend: Backend, head: int) -> Iterator[Damage]:
    from stui_cli.store.audit import verify

    verdict = verify(backend, head)
    if verdict.line is not None:
        yield Damage(DamageKind.AUDIT, verdict.file, f"line {verdict.line}: {verdict.reason}", REMEDY)
