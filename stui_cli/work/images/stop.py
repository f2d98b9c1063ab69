"""Ending an image that was launched here: what lives in it is kept as text first, then its process ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stui_cli.local import launching
from stui_cli.local.processes import Liveness
from stui_cli.model.errors import NotFound, Refused, StoreProblem, StuiError, TooLate
from stui_cli.model.phrases import About
from stui_cli.model.sessions import SessionState
from stui_cli.protocol.workspaces import ListImageSessions, LiveSession
from stui_cli.work.images.launched import folder_of, launched_image
from stui_cli.work.images.monitor import note_stopped
from stui_cli.work.sessions.checkpoint import (
    SessionBusy,
    closed_with_checkpoint,
    ended_already,
    keep_checkpoints,
    unstorable,
    without_new_checkpoint,
)
from stui_cli.work.talking.reach import reach

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.model.sessions import Checkpoint, Session
    from stui_cli.work.workbench import Workbench

# A session in which code runs cannot be asked before that ends; whoever stops an image does not wait for all of them.
_PATIENCE_S = 5.0


class Stopped(NamedTuple):
    """An image that was stopped: its pid, None if it did not run, how many sessions were kept as text, and what has to
    be said."""

    pid: int | None
    kept: int
    notes: tuple[str, ...]


def stop_image(bench: Workbench, name: str, *, preserve: bool = True) -> Stopped:
    """End the process of a launched image, its supervisor first.

    With `preserve` its sessions are checkpointed before; one that cannot be asked is told and does not hold the stop,
    for what hangs has to be stopped, too. Raises Refused if stui did not start the image, and if it cannot be told
    from here whether it runs or which process it is: "was not running" is said only of what is provably gone.
    """
    image, folder = launched_image(bench, name)
    found = launching.whereabouts(image, folder, bench.store.read().client_id, bench.environ)
    if found.liveness is Liveness.GONE:
        note_stopped(bench, image, ended_before=True)  # whoever stops what ended by itself wants it to be off, too
        return Stopped(None, 0, ())
    if found.process is None and found.supervisor is None:
        runs = "runs, but not where its process can be ended" if found.liveness is Liveness.LIVES else "may run"
        raise Refused(f"{name} {runs}: {found.evidence}", todo="stop it where it was launched", image=name)
    notes: list[str] = []
    kept = _preserve(bench, image, notes) if preserve and found.process is not None else 0
    if not launching.stop(folder, image.image_id or "", bench.environ, found):
        raise StuiError(f"the process of {name} does not end, not even killed", todo="look at it: ps", image=name)
    note_stopped(bench, image)
    ended = found.process or found.supervisor
    return Stopped(ended.pid if ended else None, kept, tuple(notes))


def refuse_running(bench: Workbench, image: Image) -> None:
    """Raises Refused for a launched image that runs, or of which that cannot be told: without its entry nothing would
    be left to stop it by."""
    if image.launch_directory is None:
        return
    found = launching.whereabouts(image, folder_of(bench, image), bench.store.read().client_id, bench.environ)
    if found.liveness is Liveness.GONE:
        return
    pid = found.process or found.supervisor
    what = f"runs (process {pid.pid})" if pid else f"may run: {found.evidence}"
    raise Refused(
        f"{image.name} {what}",
        todo=f"stop it first: stui images stop {image.name}; or repeat this with --keep-running",
        image=image.name,
    )


def _preserve(bench: Workbench, image: Image, notes: list[str]) -> int:
    state = bench.store.read()
    records = bench.store.sessions(state, image.image_id or "").values()
    sessions = [session for session in records if session.state is not SessionState.CLOSED]
    if not sessions:
        return 0
    _check_room(bench, image)
    taken: list[tuple[str, Session, Checkpoint]] = []
    patience = bench.deadline.at_least(_PATIENCE_S)
    try:
        with reach(bench, state, image) as client:
            # The image says what lives in it: the record of one whose restore was undone tells of an earlier process.
            here = ListImageSessions(client.greeting.image_id)
            live = {each.session_id for each in client.call_list(here, LiveSession, patience)}
            for record in sessions:
                if record.session_id not in live and record.incarnation != client.greeting.incarnation:
                    continue  # it went with an earlier process; what it has is in its last checkpoint
                session = record._replace(incarnation=client.greeting.incarnation)
                label = f"{image.name}/{session.name}"
                try:
                    # Ended by the request that takes it: nothing is answered any more that would be in no checkpoint.
                    checkpoint, trouble = closed_with_checkpoint(bench, client, image, session, patience)
                except (NotFound, Refused, SessionBusy, TooLate) as error:
                    notes.append(_keeps_its_last(label, error))
                    continue
                if trouble is not None:
                    notes.append(without_new_checkpoint(label, trouble))
                if checkpoint is None:
                    continue
                taken.append((image.name, session, checkpoint))
                if lost := unstorable(checkpoint):
                    notes.append(_only_printed(label, ", ".join(lost)))
    except StoreProblem:
        raise
    except StuiError as error:
        notes.append(f"the sessions of {image.name} keep their last checkpoints: {error.what}")
    ended = ", ".join(f"{image_name}/{session.name}" for image_name, session, _ in taken)
    with ended_already(ended, f"stui images stop {image.name}"):
        keep_checkpoints(bench, taken, "taken before its image was stopped")
    return len(taken)


def _keeps_its_last(label: str, error: StuiError) -> About:
    kind = "sessions keep their last checkpoints"
    return About.of(f"{label} keeps its last checkpoint: {error.what}", name=label, kind=kind, detail=error.what)


def _only_printed(label: str, lost: str) -> About:
    text = f"{label}: no text makes these again, only their print is kept: {lost}"
    return About.of(text, name=label, kind="sessions hold what no text makes again", detail=lost)


def _check_room(bench: Workbench, image: Image) -> None:
    """Raises StoreProblem where it can be seen that the store would not take what the sessions hold."""
    try:
        bench.store.check_recordable()
    except StoreProblem as error:
        error.todo = f"{error.todo}; or give up what its sessions hold: stui images stop --no-preserve {image.name}"
        raise
