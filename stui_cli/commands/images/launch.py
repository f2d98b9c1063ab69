"""`stui images launch`: start an image with an agent and register it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.global_options import complete_dialect
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result
from stui_cli.option_types import Duration, Size

if TYPE_CHECKING:
    from stui_cli.work.images.launch import LaunchWishes
    from stui_cli.work.workbench import Workbench


def launch(bench: Workbench, name: str, wishes: LaunchWishes) -> Result:
    """Start it, wait until its agent answers, register it under its name."""
    from stui_cli.contract.image import IMAGE, image_item
    from stui_cli.work.images.launch import launch_image
    from stui_cli.work.images.monitor import probe_images

    image, pid = launch_image(bench, name, wishes)
    records = probe_images(bench, [image])
    item = image_item(image, records.get(image.name), bench.clock())
    text = f"{image.name}: {image.dialect} {image.image_version} listens at {image.address} (pid {pid})"
    return Result(IMAGE, [item], text=text)


@command("image", name="launch", purpose=Purpose.ACT)
@click.argument("name")
@click.option(
    "--dialect",
    metavar="DIALECT",
    shell_complete=complete_dialect,
    help="Which Smalltalk; else its own, or the first that is installed.",
)
@click.option(
    "--wait", type=Duration(least=1), default="10s", show_default=True, help="How long it may take to come up."
)
@click.option("--supervise", is_flag=True, help="Watch it from outside, and start it again when it ends or hangs.")
@click.option("--memory-limit", type=Size(), metavar="SIZE", help="Let it have no more memory, such as 1G.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Listen there, not at the port it had.")
@click.option("--fresh", is_flag=True, help="Start without the image that `stui images save` wrote.")
def cli(
    invocation: Invocation,
    name: str,
    dialect: str | None,
    wait: int,
    supervise: bool,
    memory_limit: int | None,
    port: int | None,
    fresh: bool,
) -> int:
    """Start an image called NAME with an agent, and register it.

    A registered image that was launched here and is gone is started again under its old id, and at its old port if
    that is free; its sessions can then be restored, and are all there if the image was saved. That goes by the image,
    not by the name: a renamed one takes all of it along, and a new name begins a new image. The image outlives the
    terminal: end it with `stui images stop`.
    """
    from stui_cli.work.images.launch import LaunchWishes, dialect_meant

    meant = dialect or dialect_meant(invocation.bench, name)
    wishes = LaunchWishes(meant, wait / 1000, supervise, memory_limit, fresh, port)
    return invocation.show(launch(invocation.bench, name, wishes))
