"""Checkpoints: a live session's bindings as text, so that a restart of its image does not take them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.image.contact import contact
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import Refused
from stui_cli.model.sessions import Checkpoint, CheckpointBinding
from stui_cli.protocol.workspaces import Bindings, CheckpointSession

if TYPE_CHECKING:
    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.images import Image
    from stui_cli.model.sessions import Session
    from stui_cli.model.state import State


def checkpoint_of(bench: Workbench, state: State, image: Image, session: Session) -> Checkpoint:
    """Ask the image for the session's bindings. Raises StuiError; Refused if the image restarted meanwhile, since
    an empty checkpoint must never replace a good one."""
    deadline = Deadline.after(bench.timeout)
    with contact(image, state.client_id, deadline) as client:
        if client.greeting.incarnation != session.incarnation:
            raise Refused(f"{image.name} restarted, {session.name} is not in it", image=image.name)
        answer = client.call(CheckpointSession(session.session_id), Bindings, deadline)
    return Checkpoint(
        session_id=session.session_id,
        image_id=session.image_id,
        incarnation=session.incarnation,
        taken_at=bench.clock(),
        bindings=tuple(CheckpointBinding(b.name, b.class_name, b.print, b.store) for b in answer.bindings),
    )
