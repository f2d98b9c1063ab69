"""`stui images disconnect`: leave an image alone on purpose."""

from __future__ import annotations

import click

from stui_cli.invocation import Invocation, command, complete_image
from stui_cli.model.items import image_item
from stui_cli.model.results import Result


@command("image", name="disconnect")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_image)
def cli(invocation: Invocation, names: tuple[str, ...]) -> int:
    """Do not probe these images until `stui images connect`; that they are silent is no reason for a cleanup."""
    from stui_cli.flows.registration import change_image

    manager = invocation.manager
    images = [change_image(manager.bench, name, parked=True) for name in dict.fromkeys(names)]
    records = manager.store.probes()
    items = [image_item(image, records.get(image.name), manager.bench.clock()) for image in images]
    return invocation.show(
        Result(
            "image",
            items,
            text="\n".join(f"{image.name}: left alone until it is connected" for image in images),
        )
    )
