"""The seed's Connection Monitoring Flow: probe, update the standing of each image, detect who went away, tell.

A probe is judged under the store's lock, against the registry as it is then: what was met is recorded of the image that
was probed, by whatever name it is registered by now, and of nobody if it is not. Where it cannot be recorded, the probe
is still answered, judged against what is recorded, and one warning says so.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.model.changes import change_between
from stui_cli.model.findings import gone_on, standing
from stui_cli.model.health import at_new_address, is_due, judge, parked, record_without_probe, stopped
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.work.talking.side_records import PATIENCE_S, side_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe, ProbeRecord
    from stui_cli.model.state import State
    from stui_cli.model.status import ConnectionHealth, ConnectionStatus
    from stui_cli.work.workbench import Workbench

Records = dict[str, "ProbeRecord"]


def probe_images(bench: Workbench, images: Sequence[Image], held: Mapping[str, ProbeRecord] | None = None) -> Records:
    """Probe all `images` that are not parked, at once, and record what they said. Answers every record by name.

    `held` is what earlier rounds said and the store may not know, because it could not be written then.
    """
    from stui_cli.image.probing import probe_all
    from stui_cli.work.talking.moves import keep_moves

    asked = [image for image in images if not image.parked]
    client_id = bench.store.read().client_id
    probes = probe_all(asked, client_id, bench.timeout, bench.clock, sightings=bench.sightings)
    keep_moves(bench)
    return record_probes(bench, asked, probes, held)


def probe_due(bench: Workbench, images: Sequence[Image], held: Mapping[str, ProbeRecord] | None = None) -> Records:
    """The same for those whose back-off is over; the others are as they were."""
    state = bench.store.read()
    records = _with_held(bench.store.probes(state), held, state)
    now, heard = bench.clock(), bench.store.heard()

    def has_waited(name: str) -> bool:
        # What answered another since is not left alone for what it did here.
        return is_due(records.get(name), now) or (name in heard and is_due(standing(records[name], heard[name]), now))

    due = [image for image in images if not image.parked and has_waited(image.name)]
    return probe_images(bench, due, held) if due else records


def probe_older(bench: Workbench, images: Sequence[Image], age: int) -> Records:
    """The same for those that were asked how they are more than `age` ms ago."""
    records = bench.store.probes()
    now = bench.clock()
    old = [
        image
        for image in images
        if not image.parked and ((record := records.get(image.name)) is None or not 0 <= now - _asked_at(record) <= age)
    ]
    return probe_images(bench, old) if old else records


def record_probes(
    bench: Workbench,
    images: Sequence[Image],
    probes: Sequence[Probe],
    held: Mapping[str, ProbeRecord] | None = None,
) -> Records:
    """Judge the probe of each image against the record before it, under the store's lock, and keep the result; answers
    the records, those of `images` by the names that they had when they were probed. What changed is given to the user's
    `on_change` once it is recorded."""
    state = bench.store.read()
    records: Records = {}

    def update(latest: Records) -> None:
        nonlocal state
        state = bench.store.read()
        judged(_with_held(latest, held, state), state, images, probes)
        records.clear()
        records.update(latest)

    if not probes:
        return _with_held(bench.store.probes(state), held, state)
    recorded = False
    with _no_look_for_garbage():
        with side_record(bench, "the probes"):
            change_records(bench, update, PATIENCE_S)
            recorded = True
        if not recorded:
            update(bench.store.probes())
        return _as_probed(records, state, images, probes)


@contextmanager
def _no_look_for_garbage() -> Iterator[None]:
    """The records of a thousand images all stay, and hold no circles: to look for some took 5 ms of 40."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def judged(records: Records, state: State, images: Sequence[Image], probes: Sequence[Probe]) -> None:
    """Bring `records`, which are by the names in `state`, up to date with the probes of `images`. A probe of an image
    that is not registered any more, or not so, proves nothing of any that is."""
    for image, probe in zip(images, probes, strict=True):
        if (name := _name_now(state, image, probe)) is not None:
            records[name] = judge(records.get(name), probe._replace(image=name))


def change_records(bench: Workbench, change: Callable[[Records], None], patience: float | None = None) -> None:
    """Change recorded standings under the store's lock; they are by the names in the state as it is then. What is
    another than was recorded before, or was heard of another monitor since, is given to `on_change`. Raises
    StoreProblem: then nothing is changed."""
    before: Records = {}
    known: dict[str, ProbeRecord | None] = {}
    after: Records = {}

    def update(records: Records) -> None:
        heard = bench.store.heard()
        change(records)
        for name, record in records.items():
            if record is not before.get(name):
                known[name] = standing(before.get(name), heard.get(name))
                is_heard = known[name] is not None and known[name] is heard.get(name)
                after[name] = gone_on(heard[name], record) if is_heard else record
        _keep_gone_on(bench, heard, {name: record for name, record in after.items() if record is not records[name]})

    bench.store.update_probes(update, patience, recorded=before)
    changes = [each for name, record in after.items() if (each := change_between(name, known[name], record))]
    if changes:
        from stui_cli.work.images.notices import run_on_change

        run_on_change(bench, bench.store.read(), changes, after)


def _keep_gone_on(bench: Workbench, heard: Records, gone: Records) -> None:
    """Keep how images go on that were heard of before, under the lock: the next contact goes on from there."""
    sharing = bench.store.sharing
    if sharing is not None and any(record is not heard[name] for name, record in gone.items()):
        sharing.keep_heard(bench.store.read().images, heard | gone)


def set_standing(
    bench: Workbench, image: Image, status: ConnectionStatus, health: ConnectionHealth, reason: str
) -> None:
    """Record a standing that somebody knows without a probe."""

    def change(records: Records) -> None:
        if (name := registered_name(bench.store.read(), image)) is not None:
            records[name] = record_without_probe(records.get(name), name, status, health, reason, bench.clock())

    change_records(bench, change)


def forget_old_address(bench: Workbench, image: Image) -> None:
    """Record that `image` has another address than the one that was probed."""

    def change(records: Records) -> None:
        name = registered_name(bench.store.read(), image)
        if name is not None and (record := records.get(name)) is not None:
            records[name] = at_new_address(record, bench.clock())

    with side_record(bench, "that nothing is known of the new address"):
        change_records(bench, change)


def forget_role(bench: Workbench, image: Image) -> None:
    """Record that `image` is to be proved another key than the one that was proved last."""

    def change(records: Records) -> None:
        name = registered_name(bench.store.read(), image)
        if name is not None and (record := records.get(name)) is not None and record.last_answer is not None:
            records[name] = record._replace(last_answer=record.last_answer._replace(role=None))

    with side_record(bench, "that nothing is known of the other key's role"):
        change_records(bench, change)


def park(bench: Workbench, images: Sequence[Image]) -> Records:
    """Record that the user leaves `images` alone: no failure before counts any more when they are taken up again.
    Answers every record by name."""

    def change(records: Records) -> None:
        state = bench.store.read()
        for image in images:
            name = registered_name(state, image)
            if name is not None and (record := records.get(name)) is not None and not record.parked:
                records[name] = parked(record, bench.clock())

    with side_record(bench, "the probes"):
        change_records(bench, change, PATIENCE_S)
    return bench.store.probes()


def note_stopped(bench: Workbench, image: Image, *, ended_before: bool = False) -> None:
    """Record that the process of `image` was ended on purpose; with `ended_before` it had ended already, and since when
    it is known to be stopped does not change."""

    def change(records: Records) -> None:
        if (name := registered_name(bench.store.read(), image)) is None:
            return
        record = records.get(name)
        if not (ended_before and record is not None and record.stopped):
            records[name] = stopped(record, name, bench.clock())

    with side_record(bench, "the probes"):
        change_records(bench, change, PATIENCE_S)


def registered_name(state: State, image: Image) -> str | None:
    """The name by which `image`, as it was read, is registered in `state`; None where it is not any more."""
    if image.image_id is not None:
        here = state.images.get(image.name)
        if here is None or here.image_id != image.image_id:
            from stui_cli.model.state import image_of_id

            here = image_of_id(state, image.image_id)
        return here.name if here is not None else None
    here = state.images.get(image.name)
    return image.name if here is not None and here.address == image.address else None


def _name_now(state: State, image: Image, probe: Probe) -> str | None:
    """Whom a probe of `image` tells of. What failed tells nothing of one that has another address by now, or is left
    alone."""
    name = registered_name(state, image)
    if name is None:
        return None
    here = state.images[name]
    if probe.outcome is not ProbeOutcome.ANSWERED and here.address != image.address:
        return None
    of_another = None not in (probe.image_id, here.image_id) and probe.image_id != here.image_id
    if here.parked or (of_another and probe.outcome is ProbeOutcome.ANSWERED):
        return None
    return name


def _as_probed(records: Records, state: State, images: Sequence[Image], probes: Sequence[Probe]) -> Records:
    """`records` with those of `images` by the names that these had; what is recorded of nobody is told all the same."""
    asked = {}
    for image, probe in zip(images, probes, strict=True):
        name = _name_now(state, image, probe)
        asked[image.name] = judge(None, probe) if name is None else records[name]
    return records | asked


def _with_held(records: Records, held: Mapping[str, ProbeRecord] | None, state: State) -> Records:
    """`records`, brought up in place to what is known here and could not be recorded."""
    for name, record in (held or {}).items():
        image, here = state.images.get(name), records.get(name)
        newer = here is None or here.last.checked_at < record.last.checked_at
        if image is not None and newer and _is_of(record, image):
            records[name] = record
    return records


def _is_of(record: ProbeRecord, image: Image) -> bool:
    """Whether a record that is kept by name is not of another image, which had the name before."""
    answer = record.last_answer
    other = answer is not None and None not in (answer.image_id, image.image_id) and answer.image_id != image.image_id
    return not other and record.last.checked_at >= image.added_at


def _asked_at(record: ProbeRecord) -> int:
    """When an image was last asked how it is: a contact for something else does not ask."""
    return record.last.measured_at or record.last.checked_at
