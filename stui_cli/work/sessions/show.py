"""All that is known of one session, with its variables as they are now where its image answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli.contract.session import session_in_full
from stui_cli.work.meant.session import recorded_session
from stui_cli.work.sessions.checkpoint import checkpoint_if_it_answers
from stui_cli.work.sessions.listing import session_metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Checkpoint, CheckpointBinding, SessionMetadata
    from stui_cli.work.workbench import Workbench

# What is shown of the history here; `stui sessions history` has all.
_LAST = 5


@dataclass(frozen=True)
class SessionView:
    """`bindings` are those of now if `live`, else those of the last checkpoint."""

    target: Target
    metadata: SessionMetadata
    live: bool
    bindings: tuple[CheckpointBinding, ...]
    checkpoint: Checkpoint | None
    history: tuple[Entry, ...]
    notes: tuple[str, ...]


def view_session(bench: Workbench, target: Target, *, ask: bool) -> SessionView:
    """Put together what the store has and, with `ask`, what the image says. Changes nothing."""
    state = bench.store.read()
    found = recorded_session(bench, state, target)
    session, image = found.session, found.image
    checkpoint = bench.store.checkpoint(session.checkpoint) if session.checkpoint else None
    metadata = session_metadata(bench, image, session)
    notes: list[str] = []
    now = checkpoint_if_it_answers(bench, state, found, notes) if ask else None
    if now is not None:
        metadata = metadata._replace(session=metadata.session._replace(bindings=len(now.bindings)))
    shown = now or checkpoint
    return SessionView(
        target=found.target,
        metadata=metadata,
        live=now is not None,
        bindings=shown.bindings if shown else (),
        checkpoint=checkpoint,
        history=tuple(bench.store.history(session.image_id, session.session_id)),
        notes=tuple(notes),
    )


def show_item(view: SessionView) -> dict[str, object]:
    """The session's item with its variables, its checkpoint, and its last evaluations."""
    return session_in_full(
        view.metadata,
        live=view.live,
        bindings=view.bindings,
        checkpoint=view.checkpoint,
        target=view.target,
        evaluations=len(view.history),
        last=last_of(view.history),
    )


def last_of(entries: Sequence[Entry]) -> list[tuple[int, Entry]]:
    """The last of the entries, with their numbers."""
    return list(enumerate(entries, 1))[-_LAST:]
