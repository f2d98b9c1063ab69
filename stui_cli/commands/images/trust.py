"""`stui images trust`: accept the image that answers at a known address now."""

from __future__ import annotations

import click

from stui_cli.contract.image import IMAGE, image_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result
from stui_cli.work.workbench import known_image


@command("image", name="trust", purpose=Purpose.ACT)
@click.argument("name", shell_complete=complete_image)
def cli(invocation: Invocation, name: str) -> int:
    """Pin NAME to the image that answers at its address now.

    Sessions of the image before stay with that image's id: they show up as left behind until `stui cleanup`.
    An image that has another name already is refused, and so is an entry that changed since you were asked (9).
    """
    from stui_cli.work.images.monitor import probe_images
    from stui_cli.work.images.register import identified, trust_image
    from stui_cli.work.meant.entry import refuse_second_name

    bench = invocation.bench
    state = bench.store.read()
    image = known_image(state, name)
    found = identified(bench, image._replace(image_id=None))
    refuse_second_name(state, found)
    if found.image_id != image.image_id and not invocation.confirm(
        f"{name} was {image.image_id} and answers as {found.image_id}. Accept it?"
    ):
        return 0
    changed = trust_image(bench, image, found)
    item = image_item(changed, probe_images(bench, [changed]).get(name), bench.clock())
    notes = []
    if found.image_id != image.image_id and image.image_id and bench.store.sessions(state, image.image_id):
        notes.append(f"the sessions of before are called {image.image_id}/NAME now, and are kept until: stui cleanup")
    return invocation.show(Result(IMAGE, [item], text=f"{name}: pinned to {found.image_id}", notes=notes))
