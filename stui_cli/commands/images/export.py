"""`stui images export`: the registry, or a part of it, as TOML."""

from __future__ import annotations

from pathlib import Path

import click

from stui_cli.contract.image import IMAGE, image_items
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result
from stui_cli.option_types import option
from stui_cli.work.workbench import known_images


@command("image", name="export")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_image)
@option("-f", "--file", "path", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
@option("--force", is_flag=True, help="Overwrite a file that is there.")
def cli(invocation: Invocation, names: tuple[str, ...], path: Path | None, force: bool) -> int:
    """Write the images named, or all of them, as TOML; `stui images import` reads it.

    Keys are not in it, only the places of their files. A file is there whole or not at all.
    """
    from stui_cli.store.image_files import encoded_images

    bench = invocation.bench
    images = known_images(bench.store.read(), names)
    items = image_items(images, bench.store.probes(), bench.clock())
    text = encoded_images(images)
    if path is None:
        return invocation.show(Result(IMAGE, items, text=text.rstrip("\n")))
    from stui_cli.store.files.exported_file import write_exported_file

    write_exported_file(path, text.encode(), overwrite=force)
    count = f"{len(images)} image{'s' * (len(images) != 1)}"
    return invocation.show(Result(IMAGE, items, text=f"exported {count} to {path}"))
