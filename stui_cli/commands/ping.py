"""`stui ping`: is it there, and how quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.flows.workbench import known_images
from stui_cli.invocation import Invocation, command, complete_image
from stui_cli.model.errors import Unreachable
from stui_cli.model.exits import Exit
from stui_cli.model.items import image_item
from stui_cli.model.results import Result
from stui_cli.model.status import ConnectionStatus

if TYPE_CHECKING:
    from stui_cli.manager import SessionManager


def ping(manager: SessionManager, names: tuple[str, ...]) -> Result:
    """One probe of each image named. All silent is unreachable, some silent partly done."""
    images = known_images(manager.read(), names)
    records = manager.probe(images)
    items, lines, errors = [], [], []
    for image in images:
        item = image_item(image, records.get(image.name), manager.bench.clock())
        items.append(item)
        if item["status"] == ConnectionStatus.CONNECTED:
            lines.append(f"{image.name} {image.address}: answered in {item['latency_ms']} ms")
        else:
            errors.append(
                Unreachable(
                    f"{image.name} {image.address}: {item['reason']}", todo="see `stui status`", image=image.name
                )
            )
    code = Exit.DONE if not errors else Exit.PARTLY_DONE if lines else Exit.UNREACHABLE
    return Result("image", items, text="\n".join(lines), errors=errors, exit_code=code)


@command("image", name="ping")
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
def cli(invocation: Invocation, images: tuple[str, ...]) -> int:
    """Ping the images named, or the current one. Exits with 5 if none answers, 8 if only some do."""
    manager = invocation.manager
    return invocation.show(ping(manager, images or (manager.target(invocation.asked).target.image,)))
