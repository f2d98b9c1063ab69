"""The seed's Connection Monitoring Flow: probe, update the standing of each image, detect who went away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.image.probing import probe_all
from stui_cli.model.health import judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe, ProbeRecord


def probe_images(bench: Workbench, images: Sequence[Image]) -> dict[str, ProbeRecord]:
    """Probe all `images` that are not parked, at once, and record what they said. Answers every record by name."""
    state = bench.store.read()
    probes = probe_all([i for i in images if not i.parked], state.client_id, bench.timeout, bench.clock)
    return record_probes(bench, probes)


def record_probes(bench: Workbench, probes: Sequence[Probe]) -> dict[str, ProbeRecord]:
    """Judge each probe against the record before it, under the store's lock, and keep the result."""

    def update(records: dict[str, ProbeRecord]) -> None:
        for probe in probes:
            records[probe.image] = judge(records.get(probe.image), probe)

    bench.store.update_probes(update)
    return bench.store.probes()
