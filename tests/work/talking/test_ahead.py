"""What is sent before its turn comes, and what is known of it when that never comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit

from stui_cli.model.errors import ConnectionLost, TooLate, UsageProblem
from stui_cli.model.names import Target
from stui_cli.work.talking import evaluate as evaluation
from stui_cli.work.talking.evaluate import Limits, open_workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Registry
    from farm import Farm

LIMITS = Limits(5, 100)
ABLE = ("closing_checkpoint", "batches")


def audited(registry: Registry) -> list[str | None]:
    return [line.outcome for line in registry.manager.store.audit() if line.action == "evaluate"]


def test_only_where_the_image_can_and_nothing_must_be_recorded(farm: Farm, registry: Registry) -> None:
    registry.register(farm.add(Behaviour(name="able", abilities=ABLE)))
    registry.register(farm.add(Behaviour(name="older")))
    pieces = ["3", "4"]
    with open_workplace(registry.manager.bench, Target("older")) as workplace:
        assert workplace.in_turn(pieces, LIMITS, stops=True) is pieces
    with open_workplace(registry.manager.bench, Target("able")) as workplace:
        workplace.recorder.must = True
        assert workplace.in_turn(pieces, LIMITS, stops=True) is pieces
        workplace.recorder.must = False
        for source in workplace.in_turn(pieces, LIMITS, stops=True):
            assert workplace.evaluate(source, LIMITS).outcome == "returned"
        assert workplace.end_turns() == []
    assert audited(registry) == ["began", "began", "returned", "returned"]


def test_when_the_connection_breaks_all_that_was_sent_is_unknown(farm: Farm, registry: Registry) -> None:
    registry.register(farm.add(Behaviour(name="alpha", abilities=ABLE, habit=Habit.CLOSES_MID_ANSWER)))
    with open_workplace(registry.manager.bench, Target("alpha")) as workplace:
        turns = iter(workplace.in_turn(["1", "2", "3"], LIMITS, stops=True))
        with pytest.raises(ConnectionLost):
            workplace.evaluate(next(turns), LIMITS)
        assert workplace.end_turns() == ["2", "3"]
    assert audited(registry) == ["began"] * 3 + ["unknown"] * 3


def test_behind_one_that_never_answers_the_next_is_asked_for_anew(
    farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "_GRACE_S", 0.05)
    registry.register(farm.add(Behaviour(name="alpha", abilities=ABLE)))
    limits = Limits(0.05, 100)
    told = []
    with open_workplace(registry.manager.bench, Target("alpha")) as workplace:
        for source in workplace.in_turn(["wait", "3", "4"], limits, stops=False):
            try:
                told.append(workplace.evaluate(source, limits).outcome)
            except TooLate:
                told.append("unknown")
    assert told == ["unknown", "returned", "returned"]


def test_sources_that_cannot_be_read_on_are_told_in_their_turn(farm: Farm, registry: Registry) -> None:
    def broken() -> Iterator[str]:
        yield from ("1", "2")
        raise UsageProblem("cannot be read", todo="")

    registry.register(farm.add(Behaviour(name="alpha", abilities=ABLE)))
    with open_workplace(registry.manager.bench, Target("alpha")) as workplace:
        turns = iter(workplace.in_turn(broken(), LIMITS, stops=True))
        for _ in range(2):
            assert workplace.evaluate(next(turns), LIMITS).outcome == "returned"
        with pytest.raises(UsageProblem):
            next(turns)


def test_a_long_source_goes_alone_and_all_keep_their_order(farm: Farm, registry: Registry) -> None:
    registry.register(farm.add(Behaviour(name="alpha", abilities=ABLE)))
    pieces = [str(n) if n % 7 else f"'{'x' * 20_000}'" for n in range(100)]
    with open_workplace(registry.manager.bench, Target("alpha")) as workplace:
        told = []
        for source in workplace.in_turn(pieces, LIMITS, stops=True):
            workplace.evaluate(source, LIMITS)
            told.append(source)
    assert told == pieces
