"""Images that stui starts itself: a folder each, one id for as long as the name is registered."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from stui_cli.flows.registration import identified
from stui_cli.flows.workbench import Workbench, known_image
from stui_cli.image import launching
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import Refused
from stui_cli.model.images import Image
from stui_cli.model.names import checked_name
from stui_cli.model.operations import ImageDetails, Kind

if TYPE_CHECKING:
    from stui_cli.store.transaction import Draft


def launch_image(bench: Workbench, dialect: str, name: str, seconds: float) -> tuple[Image, int]:
    """Start an image and register it; answers it with its pid.

    A known name that was launched here keeps its image id and keys, so that its sessions can be restored. Raises
    Refused if that image still runs, or if the name belongs to an image that stui did not start.
    """
    checked_name(name, "an image")
    known = bench.store.read().images.get(name)
    if known is not None and known.launch_directory is None:
        raise Refused(
            f"{name} is registered at {known.address} and was not started by stui",
            todo="choose another name",
            image=name,
        )
    folder = bench.store.home.launched(name)
    with launching.only_one_start(folder, name):
        image_id = known.image_id if known is not None and known.image_id else str(uuid.uuid4())
        if known is not None and launching.runs(image_id, bench.environ):
            raise Refused(f"{name} is running already", todo=f"use it: stui switch {name}", image=name)
        agent = launching.launch(dialect, name, image_id, folder, bench.environ, Deadline.after(seconds))
        image = Image(
            name=name,
            address=agent.address,
            added_at=known.added_at if known else bench.clock(),
            image_id=image_id,
            dialect=dialect,
            metadata=known.metadata if known else {},
            key_file=str(folder / launching.KEY_FILE),
            launch_directory=str(folder),
            extra=known.extra if known else {},
        )
        try:
            image = identified(bench, image)
            _register(bench, image)
        except BaseException:
            launching.stop(image_id, name, bench.environ)
            raise
    return image, agent.pid


def stop_image(bench: Workbench, name: str) -> int | None:
    """End the process of a launched image; answers its pid, None if it did not run."""
    image = known_image(bench.store.read(), name)
    if image.launch_directory is None or image.image_id is None:
        raise Refused(f"{name} was not started by stui", todo="end it where it was started", image=name)
    return launching.stop(image.image_id, name, bench.environ)


def _register(bench: Workbench, image: Image) -> None:
    def change(draft: Draft) -> ImageDetails:
        other = draft.images.get(image.name)
        if other is not None and other.image_id != image.image_id:
            raise Refused(f"the name {image.name!r} was taken meanwhile", todo="choose another", image=image.name)
        draft.images[image.name] = image if other is None else replace(image, metadata=other.metadata)
        kind = Kind.IMAGE_ADD if other is None else Kind.IMAGE_CHANGE
        return ImageDetails(kind, image.name, {"address": image.address})

    bench.store.commit(change)
