"""Probes: every way in which a contact can end, and a whole field of them at once."""

from __future__ import annotations

import _socket
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from farm import Behaviour, FarmImage, Habit, Lie, refusing_address, with_control_characters
from shell import wait_until

from stui_cli.image.probing import probe, probe_all
from stui_cli.model.images import Image
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.status import ProbeLevel

if TYPE_CHECKING:
    from farm import Farm

    from stui_cli.model.probes import Probe

SECRET = bytes(range(32))
KEYS = {"admin": ("admin", SECRET)}
NOW = 1_760_000_000_000


def clock() -> int:
    return NOW


def registered(farmed: FarmImage, **more: object) -> Image:
    given: dict[str, object] = {"image_id": farmed.image_id} | more
    return Image(farmed.name, farmed.address, 0, **given)  # type: ignore[arg-type]


def probed(image: Image, seconds: float = 10.0) -> Probe:
    return probe(image, "client", seconds, clock)


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "keys"
    path.write_text(f"admin admin {SECRET.hex()}\n")
    path.chmod(0o600)
    return str(path)


def test_a_probe_that_is_answered(farm: Farm) -> None:
    image = farm.add(Behaviour(name="alpha", scheduled_ms=1_500, memory_used=9, memory_limit=10))
    found = probed(registered(image))
    assert found.outcome is ProbeOutcome.ANSWERED
    assert (found.image, found.checked_at, found.reason) == ("alpha", NOW, "")
    assert (found.image_id, found.incarnation) == (image.image_id, image.incarnation)
    assert (found.dialect, found.image_name, found.image_version) == ("playground", "farm.image", "Farm 1")
    assert found.latency_ms is not None
    assert 0 < found.latency_ms < 2_000
    assert found.vitals is not None
    assert (found.vitals.scheduled_ms, found.vitals.memory_used, found.vitals.memory_limit) == (1_500, 9, 10)
    assert found.source_address == "127.0.0.1"


def test_an_image_that_is_not_pinned_yet(farm: Farm) -> None:
    assert probed(registered(farm.add(), image_id=None)).outcome is ProbeOutcome.ANSWERED


OUTCOMES = [
    (Behaviour(habit=Habit.BLACK_HOLE), ProbeOutcome.TIMED_OUT),
    (Behaviour(habit=Habit.DEAF), ProbeOutcome.TIMED_OUT),
    (Behaviour(habit=Habit.DRIBBLES), ProbeOutcome.TIMED_OUT),
    (Behaviour(habit=Habit.HELLO_ONLY), ProbeOutcome.TIMED_OUT),
    (Behaviour(habit=Habit.CHATTERS), ProbeOutcome.TIMED_OUT),
    (Behaviour(delay_s=5), ProbeOutcome.TIMED_OUT),
    (Behaviour(habit=Habit.HANGS_UP), ProbeOutcome.BROKEN),
    (Behaviour(habit=Habit.RESETS), ProbeOutcome.BROKEN),
    (Behaviour(habit=Habit.CLOSES_MID_ANSWER), ProbeOutcome.BROKEN),
    (Behaviour(habit=Habit.RESETS_MID_REQUEST), ProbeOutcome.BROKEN),
    (Behaviour(habit=Habit.GARBAGE), ProbeOutcome.WRONG_PROTOCOL),
    (Behaviour(habit=Habit.WEB_SERVER), ProbeOutcome.WRONG_PROTOCOL),
    (Behaviour(habit=Habit.UNKNOWN_ID), ProbeOutcome.WRONG_PROTOCOL),
    (Behaviour(habit=Habit.MISTYPED), ProbeOutcome.WRONG_PROTOCOL),
    (Behaviour(habit=Habit.REFUSES_HELLO), ProbeOutcome.WRONG_PROTOCOL),
    (Behaviour(protocol=2), ProbeOutcome.WRONG_PROTOCOL),
    (Behaviour(answers={"ping": {"status": 1}}), ProbeOutcome.WRONG_PROTOCOL),
    (Behaviour(keys=KEYS), ProbeOutcome.NOT_PERMITTED),
]


@pytest.mark.parametrize(("behaviour", "outcome"), OUTCOMES, ids=lambda each: repr(each)[:60])
def test_every_outcome(farm: Farm, behaviour: Behaviour, outcome: ProbeOutcome) -> None:
    started = time.monotonic()
    found = probed(registered(farm.add(behaviour)), 0.25 if outcome is ProbeOutcome.TIMED_OUT else 10)
    assert time.monotonic() - started < 5
    assert found.outcome is outcome
    assert found.reason
    assert found.latency_ms is None
    assert found.vitals is None


def test_every_outcome_of_many_at_once(farm: Farm) -> None:
    """In one loop, each is told as one alone is told: the same outcome for the same reason, as far as it came."""
    farmed = [farm.add(replace(behaviour, name=f"n{n}")) for n, (behaviour, _) in enumerate(OUTCOMES)]
    found = probe_all([registered(image) for image in farmed], "client", 1.5, clock)
    assert [each.outcome for each in found] == [outcome for _, outcome in OUTCOMES]
    for image, together in zip(farmed, found, strict=True):
        # Silence takes its time, see below; a reset is met in one of several steps.
        if together.outcome not in (ProbeOutcome.TIMED_OUT, ProbeOutcome.BROKEN):
            assert together == probed(registered(image), 5), image.behaviour.habit
    # Who accepts and is silent, whose host is silent, who greets and is silent.
    for image, together in [(farmed[n], found[n]) for n in (0, 1, 3)]:
        alone = probed(registered(image), 0.4)
        reason = alone.reason.replace("0.4 s", "1.5 s")
        assert together == alone._replace(waited_ms=1500.0, reason=reason), image.behaviour.habit


def test_an_answer_that_is_larger_than_a_probe_takes_is_told_as_that(farm: Farm) -> None:
    """The protocol allows it: who asks this image for something else is answered."""
    image = registered(farm.add(Behaviour(padding=100_000)))
    (found,) = probe_all([image], "client", 10, clock)
    assert found.outcome is ProbeOutcome.BROKEN
    assert found.reason == "its answer is too large for a probe: a message over the limit of 65,536 bytes"
    assert probed(image).outcome is ProbeOutcome.ANSWERED


@pytest.mark.parametrize("level", list(ProbeLevel))
def test_how_far_many_are_asked(farm: Farm, level: ProbeLevel) -> None:
    images = farm.add_many(3)
    found = probe_all([registered(image) for image in images], "client", 2, clock, level)
    assert [(each.outcome, each.reached) for each in found] == [(ProbeOutcome.ANSWERED, level)] * 3
    wanted = {ProbeLevel.TCP: [], ProbeLevel.RPC: ["hello"], ProbeLevel.IMAGE: ["hello", "ping"]}
    assert {tuple(image.methods()) for image in images} == {tuple(wanted[level])}


def test_many_by_unix_sockets_and_with_keys(farm: Farm, key_file: str, short_folder: Path) -> None:
    """One whose backlog is full is asked again, until its time is over."""
    good = Behaviour(name="good", unix_path=str(short_folder / "s"), keys=KEYS)
    deaf = Behaviour(name="deaf", unix_path=str(short_folder / "d"), habit=Habit.DEAF)
    images = [registered(farm.add(each), key_file=key_file) for each in (good, deaf)]
    lost = Image("lost", f"unix://{short_folder}/none", 0)
    found = probe_all([*images, lost], "client", 1, clock)
    assert [each.outcome for each in found] == [ProbeOutcome.ANSWERED, ProbeOutcome.TIMED_OUT, ProbeOutcome.REFUSED]
    assert found[0].role == "admin"


def test_a_wrong_image(farm: Farm) -> None:
    image = farm.add(Behaviour(image_id="other-id"))
    found = probed(registered(image, image_id="pinned-id"))
    assert found.outcome is ProbeOutcome.WRONG_IMAGE
    assert found.image_id == "other-id"
    assert "other-id" in found.reason
    assert "pinned-id" in found.reason
    assert "ping" not in image.methods()


@pytest.mark.parametrize("lie", list(Lie))
def test_an_image_with_keys(farm: Farm, key_file: str, lie: Lie) -> None:
    image = farm.add(Behaviour(keys=KEYS, lie=lie))
    found = probed(registered(image, key_file=key_file, key_id="admin"))
    match lie:
        case Lie.NONE:
            assert found.outcome is ProbeOutcome.ANSWERED
        case Lie.WRONG_PROOF | Lie.DOWNGRADE:
            assert found.outcome is ProbeOutcome.NOT_PERMITTED
        case Lie.NO_PROOF | Lie.SHORT_NONCE:
            assert found.outcome is ProbeOutcome.WRONG_PROTOCOL
    assert SECRET.hex() not in repr(found)


def test_a_key_file_that_is_gone(farm: Farm, tmp_path: Path) -> None:
    found = probed(registered(farm.add(Behaviour(keys=KEYS)), key_file=str(tmp_path / "none")))
    assert found.outcome is ProbeOutcome.NOT_PERMITTED


def test_nobody_there(no_socket_left: None) -> None:
    with refusing_address() as address:
        found = probed(Image("alpha", address, 0))
    assert found.outcome is ProbeOutcome.REFUSED


def test_an_address_that_is_none_is_a_probe_like_any_other() -> None:
    assert probed(Image("alpha", "nonsense", 0)).outcome is ProbeOutcome.BROKEN


def test_hostile_texts_do_not_stop_a_probe(farm: Farm) -> None:
    found = probed(registered(farm.add(Behaviour(texts=with_control_characters))))
    assert found.outcome is ProbeOutcome.ANSWERED


# --- all at once ------------------------------------------


def test_nothing_to_probe() -> None:
    assert probe_all([], "client", 1, clock) == []


def test_answers_stand_in_the_order_asked(farm: Farm) -> None:
    images = farm.add_many(40)
    found = probe_all([registered(image) for image in images], "client", 5, clock)
    assert [each.image for each in found] == [image.name for image in images]
    assert [each.image_id for each in found] == [image.image_id for image in images]
    assert {each.outcome for each in found} == {ProbeOutcome.ANSWERED}


def test_a_hundred_black_holes_cost_one_time_out(farm: Farm) -> None:
    images = farm.add_many(20) + farm.add_many(100, Behaviour(name="hole", habit=Habit.BLACK_HOLE))
    with refusing_address() as address:
        registry = [registered(image) for image in images] + [Image("none", address, 0)]
        started = time.monotonic()
        found = probe_all(registry, "client", 1, clock)
        took = time.monotonic() - started
    assert took < 10  # one after the other they take a minute
    outcomes = [each.outcome for each in found]
    assert outcomes == [ProbeOutcome.ANSWERED] * 20 + [ProbeOutcome.TIMED_OUT] * 100 + [ProbeOutcome.REFUSED]


def test_every_habit_at_once_harms_nobody_else(farm: Farm) -> None:
    bad = [farm.add(Behaviour(name=f"{habit.name}", habit=habit)) for habit in Habit if habit is not Habit.WELL]
    good = farm.add_many(10)
    found = probe_all([registered(image) for image in bad + good], "client", 1, clock)
    assert [each.outcome for each in found[len(bad) :]] == [ProbeOutcome.ANSWERED] * 10
    assert sum(each.outcome is ProbeOutcome.ANSWERED for each in found) == 10


def test_a_thousand_images(farm: Farm) -> None:
    images = farm.add_many(1_000)
    found = probe_all([registered(image) for image in images], "client", 10, clock)
    assert sum(each.outcome is ProbeOutcome.ANSWERED for each in found) == 1_000


class SlowLookout:
    """Looks elsewhere until all others were asked, as where a neighbour that is asked for that is silent."""

    def __init__(self, others: list[FarmImage]) -> None:
        self.asked = 0
        self._others = others

    def elsewhere(self, image: Image) -> None:
        self.asked += 1
        wait_until(lambda: all("ping" in each.methods() for each in self._others), "all others are asked")

    def may_ask_others(self, image: Image) -> bool:
        return True

    def met(self, registered: Image, found: Image) -> None:
        raise AssertionError


def test_who_is_looked_for_elsewhere_holds_nobody(farm: Farm) -> None:
    farmed = farm.add_many(20)
    lookout = SlowLookout(farmed)
    with refusing_address() as address:
        missed = [Image(f"missed-{n}", address, 0) for n in range(3)]
        good = [registered(image) for image in farmed]
        found = probe_all([*missed, *good], "client", 20, clock, sightings=lookout)
    assert [each.outcome for each in found] == [ProbeOutcome.REFUSED] * 3 + [ProbeOutcome.ANSWERED] * 20
    assert lookout.asked == 3


class NamedPlace:
    """Knows another address of each image, by the name of its host."""

    def __init__(self, there: str) -> None:
        self.there = there
        self.found = ""

    def elsewhere(self, image: Image) -> Image:
        return image._replace(address=self.there)

    def may_ask_others(self, image: Image) -> bool:
        return False

    def met(self, registered: Image, found: Image) -> None:
        self.found = found.address


def test_a_name_that_is_met_on_the_way_is_asked_for_aside(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver may wait, and the loop must not."""
    real, asked_by = _socket.getaddrinfo, []

    def resolve(host: bytes, *rest: Any, **more: Any) -> Any:
        if host == b"localhost":
            asked_by.append(threading.current_thread())
        return real(host, *rest, **more)

    monkeypatch.setattr(_socket, "getaddrinfo", resolve)
    living = farm.add()
    lookout = NamedPlace(living.address.replace("127.0.0.1", "localhost"))
    with refusing_address() as address:
        missed = Image("missed", address, 0, image_id=living.image_id)
        (found,) = probe_all([missed], "client", 10, clock, sightings=lookout)
    assert found.outcome is ProbeOutcome.ANSWERED
    assert lookout.found == lookout.there
    assert len(asked_by) == 1
    assert asked_by[0] is not threading.main_thread()


def test_a_record_that_no_code_foresaw_does_not_stop_the_others(farm: Farm) -> None:
    """A path with a zero byte once ended the whole command with a ValueError."""
    good = farm.add()
    registry = [registered(good), Image("odd", good.address, 0, key_file="\0"), Image("worse", "\0", 0)]
    found = probe_all(registry, "client", 1, clock)
    assert found[0].outcome is ProbeOutcome.ANSWERED
    assert all(each.outcome is not ProbeOutcome.ANSWERED for each in found[1:])


def test_few_descriptors_make_it_slower_and_not_wrong(farm: Farm) -> None:
    """An image must not count as gone because this process can open no more files."""
    resource = pytest.importorskip("resource", reason="needs limits of open files")
    images = farm.add_many(100, Behaviour(delay_s=0.05))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 300
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 250, hard))  # the farm's ends are in this process too
    try:
        found = probe_all([registered(image) for image in images], "client", 10, clock)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert {each.outcome for each in found} == {ProbeOutcome.ANSWERED}
