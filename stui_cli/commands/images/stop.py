"""`stui images stop`: end an image that was launched here."""

from __future__ import annotations

import click

from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result


@command("image", name="stop")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_image)
def cli(invocation: Invocation, names: tuple[str, ...]) -> int:
    """End the processes of images that `stui images launch` started. They stay registered."""
    from stui_cli.flows.launching import stop_image

    manager = invocation.manager
    lines, items = [], []
    for name in dict.fromkeys(names):
        pid = stop_image(manager.bench, name)
        lines.append(f"{name}: stopped (pid {pid})" if pid else f"{name}: was not running")
        items.append({"name": name, "pid": pid, "stopped": pid is not None})
    return invocation.show(Result("image", items, text="\n".join(lines)))
