"""Ending an image that was launched here: what lives in it is kept as text first, then its process ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stui_cli.flows.connection_monitoring import note_stopped
from stui_cli.flows.launching import launched_image
from stui_cli.flows.preservation import SessionBusy, checkpoint_of, keep_checkpoints, unstorable
from stui_cli.flows.reaching import reach
from stui_cli.image import launching
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotFound, Refused, StoreProblem, StuiError, TooLate
from stui_cli.model.sessions import SessionState

if TYPE_CHECKING:
    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.images import Image
    from stui_cli.model.sessions import Checkpoint, Session

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
    for what hangs has to be stopped, too. Raises Refused if stui did not start the image.
    """
    image, folder = launched_image(bench, name)
    notes: list[str] = []
    kept = 0
    if preserve and launching.running(image.image_id or "", folder) is not None:
        kept = _preserve(bench, image, notes)
    pid = launching.stop(image.image_id or "", folder, name)
    if pid is not None:
        note_stopped(bench, image)
    return Stopped(pid, kept, tuple(notes))


def _preserve(bench: Workbench, image: Image, notes: list[str]) -> int:
    state = bench.store.read()
    records = bench.store.sessions(state, image.image_id or "").values()
    sessions = [session for session in records if session.state is SessionState.ACTIVE]
    if not sessions:
        return 0
    taken: list[tuple[str, Session, Checkpoint]] = []
    patience = Deadline.after(max(_PATIENCE_S, bench.timeout))
    try:
        with reach(bench, state, image) as client:
            for session in sessions:
                if session.incarnation != client.greeting.incarnation:
                    continue  # it went with an earlier process; what it has is in its last checkpoint
                hurried = bench._replace(timeout=min(bench.timeout, patience.remaining()))
                try:
                    checkpoint = checkpoint_of(hurried, client, image, session)
                except (NotFound, Refused, SessionBusy, TooLate) as error:
                    notes.append(f"{image.name}/{session.name} keeps its last checkpoint: {error.what}")
                    continue
                taken.append((image.name, session, checkpoint))
                if lost := unstorable(checkpoint):
                    notes.append(
                        f"{image.name}/{session.name}: no text makes these again, only their print is kept: "
                        + ", ".join(lost)
                    )
    except StoreProblem:
        raise
    except StuiError as error:
        notes.append(f"the sessions of {image.name} keep their last checkpoints: {error.what}")
    keep_checkpoints(bench, taken, "taken before its image was stopped")
    return len(taken)
