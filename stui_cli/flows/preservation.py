"""Checkpoints: a live session's bindings as text, so that a restart of its image does not take them all.

They are taken when a session is left, closed, removed or exported, and when its image is stopped: whenever somebody
turns away from it, and never behind the back of an evaluation, since each that is kept is an operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.flows.reaching import reach
from stui_cli.flows.session_records import image_name_now, record_now
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import Refused
from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.model.sessions import Checkpoint, CheckpointBinding
from stui_cli.protocol.workspaces import Bindings, CheckpointSession, Switched, SwitchImageContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.flows.workbench import Workbench
    from stui_cli.image.client import Client
    from stui_cli.model.images import Image
    from stui_cli.model.sessions import Session
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft


def checkpoint_on_leaving(
    bench: Workbench, state: State, image: Image, session: Session, to_image_id: str | None
) -> Checkpoint:
    """Tell the image that the session is left, and keep its bindings. Raises StuiError; Refused if the image
    restarted meanwhile."""
    with reach(bench, state, image) as client:
        request = SwitchImageContext(session.image_id, to_image_id or "", session.session_id, True)
        checked_incarnation(client, image, session)
        answer = client.call(request, Switched, Deadline.after(bench.timeout)).checkpoint or Bindings(())
    return _checkpoint(bench, session, answer)


def checkpoint_of(bench: Workbench, client: Client, image: Image, session: Session) -> Checkpoint:
    """Ask the image for the session's bindings. Raises StuiError; Refused if the image restarted meanwhile."""
    checked_incarnation(client, image, session)
    request = CheckpointSession(session.session_id)
    return _checkpoint(bench, session, client.call(request, Bindings, Deadline.after(bench.timeout)))


def checked_incarnation(client: Client, image: Image, session: Session) -> None:
    """Raises Refused if the session was made in another incarnation: what lives there under its id now, if anything
    does, must not be taken for it."""
    if client.greeting.incarnation != session.incarnation:
        raise Refused(f"{image.name} restarted, {session.name} is not in it", image=image.name)


def with_checkpoint(draft: Draft, record: Session, checkpoint: Checkpoint) -> Session:
    """The record with a new checkpoint. An empty one never replaces one that has something: whatever made the
    bindings disappear, they can be restored as long as the older one is kept."""
    if not checkpoint.bindings and record.checkpoint is not None:
        return record
    return record._replace(
        checkpoint=draft.put(checkpoint),
        checkpoint_at=checkpoint.taken_at,
        bindings=len(checkpoint.bindings),
    )


def keep_checkpoints(bench: Workbench, taken: Sequence[tuple[str, Session, Checkpoint]], why: str) -> None:
    """Record checkpoints of sessions, each with the name of its image, by one operation; `why` is told in the log.
    What was renamed meanwhile is followed, what was removed is passed over."""
    if not taken:
        return

    def change(draft: Draft) -> SessionDetails:
        kept: list[tuple[str, str]] = []
        for image_name, session, checkpoint in taken:
            if (record := record_now(draft, session)) is not None:
                draft.sessions(record.image_id)[record.name] = with_checkpoint(draft, record, checkpoint)
                kept.append((image_name_now(draft, record, image_name), record.name))
        (image, name), *more = kept or [(taken[0][0], taken[0][1].name)]
        names = ", ".join(f"{each}/{session}" for each, session in more)
        changed = {"checkpoint": why} | ({"and": names} if names else {})
        return SessionDetails(Kind.SESSION_CHANGE, image, name, changed)

    bench.store.commit(change)


def unstorable(checkpoint: Checkpoint) -> list[str]:
    """The bindings that no text can make again, each as `name (class)`."""
    return [f"{b.name} ({b.class_name})" for b in checkpoint.bindings if b.store is None]


def _checkpoint(bench: Workbench, session: Session, answer: Bindings) -> Checkpoint:
    return Checkpoint(
        session_id=session.session_id,
        image_id=session.image_id,
        incarnation=session.incarnation,
        taken_at=bench.clock(),
        bindings=tuple(CheckpointBinding(b.name, b.class_name, b.print, b.store) for b in answer.bindings),
    )
