"""Bringing a session back whose image restarted, or which was closed: from its checkpoint, and by its history."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stui_cli.contract.session import lost_item, restored_item
from stui_cli.model.errors import NotFound, PartlyDone, Refused, StuiError
from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.model.sessions import Session, SessionState
from stui_cli.protocol.workspaces import Closed, CloseSession, Restored, RestoreSession, StoredBinding
from stui_cli.work.meant.session import image_name_now, known_session, same_record, session_of_another_image
from stui_cli.work.sessions.checkpoint import checkpoint_of
from stui_cli.work.talking.enter import live_session, take_name_over
from stui_cli.work.talking.evaluate import Limits, Workplace
from stui_cli.work.talking.loading import LOAD, LoadWish, load_source, summed_up
from stui_cli.work.talking.reach import reach
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.image.client import Client
    from stui_cli.model.history import Entry
    from stui_cli.model.images import Image
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Checkpoint, SessionMetadata
    from stui_cli.model.state import State
    from stui_cli.protocol.evaluation import Evaluation
    from stui_cli.protocol.workspaces import LiveSession
    from stui_cli.store.transaction import Draft

# Making values again from their text is evaluation, so it may take longer than a contact.
_LEAST_RESTORE_S = 30.0

# What was recorded with another outcome did not do its work then, and would only stop the replay.
_REPLAYED = "returned"

_NO_TEXT = "no text makes its value again"


@dataclass(frozen=True)
class Loss:
    """A variable that could not be made again; `printed` is how its value looked."""

    name: str
    class_name: str
    printed: str
    reason: str


@dataclass(frozen=True)
class Replay:
    """What ran again: how many sources, how many recorded ones were passed over, and the first that failed."""

    done: int = 0
    skipped: int = 0
    failed: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Restoration:
    """What came back. `was_live`: the session lives in the incarnation that answers, so nothing was to be made again.
    `unknown`: there was no checkpoint, so what is lost has no names. `missed`: how many sources of the history
    returned after the checkpoint was taken, or at all where there is none."""

    target: Target
    session: Session
    was_live: bool
    restored: tuple[str, ...] = ()
    lost: tuple[Loss, ...] = ()
    unknown: bool = False
    replay: Replay | None = None
    missed: int = 0


def restoration_item(found: Restoration, metadata: SessionMetadata) -> dict[str, object]:
    """The item of a session that is live again."""
    lost = [lost_item(loss.name, loss.class_name, loss.printed, loss.reason) for loss in found.lost]
    return restored_item(metadata, found.restored, lost, found.replay.done if found.replay else 0)


def problem_of(found: Restoration, *, strict: bool) -> StuiError | None:
    """What went wrong with it: a source of its history failed, or with `strict` something is lost."""
    replay = found.replay
    if replay is not None and replay.failed is not None:
        return PartlyDone(
            f"{found.target}: source {replay.done + 1} of its history failed, and those after it did not run: "
            f"{replay.error}\n{replay.failed}",
            todo=f"see stui sessions history {found.target}",
            image=found.target.image,
        )
    if strict and found.lost:
        names = ", ".join(loss.name for loss in found.lost)
        return Refused(f"{found.target} is back without {names}", image=found.target.image)
    return None


def restore_session(
    bench: Workbench,
    target: Target,
    *,
    replay: bool,
    strict: bool,
    limits: Limits,
    on_output: Callable[[str], None] | None = None,
) -> Restoration:
    """Make a session live again under its own id.

    In the same incarnation nothing is to be done. Else its variables are made again from the last checkpoint; with
    `replay` the recorded sources run after that, in order, until one fails. With `strict` it is Refused, and nothing
    is done, if something is known to be lost beforehand. Raises Refused too if the record belongs to another image.
    """
    bench.store.settings()  # a replay is recorded: a config.toml that cannot be used is told before anything is sent
    state = bench.store.read()
    image = known_image(state, target.image)
    session = _own_session(bench, state, image, target)
    with reach(bench, state, image) as client:
        if _lives(bench, client, session):
            if session.state is not SessionState.ACTIVE:  # an undo took it for lost
                session = record_revived(bench, client, image, session, None)
            found = Restoration(target, session, was_live=True)
        else:
            checkpoint = bench.store.checkpoint(session.checkpoint) if session.checkpoint else None
            if strict and not replay:
                _refuse_losses(bench, target, session, checkpoint)
            answer = recreate(bench, client, session, checkpoint)
            revived = session._replace(incarnation=client.greeting.incarnation, state=SessionState.ACTIVE)
            revived = record_revived(bench, client, image, revived, answer.restored)
            found = Restoration(
                target,
                revived,
                False,
                answer.restored,
                losses(checkpoint, answer),
                unknown=checkpoint is None,
                missed=missed_by(bench.store.history(session.image_id, session.session_id), checkpoint),
            )
        if replay:
            found = _replayed(bench, client, image, found, limits, on_output)
    return found


def foresee(bench: Workbench, target: Target, *, replay: bool, strict: bool) -> Restoration:
    """What `restore_session` would bring back from the checkpoint, as far as that can be told beforehand; `replay` has
    how many sources would run again. Changes nothing. Raises what that raises before it does anything."""
    state = bench.store.read()
    image = known_image(state, target.image)
    session = _own_session(bench, state, image, target)
    with reach(bench, state, image) as client:
        live = _live_as_left(bench, client, session) is not None
    checkpoint = bench.store.checkpoint(session.checkpoint) if session.checkpoint else None
    if strict and not replay and not live:
        _refuse_losses(bench, target, session, checkpoint)
    again = _replay_foreseen(bench, session) if replay else None
    if live:
        return Restoration(target, session, was_live=True, replay=again)
    bindings = checkpoint.bindings if checkpoint else ()
    made = tuple(b.name for b in bindings if b.store is not None)
    lost = tuple(Loss(b.name, b.class_name, b.printed, _NO_TEXT) for b in bindings if b.store is None)
    missed = missed_by(bench.store.history(session.image_id, session.session_id), checkpoint)
    return Restoration(target, session, False, made, lost, unknown=checkpoint is None, replay=again, missed=missed)


def _replay_foreseen(bench: Workbench, session: Session) -> Replay:
    entries = bench.store.history(session.image_id, session.session_id)
    chosen = sum(entry.outcome == _REPLAYED for entry in entries)
    return Replay(chosen, len(entries) - chosen)


def recreate(bench: Workbench, client: Client, session: Session, checkpoint: Checkpoint | None) -> Restored:
    """Let the image make the session again under its id, from the text that the checkpoint has."""
    stored = checkpoint.bindings if checkpoint else ()
    bindings = tuple(StoredBinding(b.name, b.store) for b in stored if b.store is not None)
    request = RestoreSession(session.session_id, session.name, session.description, bindings, ())
    try:
        return client.call(request, Restored, bench.deadline.at_least(_LEAST_RESTORE_S))
    finally:
        bench.allowance.begin_anew()  # it was code that ran


def missed_by(entries: Sequence[Entry], checkpoint: Checkpoint | None) -> int:
    """How many sources of a history returned after the checkpoint was taken; all of them where there is none. None is
    missed where the session had no variables after the last of them."""
    if entries and entries[-1].bindings == 0:
        return 0
    taken_at = checkpoint.taken_at if checkpoint else 0
    return sum(entry.outcome == _REPLAYED and entry.time > taken_at for entry in entries)


def missed_words(missed: int) -> str:
    """That evaluations came after the checkpoint, with their number."""
    came = "1 evaluation" if missed == 1 else f"{missed} evaluations"
    return f"{came} came after its checkpoint: what that changed may be missing"


def losses(checkpoint: Checkpoint | None, answer: Restored) -> tuple[Loss, ...]:
    """What the checkpoint names and did not come back."""
    reasons = {lost.name: lost.reason for lost in answer.lost}
    return tuple(
        Loss(b.name, b.class_name, b.printed, reasons.get(b.name, _NO_TEXT))
        for b in (checkpoint.bindings if checkpoint else ())
        if b.name not in answer.restored
    )


def replay_sources(
    workplace: Workplace, entries: Sequence[Entry], limits: Limits, on_output: Callable[[str], None] | None
) -> Replay:
    """Run recorded sources again, in order, until one fails; each is audited, and stays in history only once.

    They run one by one from here and not inside restore_session: so each has its own time limit, its Transcript is
    heard, and an interrupt stops it.
    """
    workplace.recorder.keep_history = False
    chosen = [entry for entry in entries if entry.outcome == _REPLAYED]
    skipped = len(entries) - len(chosen)
    for done, entry in enumerate(chosen):
        try:
            evaluation = _run_again(workplace, entry, limits, on_output)
        except StuiError as error:
            return Replay(done, skipped, entry.source, error.what)
        if evaluation.outcome != _REPLAYED:
            problem = evaluation.error
            why = f"{problem.class_name}: {problem.message}" if problem else evaluation.outcome
            return Replay(done, skipped, entry.source, why)
    return Replay(len(chosen), skipped)


def _run_again(
    workplace: Workplace, entry: Entry, limits: Limits, on_output: Callable[[str], None] | None
) -> Evaluation:
    if entry.kind != LOAD:
        return workplace.evaluate(entry.source, limits, on_output)
    wish = LoadWish("auto", limits.time_s, stops=True)
    return summed_up(load_source(workplace, entry.source, None, wish, on_output))


def _own_session(bench: Workbench, state: State, image: Image, target: Target) -> Session:
    try:
        return known_session(bench, state, image, target.session or "")
    except NotFound:
        stranger = session_of_another_image(bench, state, image, target.session or "")
        if stranger is None:
            raise
        raise Refused(
            f"the session {target.session!r} was made in image {stranger.image_id}; "
            f"{image.name} is image {image.image_id} now",
            todo=f"to take it over on purpose: stui sessions export {stranger.image_id}/{stranger.name} -f FILE, "
            f"then: stui sessions import FILE -i {image.name}",
            image=image.name,
        ) from None


def _lives(bench: Workbench, client: Client, session: Session) -> bool:
    """Whether the session is there as it was left; then it is called by its record's name."""
    live = _live_as_left(bench, client, session)
    if live is not None and live.name != session.name:
        take_name_over(bench, client, session)
    return live is not None


def _live_as_left(bench: Workbench, client: Client, session: Session) -> LiveSession | None:
    if session.state is SessionState.CLOSED or session.incarnation != client.greeting.incarnation:
        return None
    try:
        return live_session(bench, client, session)
    except NotFound:
        return None


def _refuse_losses(bench: Workbench, target: Target, session: Session, checkpoint: Checkpoint | None) -> None:
    if checkpoint is None:
        entries = bench.store.history(session.image_id, session.session_id)
        what = "its variables: no checkpoint of it was kept" if entries else ""
    else:
        what = ", ".join(f"{b.name} ({b.class_name})" for b in checkpoint.bindings if b.store is None)
    if what:
        raise Refused(
            f"{target} would come back without {what}",
            todo="run its history again with --replay, or accept the loss: leave out --strict",
            image=target.image,
        )


def record_revived(
    bench: Workbench, client: Client, image: Image, revived: Session, restored: Sequence[str] | None
) -> Session:
    """Record that a session lives again, whatever it is called by now; without a record it must not live on. `restored`
    are the variables made again, None where it lived all the time."""
    made: list[Session] = []

    def change(draft: Draft) -> SessionDetails:
        record = same_record(draft, revived)
        # Its checkpoint stays: it still knows what did not come back.
        record = record._replace(
            incarnation=revived.incarnation,
            state=SessionState.ACTIVE,
            last_activity=draft.now,
            bindings=record.bindings if restored is None else len(restored),
        )
        draft.sessions(record.image_id)[record.name] = record
        made.append(record)
        image_name = image_name_now(draft, record, image.name)
        changed = {} if restored is None else {"restored": ", ".join(restored)}
        return SessionDetails(Kind.SESSION_RESTORE, image_name, record.name, changed)

    try:
        with bench.allowance.standing_still():
            bench.store.commit(change)
    except Refused:
        with suppress(StuiError):  # what stays in the image all the same is found by the next cleanup
            client.call(CloseSession(revived.session_id), Closed, bench.deadline)
        raise
    return made[-1]


def _replayed(
    bench: Workbench,
    client: Client,
    image: Image,
    found: Restoration,
    limits: Limits,
    on_output: Callable[[str], None] | None,
) -> Restoration:
    session = found.session
    entries = bench.store.history(session.image_id, session.session_id)
    workplace = Workplace(bench, client, found.target, session)
    try:
        done = replay_sources(workplace, entries, limits, on_output)
    finally:
        workplace.recorder.write()
    names = {b.name for b in checkpoint_of(bench, client, image, session).bindings}
    before = {b.name: b for b in bench.store.checkpoint(session.checkpoint).bindings} if session.checkpoint else {}
    lost = found.lost
    if found.was_live:
        gone = [b for name, b in before.items() if name not in names]
        lost = tuple(Loss(b.name, b.class_name, b.printed, "the history does not make it again") for b in gone)
    return replace(found, replay=done, lost=tuple(loss for loss in lost if loss.name not in names))
