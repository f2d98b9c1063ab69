"""`stui ping`: probe images, once or several times, and tell how long it took."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import click

from stui_cli.contract.ping import PING, ping_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command
from stui_cli.model.errors import Refused, StuiError, Unreachable
from stui_cli.model.exits import Exit
from stui_cli.model.health import is_blocked
from stui_cli.model.results import OutputMode, Result
from stui_cli.model.status import ProbeLevel, ProbeOutcome
from stui_cli.option_types import Duration
from stui_cli.work.meant.images import chosen_images
from stui_cli.work.meant.target import meant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe, ProbeRecord
    from stui_cli.work.workbench import Workbench


class Series:
    """The probes of one image; none of one that is left alone on purpose. `record` is its standing after them.

    No dataclass, here and below: with their module each Tab after `stui ping` would take 2 ms longer."""

    def __init__(self, image: Image, record: ProbeRecord | None) -> None:
        self.image = image
        self.probes: list[Probe] = []
        self.record = record

    @property
    def latencies(self) -> list[float]:
        return [probe.latency_ms for probe in self.probes if probe.latency_ms is not None]


class PingWish(NamedTuple):
    """`interval` in seconds from the beginning of one round to that of the next."""

    rounds: int
    interval: float
    level: ProbeLevel


def ping(
    bench: Workbench, images: Sequence[Image], wish: PingWish, on_probe: Callable[[Image, Probe], None]
) -> list[Series]:
    """Probe all `images` at once, as often as wished; Ctrl-C ends it early, with what there is until then.

    Only a probe that asks the image itself changes what is recorded: a socket that accepts proves nothing.
    """
    from stui_cli.image.probing import probe_all
    from stui_cli.work.images.monitor import record_probes
    from stui_cli.work.talking.moves import keep_moves

    state = bench.store.read()
    records = bench.store.probes(state)
    series = {image.name: Series(image, records.get(image.name)) for image in images}
    asked = [image for image in images if not image.parked]
    try:
        for number in range(wish.rounds if asked else 0):
            begun = time.monotonic()
            probes = probe_all(asked, state.client_id, bench.timeout, bench.clock, wish.level, bench.sightings)
            keep_moves(bench)
            asked = bench.sightings.as_met(asked) if bench.sightings is not None else asked
            for image, probe in zip(asked, probes, strict=True):
                series[image.name].probes.append(probe)
                on_probe(image, probe)
            if wish.level is ProbeLevel.IMAGE:
                records = record_probes(bench, asked, probes, records)
                for image in asked:
                    series[image.name].record = records[image.name]
            if number + 1 < wish.rounds:
                time.sleep(max(0.0, wish.interval - (time.monotonic() - begun)))
    except KeyboardInterrupt:
        if wish.rounds == 1:
            raise
    return list(series.values())


def ping_result(series: Sequence[Series], wish: PingWish, now: int, *, lines: Sequence[str]) -> Result:
    """The statistics. An image that never answered is an error, and so is one whose own processes get no turn."""
    items, errors, text = [], [], list(lines)
    for each in series:
        found = each.latencies
        spread = _spread(found) if found else None
        sent = len(each.probes)
        items.append(
            ping_item(each.image, each.record, now, level=wish.level, sent=sent, latencies=found, spread=spread)
        )
        if wish.rounds > 1 and each.probes:
            text.append(_statistics(each))
        if (error := _complaint(each, wish)) is not None:
            errors.append(error)
    silent = sum(not each.latencies for each in series)
    code = Exit.UNREACHABLE if series and silent == len(series) else Exit.PARTLY_DONE if errors else Exit.DONE
    return Result(PING, items, text="\n".join(text), errors=errors, exit_code=code)


def line(image: Image, probe: Probe) -> str:
    """One probe as people read it."""
    if probe.latency_ms is None:
        return f"{image.name} {image.address}: no answer: {probe.reason}"
    did = "accepted the connection" if probe.reached is ProbeLevel.TCP else "answered"
    return f"{image.name} {image.address}: {did} in {probe.latency_ms:.1f} ms"


def _statistics(series: Series) -> str:
    found, sent = series.latencies, len(series.probes)
    head = f"{series.image.name}: {sent} sent, {len(found)} answered, {100 * (sent - len(found)) / sent:.0f} % lost"
    if not found:
        return head
    average, deviation = _spread(found)
    figures = (min(found), average, max(found), deviation)
    return f"{head}; min/avg/max/stddev {'/'.join(f'{figure:.2f}' for figure in figures)} ms"


def _spread(values: Sequence[float]) -> tuple[float, float]:
    """The mean of at least one value, and their standard deviation as a whole population, as ping(8) counts it."""
    from statistics import fmean, pstdev  # after the probes: it takes 3 ms, and a ping may take less

    return fmean(values), pstdev(values)


def _complaint(series: Series, wish: PingWish) -> StuiError | None:
    image, record = series.image, series.record
    if image.parked:
        return Refused(
            f"{image.name} is disconnected on purpose",
            todo=f"take it up again: stui images connect {image.name}",
            image=image.name,
        )
    if not series.probes:
        return None
    last = series.probes[-1]
    if not series.latencies:
        return Unreachable(
            f"{image.name} {image.address}: {last.reason}", todo="see `stui status`", image=image.name,
            outcome=last.outcome,
        )  # fmt: skip
    if wish.level is ProbeLevel.IMAGE and last.outcome is ProbeOutcome.ANSWERED and record and is_blocked(record):
        return StuiError(
            f"{image.name} {image.address}: {record.reason}",
            todo="its agent answers, its own code does not run: see what runs there at a high priority",
            image=image.name,
        )
    return None


@command("image", name="ping")
@click.argument("images", nargs=-1, metavar="[IMAGE]...", shell_complete=complete_image)
@click.option("-c", "--count", type=click.IntRange(min=1), default=1, show_default=True, help="How often.")
@click.option("--interval", type=Duration(), default="1s", show_default=True, help="How long from one to the next.")
@click.option(
    "--level",
    type=click.Choice([level.value for level in ProbeLevel]),
    default=ProbeLevel.IMAGE.value,
    show_default=True,
    help="How far: its socket (tcp), its agent's greeting (rpc), or the image and its own processes.",
)
def cli(invocation: Invocation, images: tuple[str, ...], count: int, interval: int, level: str) -> int:
    """Ping the images named, or the current one.

    Each ping is a new connection, greeted and answered as far as --level says. With -c also the least, the mean and the
    longest time and the standard deviation. Exits with 5 if no image answers, with 8 if some do not or are blocked.
    """
    bench = invocation.bench
    wish = PingWish(count, interval / 1000, ProbeLevel(level))
    state = bench.store.read()
    asked = invocation.asked.image
    names = images or ((asked,) if asked else (meant(bench, invocation.asked).target.image,))
    lines: list[str] = []

    def show(image: Image, probe: Probe) -> None:
        text = line(image, probe)
        if count == 1:
            if probe.latency_ms is not None:
                lines.append(text)
        elif invocation.mode in (OutputMode.AUTO, OutputMode.TABLE, OutputMode.PLAIN):
            from stui_cli.output.cleaning import clean

            invocation.screen.print(f"{clean(text)}\n")

    series = ping(bench, chosen_images(state, names, {}), wish, show)
    code = invocation.show(ping_result(series, wish, bench.clock(), lines=lines))
    invocation.tell_changes({each.image.name: each.record for each in series if each.record is not None})
    return code
