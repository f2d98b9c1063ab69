"""Ending a session's live state on purpose: checkpoint, close in the image, record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stui_cli.flows.preservation import checkpoint_of
from stui_cli.flows.session_creation import known_session
from stui_cli.flows.workbench import Workbench, known_image
from stui_cli.image.contact import contact
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotFound, Refused
from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.model.sessions import Session, SessionState
from stui_cli.protocol.workspaces import Closed, CloseSession

if TYPE_CHECKING:
    from stui_cli.model.names import Target
    from stui_cli.store.transaction import Draft


def close_session(bench: Workbench, target: Target) -> tuple[Session, list[str]]:
    """Take a checkpoint, end the live state, record it; answers the session and what has to be said.

    A session whose image restarted has no live state left: it is recorded as closed with its last checkpoint.
    An image that does not answer is a failure, since its live state would go on unnoticed.
    """
    state = bench.store.read()
    image = known_image(state, target.image)
    session = known_session(bench, state, image, target.session or "")
    notes: list[str] = []
    checkpoint = None
    try:
        checkpoint = checkpoint_of(bench, state, image, session)
        deadline = Deadline.after(bench.timeout)
        with contact(image, state.client_id, deadline) as client:
            client.call(CloseSession(session.session_id), Closed, deadline)
    except Refused as error:
        if error.code != Refused.code:
            raise
        notes.append(f"{target} had no live state any more: {error.what}")
    except NotFound as error:
        if error.answer != "SessionNotFound":
            raise
        notes.append(f"{target} was not known to its image any more")

    def change(draft: Draft) -> SessionDetails:
        sessions = draft.sessions(session.image_id)
        changed = replace(sessions.get(session.name, session), state=SessionState.CLOSED, last_activity=draft.now)
        if checkpoint is not None:
            changed = replace(
                changed,
                checkpoint=draft.put(checkpoint),
                checkpoint_at=checkpoint.taken_at,
                bindings=len(checkpoint.bindings),
            )
        sessions[session.name] = changed
        return SessionDetails(Kind.SESSION_CLOSE, image.name, session.name)

    bench.store.commit(change)
    return known_session(bench, bench.store.read(), image, session.name), notes
