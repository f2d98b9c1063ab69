"""`stui images restart`: stop an image that was launched here, and launch it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.one_by_one import one_by_one, together
from stui_cli.contract.image import IMAGE, MORE_RESTARTED, RESTARTED, restarted_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.option_types import Duration, option

if TYPE_CHECKING:
    from stui_cli.work.images.restart import Restarted
    from stui_cli.work.workbench import Workbench


def restarted_result(bench: Workbench, done: Restarted) -> Result:
    """What came up, which of its sessions live again, and what of them is lost."""
    from stui_cli.work.images.monitor import probe_images
    from stui_cli.work.images.restart import restart_notes

    image = done.image
    record = probe_images(bench.allowing(), [image]).get(image.name)
    names = [each.session.name for each in done.sessions.restored]
    before = "it did not run" if done.stopped.pid is None else f"it was pid {done.stopped.pid}"
    back = f"; {len(names)} session{'s' * (len(names) != 1)} restored" if names else ""
    return Result(
        IMAGE,
        [restarted_item(image, record, bench.clock(), done.pid, done.stopped.kept, names)],
        RESTARTED,
        text=f"{image.name}: {image.dialect} {image.image_version} listens at {image.address} "
        f"(pid {done.pid}, {before}){back}",
        warnings=list(restart_notes(done)),
        errors=done.sessions.failures,
        exit_code=Exit.PARTLY_DONE if done.sessions.failures else Exit.DONE,
    )


@command("image", name="restart", purpose=Purpose.ACT, adds=MORE_RESTARTED)
@click.argument("names", nargs=-1, required=True, shell_complete=complete_image)
@option("--wait", type=Duration(least=1), metavar="DURATION",
              help="How long each may take to come up; else 10s, or 60s with an image of yours.")  # fmt: skip
def cli(invocation: Invocation, names: tuple[str, ...], wait: int | None) -> int:
    """Stop images that `stui images launch` started, and launch each as it was: at its port, supervised or not, with
    its memory limit. One that does not run is launched.

    Their sessions are checkpointed before, as by `stui images stop`, and restored after. Where the image was saved
    they come back with it, and have the values of the checkpoint, which is younger.
    """
    from stui_cli.work.images.launched import launched_image
    from stui_cli.work.images.restart import restart_image

    bench = invocation.bench
    names = tuple(dict.fromkeys(names))
    for name in names:  # a misspelt name is told before anything ends
        launched_image(bench, name)
    seconds = wait and wait / 1000
    with invocation.progress("restarting", len(names)) as progress:

        def restarted(name: str) -> Result:
            progress.tell(name, names.index(name))
            return restarted_result(bench, restart_image(bench, name, seconds))

        several = one_by_one(names, restarted)
    if not several.done:
        raise several.failures[0]
    return invocation.show(together(several.done, several.failures))
