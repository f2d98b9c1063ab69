"""What never goes back with a record: the live state of a session, and its newest checkpoint.

A close, a removal or a sweep ended the live state inside the image: the record that comes back is that of a lost
session, which can be restored. And the checkpoint that was taken then is all that is left of the variables: the newest
one stays.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from stui_cli.model.operations import (
    CleanupDetails,
    ImageDetails,
    KeptCheckpoint,
    Kind,
    Operation,
    Removal,
    RepairDetails,
    ReversalDetails,
    ReversalKind,
    SessionDetails,
    SwitchDetails,
)
from stui_cli.model.orphans import OrphanReason
from stui_cli.model.sessions import Session, SessionState
from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stui_cli.store.differences import Difference

# Why a sweep ended what lived in its image; else it had found it gone, or could not ask.
_ENDING = frozenset(reason.word for reason in OrphanReason if reason.lives_on)


class Fates(NamedTuple):
    """What the operations taken back did to sessions besides their records: the newest checkpoint by session id that
    removals took, the ids of those whose live state they ended, what sweeps removed, and whether they restored any.
    `forward`: they are done again, so what they brought to life is there."""

    kept: Mapping[str, KeptCheckpoint]
    ended: frozenset[str]
    swept: Sequence[Removal]
    restored: bool
    forward: bool

    def ended_live_state(self, wanted: Session, seen: Session | None, image: str) -> bool:
        """Whether the session of `wanted`, which lived, was ended inside its `image` by what is taken back."""
        if self.forward or not lives(wanted) or lives(seen):
            return False
        return seen is not None or wanted.session_id in self.ended or self._swept(wanted, image)

    def _swept(self, session: Session, image: str) -> bool:
        owners = (image, session.registered_as, session.image_id)
        return any(r.session == session.name and r.image in owners and r.reason in _ENDING for r in self.swept)


def fates_of(kind: ReversalKind, operations: Iterable[Operation]) -> Fates:
    kept: dict[str, KeptCheckpoint] = {}
    ended: set[str] = set()
    swept: list[Removal] = []
    restored = False
    for operation in operations:
        match operation.details:
            case SessionDetails(kept=each, ended=session_id) as details:
                restored |= details.kind is Kind.SESSION_RESTORE
                if each is not None:
                    kept[each.session_id] = max(kept.get(each.session_id, each), each, key=lambda k: k.taken_at)
                    ended.add(each.session_id)
                if session_id is not None:
                    ended.add(session_id)
            case CleanupDetails(removed=removed):
                swept += removed
            case ImageDetails() | SwitchDetails() | ReversalDetails() | RepairDetails():
                pass
            case _:
                assert_never(operation.details)
    return Fates(kept, frozenset(ended), swept, restored, kind is Kind.REDO)


def with_what_stays(
    found: Iterable[Difference],
    sessions: Mapping[str, Session],
    fates: Fates,
    now: int,
    image: str,
    left: list[str],
) -> Iterator[Difference]:
    """The differences with records to come back to that have the newest checkpoint that is known, and that claim no
    live state that was ended; without those that come to nothing then."""
    current = {session.session_id: session for session in sessions.values()}
    for difference in found:
        wanted, seen = difference.before, difference.after
        if isinstance(wanted, Session):
            newest = _with_newest(wanted, current.get(wanted.session_id), fates.kept.get(wanted.session_id))
            last = seen if isinstance(seen, Session) else None
            if fates.ended_live_state(wanted, last, image):
                since = last.last_activity if last is not None and last.state is SessionState.LOST else now
                newest = newest._replace(state=SessionState.LOST, last_activity=since)  # a sweep waits from then on
            elif newest != wanted and newest == sessions.get(difference.name):
                left.append(f"the session {image}/{difference.name} keeps its newest checkpoint")
                continue
            difference = replace(difference, before=newest)
        yield difference


def _with_newest(wanted: Session, current: Session | None, kept: KeptCheckpoint | None) -> Session:
    newest = wanted
    if kept is not None and kept.taken_at > (newest.checkpoint_at or 0):
        newest = newest._replace(checkpoint=kept.sha256, checkpoint_at=kept.taken_at)
    if current is not None and current.checkpoint and (current.checkpoint_at or 0) > (newest.checkpoint_at or 0):
        newest = newest._replace(
            checkpoint=current.checkpoint, checkpoint_at=current.checkpoint_at, bindings=current.bindings
        )
    return newest


def lives(session: Session | None) -> bool:
    return session is not None and session.state in (SessionState.ACTIVE, SessionState.PARKED)
