"""What an undo, redo or rollback did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from stui_cli.model.names import Target
    from stui_cli.model.operations import Operation, ReversalKind
    from stui_cli.store.transaction import Committed


@dataclass(frozen=True)
class Lasting:
    """Something that an image did and that the store cannot take back; `todo` is how to get it back."""

    what: str
    todo: str


class Move(NamedTuple):
    """The context of `scope` means something else; None is nothing."""

    scope: str
    before: Target | None
    after: Target | None


@dataclass(frozen=True)
class Reversal:
    """What an undo, redo or rollback did.

    `taken_back` are the operations, newest first (for a redo: the one that is done again). `left` names what stays
    as it is and why, `lasting` what happened inside images, `moves` which contexts mean something else now.
    `committed` is None where nothing could be changed, `unchanged` says that nothing was to be.
    """

    kind: ReversalKind
    taken_back: tuple[Operation, ...]
    left: tuple[str, ...]
    lasting: tuple[Lasting, ...]
    committed: Committed | None
    moves: tuple[Move, ...] = ()
    unchanged: bool = False

    @property
    def operation(self) -> Operation | None:
        """The new operation."""
        return None if self.committed is None else self.committed.operation
