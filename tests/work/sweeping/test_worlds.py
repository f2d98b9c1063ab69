"""Random worlds: whatever images, sessions and rules there are, a sweep takes nothing that its image vouches for, a
second one takes nothing more, and an undo brings the store back to the byte."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Farm, Habit
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from orphan_worlds import DAY, HOUR, MINUTE, World, state_bytes

from stui_cli.model.orphans import OrphanReason, Rules
from stui_cli.model.sessions import SessionState
from stui_cli.work.sweeping.carry_out import remove_orphans
from stui_cli.work.sweeping.survey import everything, find_orphans, probed

if TYPE_CHECKING:
    from farm import FarmImage

    from stui_cli.work.sweeping.survey import Survey

WELL, RESTARTED, DEAD, REPLACED, REFUSING, PARKED, REMOVED, HANGING = FATES = (
    "well", "restarted", "dead", "replaced", "refusing", "parked", "removed", "hanging",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """One image: what becomes of it, and its sessions: on which sides, whose, closed, idle for how long."""

    fate: str
    sessions: tuple[tuple[bool, bool, bool, bool, int], ...]


images = st.builds(
    Drawn,
    st.sampled_from(FATES[:-1]),
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([0, HOUR, 9 * DAY])),
        max_size=3,
    ).map(tuple),
)
rules = st.builds(
    Rules,
    grace=st.sampled_from([0, HOUR, DAY]),
    older_than=st.sampled_from([None, 0, DAY]),
    unreachable_for=st.sampled_from([None, 0, DAY]),
    force=st.booleans(),
    preserve_active=st.booleans(),
)
_numbers = itertools.count()


def made(world: World, number: int, drawn: Drawn) -> FarmImage:
    farmed = world.image(f"image{number}", habit=Habit.BLACK_HOLE if drawn.fate is HANGING else Habit.WELL)
    for index, (recorded, lives, ours, closed, idle) in enumerate(drawn.sessions):
        name = f"s{index}"
        if recorded:
            state = SessionState.CLOSED if closed else SessionState.ACTIVE
            world.record(farmed, name, state=state, last_activity=world.now - idle)
        if lives and not (recorded and closed):
            world.live(farmed, name, idle=idle, owner=None if ours or recorded else "somebody")
    return farmed


def come_true(world: World, farmed: FarmImage, fate: str) -> None:
    match fate:
        case "restarted":
            farmed.incarnation = "the next one"
            farmed.sessions.clear()
        case "dead":
            farmed.close()
        case "replaced":
            world.change_image(farmed.name, address=world.farm.add(Behaviour(name="other")).address)
        case "refusing":
            asking = world.farm.add(Behaviour(image_id=farmed.image_id, keys={"k": ("admin", b"key")}))
            world.change_image(farmed.name, address=asking.address)
        case "parked":
            world.change_image(farmed.name, parked=True)
        case "removed":
            from stui_cli.work.images.register import remove_image

            remove_image(world.bench, world.state.images[farmed.name])


def look(world: World, wanted: Rules) -> Survey:
    scope = everything(world.state)
    return find_orphans(world.bench, scope, probed(world.bench, scope.images, dry=False), wanted)


@given(st.lists(images, min_size=1, max_size=4), rules, st.integers(0, 4), st.sampled_from([MINUTE, HOUR, DAY]))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_worlds(drawn: list[Drawn], wanted: Rules, looks: int, step: int) -> None:
    check(drawn, wanted, looks, step)


@pytest.mark.long
@pytest.mark.timeout(600)
@given(st.lists(images, min_size=1, max_size=6), rules, st.integers(0, 6), st.sampled_from([MINUTE, HOUR, DAY]))
@settings(max_examples=350, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_random_worlds(drawn: list[Drawn], wanted: Rules, looks: int, step: int) -> None:
    check(drawn, wanted, looks, step)


@pytest.mark.long
@given(st.sampled_from([WELL, DEAD]), rules)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_worlds_with_one_that_hangs(other: str, wanted: Rules) -> None:
    one = (True, True, True, False, 9 * DAY)
    check([Drawn(HANGING, (one,)), Drawn(other, (one,))], wanted, 3, DAY)


def check(drawn: list[Drawn], wanted: Rules, looks: int, step: int) -> None:
    with Farm() as farm, tempfile.TemporaryDirectory() as folder:
        world = World(farm, Path(folder) / "store", timeout=0.5 if any(d.fate is HANGING for d in drawn) else 20)
        world.session(world.image("anchor"), "work")  # so that the store and its client id are there
        farmed = [made(world, number, each) for number, each in enumerate(drawn)]
        look(world, wanted)
        for image, each in zip(farmed, drawn, strict=True):
            come_true(world, image, each.fate)
        for _ in range(looks):
            world.now += step
            look(world, wanted)
        world.now += step
        survey = look(world, wanted)
        vouched = {i for f in farmed for i in f.sessions if f.incarnation != "the next one"}
        recorded = world.labels()
        before = state_bytes(world)
        head = world.state.head

        swept = remove_orphans(world.bench, survey, wanted)

        assert not swept.failures
        assert not swept.changed
        assert {id(f) for f in swept.gone} == {id(f) for f in survey.orphans}
        for found in swept.gone:
            fate = WELL if found.label.startswith("anchor") else drawn[_number(world, farmed, found.image_id)].fate
            assert fate not in (REFUSING, PARKED)
            if fate is HANGING:
                assert wanted.unreachable_for is not None
            if fate is WELL and found.session_id in vouched and found.session is not None:
                assert found.reason is OrphanReason.EXPIRED
                assert wanted.takes_live
                assert wanted.older_than is not None
            if found.session is None and not found.ours:
                assert wanted.force
        for reason in {f"{f.reason} {f.live is not None}" for f in swept.gone}:
            event(reason)
        removed = {f"{f.image_id}/{f.session.name}" for f in swept.gone if f.session is not None}
        assert world.labels() == recorded - removed

        again = find_orphans(world.bench, everything(world.state), world.store.probes(), wanted)
        assert remove_orphans(world.bench, again, wanted).gone == ()

        ended_live = any(f.live is not None and f.session is not None for f in swept.gone)
        assert world.state.head - head == bool(removed) + ended_live
        if removed:
            world.store.undo()
            if ended_live:  # their fresh checkpoints, committed before they were ended
                assert world.labels() == recorded
            else:
                assert state_bytes(world) == before


def _number(world: World, farmed: list[FarmImage], image_id: str) -> int:
    return next(number for number, each in enumerate(farmed) if each.image_id == image_id)
