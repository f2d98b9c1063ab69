"""`stui jobs`: what runs in images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.job import JOB, LISTED
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.work.meant.images import chosen_images

if TYPE_CHECKING:
    from stui_cli.work.code.jobs import Seen


def listing(seen: Seen, asked: int) -> Result:
    """What runs. If no image answered, the exit code is that of why; if some did not, it is partly done."""
    codes = {failure.exit_code for failure in seen.failures}
    code = Exit.DONE if not codes else Exit.PARTLY_DONE
    if len(seen.failures) == asked and len(codes) == 1:
        code = codes.pop()
    from stui_cli.work.code.jobs import job_item_of

    return Result(
        JOB,
        [job_item_of(job) for job in seen.jobs],
        LISTED,
        errors=seen.failures,
        exit_code=code,
        empty="nothing runs" if asked else "no image is registered yet: stui images launch NAME",
    )


@command("job", name="jobs", lists=True)
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
def cli(invocation: Invocation, images: tuple[str, ...]) -> int:
    """List what runs in the images named, or in all: evaluations, loads, tests, and what waits for its turn.

    With an admin's key it is what all clients run, else what this stui asked for. An evaluation is unattended when
    nobody is connected any more who would get its answer; its image stops it after 10 s.
    """
    from stui_cli.work.code.jobs import jobs_in

    bench = invocation.bench
    asked = invocation.asked.image
    names = images or ((asked,) if asked else ())
    chosen = chosen_images(bench.store.read(), names, {})
    if not names:
        chosen = [image for image in chosen if not image.parked]
    return invocation.show(listing(jobs_in(bench, chosen), len(chosen)))
