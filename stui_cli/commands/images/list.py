"""`stui images list`: what is registered, with what the last probes said. Contacts nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.labels import labels_to_have, wanted_labels
from stui_cli.contract.image import IMAGE, LISTED, image_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.blocks import Listing, blocks_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.model.probes import ProbeRecord
    from stui_cli.work.workbench import Workbench


def list_images(
    bench: Workbench, records: Mapping[str, ProbeRecord], names: Sequence[str], wanted: Mapping[str, str]
) -> Listing:
    """The registered images, in the order in which they were added: those that `names` and patterns fit, and that
    carry all labels that are `wanted`. Raises NotFound for a name that is none."""
    now = bench.clock()
    state = bench.store.read()
    images = list(state.images.values())
    empty = "no image is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
    if names or wanted:
        from stui_cli.work.meant.images import chosen_images

        images, empty = chosen_images(state, names, wanted), "no image fits"
    items = (image_item(image, records.get(image.name), now) for image in images)
    return Listing(IMAGE, blocks_of(items), LISTED, list, empty)


@command("image", name="list", lists=True)
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
@wanted_labels
def cli(invocation: Invocation, images: tuple[str, ...], wanted: tuple[str, ...]) -> int:
    """List the registered images with what the last probes said of them. Contacts no image.

    Names may be patterns: 'build-*'.
    """
    records = invocation.bench.store.probes()
    asked = invocation.asked.image
    names = images or ((asked,) if asked else ())
    code = invocation.show_listing(list_images(invocation.bench, records, names, labels_to_have(wanted)))
    invocation.tell_changes(records)
    return code
