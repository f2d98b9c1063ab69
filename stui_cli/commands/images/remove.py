"""`stui images remove`: out of the registry; nothing in the image is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.one_by_one import one_by_one
from stui_cli.contract.image import IMAGE, REMOVED, image_items
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result
from stui_cli.option_types import option
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.work.workbench import Workbench


@command("image", name="remove", purpose=Purpose.ACT)
@click.argument("names", nargs=-1, required=True, shell_complete=complete_image)
@option("--keep-running", is_flag=True, help="Also one that was launched here and runs: its process goes on.")
def cli(invocation: Invocation, names: tuple[str, ...], keep_running: bool) -> int:
    """Take images out of the registry. Their sessions' records stay until `stui cleanup`.

    One that was launched here and still runs stays, too: nothing would be left to stop it by. So does one that another
    command changed since it was shown. The exit code is 9 then, and 8 if others went.
    """
    bench = invocation.bench
    state = bench.store.read()
    images = [known_image(state, name) for name in dict.fromkeys(names)]
    counts = [len(bench.store.sessions(state, image.image_id)) if image.image_id else 0 for image in images]
    told = [
        f"{i.name} ({count} session{'s' * (count > 1)})" if count else i.name
        for i, count in zip(images, counts, strict=True)
    ]
    if not keep_running:
        running = one_by_one(images, lambda image: _not_running(bench, image))
        if running.failures:  # before anybody is asked, and before anything is removed
            raise running.failures[0]
    if not invocation.confirm(f"Remove {', '.join(told)} from the registry?"):
        return 0
    records = bench.store.probes(state)
    several = one_by_one(images, lambda image: _removed(bench, image))
    lines = [line for image, line in zip(images, told, strict=True) if image in several.done]
    kept = any(count for image, count in zip(images, counts, strict=True) if image in several.done)
    notes = ["their sessions are kept until: stui cleanup"] if kept else []
    if keep_running and any(image.launch_directory for image in images):
        notes.append("what runs can be taken back, and stopped then: stui images discover --add")
    return invocation.show(
        Result(
            IMAGE,
            image_items(several.done, records, bench.clock()),
            REMOVED,
            text=f"removed {', '.join(lines)}" if lines else "",
            notes=notes,
            errors=several.failures,
            exit_code=several.exit_code,
        )
    )


def _not_running(bench: Workbench, image: Image) -> str:
    from stui_cli.work.images.stop import refuse_running

    refuse_running(bench, image)
    return image.name


def _removed(bench: Workbench, image: Image) -> Image:
    from stui_cli.work.images.register import remove_image

    remove_image(bench, image)
    return image
