"""`stui status`: probe images and tell how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stui_cli.commands.labels import labels_to_have, wanted_labels
from stui_cli.commands.overview import View, listing, write_textfile
from stui_cli.contract.image import MORE_GROUPED
from stui_cli.global_options import complete_group, complete_image
from stui_cli.invocation import Invocation, StuiCommand, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import OutputMode
from stui_cli.option_types import Duration, FileName, option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.work.workbench import Workbench

_EVERY = "2s"


def records_of(bench: Workbench, images: Sequence[Image], view: View) -> dict[str, ProbeRecord]:
    """The records that the view wants: of probes made now, or of the last ones."""
    from stui_cli.work.images.monitor import probe_images, probe_older

    if view.max_age is not None:
        return probe_older(bench, images, view.max_age)
    return bench.store.probes() if view.cached else probe_images(bench, images)


class StatusCommand(StuiCommand):
    """A command whose --watch takes its value after = only, so that `--watch alpha` means the image alpha."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        return super().parse_args(ctx, [f"--watch={_EVERY}" if a == "--watch" else a for a in args[:end]] + args[end:])


@command("image", name="status", cls=StatusCommand, exposes=True, lists=True, adds=MORE_GROUPED)
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
@wanted_labels
@option("--group-by", metavar="LABEL", shell_complete=complete_group,
              help="Put images together by a label, dialect, status or health.")  # fmt: skip
@option("--cached", is_flag=True, help="Tell what the last probes said; contact nobody.")
@option("--max-age", type=Duration(), help="Probe only what was not probed for so long.")
@option("--watch", type=Duration(least=1), metavar="[=S]", help=f"Go on, a round every S seconds ({_EVERY}).")
@option("--lead", is_flag=True, help="With --watch: probe for all monitors of a team's store, or stand by to.")
@option("--exit-code", is_flag=True, help="Exit with 8 unless every image is healthy.")
@option("--textfile", type=FileName(), help="Write -o prometheus to this file, in one step.")
def cli(
    invocation: Invocation,
    images: tuple[str, ...],
    wanted: tuple[str, ...],
    watch: int | None,
    lead: bool,
    textfile: str | None,
    **how: Any,
) -> int:
    """Probe the images named, or all of them, at once, and tell how they are.

    An IMAGE, and the value of -i, may be a pattern: stui status 'prod-*'. Exits with 0 whatever the images' state is,
    unless --exit-code asks. With --watch the list renews itself until Ctrl-C. In a pipe it is JSON lines then, first
    one of each image and later one of what is new of any; -o json is a document for each round. An image that does not
    answer is then left alone for 1 s, 2 s, 4 s and so on to 5 min.

    In the store of a team one monitor probes for all with --lead, and a second one stands by to take over. Those
    without it show what the leader found, who that is and how old it is, and probe themselves what nobody tells.
    """
    asked = invocation.asked.image
    view = View(images or ((asked,) if asked else ()), labels_to_have(wanted), **how)
    if textfile is not None and invocation.screen.selection.picks:
        raise UsageProblem(
            "--textfile holds what -o prometheus prints, of all images and all of them",
            todo="leave out --columns, --sort, --limit and --template",
        )
    if textfile is not None and invocation.mode not in (OutputMode.AUTO, OutputMode.PROMETHEUS):
        raise UsageProblem("--textfile holds what -o prometheus prints", todo="leave the other -o out")
    if lead and watch is None:
        raise UsageProblem("--lead is for a monitor, which goes on", todo="say --watch as well")
    if watch is not None:
        if view.cached or view.max_age is not None:
            raise UsageProblem("--watch probes; --cached does not", todo="leave one of them out")
        from stui_cli.commands.watching import WatchWish
        from stui_cli.commands.watching import watch as watch_images

        return watch_images(invocation, view, WatchWish(watch / 1000, lead, textfile))
    bench = invocation.bench
    chosen = view.images(bench.store.read())
    with invocation.progress(f"probing {len(chosen)} images"):
        records = records_of(bench, chosen, view)
    if bench.sightings is not None:
        chosen = bench.sightings.as_met(chosen)
    now = bench.clock()
    result = listing(chosen, records, view, now)
    if textfile is not None:
        write_textfile(textfile, result, now)
        return int(result.exit_code)
    code = invocation.show(result)
    invocation.tell_changes(records)
    return code
