"""Ending an image that was launched here and starting it again, as it was launched, with its sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stui_cli.local import launching
from stui_cli.local.dialects import dialect_of, program_of
from stui_cli.local.launching import Manner
from stui_cli.model.errors import Refused, StuiError
from stui_cli.work.images.given import NOTHING_NAMED, recipe_for
from stui_cli.work.images.launch import launch_image
from stui_cli.work.images.launch_plan import LaunchWishes
from stui_cli.work.images.launched import dialect_meant, launched_image
from stui_cli.work.images.stop import Stopped, stop_image
from stui_cli.work.sessions.bring_back import BroughtBack, bring_back_after_start, brought_notes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench


class Restarted(NamedTuple):
    """An image that was started again: how its process before ended, its pid now, and what became of its sessions."""

    image: Image
    stopped: Stopped
    pid: int
    sessions: BroughtBack


def restart_image(bench: Workbench, name: str, seconds: float | None = None) -> Restarted:
    """Stop an image that was launched here, launch it as it was, and restore its sessions; one that does not run is
    launched. `seconds` is how long it may take to come up.

    Nothing is ended before it is known that it can be started again. Raises Refused for an image that stui did not
    start, or that a terminal serves; what `stop_image` and `launch_image` raise, saying that it is down.
    """
    image, folder = launched_image(bench, name)
    wishes = _as_launched(bench, image, folder, seconds)
    stopped = stop_image(bench.allowing(), name)
    try:
        image, pid = launch_image(bench.allowing(), name, wishes)
    except StuiError as error:
        error.reason = f"{name} was stopped, and did not come up again: {error.what}"
        raise
    return Restarted(image, stopped, pid, bring_back_after_start(bench.allowing(), image))


def restart_notes(done: Restarted) -> Iterator[str]:
    """What has to be said of the sessions: what was not kept, what is lost, and what nobody knows."""
    yield from done.stopped.notes
    yield from brought_notes(done.sessions)


def _as_launched(bench: Workbench, image: Image, folder: Path, seconds: float | None) -> LaunchWishes:
    """How `image` is launched again. Raises NotFound or Refused if that cannot be done, before anything is ended."""
    manner = launching.manner_in(folder) or _guessed(bench, image, folder)
    if manner.by_hand:
        raise Refused(
            f"{image.name} is served by a `stui playground` of a terminal",
            todo=f"start it again there; or in the background: stui images stop {image.name}, "
            f"then: stui images launch {image.name}",
            image=image.name,
        )
    wishes = LaunchWishes(
        dialect_meant(bench, image.name), seconds, supervised=manner.supervised, memory_limit=manner.memory_limit
    )
    row = dialect_of(wishes.dialect)
    if row.load is None:
        program_of(row.name, bench.environ)
    else:
        recipe_for(bench, image.name, row, folder, NOTHING_NAMED, fresh=False)
    return wishes


def _guessed(bench: Workbench, image: Image, folder: Path) -> Manner:
    """Of an image that an older stui launched, which kept only whether it is supervised, by its supervisor."""
    found = launching.seen_in(folder, image.image_id, bench.environ)
    return Manner(supervised=found.supervisor is not None)
