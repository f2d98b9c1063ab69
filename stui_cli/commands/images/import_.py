"""`stui images import`: images from a TOML file into the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stui_cli.commands.one_by_one import one_by_one
from stui_cli.contract.image import IMAGE, image_items
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import Refused, UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.standard_input import standard_input

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench


def import_images(bench: Workbench, images: list[Image]) -> Result:
    """Register each image without contact. One whose name or id is taken is told and left as it is."""
    from stui_cli.work.images.register import add_image

    several = one_by_one(images, lambda image: add_image(bench, image, offline=True))
    taken = any(isinstance(failure, Refused) for failure in several.failures)
    return Result(
        IMAGE,
        image_items(several.done, {}, bench.clock()),
        text="\n".join(f"{added.name}: {added.address}" for added in several.done),
        errors=several.failures,
        # A name that is taken is no refusal of the whole file.
        exit_code=Exit.PARTLY_DONE if taken else several.exit_code,
    )


@command("image", name="import", purpose=Purpose.ACT)
@click.argument("path", metavar="FILE | -", type=click.Path(path_type=Path))
def cli(invocation: Invocation, path: Path) -> int:
    """Register the images that a TOML file lists (- is standard input). Contacts none and overwrites none.

    Exits with 8 if a name, or an image by its id, is registered already; the others are registered all the same.
    """
    from stui_cli.store.image_files import decoded_images

    try:
        data = standard_input() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise UsageProblem(
            f"{path} cannot be read: {error.strerror}", todo="name a file of stui images export"
        ) from error
    images = decoded_images(data, "standard input" if str(path) == "-" else str(path), invocation.bench.clock())
    return invocation.show(import_images(invocation.bench, images))
