"""Ending a session's live state on purpose: checkpoint, close in the image, record."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli.image.contact import OtherImage
from stui_cli.model.errors import NotFound, Refused, StoreProblem, StuiError
from stui_cli.model.operations import KeptCheckpoint, Kind, SessionDetails
from stui_cli.model.phrases import About, Phrase
from stui_cli.model.sessions import Session, SessionState
from stui_cli.protocol.workspaces import Closed, CloseSession
from stui_cli.work.meant.session import (
    image_name_now,
    known_session,
    record_now,
    recorded_session,
    same_record,
)
from stui_cli.work.sessions.checkpoint import (
    Parting,
    closed_with_checkpoint,
    ended_already,
    unstorable,
    with_checkpoint,
    without_checkpoint,
    without_new_checkpoint,
)
from stui_cli.work.talking.enter import live_session
from stui_cli.work.talking.reach import reach
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from stui_cli.image.client import Client
    from stui_cli.model.images import Image
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Checkpoint
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft
    from stui_cli.work.meant.session import Recorded


@dataclass(frozen=True)
class Closing:
    """A session whose live state is ended, with what has to be said about it."""

    session: Session
    notes: tuple[str, ...]


def close_session(bench: Workbench, target: Target) -> Closing:
    """End the live state with a last checkpoint, record it. What runs in the session is interrupted.

    A session whose image restarted has no live state left: it is recorded as closed with its last checkpoint. An
    image that does not answer is a failure, since the live state would go on unnoticed. Where it can be seen that the
    store would not take the checkpoint, nothing is ended: StoreProblem.
    """
    state = bench.store.read()
    image = known_image(state, target.image)
    session = known_session(bench, state, image, target.session or "")
    if session.state is SessionState.CLOSED:
        return Closing(session, (f"{target} was closed already",))
    notes: list[str] = []
    checkpoint = _end_live_state(bench, state, image, session, target, notes)
    with ended_already(str(target), f"stui sessions close {target}" if checkpoint else None):
        closed = record_closed(bench, image.name, session, checkpoint, notes)
    return Closing(closed, tuple(notes))


def record_closed(
    bench: Workbench, known_as: str, session: Session, checkpoint: Checkpoint | None, notes: list[str]
) -> Session:
    """Record that a session's live state is ended, whatever the session is called by now; return the record.

    A record that another command removed meanwhile comes back, closed, if it is all that would know of the
    checkpoint just taken. Raises Refused if it went and there is nothing to keep.
    """
    made: list[Session] = []
    told = len(notes)

    def change(draft: Draft) -> SessionDetails:
        del notes[told:]  # a change may be run again, on what others made meanwhile
        image_name = image_name_now(draft, session, known_as)
        record = record_now(draft, session)
        if record is None and checkpoint is not None and checkpoint.bindings:
            record = session._replace(name=_free_name(draft, session))
            label = f"{image_name}/{record.name}"
            notes.append(
                f"another command removed {label} meanwhile; it is kept as closed, with the checkpoint taken just now: "
                f"stui sessions remove {label}"
            )
        record = record or same_record(draft, session)
        if checkpoint is not None:
            record = with_checkpoint(draft, record, checkpoint)
        made.append(record._replace(state=SessionState.CLOSED, last_activity=draft.now))
        draft.sessions(session.image_id)[record.name] = made[-1]
        return SessionDetails(Kind.SESSION_CLOSE, image_name, record.name)

    bench.store.commit(change)
    return made[-1]


def _free_name(draft: Draft, session: Session) -> str:
    taken = draft.sessions(session.image_id)
    names = (session.name, *(f"{session.name[:56]}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def remove_session(bench: Workbench, target: Target) -> Closing:
    """Take the record of a session out of the store; answers it as it was, with what has to be said.

    It is closed in its image first, if that can be, and the checkpoint that this takes is kept with the operation: an
    undo brings the record back with it. An image that cannot be asked does not hold the record.
    """
    state = bench.store.read()
    found = recorded_session(bench, state, target)
    notes: list[str] = []
    session = found.session
    checkpoint: Checkpoint | None = None
    ended = False
    if found.image is not None and session.state is not SessionState.CLOSED:
        try:
            checkpoint = _end_live_state(bench, state, found.image, session, found.target, notes)
            ended = True
        except StoreProblem:
            raise
        except StuiError as error:
            text = f"{found.target} could not be closed in its image: {error.what}"
            kind = "sessions could not be closed in their images"
            notes.append(About.of(text, name=str(found.target), kind=kind, detail=error.what))

    again = f"stui sessions remove {found.target}" if checkpoint else None
    with ended_already(str(found.target), again) if ended else nullcontext():
        if not _remove_record(bench, found, checkpoint, ended=ended):
            notes.append(f"another command removed {found.target} meanwhile")
            if checkpoint is not None and checkpoint.bindings:
                # Its undo would know of no variables: the record comes back with them, and goes by our own operation.
                record_closed(bench, found.target.image, session, checkpoint, [])
                _remove_record(bench, found, checkpoint, ended=ended)
    return Closing(session, tuple(notes))


def _remove_record(bench: Workbench, found: Recorded, checkpoint: Checkpoint | None, *, ended: bool) -> bool:
    """Take the record out of the store, whatever it is called by now; return whether it was there. `ended` says that
    its live state is."""
    removed: list[Session] = []

    def change(draft: Draft) -> SessionDetails:
        removed.clear()  # a change may be run again, on what others made meanwhile
        record = record_now(draft, found.session)
        if record is None:
            return SessionDetails(Kind.SESSION_REMOVE, found.target.image, found.session.name)
        del draft.sessions(record.image_id)[record.name]
        removed.append(record)
        last = record if checkpoint is None else with_checkpoint(draft, record, checkpoint)
        kept = None
        if last.checkpoint is not None and last.checkpoint != record.checkpoint:
            kept = KeptCheckpoint(record.session_id, last.checkpoint, last.checkpoint_at or draft.now)
        image_name = image_name_now(draft, record, found.target.image)
        gone = record.session_id if ended else None
        return SessionDetails(Kind.SESSION_REMOVE, image_name, record.name, kept=kept, ended=gone)

    bench.store.commit(change)
    return bool(removed)


def _end_live_state(
    bench: Workbench, state: State, image: Image, session: Session, target: Target, notes: list[str]
) -> Checkpoint | None:
    checkpoint = None
    bench.store.check_recordable()
    try:
        with reach(bench, state, image) as client:
            if client.greeting.incarnation == session.incarnation:
                checkpoint, trouble = closed_with_checkpoint(bench, client, image, session)
            else:
                checkpoint, trouble = _closed_in_another_start(bench, client, image, session)
            if trouble is not None:
                notes.append(without_new_checkpoint(str(target), trouble))
    except Refused as error:
        if isinstance(error, OtherImage):
            raise
        text, kind = f"{target} had no live state any more: {error.what}", "sessions had no live state any more"
        notes.append(About.of(text, name=str(target), kind=kind, detail=error.what))
    except NotFound as error:
        if error.answer != "SessionNotFound":
            raise
        kind = "sessions were not known to their images any more"
        notes.append(About.of(f"{target} was not known to its image any more", name=str(target), kind=kind))
    if checkpoint is not None and (lost := unstorable(checkpoint)):
        text = f"no text makes these again, only their print is kept: {', '.join(lost)}"
        kind = "sessions hold what no text makes again"
        notes.append(About.of(text, name=str(target), kind=kind, detail=", ".join(lost)))
    return checkpoint


def _closed_in_another_start(bench: Workbench, client: Client, image: Image, session: Session) -> Parting:
    """End what lives under the session's id in an incarnation that its record does not know: it came back with a saved
    image, or a restore was undone. Its variables replace the kept checkpoint only where they are known to be younger.

    Raises Refused if the image does not know it, too.
    """
    try:
        live_session(bench, client, session)
    except NotFound:
        raise Refused(f"{image.name} restarted, {session.name} is not in it", image=image.name) from None
    incarnation = client.greeting.incarnation
    last = bench.store.history(session.image_id, session.session_id)[-1:]
    here = any(entry.incarnation == incarnation and entry.time > (session.checkpoint_at or 0) for entry in last)
    if session.checkpoint is None or here:
        return closed_with_checkpoint(bench, client, image, session._replace(incarnation=incarnation))
    client.call(CloseSession(session.session_id), Closed, bench.deadline)
    return Parting(None, Phrase("was of another start of its image; ", without_checkpoint(session)))
