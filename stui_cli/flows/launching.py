"""Images that stui starts itself: a folder each, one id for as long as the name is registered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.flows.evaluation import Limits, open_workplace
from stui_cli.flows.registration import identified
from stui_cli.flows.workbench import Workbench, known_image
from stui_cli.image import launching
from stui_cli.image.contact import contact
from stui_cli.image.starting import KEY_FILE, LOG_FILE, SAVED_IMAGE, StartPlan
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import Refused, StuiError
from stui_cli.model.images import Image
from stui_cli.model.names import Target, checked_name
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.protocol.workspaces import ListImageSessions, LiveSession

if TYPE_CHECKING:
    from stui_cli.store.transaction import Draft


@dataclass(frozen=True)
class LaunchWishes:
    """How to start: `memory_limit` in bytes; `fresh` starts without the image that `images save` wrote."""

    dialect: str
    seconds: float
    supervised: bool = False
    memory_limit: int | None = None
    fresh: bool = False


def launch_image(bench: Workbench, name: str, wishes: LaunchWishes) -> tuple[Image, int]:
    """Start an image and register it; answers it with its pid.

    A known name that was launched here keeps its image id and keys, so that its sessions can be restored, and its
    port if that is still free. Raises Refused if that image still runs, or if the name belongs to an image that stui
    did not start.
    """
    checked_name(name, "an image")
    known = bench.store.read().images.get(name)
    if known is not None and known.launch_directory is None:
        raise Refused(
            f"{name} is registered at {known.address} and was not started by stui",
            todo="choose another name",
            image=name,
        )
    folder = Path(bench.store.home.launched(name))
    with launching.only_one_start(folder, name):
        image_id = known.image_id if known is not None and known.image_id else str(uuid.uuid4())
        if launching.running(image_id, folder) is not None:
            raise Refused(f"{name} is running already", todo=f"use it: stui switch {name}", image=name)
        saved = known is not None and not wishes.fresh and (folder / SAVED_IMAGE).exists()
        plan = StartPlan(wishes.dialect, name, image_id, folder, 0, wishes.memory_limit, saved)
        deadline = Deadline.after(wishes.seconds)
        agent = launching.launch(plan, bench.environ, deadline, supervised=wishes.supervised)
        image = Image(
            name=name,
            address=agent.address,
            added_at=known.added_at if known else bench.clock(),
            image_id=image_id,
            dialect=wishes.dialect,
            metadata=known.metadata if known else {},
            key_file=str(folder / KEY_FILE),
            launch_directory=str(folder),
            extra=known.extra if known else {},
        )
        try:
            image = identified(bench, image)
            _register(bench, image, agent.incarnation, _live_ids(bench, image) if saved else set())
        except BaseException:
            launching.stop(image_id, folder, name)
            raise
    return image, agent.pid


def save_image(bench: Workbench, name: str, seconds: float) -> Path:
    """Save a launched image with its agent and sessions, where the next launch finds it; answers the file.

    The image goes on. A save that fails leaves the one before as it was.
    """
    image, folder = launched_image(bench, name)
    partial = folder / f"{SAVED_IMAGE}.part"
    partial.unlink(missing_ok=True)
    source = f"StuiAgent saveImage: '{str(partial).replace(chr(39), chr(39) * 2)}'"
    with open_workplace(bench, Target(image.name)) as workplace:
        evaluation = workplace.evaluate(source, Limits(seconds, 1_000))
    if evaluation.outcome != "returned" or not partial.exists():
        problem = evaluation.error
        raise StuiError(
            f"{name} could not be saved: {problem.message if problem else 'it wrote no file'}",
            todo=f"look into {folder / LOG_FILE}",
            image=name,
        )
    return partial.replace(folder / SAVED_IMAGE)


def launched_image(bench: Workbench, name: str) -> tuple[Image, Path]:
    """The image `name` and its folder. Raises Refused if stui did not start it."""
    image = known_image(bench.store.read(), name)
    if image.launch_directory is None or image.image_id is None:
        raise Refused(f"{name} was not started by stui", todo="do it where it was started", image=name)
    return image, Path(image.launch_directory)


def _live_ids(bench: Workbench, image: Image) -> set[str]:
    """The sessions that came back with a saved image."""
    deadline = Deadline.after(bench.timeout)
    with contact(image, bench.store.read().client_id, deadline) as client:
        return {live.session_id for live in client.call_list(ListImageSessions(image.image_id), LiveSession, deadline)}


def _register(bench: Workbench, image: Image, incarnation: str, live_ids: set[str]) -> None:
    """Record the image, and for the sessions that live in it the incarnation they live in now."""

    def change(draft: Draft) -> ImageDetails:
        other = draft.images.get(image.name)
        if other is not None and other.image_id != image.image_id:
            raise Refused(f"the name {image.name!r} was taken meanwhile", todo="choose another", image=image.name)
        draft.images[image.name] = image if other is None else image._replace(metadata=other.metadata)
        if live_ids and image.image_id is not None:
            sessions = draft.sessions(image.image_id)
            for name, session in list(sessions.items()):
                if session.session_id in live_ids:
                    sessions[name] = session._replace(incarnation=incarnation)
        kind = Kind.IMAGE_ADD if other is None else Kind.IMAGE_CHANGE
        return ImageDetails(kind, image.name, {"address": image.address})

    bench.store.commit(change)
