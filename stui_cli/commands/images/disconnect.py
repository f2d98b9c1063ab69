"""`stui images disconnect`: park an image, which leaves it alone on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.parking import set_parked
from stui_cli.contract.image import IMAGE, image_items
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.work.workbench import Workbench


def disconnect(bench: Workbench, names: tuple[str, ...]) -> Result:
    """Park images. Their processes, their sessions and what is recorded of both stay as they are."""
    from stui_cli.work.images.monitor import park

    several = set_parked(bench, names, parked=True)
    items = image_items(several.done, park(bench, several.done), bench.clock())
    lines = [f"{image.name}: parked until `stui images connect {image.name}`" for image in several.done]
    return Result(IMAGE, items, text="\n".join(lines), errors=several.failures, exit_code=several.exit_code)


@command("image", name="disconnect", purpose=Purpose.ACT)
@click.argument("names", nargs=-1, required=True, shell_complete=complete_image)
def cli(invocation: Invocation, names: tuple[str, ...]) -> int:
    """Park images: do not probe them until `stui images connect`; that they are silent is no reason for a cleanup."""
    return invocation.show(disconnect(invocation.bench, names))
