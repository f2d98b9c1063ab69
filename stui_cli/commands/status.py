"""`stui status`: probe images and tell how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.listings import STATUS_COLUMNS
from stui_cli.flows.workbench import known_images
from stui_cli.invocation import Invocation, command, complete_image
from stui_cli.model.items import image_item
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.manager import SessionManager


def status(manager: SessionManager, names: tuple[str, ...], *, cached: bool) -> Result:
    """Probe the images named, or all, at once. A dead image is a row like any other, not a failure."""
    images = known_images(manager.read(), names)
    records = manager.store.probes() if cached else manager.probe(images)
    now = manager.bench.clock()
    items = [image_item(image, records.get(image.name), now) for image in images]
    counts: dict[str, int] = {}
    for item in items:
        counts[str(item["status"])] = counts.get(str(item["status"]), 0) + 1
    summary = ", ".join(f"{count} {word}" for word, count in counts.items())
    notes = [f"{len(items)} images: {summary}"] if len(items) > 1 else []
    empty = "no image is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
    return Result("image", items, STATUS_COLUMNS, notes=notes, empty=empty)


@command("image", name="status")
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
@click.option("--cached", is_flag=True, help="Tell what the last probes said; contact nobody.")
def cli(invocation: Invocation, images: tuple[str, ...], cached: bool) -> int:
    """Probe the images named, or all of them, at once, and tell how they are.

    Exits with 0 whatever the images' state is.
    """
    asked = invocation.asked.image
    return invocation.show(status(invocation.manager, images or ((asked,) if asked else ()), cached=cached))
