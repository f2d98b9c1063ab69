"""`stui images export`: the registry, or a part of it, as TOML."""

from __future__ import annotations

import click

from stui_cli.contract.image import IMAGE, image_items
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result
from stui_cli.work.workbench import known_images


@command("image", name="export")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_image)
def cli(invocation: Invocation, names: tuple[str, ...]) -> int:
    """Write the images named, or all of them, as TOML on standard output; `stui images import` reads it.

    Keys are not in it, only the places of their files.
    """
    from stui_cli.store.image_files import encoded_images

    bench = invocation.bench
    images = known_images(bench.store.read(), names)
    items = image_items(images, bench.store.probes(), bench.clock())
    return invocation.show(Result(IMAGE, items, text=encoded_images(images).rstrip("\n")))
