"""The time that a command has for its images: one deadline, however many requests it takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour

from stui_cli.model.errors import TooLate, Unreachable
from stui_cli.model.exits import Exit
from stui_cli.model.names import Target
from stui_cli.protocol.evaluation import Evaluation
from stui_cli.protocol.fields import to_map
from stui_cli.protocol.workspaces import Restored, Switched
from stui_cli.work.sessions.create import create_session
from stui_cli.work.sessions.restore import recreate, restore_session
from stui_cli.work.talking.evaluate import Limits, open_workplace
from stui_cli.work.talking.reach import reach
from stui_cli.work.workbench import Allowance

if TYPE_CHECKING:
    from conftest import Registry
    from farm import Farm, FarmImage

LIMITS = Limits(5, 100)
SLOW_S = 0.8
ENOUGH_S = 1.4  # for one such answer, and not for two


def test_it_begins_with_the_first_contact_and_is_the_same_for_every_request() -> None:
    allowance = Allowance(0.01)
    first_contact = time.monotonic()
    deadline = allowance.deadline
    assert first_contact + 0.01 <= deadline.at <= time.monotonic() + 0.01
    assert allowance.deadline is deadline


def test_it_begins_anew_after_what_has_a_bound_of_its_own() -> None:
    allowance = Allowance(0.01)
    first = allowance.deadline
    time.sleep(0.02)
    allowance.begin_anew()
    assert first.passed
    assert allowance.deadline.at >= first.at + 0.01


def test_it_stands_still_while_the_store_is_waited_for() -> None:
    allowance = Allowance(5)
    with allowance.standing_still():
        pass  # nothing has begun, so nothing is to be put off
    before = allowance.deadline.remaining()
    with allowance.standing_still():
        time.sleep(0.3)
    assert allowance.deadline.remaining() > before - 0.28
    assert allowance.deadline.seconds == 5


@pytest.fixture
def slow(farm: Farm, registry: Registry) -> FarmImage:
    """alpha with its session `work`, which its image calls `old`: to restore it takes three requests."""
    quick = farm.add(Behaviour(name="alpha"))
    registry.register(quick)
    create_session(registry.manager.bench, "alpha", "work", None)
    ((session_id, (owner, live)),) = quick.sessions.items()
    live = live._replace(name="old")
    answers = {
        "switch_image_context": to_map(Switched(None, live)),
        "evaluate": to_map(Evaluation("returned", None, None, "", 1)),
    }
    slow = farm.add(Behaviour(name="alpha", image_id=quick.image_id, delay_s=SLOW_S, answers=answers))
    slow.incarnation, slow.sessions[session_id] = quick.incarnation, (owner, live)
    registry.move("alpha", slow.address)
    return slow


def test_requests_that_are_each_quick_enough_are_not_together(registry: Registry, slow: FarmImage) -> None:
    bench = registry.manager.bench.allowing(ENOUGH_S)
    begun = time.monotonic()
    with pytest.raises(TooLate) as failure:
        restore_session(bench, Target("alpha", "work"), replay=False, strict=False, limits=LIMITS)
    assert time.monotonic() - begun < 3 * ENOUGH_S
    assert failure.value.exit_code is Exit.TIMED_OUT
    assert slow.methods() == ["hello", "switch_image_context", "create_session"]
    state = bench.store.read()
    with pytest.raises(Unreachable) as too_late:  # what comes after it has no time left, and is told so
        reach(bench, state, state.images["alpha"])
    assert "within 0 s" in too_late.value.what
    reach(registry.manager.bench, state, state.images["alpha"]).__exit__(None, None, None)


def test_code_that_runs_takes_nothing_of_it(registry: Registry, slow: FarmImage) -> None:
    with open_workplace(registry.manager.bench.allowing(ENOUGH_S), Target("alpha", "work")) as workplace:
        workplace.evaluate("3", LIMITS)
        workplace.evaluate("4", LIMITS)
    assert slow.methods() == ["hello", "evaluate", "evaluate", "switch_image_context"]
    session_id = registry.manager.session("alpha", "work").session.session_id
    assert [entry.bindings for entry in registry.manager.store.history(slow.image_id, session_id)] == [None, 0]


def test_a_restore_is_code_that_runs_too(registry: Registry, slow: FarmImage) -> None:
    bench = registry.manager.bench.allowing(ENOUGH_S)
    state = bench.store.read()
    (session,) = bench.store.sessions(state, slow.image_id).values()
    with reach(bench, state, state.images["alpha"]) as client:
        ((_, live),) = slow.sessions.values()
        slow.behaviour.answers["restore_session"] = to_map(Restored(live, (), (), 0, None))
        recreate(bench, client, session, None)
        assert bench.deadline.remaining() > SLOW_S
