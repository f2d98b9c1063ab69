"""What is recorded of an image belongs to that image: whatever happens to names beside a probe, and where the store
cannot be written."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit, refusing_address
from hypothesis import given, settings
from hypothesis import strategies as st

from stui_cli.contract.image import image_item, measured_before
from stui_cli.model.errors import NotFound, StoreProblem, Unreachable, UsageProblem
from stui_cli.model.health import judge
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, ProbeRecord
from stui_cli.model.sessions import Session, SessionState
from stui_cli.model.state import State
from stui_cli.model.status import ConnectionStatus
from stui_cli.store.envelope import seal
from stui_cli.store.files.probes import read_probes, write_probes
from stui_cli.work.images.monitor import forget_old_address, judged, note_stopped, probe_images, record_probes
from stui_cli.work.images.register import rename_image
from stui_cli.work.sessions.listing import list_sessions
from stui_cli.work.talking.reach import reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Registry
    from farm import Farm

    from stui_cli.api import SessionManager
    from stui_cli.store.transaction import Draft


def meet(registry: Registry, image: Image, manager: SessionManager | None = None) -> None:
    """What an evaluation does first."""
    with suppress(Unreachable):
        reach((manager or registry.manager).bench, registry.manager.read(), image).__exit__(None, None, None)


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


def test_what_failed_at_an_address_says_nothing_of_the_one_that_was_set(registry: Registry) -> None:
    with refusing_address() as address:
        away = registry.add(Image("away", address, 0, image_id="id-of-away"))
        before = registry.manager.probe([away])["away"]
    assert (before.status, before.refusals) == (ConnectionStatus.DISCONNECTED, 1)
    forget_old_address(registry.manager.bench, registry.add(away._replace(address="tcp://127.0.0.1:1")))
    after = registry.manager.store.probes()["away"]
    assert (after.status, after.refusals, after.refusing_since) == (ConnectionStatus.UNKNOWN, 0, None)
    assert after.reason == "its address was changed"


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

    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home

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
    assert time.monotonic() - begun < 9  # the lock is waited for 10 s elsewhere
    assert {record.status for record in records.values()} == {ConnectionStatus.CONNECTED}
    assert len(registry.said) == 1
    assert registry.said[0].startswith("warning: the probes could not be recorded: ")


def test_a_probe_that_cannot_be_written_is_answered_with_one_warning(
    two: list[Image], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **more: object) -> None:
        raise OSError(28, "No space left on device", str(registry.folder / "probes.msgpack.new"))

    monkeypatch.setattr("stui_cli.store.files.disk.Disk.replace", full)
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
        trouble[0] = True
        while monitoring.problem is None:
            rounds = monitoring.wait(rounds, 5)
    first, second = registry.said
    assert first == "warning: monitoring waits: the disk is away"
    assert second.startswith(f"{first} (again, at 20")


def test_failures_count_while_nothing_can_be_recorded(
    farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = registry.register(farm.add(Behaviour(name="hole", habit=Habit.BLACK_HOLE)))
    bench = registry.manager.bench.allowing(0.15)

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


# --- what stui itself did, it knows -------------------------------------------------------------------------------


def test_a_contact_for_something_else_is_recorded_as_a_contact(farm: Farm, registry: Registry) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    image = registry.register(farmed)
    manager, clock = registry.manager, registry.clock
    asked = manager.probe([image])["alpha"]
    assert asked.last_answer is not None
    assert asked.last_answer.vitals is not None
    clock.passes(60)
    meet(registry, image)
    record = manager.store.probes()["alpha"]
    item = image_item(image, record, clock.now)
    assert (record.last_seen, record.measured_at) == (clock.now, asked.last.checked_at)
    assert (record.srtt_ms, item["latency_ms"]) == (asked.srtt_ms, asked.last.latency_ms)
    assert item["uptime_ms"] == asked.last_answer.vitals.uptime_ms + 60_000  # the incarnation still answers
    assert measured_before(item)
    clock.passes(60)  # nobody asks: nothing goes on by itself
    assert image_item(image, manager.store.probes()["alpha"], clock.now)["uptime_ms"] == item["uptime_ms"]
    assert not measured_before(image_item(image, manager.probe([image])["alpha"], clock.now))
    assert list((registry.folder / "contacts").iterdir()) == []


def test_numbers_of_an_earlier_incarnation_are_nobodys(farm: Farm, registry: Registry) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    image = registry.register(farmed)
    registry.manager.probe([image])
    registry.clock.passes(60)
    farmed.incarnation = "another"
    meet(registry, image)
    item = image_item(image, registry.manager.store.probes()["alpha"], registry.clock.now)
    assert (item["status"], item["incarnation"]) == ("connected", "another")
    assert [item[key] for key in ("uptime_ms", "memory_used", "latency_ms", "pid", "measured_at")] == [None] * 5


def test_contacts_that_fail_are_told_from_those_that_answered_in_between(farm: Farm, registry: Registry) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    image = registry.register(farmed)
    well = farmed.behaviour
    registry.manager.probe([image])
    for habit, failures in ((Habit.BLACK_HOLE, 1), (Habit.WELL, 0), (Habit.BLACK_HOLE, 1)):
        registry.clock.passes(1)
        farmed.behaviour = replace(well, habit=habit)
        meet(registry, image, registry.manager if habit is Habit.WELL else registry.hasty)
        assert registry.manager.store.probes()["alpha"].failures == failures
    assert registry.manager.store.probes()["alpha"].status is ConnectionStatus.RECONNECTING


def test_a_failure_of_a_contact_where_the_image_is_not_any_more_tells_nothing(farm: Farm, registry: Registry) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    image = registry.register(farmed)
    with refusing_address() as address:
        meet(registry, image._replace(address=address))
    assert registry.manager.store.probes() == {}
    meet(registry, image)
    registry.add(image._replace(address="tcp://127.0.0.1:1"))  # it was met all the same, by its id
    assert registry.manager.store.probes()["alpha"].status is ConnectionStatus.CONNECTED


def test_a_contact_waits_for_no_lock_and_harms_nothing_where_it_cannot_be_kept(
    two: list[Image], registry: Registry, locked: None
) -> None:
    begun = time.monotonic()
    meet(registry, two[0])
    assert time.monotonic() - begun < 9
    assert set(registry.manager.store.probes()) == {"alpha"}
    shutil.rmtree(registry.folder / "contacts")
    (registry.folder / "contacts").write_text("in the way")
    meet(registry, two[0])
    assert registry.said == []


def test_a_torn_contact_is_none(farm: Farm, registry: Registry) -> None:
    image = registry.register(farm.add(Behaviour(name="alpha")))
    meet(registry, image)
    (file,) = (registry.folder / "contacts").iterdir()
    whole = file.read_bytes()
    for spoilt in (b"", whole[:3], whole[:-1], b"\xff" * 99, whole[:40] + b"!" + whole[41:]):
        file.write_bytes(spoilt)
        assert registry.manager.store.probes() == {}
    file.write_bytes(whole + b"the rest of a longer one")
    assert registry.manager.store.probes()["alpha"].status is ConnectionStatus.CONNECTED


def test_an_image_that_stui_stopped_is_neither_connected_nor_healthy_nor_its_sessions_active(
    farm: Farm, registry: Registry
) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    image = registry.register(farmed)
    manager, clock = registry.manager, registry.clock
    session = Session("id", "work", farmed.image_id, farmed.incarnation, clock.now, clock.now)

    def change(draft: Draft) -> ImageDetails:
        draft.sessions(farmed.image_id)["work"] = session
        return ImageDetails(Kind.IMAGE_CHANGE, "alpha")

    manager.store.commit(change)
    manager.probe([image])
    assert list_sessions(manager.bench, "alpha")[0].session.state is SessionState.ACTIVE
    clock.passes(5)
    note_stopped(manager.bench, image)
    item = image_item(image, manager.store.probes()["alpha"], clock.now)
    assert (item["status"], item["health"], item["reason"]) == ("disconnected", "unknown", "stopped on purpose")
    assert [item[key] for key in ("pid", "uptime_ms", "session_count", "memory_used")] == [None] * 4
    metadata = list_sessions(manager.bench, "alpha")[0]
    assert (metadata.session.state, metadata.connection_status) == (SessionState.LOST, ConnectionStatus.DISCONNECTED)
    clock.passes(5)
    farmed.incarnation = "the next"
    meet(registry, image)
    assert manager.store.probes()["alpha"].status is ConnectionStatus.CONNECTED
    assert list_sessions(manager.bench, "alpha")[0].session.state is SessionState.LOST


def test_no_time_at_all_is_no_evidence(farm: Farm, registry: Registry) -> None:
    image = registry.register(farm.add(Behaviour(name="alpha")))
    before = registry.manager.probe([image])
    with pytest.raises(UsageProblem, match="0 s"):
        probe_images(registry.manager.bench.allowing(0.0), [image])
    assert registry.manager.store.probes() == before


def test_when_the_sessions_of_an_image_were_used_last_is_asked_of_it(farm: Farm, registry: Registry) -> None:
    told: dict[str, object] = {
        "message": None,
        "status": "running",
        "uptime_ms": 1,
        "clock_ms": 1_760_000_000_000,
        "pid": None,
    }
    told |= {"memory_used": None, "memory_limit": None, "session_count": 1, "evaluating": 0, "scheduled_ms": 0}
    told |= {"unsaved_changes": None}
    tells = farm.add(Behaviour(name="tells", answers={"ping": told | {"last_activity": 1_700_000_000_000}}))
    silent = farm.add(Behaviour(name="silent", answers={"ping": told}))  # an older agent
    images = [registry.register(tells), registry.register(silent)]
    records = registry.manager.probe(images)
    found = [record.last_answer.vitals.last_activity for record in records.values()]  # type: ignore[union-attr]
    assert found == [1_700_000_000_000, None]
    assert registry.manager.image_connections["tells"].last_activity == 1_700_000_000_000
    assert [record.status for record in records.values()] == [ConnectionStatus.CONNECTED] * 2
