"""`stui images rename`: another name for the same image; its sessions and contexts follow."""

from __future__ import annotations

import click

from stui_cli.contract.image import IMAGE, image_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result


@command("image", name="rename", purpose=Purpose.ACT)
@click.argument("name", shell_complete=complete_image)
@click.argument("new_name")
def cli(invocation: Invocation, name: str, new_name: str) -> int:
    """Give the image NAME the name NEW_NAME. Its sessions stay with it, and contexts that mean it follow."""
    from stui_cli.work.images.register import rename_image

    bench = invocation.bench
    image = rename_image(bench, name, new_name)
    item = image_item(image, bench.store.probes().get(new_name), bench.clock())
    now = "now" if new_name != name else "already"
    return invocation.show(Result(IMAGE, [item], text=f"{name} is called {new_name} {now}"))
