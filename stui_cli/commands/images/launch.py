"""`stui images launch`: start an image with an agent and register it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.invocation import Duration, Invocation, command
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from stui_cli.manager import SessionManager


def launch(manager: SessionManager, dialect: str, name: str, seconds: float) -> Result:
    """Start it, wait until its agent answers, register it under its name."""
    from stui_cli.flows.launching import launch_image
    from stui_cli.model.items import image_item

    image, pid = launch_image(manager.bench, dialect, name, seconds)
    records = manager.probe([image])
    item = image_item(image, records.get(name), manager.bench.clock())
    return Result("image", [item], text=f"{name}: {image.image_version} listens at {image.address} (pid {pid})")


@command("image", name="launch")
@click.argument("name")
@click.option("--dialect", default="gst", show_default=True, metavar="DIALECT", help="Which Smalltalk.")
@click.option("--wait", type=Duration(), default="10s", show_default=True, help="How long it may take to come up.")
def cli(invocation: Invocation, name: str, dialect: str, wait: int) -> int:
    """Start an image called NAME with an agent, and register it.

    A registered image that was launched here and is gone is started again under its old id; its sessions can then be
    restored. The image outlives the terminal: end it with `stui images stop`.
    """
    return invocation.show(launch(invocation.manager, dialect, name, wait / 1000))
