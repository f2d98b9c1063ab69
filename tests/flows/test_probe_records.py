"""What is recorded of an image belongs to that image: whatever happens to names beside a probe, and where the store
cannot be written."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit, refusing_address
from hypothesis import given, settings
from hypothesis import strategies as st

from stui_cli.flows.connection_monitoring import judged, probe_images, record_probes
from stui_cli.flows.registration import rename_image
from stui_cli.model.errors import NotFound, StoreProblem
from stui_cli.model.health import judge
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.probes import Probe, ProbeRecord
from stui_cli.model.state import State
from stui_cli.model.status import ConnectionStatus, ProbeOutcome
from stui_cli.store.envelope import seal
from stui_cli.store.probes import read_probes, write_probes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Registry
    from farm import Farm

    from stui_cli.store.transaction import Draft


def remove(registry: Registry, name: str) -> None:
    def change(draft: Draft) -> ImageDetails:
        del draft.images[name]
        return ImageDetails(Kind.IMAGE_REMOVE, name)

    registry.manager.store.commit(change)


# --- a record is one of an image, not of a name -------------------------------------------------------------------


def test_a_probe_beside_a_rename_is_recorded_of_the_image_that_was_probed(farm: Farm, registry: Registry) -> None:
    manager = registry.manager
    first, other = (registry.register(farm.add(Behaviour(name=name))) for name in ("alpha", "other"))
    manager.probe([first, other])
    registry.clock.passes(5)
    made = [Probe(i.name, registry.clock.now, ProbeOutcome.REFUSED, "nobody listens there") for i in (first, other)]
    rename_image(manager.bench, "alpha", "beta")
    registry.register(farm.add(Behaviour(name="gamma")), "alpha")  # the name is another's by now
    manager.probe([manager.read().images["alpha"]])
    answered = record_probes(manager.bench, [first, other], made)
    now = manager.store.probes()
    assert {name: record.status for name, record in now.items()} == {
        "alpha": "connected",
        "beta": "disconnected",
        "other": "disconnected",
    }
    assert answered["alpha"].refusals == 1  # the caller's alpha
    assert now["beta"].last.image == "beta"


def test_a_probe_beside_add_and_remove_drops_no_record_and_makes_none(farm: Farm, registry: Registry) -> None:
    manager = registry.manager
    gone = registry.register(farm.add(Behaviour(name="gone")))
    with refusing_address() as address:
        away = registry.add(Image("away", address, 0, image_id="id-of-away"))
        manager.probe([gone, away])
        remove(registry, "gone")
        fresh = registry.register(farm.add(Behaviour(name="fresh")))
        manager.probe([fresh])
        began = manager.store.probes()["away"].refusing_since
        registry.clock.passes(5)
        records = record_probes(
            manager.bench, [gone], [Probe("gone", registry.clock.now, ProbeOutcome.TIMED_OUT, "silent")]
        )
    assert records["gone"].last.outcome is ProbeOutcome.TIMED_OUT
    assert set(manager.store.probes()) == {"away", "fresh"}
    assert manager.store.probes()["away"].refusing_since == began


def test_a_failure_at_an_address_that_was_left_meanwhile_proves_nothing(farm: Farm, registry: Registry) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    image = registry.register(farmed)
    registry.manager.probe([image])
    failed = Probe("alpha", registry.clock.now + 1, ProbeOutcome.REFUSED, "nobody listens there")
    for now in (image._replace(address="tcp://127.0.0.1:1"), image._replace(parked=True)):
        registry.add(now)
        record_probes(registry.manager.bench, [image], [failed])
        assert registry.manager.store.probes()["alpha"].status is ConnectionStatus.CONNECTED


def test_a_rename_that_is_killed_before_anything_else_keeps_the_record(farm: Farm, registry: Registry) -> None:
    image = registry.register(farm.add(Behaviour(name="alpha")))
    registry.manager.probe([image])
    remove(registry, "alpha")
    registry.add(image._replace(name="beta"))
    assert {name: r.status for name, r in registry.manager.store.probes().items()} == {"beta": "connected"}


def test_an_image_that_is_pinned_keeps_the_record_of_its_offline_days(farm: Farm, registry: Registry) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    offline = registry.register(farmed, image_id=None)
    registry.manager.probe([offline])
    registry.add(offline._replace(image_id=farmed.image_id))
    assert registry.manager.store.probes()["alpha"].status is ConnectionStatus.CONNECTED
    registry.add(offline._replace(image_id="another"))
    assert registry.manager.store.probes() == {}


def test_probes_of_an_earlier_stui_are_taken_over(farm: Farm, registry: Registry) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    image = registry.register(farmed)
    registry.manager.probe([image])
    store = registry.manager.store
    record = store.probes()["alpha"]
    plain = {k: v._asdict() if hasattr(v, "_asdict") else v for k, v in record._asdict().items()}
    for key in ("last", "last_answer"):
        plain[key]["vitals"] = plain[key]["vitals"]._asdict()
    (registry.folder / "probes.msgpack").write_bytes(seal({"alpha": plain, "of the past": plain}))
    assert store.probes() == {"alpha": record}
    plain["of the future"] = 1
    (registry.folder / "probes.msgpack").write_bytes(seal({f"id:{farmed.image_id}": plain}))
    assert store.probes() == {"alpha": record}


NAMES = st.sampled_from("abcd")
IDS = st.sampled_from([None, "1", "2", "3", "4"])


@st.composite
def registries(draw: st.DrawFn) -> State:
    names = draw(st.lists(NAMES, unique=True))
    used: set[str | None] = set()
    images = {}
    for name in names:
        image_id = draw(IDS.filter(lambda each: each is None or each not in used))
        used.add(image_id)
        images[name] = Image(name, f"tcp://127.0.0.1:{draw(st.sampled_from([1, 2]))}", 0, image_id=image_id)
    return State(images=images)


@settings(max_examples=200)
@given(registries(), registries(), st.data())
def test_judging_never_drops_or_touches_the_record_of_another_image(
    read: State, now: State, data: st.DataObject
) -> None:
    asked = [image for image in read.images.values() if data.draw(st.booleans())]
    outcomes = st.sampled_from([ProbeOutcome.ANSWERED, ProbeOutcome.REFUSED, ProbeOutcome.TIMED_OUT])
    probes = [
        Probe(image.name, 10, outcome, image_id=image.image_id if outcome is ProbeOutcome.ANSWERED else None)
        for image in asked
        for outcome in [data.draw(outcomes)]
    ]
    before = {
        name: judge(None, Probe(name, 5, ProbeOutcome.ANSWERED, image_id=i.image_id)) for name, i in now.images.items()
    }
    records = dict(before)
    judged(records, now, asked, probes)
    assert records.keys() == before.keys()
    pinned = {image.image_id for image in asked if image.image_id is not None}
    offline = {(image.name, image.address) for image in asked if image.image_id is None}
    for name, image in now.images.items():
        if image.image_id not in pinned and (name, image.address) not in offline:
            assert records[name] is before[name]


@settings(max_examples=100)
@given(registries(), registries())
def test_records_that_are_kept_come_back_to_the_same_images_only(written: State, read: State) -> None:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from stui_cli.store.disk import Disk
    from stui_cli.store.location import Home

    with TemporaryDirectory() as folder:
        home = Home(folder, folder, "test")
        records = {
            name: judge(None, Probe(name, 5, ProbeOutcome.ANSWERED, image_id=image.image_id or f"met at {name}"))
            for name, image in written.images.items()
        }
        write_probes(home, Disk(), written.images, records)
        assert Path(home.probes).exists()
        found = read_probes(home, Disk(), read.images)
        for name, record in found.items():
            assert record.last_answer is not None
            assert read.images[name].image_id in (None, record.last_answer.image_id)
        kept = {i.image_id for i in written.images.values() if i.image_id}
        assert kept & {i.image_id for i in read.images.values()} <= {
            record.last_answer.image_id for record in found.values() if record.last_answer
        }


# --- a store that cannot be written takes no answer along ---------------------------------------------------------


@pytest.fixture
def locked(registry: Registry) -> Iterator[None]:
    registry.folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(registry.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    yield
    os.close(handle)


@pytest.fixture
def two(farm: Farm, registry: Registry) -> list[Image]:
    return [registry.register(farm.add(Behaviour(name=name))) for name in ("alpha", "beta")]


def test_a_locked_store_holds_no_answer_for_long(two: list[Image], registry: Registry, locked: None) -> None:
    begun = time.monotonic()
    records = probe_images(registry.manager.bench, two)
    assert time.monotonic() - begun < 5  # the lock is waited for 10 s elsewhere
    assert {record.status for record in records.values()} == {ConnectionStatus.CONNECTED}
    assert len(registry.said) == 1
    assert registry.said[0].startswith("warning: the probes could not be recorded: ")


def test_a_probe_that_cannot_be_written_is_answered_with_one_warning(
    two: list[Image], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **more: object) -> None:
        raise OSError(28, "No space left on device", str(registry.folder / "probes.msgpack.new"))

    monkeypatch.setattr("stui_cli.store.disk.Disk.replace", full)
    records = probe_images(registry.manager.bench, two)
    assert {record.status for record in records.values()} == {ConnectionStatus.CONNECTED}
    assert registry.said == [
        f"warning: the probes could not be recorded: {registry.folder}/probes.msgpack.new: the disk is full"
    ]


def test_monitoring_outlives_a_store_that_fails(
    farm: Farm, two: list[Image], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was met while the store could not be read or written counts, and the monitoring goes on by itself."""
    trouble = [True]
    whole = registry.manager.store.read

    def read(**more: bool) -> State:
        if trouble[0]:
            raise StoreProblem("the disk is away", todo="wait")
        return whole(**more)

    monkeypatch.setattr(registry.manager.store, "read", read)
    with registry.manager.start_connection_monitoring(0.01) as monitoring:
        monitoring.wait(0, 5)
        rounds = monitoring.wait(1, 5)
        assert isinstance(monitoring.problem, StoreProblem)
        trouble[0] = False
        while monitoring.problem is not None:
            rounds = monitoring.wait(rounds, 5)
        assert monitoring.is_running
        assert set(monitoring.records) == {"alpha", "beta"}
    assert registry.said == ["warning: monitoring waits: the disk is away"]


def test_failures_count_while_nothing_can_be_recorded(
    farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = registry.register(farm.add(Behaviour(name="hole", habit=Habit.BLACK_HOLE)))
    bench = registry.manager.bench._replace(timeout=0.05)

    def full(*arguments: object, **more: object) -> None:
        raise StoreProblem("the disk is full", todo="free some")

    held: dict[str, ProbeRecord] = {}
    with monkeypatch.context() as broken:
        broken.setattr(registry.manager.store, "update_probes", full)
        for _ in range(2):
            registry.clock.passes(1)
            held = probe_images(bench, [image], held)
    registry.clock.passes(1)
    assert probe_images(bench, [image], held)["hole"].failures == 3
    assert registry.manager.store.probes()["hole"].status is ConnectionStatus.DISCONNECTED


def test_monitoring_ends_where_a_named_image_is_gone(two: list[Image], registry: Registry) -> None:
    with registry.manager.start_connection_monitoring(0.01, ["alpha"]) as monitoring:
        monitoring.wait(0, 5)
        remove(registry, "alpha")
        with pytest.raises(NotFound):
            monitoring.wait(sys.maxsize, 5)
