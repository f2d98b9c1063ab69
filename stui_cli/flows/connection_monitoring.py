"""The seed's Connection Monitoring Flow: probe, update the standing of each image, detect who went away, tell."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from stui_cli.model.changes import Change, change_between
from stui_cli.model.errors import StuiError
from stui_cli.model.health import as_told, is_due, judge, parked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe, ProbeRecord
    from stui_cli.model.state import State
    from stui_cli.model.status import ConnectionHealth, ConnectionStatus

Records = dict[str, "ProbeRecord"]


def probe_images(bench: Workbench, images: Sequence[Image]) -> Records:
    """Probe all `images` that are not parked, at once, and record what they said. Answers every record by name."""
    from stui_cli.image.probing import probe_all

    state = bench.store.read()
    probes = probe_all([i for i in images if not i.parked], state.client_id, bench.timeout, bench.clock)
    return record_probes(bench, state, probes)


def probe_due(bench: Workbench, images: Sequence[Image]) -> Records:
    """The same for those whose back-off is over; the others are as they were."""
    records = bench.store.probes()
    now = bench.clock()
    due = [image for image in images if not image.parked and is_due(records.get(image.name), now)]
    return probe_images(bench, due) if due else records


def probe_older(bench: Workbench, images: Sequence[Image], age: int) -> Records:
    """The same for those whose last probe is more than `age` ms ago."""
    records = bench.store.probes()
    now = bench.clock()
    old = [
        image
        for image in images
        if not image.parked
        and ((record := records.get(image.name)) is None or not 0 <= now - record.last.checked_at <= age)
    ]
    return probe_images(bench, old) if old else records


def record_probes(bench: Workbench, state: State, probes: Sequence[Probe]) -> Records:
    """Judge each probe against the record before it, under the store's lock, and keep the result. What changed is
    given to the user's `on_change`."""
    kept: Records = {}
    changes: list[Change] = []

    def update(records: Records) -> None:
        changes.clear()
        for name in [name for name in records if name not in state.images]:
            del records[name]
        changes.extend(judged(records, state.images, probes))
        kept.clear()
        kept.update(records)

    if not probes:
        return bench.store.probes()
    bench.store.update_probes(update)
    if changes:
        from stui_cli.flows.notices import run_on_change

        run_on_change(bench, state, changes, kept)
    return kept


def judged(records: Records, images: Mapping[str, Image], probes: Sequence[Probe]) -> list[Change]:
    """Bring `records` up to date with `probes`; answers what changed by it."""
    changes = []
    for probe in probes:
        before = records.get(probe.image)
        image = images.get(probe.image)
        if before is not None and image is not None and _is_of_another(before, image):
            before = None  # the name was given to another image meanwhile
        records[probe.image] = after = judge(before, probe)
        change = change_between(probe.image, before, after)
        if change is not None:
            changes.append(change)
    return changes


def change_records(bench: Workbench, change: Callable[[Records], None]) -> Records:
    """Change recorded standings without a probe; what changed by it is given to `on_change` like any other."""
    state = bench.store.read()
    kept: Records = {}
    changes: list[Change] = []

    def update(records: Records) -> None:
        before = dict(records)
        change(records)
        kept.clear()
        kept.update(records)
        changes[:] = [c for name, after in records.items() if (c := change_between(name, before.get(name), after))]

    bench.store.update_probes(update)
    if changes:
        from stui_cli.flows.notices import run_on_change

        run_on_change(bench, state, changes, kept)
    return kept


def set_standing(
    bench: Workbench, image: Image, status: ConnectionStatus, health: ConnectionHealth, reason: str
) -> None:
    """Record a standing that somebody knows without a probe."""

    def change(records: Records) -> None:
        records[image.name] = as_told(records.get(image.name), image.name, status, health, reason, bench.clock())

    change_records(bench, change)


def park(bench: Workbench, images: Sequence[Image]) -> Records:
    """Record that the user leaves `images` alone: no failure before counts any more when they are taken up again."""

    def change(records: Records) -> None:
        for image in images:
            if (record := records.get(image.name)) is not None and not record.parked:
                records[image.name] = parked(record, bench.clock())

    return change_records(bench, change)


class Monitoring:
    """Probes images again and again in a thread of its own, each when its back-off is over, until it is stopped.

    Leaving it as a context manager stops it. `choose` picks the images of each round from the state as it is then,
    so that images come and go while it runs. `interval` is in seconds. `records` is what the last round left.
    """

    def __init__(self, bench: Workbench, choose: Callable[[State], Sequence[Image]], interval: float) -> None:
        self._bench = bench
        self._choose = choose
        self._interval = interval
        self._stopping = threading.Event()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="stui monitoring", daemon=True)
        self._failure: StuiError | None = None
        self._rounds = 0
        self.records: Records = {}

    def __enter__(self) -> Monitoring:
        return self

    def __exit__(self, *exit_details: object) -> None:
        self.stop()

    def start(self) -> Monitoring:
        """Begin; answers itself."""
        self._thread.start()
        return self

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    @property
    def rounds(self) -> int:
        """How many rounds are done."""
        return self._rounds

    def stop(self) -> None:
        """End it; a round that is under way is left to itself."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(0.5)

    def wait(self, seen: int, seconds: float) -> int:
        """Wait until more than `seen` rounds are done, `seconds` at most; answers how many are. Raises the
        StuiError that ended it (the store cannot be read, an image named is gone)."""
        with self._news:
            self._news.wait_for(lambda: self._rounds > seen or not self._thread.is_alive(), seconds)
        if self._failure is not None:
            raise self._failure
        if not self._thread.is_alive() and not self._stopping.is_set():
            raise StuiError("the monitoring ended by itself", todo="this is a bug of stui; please report what it said")
        return self._rounds

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.records = probe_due(self._bench, self._choose(self._bench.store.read()))
            except StuiError as error:
                self._failure = error
                self._stopping.set()
            with self._news:
                self._rounds += 1
                self._news.notify_all()
            self._stopping.wait(self._interval)


def _is_of_another(record: ProbeRecord, image: Image) -> bool:
    answer = record.last_answer
    return answer is not None and image.image_id is not None and answer.image_id != image.image_id
