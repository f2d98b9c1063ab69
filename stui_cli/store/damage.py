"""What can be found wrong with a store, and what a repair of it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stui_cli.model.operations import Operation


class DamageKind(StrEnum):
    """Which part is concerned, and so what repair can do."""

    STATE = "state"
    EDITED = "edited"
    OPERATION = "operation"
    SHARD = "shard"
    CHECKPOINT = "checkpoint"
    HISTORY = "history"
    AUDIT = "audit"
    PROBES = "probes"
    NAMES = "names"
    STRANGE = "strange"
    MODE = "mode"
    LITTER = "litter"
    NEWER = "newer"


@dataclass(frozen=True)
class Damage:
    """One thing that is wrong: where (a file, say), what is wrong with it, and what repair does about it.

    `image_id` is that of a shard or checkpoint, `session` the name of a checkpoint's session, `sha256` the object's.
    """

    kind: DamageKind
    where: str
    reason: str
    remedy: str
    image_id: str | None = None
    session: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Repaired:
    """What repair found, what it did about it, and the operation that records it (None if the state was sound)."""

    damage: tuple[Damage, ...]
    done: tuple[str, ...]
    operation: Operation | None
