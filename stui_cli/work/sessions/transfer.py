"""A session out into a file, and in again: into the image it comes from, or into another one on purpose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stui_cli.model.errors import Refused
from stui_cli.model.names import Target, checked_name, checked_text
from stui_cli.model.operations import Kind
from stui_cli.model.sessions import SessionFile
from stui_cli.model.state import image_of_id
from stui_cli.work.meant.session import recorded_session
from stui_cli.work.sessions.checkpoint import checkpoint_if_it_answers, checkpoint_of
from stui_cli.work.sessions.create import new_session, record_session, refuse_taken
from stui_cli.work.sessions.restore import Restoration, losses, missed_by, recreate, replay_sources
from stui_cli.work.talking.evaluate import Limits, Workplace
from stui_cli.work.talking.reach import reach
from stui_cli.work.talking.side_records import side_record
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.images import Image
    from stui_cli.model.state import State


@dataclass(frozen=True)
class Exported:
    """What goes into the file, and what has to be said of how fresh it is."""

    target: Target
    file: SessionFile
    notes: tuple[str, ...]


def export_session(bench: Workbench, target: Target) -> Exported:
    """The session as it is now where its image answers, else as of its last checkpoint. Changes nothing."""
    state = bench.store.read()
    found = recorded_session(bench, state, target)
    session, image = found.session, found.image
    notes: list[str] = []
    instead = ", the last checkpoint is taken" if session.checkpoint else ", there is no checkpoint of its variables"
    checkpoint = checkpoint_if_it_answers(bench, state, found, notes, instead)
    # An empty one says nothing against a good one.
    if session.checkpoint is not None and not (checkpoint and checkpoint.bindings):
        checkpoint = bench.store.checkpoint(session.checkpoint)
    file = SessionFile(
        name=session.name,
        description=session.description,
        session_id=session.session_id,
        created_at=session.created_at,
        exported_at=bench.clock(),
        image_id=session.image_id,
        image_name=image.image_name if image else None,
        dialect=image.dialect if image else None,
        image_version=image.image_version if image else None,
        checkpoint=checkpoint,
        history=tuple(bench.store.history(session.image_id, session.session_id)),
    )
    return Exported(found.target, file, tuple(notes))


def import_session(
    bench: Workbench,
    file: SessionFile,
    *,
    into: str | None,
    name: str | None,
    replay: bool,
    strict: bool,
    limits: Limits,
    on_output: Callable[[str], None] | None = None,
) -> Restoration:
    """Make a session from a file, with a new id, and record it with its checkpoint and its history.

    Without `into` it goes back into the image that it comes from: another image has other classes and other objects,
    so it gets one only if it is named. Raises Refused for that, for a taken name, and with `strict` for a loss that
    is known beforehand.
    """
    bench.store.settings()  # the history is written as they want: what is wrong there is told before anything is sent
    state = bench.store.read()
    image = _destination(state, file, into)
    name = checked_name(name or file.name, "a session")
    if file.description is not None:
        checked_text(file.description, f"the description of {image.name}/{name}")
    refuse_taken(bench.store.sessions(state, image.image_id) if image.image_id else {}, image, name)
    target = Target(image.name, name)
    stored = file.checkpoint.bindings if file.checkpoint else ()
    if strict and not replay and (doomed := [b.name for b in stored if b.store is None]):
        raise Refused(
            f"{target} would come without {', '.join(doomed)}: no text makes them again",
            todo="run its history with --replay, or accept the loss: leave out --strict",
            image=image.name,
        )
    with reach(bench, state, image) as client:
        session = new_session(bench, client, name, file.description)
        checkpoint = file.checkpoint and file.checkpoint._replace(
            session_id=session.session_id, image_id=session.image_id
        )
        answer = recreate(bench, client, session, checkpoint)
        session = session._replace(bindings=len(answer.restored))
        session = record_session(bench, client, image, session, Kind.SESSION_IMPORT, checkpoint)
        if file.history:
            with side_record(bench, f"the history of {target}"):
                bench.store.append_history(session.image_id, session.session_id, *file.history)
        found = Restoration(
            target,
            session,
            False,
            answer.restored,
            losses(checkpoint, answer),
            unknown=checkpoint is None,
            missed=missed_by(file.history, checkpoint),
        )
        if replay:
            workplace = Workplace(bench, client, target, session)
            try:
                done = replay_sources(workplace, file.history, limits, on_output)
            finally:
                workplace.recorder.write()
            names = {b.name for b in checkpoint_of(bench, client, image, session).bindings}
            found = replace(found, replay=done, lost=tuple(loss for loss in found.lost if loss.name not in names))
    return found


def _destination(state: State, file: SessionFile, into: str | None) -> Image:
    if into is not None:
        return known_image(state, into)
    image = image_of_id(state, file.image_id)
    if image is None:
        raise Refused(
            f"{file.name} was made in the image {file.image_id} "
            f"({file.image_name or 'unnamed'}), which is not registered here",
            todo="name the image that is to have it: -i IMAGE",
        )
    return image
