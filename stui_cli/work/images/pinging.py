"""Probing images several times, and telling how long it took."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stui_cli.contract.ping import ping_item
from stui_cli.model.errors import NotPermitted, Refused, StuiError, Unreachable
from stui_cli.model.health import is_blocked
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.status import ProbeLevel
from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe, ProbeRecord
    from stui_cli.work.workbench import Workbench


class Series:
    """The probes of one image; none of one that is parked. `record` is its standing after them.

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


def series_item(series: Series, wish: PingWish, now: int) -> dict[str, object]:
    """The item of an image that was pinged."""
    found = series.latencies
    spread = spread_of(found) if found else None
    sent = len(series.probes)
    return ping_item(series.image, series.record, now, level=wish.level, sent=sent, latencies=found, spread=spread)


def spread_of(values: Sequence[float]) -> tuple[float, float]:
    """The mean of at least one value, and their standard deviation as a whole population, as ping(8) counts it."""
    from statistics import fmean, pstdev  # after the probes: it takes 3 ms, and a ping may take less

    return fmean(values), pstdev(values)


def complaint(series: Series, wish: PingWish) -> StuiError | None:
    """What is wrong with an image: it never answered, or its own processes get no turn."""
    image, record = series.image, series.record
    if image.parked:
        return Refused(
            f"{image.name} is parked",
            todo=f"take it up again: stui images connect {image.name}",
            image=image.name,
        )
    if not series.probes:
        return None
    last = series.probes[-1]
    if not series.latencies:
        what, todo = f"{image.name} {image.address}: {last.reason}", "see `stui status`"
        if last.outcome is ProbeOutcome.NOT_PERMITTED:
            return NotPermitted(what, todo=todo, image=image.name)
        if last.outcome is ProbeOutcome.WRONG_IMAGE and last.image_id is not None:
            from stui_cli.image.contact import OtherImage

            return OtherImage(image, last.image_id)  # as every command that meets it says it
        return Unreachable(what, todo=todo, image=image.name, outcome=last.outcome)
    if wish.level is ProbeLevel.IMAGE and last.outcome is ProbeOutcome.ANSWERED and record and is_blocked(record):
        return StuiError(
            f"{image.name} {image.address}: {record.reason}",
            todo="its agent answers, its own code does not run: see what runs there at a high priority",
            image=image.name,
        )
    return None
