"""The seed's Connection Monitoring Flow on the manager: update, detect, handle, tell."""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import sys
import time
import weakref
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit, refusing_address
from shell import alive, wait_until

from stui_cli.api import SessionManager
from stui_cli.image import routes
from stui_cli.image.routes import Route
from stui_cli.model.errors import NotFound, StuiError, UsageProblem
from stui_cli.model.images import Image
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.work.images.monitor import park, probe_due, probe_older
from stui_cli.work.images.notices import take_untold_changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Registry
    from farm import Farm, FarmImage

CONNECTED, DISCONNECTED, RECONNECTING, FAILED, UNKNOWN = (
    ConnectionStatus.CONNECTED,
    ConnectionStatus.DISCONNECTED,
    ConnectionStatus.RECONNECTING,
    ConnectionStatus.FAILED,
    ConnectionStatus.UNKNOWN,
)


def falls_silent(image: FarmImage) -> None:
    image.behaviour = replace(image.behaviour, habit=Habit.BLACK_HOLE)


def test_one_broken_record_or_image_never_stops_the_rest(farm: Farm, registry: Registry) -> None:
    registry.register(farm.add(Behaviour(name="good")))
    registry.register(farm.add(Behaviour(name="garbage", habit=Habit.GARBAGE)))
    registry.add(Image("nonsense", "nonsense", 0))
    registry.add(Image("nowhere", "tcp://no.such.name.invalid:1", 0, allow_plaintext=True))
    registry.add(Image("keyless", "tcp://127.0.0.1:1", 0, key_file="\0"))
    manager = registry.manager
    records = manager.probe(list(manager.read().images.values()))
    assert set(records) == {"good", "garbage", "nonsense", "nowhere", "keyless"}
    assert records["good"].status is CONNECTED
    assert records["garbage"].status is FAILED
    assert records["nowhere"].status is UNKNOWN


def test_three_silences_disconnect_and_an_answer_connects(farm: Farm, registry: Registry) -> None:
    image = farm.add(Behaviour(name="alpha"))
    registered = registry.register(image)
    manager = registry.manager
    well = image.behaviour
    seen = [manager.probe([registered])["alpha"].status]
    falls_silent(image)
    seen += [registry.hasty.probe([registered])["alpha"].status for _ in range(3)]
    image.behaviour = well
    seen.append(manager.probe([registered])["alpha"].status)
    assert seen == [CONNECTED, RECONNECTING, RECONNECTING, DISCONNECTED, CONNECTED]


def test_a_silent_image_that_accepts_is_told_from_a_dead_one(farm: Farm, registry: Registry) -> None:
    hole = registry.register(farm.add(Behaviour(name="hole", habit=Habit.BLACK_HOLE)))
    greets = registry.register(farm.add(Behaviour(name="greets", habit=Habit.HELLO_ONLY)))
    deaf = registry.register(farm.add(Behaviour(name="deaf", habit=Habit.DEAF)))
    manager = SessionManager(registry.manager.store, environ=os.environ, timeout=1, clock=registry.clock)
    records = manager.probe([hole, greets, deaf])
    assert [records[name].last.reached for name in ("hole", "greets", "deaf")] == ["tcp", "rpc", None]
    assert {record.last.outcome for record in records.values()} == {ProbeOutcome.TIMED_OUT}


def test_back_off_spares_who_does_not_answer(farm: Farm, registry: Registry) -> None:
    image = farm.add(Behaviour(name="alpha", habit=Habit.BLACK_HOLE))
    registered = registry.register(image)
    bench, clock = registry.manager.bench.allowing(0.1), registry.clock
    rounds = []
    for _ in range(40):
        probe_due(bench, [registered])
        rounds.append(registry.manager.store.probes()["alpha"].last.checked_at == clock.now)
        clock.passes(1)
    assert [second for second, asked in enumerate(rounds) if asked] == [0, 1, 3, 7, 15, 31]
    wait_until(lambda: image.accepted == 6, "each of them was met")


def test_by_hand_an_image_is_always_probed(farm: Farm, registry: Registry) -> None:
    image = farm.add(Behaviour(name="alpha", habit=Habit.BLACK_HOLE))
    registered = registry.register(image)
    for _ in range(3):
        registry.hasty.probe([registered])
    wait_until(lambda: image.accepted == 3, "each probe was met")


def test_max_age_probes_only_what_is_older(farm: Farm, registry: Registry) -> None:
    image = farm.add(Behaviour(name="alpha"))
    registered = registry.register(image)
    bench = registry.manager.bench
    probe_older(bench, [registered], 10_000)
    registry.clock.passes(10)
    probe_older(bench, [registered], 10_000)
    assert image.accepted == 1
    registry.clock.passes(1)
    probe_older(bench, [registered], 10_000)
    assert image.accepted == 2


def test_a_parked_image_is_not_probed_and_its_failures_are_forgotten(farm: Farm, registry: Registry) -> None:
    image = farm.add(Behaviour(name="alpha", habit=Habit.BLACK_HOLE))
    registered = registry.register(image)
    manager = registry.hasty
    for _ in range(3):
        manager.probe([registered])
    asleep = registry.add(registered._replace(parked=True))
    park(manager.bench, [asleep])
    manager.probe([asleep])
    wait_until(lambda: image.accepted == 3, "each probe was met")
    record = manager.store.probes()["alpha"]
    assert (record.status, record.parked, record.failures, record.failing_since) == (DISCONNECTED, True, 0, None)
    assert manager.image_connections["alpha"].connection_health is ConnectionHealth.UNKNOWN
    registry.clock.passes(1_000_000)
    taken_up = registry.add(registered._replace(parked=False))
    record = manager.probe([taken_up])["alpha"]
    assert (record.status, record.failures, record.parked) == (UNKNOWN, 1, False)
    assert record.since == registry.clock.now


def test_a_name_given_to_another_image_starts_afresh(farm: Farm, registry: Registry) -> None:
    first, second = farm.add(Behaviour(name="alpha")), farm.add(Behaviour(name="alpha"))
    registry.manager.probe([registry.register(first)])
    registry.clock.passes(5)
    record = registry.manager.probe([registry.register(second)])["alpha"]
    assert (record.status, record.since) == (CONNECTED, registry.clock.now)


def test_records_of_removed_images_go(farm: Farm, registry: Registry) -> None:
    manager = registry.manager
    manager.store.update_probes(lambda records: None)
    image = registry.register(farm.add(Behaviour(name="alpha")))
    record = manager.probe([image])["alpha"]
    manager.store.update_probes(lambda records: records.update(gone=record))
    assert set(manager.probe([image])) == {"alpha"}


def test_update_image_connection_status(farm: Farm, registry: Registry) -> None:
    registry.register(farm.add(Behaviour(name="alpha")))
    manager = registry.manager
    manager.update_image_connection_status("alpha", DISCONNECTED, ConnectionHealth.CRITICAL, "maintenance")
    known = manager.image_connections["alpha"]
    assert (known.status, known.connection_health) == (DISCONNECTED, ConnectionHealth.CRITICAL)
    assert manager.store.probes()["alpha"].failures == 0
    assert manager.get_connection_health_summary() == {"alpha": ConnectionHealth.CRITICAL}
    assert manager.get_image_connection_status("alpha").status is CONNECTED
    with pytest.raises(NotFound):
        manager.update_image_connection_status("beta", CONNECTED, ConnectionHealth.HEALTHY)


def test_the_api_refuses_what_it_does_not_know_and_names_what_it_does(farm: Farm, registry: Registry) -> None:
    image = registry.register(farm.add(Behaviour(name="alpha")))
    manager = registry.manager
    before = manager.probe([image])
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: manager.update_image_connection_status("alpha", "frobnicated", "unknown"), "connected"),  # type: ignore[arg-type]
        (lambda: manager.update_image_connection_status("alpha", CONNECTED, "purple"), "healthy"),  # type: ignore[arg-type]
        (lambda: manager.switch_image_context("alpha", scope="nonsense"), "'default'"),
        (lambda: manager.switch_image_context("alpha", scope=""), "'default'"),
        (lambda: manager.start_connection_monitoring(0), "seconds above 0"),
        (lambda: manager.start_connection_monitoring(float("nan")), "seconds above 0"),
        (lambda: manager.start_connection_monitoring(1, "alpha"), r"\['alpha'\]"),
        (lambda: SessionManager(manager.store, timeout=0), "seconds above 0"),
    ]
    for call, advice in refused:
        with pytest.raises(UsageProblem) as caught:
            call()
        assert re.search(advice, caught.value.todo)
    assert manager.store.probes() == before
    assert manager.read().contexts == {}
    manager.update_image_connection_status("alpha", "disconnected", "critical")  # type: ignore[arg-type]  # values will do
    assert manager.image_connections["alpha"].status is DISCONNECTED


def test_detect_and_handle_a_disconnection(farm: Farm, registry: Registry) -> None:
    registry.register(farm.add(Behaviour(name="alpha")))
    with refusing_address() as address:
        registry.add(Image("beta", address, 0))
        registry.add(Image("parked", address, 0, parked=True))
        manager = registry.manager
        assert manager.detect_disconnected_images() == ["beta"]
        manager.handle_image_disconnection("beta")
        assert manager.store.probes()["beta"].refusals == 2


def test_monitoring_in_the_background(farm: Farm, registry: Registry) -> None:
    image = farm.add(Behaviour(name="alpha"))
    registry.register(image)
    with registry.manager.start_connection_monitoring(interval=0.01) as monitoring:
        rounds = 0
        for _ in range(3):
            rounds = monitoring.wait(rounds, 5)
        assert monitoring.records["alpha"].status is CONNECTED
    assert rounds >= 3
    assert not monitoring.is_running


def test_monitoring_leaves_no_garbage_to_the_next_rounds(registry: Registry) -> None:
    """A failure holds itself by its traceback, and a command looks for such circles too seldom for a watch."""
    before = gc.get_threshold()
    gc.set_threshold(1_000_000)
    try:
        failure = StuiError("held by itself")
        failure.__context__ = failure.__cause__ = StuiError("and by this")
        failure.__context__.__cause__ = failure
        gone = weakref.ref(failure)
        del failure
        with registry.manager.start_connection_monitoring(0.01) as monitoring:
            monitoring.wait(monitoring.wait(0, 5), 5)
        assert gone() is None
    finally:
        gc.set_threshold(*before)


def test_monitoring_that_cannot_go_on_says_why(registry: Registry) -> None:
    with registry.manager.start_connection_monitoring(0.01, ["nobody"]) as monitoring, pytest.raises(NotFound):
        monitoring.wait(0, 5)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_monitoring_that_meets_a_bug_does_not_seem_to_go_on(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stui_cli.work.images.monitoring.probe_due", lambda bench, images: 1 / 0)
    begun = time.monotonic()
    with (
        registry.manager.start_connection_monitoring(0.01) as monitoring,
        pytest.raises(StuiError, match="ended by itself"),
    ):
        monitoring.wait(0, 50)
    assert time.monotonic() - begun < 20  # who waits is woken


# --- the network changes ----------------------------------------------------------------------------------------


def test_a_network_change_makes_failures_say_nothing(
    farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = farm.add(Behaviour(name="alpha"))
    registered = registry.register(image)
    manager, hasty = registry.manager, registry.hasty
    manager.probe([registered])
    falls_silent(image)
    hasty.probe([registered])
    monkeypatch.setattr(routes, "_route_to_host", lambda host: Route("10.9.9.9"))
    record = hasty.probe([registered])["alpha"]
    assert (record.status, record.failures, record.failing_since, record.moved) == (UNKNOWN, 0, None, True)
    assert "127.0.0.1" in record.reason
    assert "10.9.9.9" in record.reason
    # In the new network failures count again, but prove nothing about sessions until the image answers there.
    for _ in range(3):
        record = hasty.probe([registered])["alpha"]
    assert (record.status, record.moved) == (DISCONNECTED, True)
    image.behaviour = replace(image.behaviour, habit=Habit.WELL)
    assert manager.probe([registered])["alpha"].moved is False


def test_handle_network_change_sends_nothing(farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    image = farm.add(Behaviour(name="alpha"))
    manager = registry.manager
    manager.probe([registry.register(image)])
    assert manager.handle_network_change() == []
    monkeypatch.setattr(routes, "route_to", lambda address: Route(None))
    assert manager.handle_network_change() == ["alpha"]
    record = manager.store.probes()["alpha"]
    assert (record.status, record.health, record.network) == (UNKNOWN, ConnectionHealth.UNKNOWN, "127.0.0.1")
    assert image.accepted == 1


# --- changes are told -------------------------------------------------------------------------------------------


def test_a_change_is_told_once(farm: Farm, registry: Registry) -> None:
    image = farm.add(Behaviour(name="alpha"))
    registered = registry.register(image)
    manager = registry.manager
    bench = manager.bench
    assert take_untold_changes(bench, manager.probe([registered])) == []
    image.close()
    records = manager.probe([registered])
    assert [str(change) for change in take_untold_changes(bench, records)] == [
        "alpha connected -> disconnected (nobody listens there)"
    ]
    assert take_untold_changes(bench, manager.store.probes()) == []
    assert take_untold_changes(bench, manager.probe([registered])) == []


def test_a_restart_is_told(farm: Farm, registry: Registry) -> None:
    image = farm.add(Behaviour(name="alpha"))
    registered = registry.register(image)
    manager = registry.manager
    manager.probe([registered])
    image.incarnation = "another"
    changes = take_untold_changes(manager.bench, manager.probe([registered]))
    assert [str(change) for change in changes] == ["alpha restarted"]


def hook(folder: Path, program: str) -> Path:
    script = folder / "hook.py"
    script.write_text(program)
    config = folder / "store" / "config.toml"
    config.parent.mkdir(mode=0o700, exist_ok=True)
    config.write_text(f"on_change = {json.dumps([sys.executable, str(script)])}\n")
    return folder / "events"


def test_on_change_gets_the_event(
    farm: Farm, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / ".ci"))
    config_page = importlib.import_module("config_page")
    events = hook(tmp_path, f"import sys; open({str(tmp_path / 'events')!r}, 'a').write(sys.stdin.read())")
    image = farm.add(Behaviour(name="alpha"))
    registered = registry.register(image, metadata={"role": "build"})
    registry.manager.probe([registered])
    assert not events.exists()
    image.close()
    registry.manager.probe([registered])
    registry.manager.probe([registered])
    told = [json.loads(line) for line in events.read_text().splitlines()]
    assert [(e["image"], e["before"], e["after"], e["health"], e["restarted"], e["reason"]) for e in told] == [
        ("alpha", "connected", "disconnected", "critical", False, "nobody listens there")
    ]
    assert (told[0]["schema"], told[0]["metadata"], told[0]["address"]) == (
        "stui/v1", {"role": "build"}, registered.address,
    )  # fmt: skip
    assert told[0].keys() == config_page.EVENT.keys()  # what man/stui-config.5 says
    for key, (example, _) in config_page.EVENT.items():
        assert type(told[0][key]) is type(example), key
    assert registry.said == []


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ("import sys; sys.exit('out of paper')", "exit 1: out of paper"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
        ("import time; print('x' * 10**6, flush=True); time.sleep(60)", "killed after 0.3 s"),
    ],
)
def test_a_hook_that_fails_is_told_and_harmless(
    farm: Farm, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, complaint: str
) -> None:
    hook(tmp_path, program)
    monkeypatch.setattr("stui_cli.work.images.notices.HOOK_SECONDS", 0.3 if "sleep" in program else 20)
    image = farm.add(Behaviour(name="alpha"))
    registered = registry.register(image)
    registry.manager.probe([registered])
    image.close()
    assert registry.manager.probe([registered])["alpha"].status is DISCONNECTED
    assert len(registry.said) == 1
    assert registry.said[0].startswith("on_change failed:")
    assert complaint in registry.said[0]


def test_a_hook_is_killed_with_all_that_it_started(
    farm: Farm, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid_file = tmp_path / "pid"
    hook(tmp_path, "")
    words = json.dumps(["sh", "-c", f"sleep 60 & echo $! >'{pid_file}'; wait"])  # begins much sooner than a Python
    (registry.folder / "config.toml").write_text(f"on_change = {words}\n")
    monkeypatch.setattr("stui_cli.work.images.notices.HOOK_SECONDS", 1.0)
    image = farm.add(Behaviour(name="alpha"))
    registered = registry.register(image)
    registry.manager.probe([registered])
    image.close()
    registry.manager.probe([registered])
    pid = int(pid_file.read_text())
    wait_until(lambda: not alive(pid), "the child of the hook goes away")


@pytest.mark.parametrize(
    "text",
    ["on_change = 7", "on_change = [7]", "on_change = [''", 'on_change = "a \'b"', "on_change = ['no-such-program']"],
)
def test_a_hook_that_cannot_be_run_is_told(farm: Farm, registry: Registry, text: str) -> None:
    image = farm.add(Behaviour(name="alpha"))
    registered = registry.register(image)
    registry.manager.probe([registered])
    (registry.folder / "config.toml").write_text(text)
    image.close()
    assert registry.manager.probe([registered])["alpha"].status is DISCONNECTED
    assert len(registry.said) == 1, registry.said


def test_many_changes_at_once_are_all_told_to_the_hook(farm: Farm, registry: Registry, tmp_path: Path) -> None:
    events = hook(tmp_path, f"import sys; open({str(tmp_path / 'events')!r}, 'a').write(sys.stdin.read())")
    images = farm.add_many(20)
    registered = [registry.register(image) for image in images]
    registry.manager.probe(registered)
    for image in list(images):
        image.close()
    begun = time.monotonic()
    registry.manager.probe(registered)
    assert time.monotonic() - begun < 30
    assert len(events.read_text().splitlines()) == 20
