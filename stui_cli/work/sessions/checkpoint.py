"""Checkpoints: a live session's bindings as text, so that a restart of its image does not take them all.

They are taken when a session is left, closed, removed or exported, and when its image is stopped: whenever somebody
turns away from it, and never behind the back of an evaluation, since each that is kept is an operation.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from stui_cli.model.errors import ImageRefused, Refused, StoreProblem, StuiError, TooLate
from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.model.phrases import About, Phrase
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, SessionState
from stui_cli.model.times import moment
from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.faults import ErrorCode, Mistyped
from stui_cli.protocol.fields import parse
from stui_cli.protocol.greeting import CLOSING_CHECKPOINT
from stui_cli.protocol.vitals import Ping, Pong
from stui_cli.protocol.workspaces import (
    Bindings,
    BusyWith,
    CheckpointSession,
    Closed,
    CloseSession,
    Switched,
    SwitchImageContext,
)
from stui_cli.work.meant.session import image_name_now, record_now
from stui_cli.work.talking.reach import reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.image.client import Client
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.images import Image
    from stui_cli.model.sessions import Session
    from stui_cli.model.state import State
    from stui_cli.protocol.requests import Request
    from stui_cli.store.transaction import Draft
    from stui_cli.work.meant.session import Recorded
    from stui_cli.work.workbench import Workbench

T = TypeVar("T")

# What runs is given a second by the agent, is then interrupted, and the variables are printed: an image that answers
# at all has done so by then.
_PATIENCE_S = 2.0
_CLOSING_S = 8.0

# An image that is there answers a ping at once.
_LAST_WORD_S = 0.5


class SessionBusy(ImageRefused):
    """Code runs in the session, so that nothing was taken of it."""


class Parting(NamedTuple):
    """What came of ending a session in its image: its last checkpoint, or why there is none, as the end of a sentence
    about the session."""

    checkpoint: Checkpoint | None
    trouble: str | None = None


def checkpoint_on_leaving(
    bench: Workbench, state: State, image: Image, session: Session, to_image_id: str | None
) -> Checkpoint:
    """Tell the image that the session is left, and keep its bindings. Raises StuiError; Refused if the image
    restarted meanwhile."""
    with reach(bench, state, image) as client:
        request = SwitchImageContext(session.image_id, to_image_id or "", session.session_id, True)
        checked_incarnation(client, image, session)
        answer = _asked(bench, client, image, session, request, Switched).checkpoint or Bindings(())
    return checkpoint_from(bench, session, answer)


def checkpoint_of(
    bench: Workbench, client: Client, image: Image, session: Session, until: Deadline | None = None
) -> Checkpoint:
    """Ask the image for the session's bindings, `until` then. Raises StuiError; Refused if the image restarted
    meanwhile, SessionBusy if code runs in it."""
    checked_incarnation(client, image, session)
    request = CheckpointSession(session.session_id)
    return checkpoint_from(bench, session, _asked(bench, client, image, session, request, Bindings, until))


def closed_with_checkpoint(
    bench: Workbench, client: Client, image: Image, session: Session, until: Deadline | None = None
) -> Parting:
    """End the session in its image and take its last checkpoint, in one step: what was answered in it before is in the
    checkpoint. What runs in it is interrupted after a second, and there is no new checkpoint then.

    Raises StuiError; Refused if the image restarted meanwhile.
    """
    checked_incarnation(client, image, session)
    if CLOSING_CHECKPOINT not in (client.greeting.abilities or ()):
        checkpoint = checkpoint_of(bench, client, image, session, until)
        client.call(CloseSession(session.session_id), Closed, until or bench.deadline)
        return Parting(checkpoint)
    try:
        deadline = until or bench.deadline.at_least(_CLOSING_S)
        closed = client.call(CloseSession(session.session_id, True), Closed, deadline)
    except TooLate as error:
        error.todo = (
            f"close it again: its image keeps the checkpoint for you: stui sessions close {image.name}/{session.name}"
        )
        raise
    if closed.checkpoint is not None:
        return Parting(checkpoint_from(bench, session, closed.checkpoint))
    if closed.busy is not None:
        return Parting(None, Phrase(f"was {busy_words(closed.busy)} (interrupted); ", without_checkpoint(session)))
    return Parting(None, Phrase("could not tell its variables in time; ", without_checkpoint(session)))


def busy_words(busy: BusyWith) -> str:
    """`busy since 12 s with SOURCE`, on one line."""
    return f"busy since {busy.busy_ms // 1000} s with {' '.join(busy.source.split())}"


def without_new_checkpoint(label: str, trouble: str) -> About:
    """That a session ended without one, and why: `trouble` is the end of a sentence about it."""
    return About.of(f"{label} ", trouble, name=label, kind="sessions ended without a new checkpoint", detail=trouble)


def without_checkpoint(session: Session) -> str:
    """That no new checkpoint was taken, and what there is instead."""
    if session.checkpoint is None:
        return "no checkpoint was taken, and there is no earlier one"
    return Phrase("no new checkpoint was taken, the last one of ", moment(session.checkpoint_at), " stays")


def checked_incarnation(client: Client, image: Image, session: Session) -> None:
    """Raises Refused if the session was made in another incarnation: what lives there under its id now, if anything
    does, must not be taken for it."""
    if client.greeting.incarnation != session.incarnation:
        raise Refused(f"{image.name} restarted since {session.name} was last entered", image=image.name)


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


@contextmanager
def ended_already(what: str, again: str | None) -> Iterator[None]:
    """Around the recording of a session whose live state is ended: where the store fails, that is told too.

    `again` is the command to repeat where a checkpoint was taken: agents keep it for a while.
    """
    try:
        yield
    except StoreProblem as error:
        error.reason = f"{what} does not live in its image any more, and that could not be recorded: {error.what}"
        if again is not None:
            error.todo = f"{error.todo}; soon after, its image may still tell its variables: {again}"
        raise


def checkpoint_if_it_answers(
    bench: Workbench, state: State, found: Recorded, notes: list[str], instead: str = ""
) -> Checkpoint | None:
    """The bindings of a session as they are now; None where its image is not to be asked, and where it does not answer,
    which is put among the `notes` with what is done `instead`."""
    session, image = found.session, found.image
    if image is None or image.parked or session.state is SessionState.CLOSED:
        return None
    try:
        with reach(bench, state, image) as client:
            return checkpoint_of(bench, client, image, session)
    except StoreProblem:
        raise
    except StuiError as error:
        notes.append(f"{found.target} could not be asked{instead}: {error.what}")
        return None


def unstorable(checkpoint: Checkpoint) -> list[str]:
    """The bindings that no text can make again, each as `name (class)`."""
    return [f"{b.name} ({b.class_name})" for b in checkpoint.bindings if b.store is None]


def _asked(
    bench: Workbench,
    client: Client,
    image: Image,
    session: Session,
    request: Request,
    shape: type[T],
    until: Deadline | None = None,
) -> T:
    """The answer to a request that waits while code runs in the session. That is never told as an image that does not
    answer: an agent says so itself after a second, and one that does not is asked whether it is there."""
    name = f"{image.name}/{session.name}"
    try:
        return client.call(request, shape, until or bench.deadline.at_least(_PATIENCE_S))
    except ImageRefused as error:
        if error.answer != ErrorCode.BUSY:
            raise
        raise SessionBusy(f"{name} is {_busy_words_of(error.details)}", image=image.name) from error
    except TooLate as error:
        if error.answer is not None or not _answers(bench, client):
            raise
        raise SessionBusy(f"{name} is busy: code runs in it", image=image.name) from error


def _busy_words_of(details: object) -> str:
    try:
        return busy_words(parse(BusyWith, details))
    except Mistyped:
        return "busy"


def _answers(bench: Workbench, client: Client) -> bool:
    """Whether the image is there, as is asked once the time for something else is over."""
    try:
        client.call(Ping(), Pong, bench.deadline.at_least(_LAST_WORD_S))
    except StuiError:
        return False
    return True


def checkpoint_from(bench: Workbench, session: Session, answer: Bindings) -> Checkpoint:
    """What an image told of the bindings of a session, as a checkpoint of now."""
    return Checkpoint(
        session_id=session.session_id,
        image_id=session.image_id,
        incarnation=session.incarnation,
        taken_at=bench.clock(),
        bindings=tuple(CheckpointBinding(b.name, b.class_name, b.print, b.store) for b in answer.bindings),
    )
