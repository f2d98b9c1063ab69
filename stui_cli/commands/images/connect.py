"""`stui images connect`: probe an image again that was disconnected on purpose."""

from __future__ import annotations

import click

from stui_cli.invocation import Invocation, command, complete_image
from stui_cli.model.items import image_item
from stui_cli.model.results import Result


@command("image", name="connect")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_image)
def cli(invocation: Invocation, names: tuple[str, ...]) -> int:
    """Take images out of their rest and probe them."""
    from stui_cli.flows.registration import change_image

    manager = invocation.manager
    images = [change_image(manager.bench, name, parked=False) for name in dict.fromkeys(names)]
    records = manager.probe(images)
    items = [image_item(image, records.get(image.name), manager.bench.clock()) for image in images]
    return invocation.show(
        Result("image", items, text="\n".join(f"{item['name']}: {item['status']}" for item in items))
    )
