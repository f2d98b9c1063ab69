"""`stui images remove`: out of the registry; nothing in the image is touched."""

from __future__ import annotations

import click

from stui_cli.flows.workbench import known_image
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result


@command("image", name="remove", purpose=Purpose.ACT)
@click.argument("names", nargs=-1, required=True, shell_complete=complete_image)
def cli(invocation: Invocation, names: tuple[str, ...]) -> int:
    """Take images out of the registry. Their processes go on; their sessions' records stay until `stui cleanup`."""
    from stui_cli.flows.registration import remove_image

    manager = invocation.manager
    state = manager.read()
    images = [known_image(state, name) for name in dict.fromkeys(names)]
    counts = [len(manager.store.sessions(state, image.image_id)) if image.image_id else 0 for image in images]
    told = ", ".join(
        f"{i.name} ({count} session{'s' * (count > 1)})" if count else i.name
        for i, count in zip(images, counts, strict=True)
    )
    if not invocation.confirm(f"Remove {told} from the registry?"):
        return 0
    for image in images:
        remove_image(manager.bench, image.name)
    notes = ["their sessions are kept until: stui cleanup"] if any(counts) else []
    return invocation.show(
        Result("image", [{"name": image.name} for image in images], text=f"removed {told}", notes=notes)
    )
