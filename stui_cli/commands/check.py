"""`stui check`: a plug-in of Nagios: one line, performance data, exit codes 0 to 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.labels import labels_to_have, wanted_labels
from stui_cli.contract.check import CHECK, check_item
from stui_cli.global_options import complete_image, print_version
from stui_cli.invocation import Invocation, command
from stui_cli.model.checks import Checked, CheckState, Thresholds, check_image, gravest, gravity
from stui_cli.model.errors import UsageProblem
from stui_cli.model.ranges import is_never_seen
from stui_cli.model.results import Result
from stui_cli.option_types import Duration, Latencies, option
from stui_cli.work.meant.images import chosen_images

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.ranges import Range

# For so many seconds a team's server is waited for, where -t does not say: a monitor waits for a plug-in no longer.
_LONGEST_S = 10.0

# So many images are named in the line; the rest is counted.
_MOST_NAMED = 5


def check(
    images: Sequence[Image], records: Mapping[str, ProbeRecord], thresholds: Thresholds, now: int
) -> tuple[CheckState, Result]:
    """The state of all images together, and the line that tells it."""
    checks = [check_image(image, records.get(image.name), thresholds) for image in images]
    state = gravest(checks)
    items = [
        check_item(image, records.get(image.name), now, checked.state)
        for image, checked in zip(images, checks, strict=True)
    ]
    return state, Result(CHECK, items, text=_line(state, checks, images, thresholds))


def _line(state: CheckState, checks: Sequence[Checked], images: Sequence[Image], thresholds: Thresholds) -> str:
    from stui_cli.output.nagios import performance, plugin_line

    parked = {image.name for image in images if image.parked}
    limits = (thresholds.warning, thresholds.critical, 0)
    data = [performance(c.image, c.latency_ms, "ms", limits) for c in checks if c.image not in parked]
    well = sum(checked.state is CheckState.OK for checked in checks) - len(parked)
    counted = performance("ok", well, "", (None, None, 0, len(checks) - len(parked)))
    return plugin_line(state.name, _text(checks, parked), data, counted)


def _text(checks: Sequence[Checked], parked: set[str]) -> str:
    if not checks:
        return "no image is registered, or none fits"
    bad = [checked for checked in checks if checked.state is not CheckState.OK]
    bad.sort(key=lambda checked: gravity(checked.state), reverse=True)
    named = [f"{checked.image} {checked.reason}" for checked in bad[:_MOST_NAMED]]
    if len(bad) > _MOST_NAMED:
        named.append(f"and {len(bad) - _MOST_NAMED} more")
    rest = f" ({len(parked)} parked)" if parked else ""
    watched = len(checks) - len(parked)
    head = f"{len(bad)} of {watched} images: {', '.join(named)}" if bad else f"{watched} of {watched} images are well"
    return head + rest


def refuse_mixed_up(warning: Range | None, critical: Range | None) -> None:
    """Raise UsageProblem where nobody would ever be warned: a wrong set-up is told, and not found out at night."""
    if warning is not None and critical is not None and is_never_seen(warning, critical):
        raise UsageProblem(
            f"-w {warning} ms is beyond -c {critical} ms: whatever is a warning is critical already",
            todo="let -w begin before -c, as in -w 1 -c 2",
        )


@command("check", name="check")
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
@option("-w", "--warning", type=Latencies(), help="Latencies that are a WARNING: above 2s, or a range.")
@option("-c", "--critical", type=Latencies(), help="Latencies that are CRITICAL, in the same way.")
@option("-t", "within", metavar="DURATION", type=Duration(least=1), help="As --timeout: 10 is ten seconds.")
@wanted_labels
@option("-V", is_flag=True, is_eager=True, expose_value=False, callback=print_version, help="As --version.")
def cli(
    invocation: Invocation,
    images: tuple[str, ...],
    warning: Range | None,
    critical: Range | None,
    within: int | None,
    wanted: tuple[str, ...],
) -> int:
    """Check the images named, or all of them, as a plug-in of Nagios, Icinga and their kin.

    One line with performance data. Exits with 0 (OK), 1 (WARNING), 2 (CRITICAL; a time-out is critical) or 3 (UNKNOWN:
    this machine cannot tell, or the command is wrong). Ranges are those of the plug-in guidelines: 10 alerts above 10,
    10: below 10, 10:20 outside of it, ~:10 above 10, @10:20 from 10 to 20. A number without a unit is seconds, and
    the performance data are in milliseconds. The line is shorter than 4,000 bytes, which every monitor reads whole:
    of many images it has as many latencies as there is room for.
    """
    from stui_cli.work.images.monitor import probe_images

    refuse_mixed_up(warning, critical)
    bench = invocation.bench if within is None else invocation.bench.allowing(within / 1000)
    asked = invocation.asked.image
    state = bench.store.read_within(_LONGEST_S if within is None else within / 1000)
    chosen = chosen_images(state, images or ((asked,) if asked else ()), labels_to_have(wanted))
    records = probe_images(bench, chosen)
    health, result = check(chosen, records, Thresholds(warning, critical), bench.clock())
    invocation.show(result)
    return int(health)
