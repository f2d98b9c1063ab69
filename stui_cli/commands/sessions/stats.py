"""`stui sessions stats`: the sessions of images, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.stats import LISTED, STATS, stats_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.phrases import About
from stui_cli.model.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.work.workbench import Workbench


def stats(bench: Workbench, names: Sequence[str]) -> Result:
    """Ask every image; one that does not answer is counted from what is recorded, and that is said."""
    from stui_cli.work.sessions.stats import session_stats

    found = session_stats(bench, names)
    warnings = [
        About.of(
            f"{each.image} is counted from what is recorded: {each.reason}",
            name=each.image,
            kind="images are counted from what is recorded",
            detail=each.reason,
        )
        for each in found
        if not each.live
    ]
    empty = "no image is registered yet: stui images add NAME ADDRESS, or stui images launch NAME"
    return Result(STATS, [stats_item(each) for each in found], LISTED, warnings=warnings, empty=empty)


@command("stats", name="stats", lists=True)
@click.argument("names", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
def cli(invocation: Invocation, names: tuple[str, ...]) -> int:
    """Count the sessions of the images named, or of all. Asks the images, so it sees other clients' sessions too,
    where the key allows it."""
    bench = invocation.bench
    asked = invocation.asked.image
    chosen = dict.fromkeys(names or ((asked,) if asked else bench.store.read().images))
    return invocation.show(stats(bench, list(chosen)))
