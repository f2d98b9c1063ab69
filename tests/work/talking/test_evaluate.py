"""Code in an image that is busy, that goes, or that tells more than was asked: what is known of it and said."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit

from stui_cli.model.errors import (
    Busy,
    ImageRefused,
    NotFound,
    ProtocolBroken,
    Refused,
    StuiError,
    TooLate,
    Unreachable,
)
from stui_cli.model.names import Target
from stui_cli.work.talking import evaluate as evaluation
from stui_cli.work.talking.evaluate import Limits, open_workplace
from stui_cli.work.talking.running import outcome_of

if TYPE_CHECKING:
    from conftest import Registry
    from farm import Farm


def audited(registry: Registry) -> list[str | None]:
    return [line.outcome for line in registry.manager.store.audit() if line.action == "evaluate"]


def test_busy_is_not_unknown(farm: Farm, registry: Registry) -> None:
    registry.register(farm.add(Behaviour(name="alpha")))
    with open_workplace(registry.manager.bench, Target("alpha")) as workplace:
        with pytest.raises(Busy, match="alpha is busy since 12 s with: Delay wait; nothing of this ran") as caught:
            workplace.evaluate("queued", Limits(0.05, 100))
        assert (caught.value.code, caught.value.exit_code, outcome_of(caught.value)) == ("busy", 9, "not_run")
        assert workplace.evaluate("3", Limits(5, 100)).outcome == "returned"
    assert audited(registry) == ["began", "not_run", "returned"]


def test_what_waits_in_vain_is_taken_back(farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "_GRACE_S", 0.05)
    image = farm.add(Behaviour(name="alpha"))
    registry.register(image)
    with open_workplace(registry.manager.bench, Target("alpha")) as workplace:
        with pytest.raises(Busy):
            workplace.evaluate("stuck", Limits(0.05, 100))
        assert len(image.interrupts) == 1
        with pytest.raises(TooLate):  # nothing is known of one of which the image never said that it waits
            workplace.evaluate("wait", Limits(0.05, 100))
        assert len(image.interrupts) == 1


def test_who_waits_is_told_what_for(farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "_TOLD_AFTER_S", 0.05)
    registry.register(farm.add(Behaviour(name="alpha")))
    told: list[str] = []
    with open_workplace(registry.manager.bench, Target("alpha")) as workplace:
        workplace.on_wait = told.append
        with pytest.raises(Busy):
            workplace.evaluate("queued", Limits(0.6, 100))
    assert told == ["waiting: alpha was busy already for 12 s with: Delay wait"]


def test_what_was_heard_of_one_that_never_answered_is_kept(
    farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "_GRACE_S", 0.2)
    registry.register(farm.add(Behaviour(name="alpha", habit=Habit.CHATTERS)))
    with open_workplace(registry.manager.bench, Target("alpha")) as workplace:
        with pytest.raises(TooLate):
            workplace.evaluate("3", Limits(0.2, 100))
        assert workplace.heard.output.startswith("still busy\n")
        assert workplace.heard.elapsed_ms is not None
        assert workplace.heard.elapsed_ms >= 150


def test_output_that_lost_its_end_is_told(farm: Farm, registry: Registry) -> None:
    answer = {"outcome": "returned", "value": None, "error": None, "output": "x", "elapsed_ms": 1}
    registry.register(farm.add(Behaviour(name="alpha", answers={"evaluate": answer | {"output_truncated": True}})))
    registry.register(farm.add(Behaviour(name="beta", answers={"evaluate": answer})))
    for name, cut in (("alpha", True), ("beta", False)):
        with open_workplace(registry.manager.bench, Target(name)) as workplace:
            workplace.evaluate("3", Limits(5, 100))
            assert workplace.heard == ("x", 1, cut)


def answered(code: str, details: object = None) -> StuiError:
    error = ImageRefused("told")
    error.answer, error.details = code, details
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (answered("InvalidRequest"), "not_run"),
        (answered("UnsupportedMethod"), "not_run"),
        (answered("LimitExceeded", {"elapsed_ms": 3}), "unknown"),
        (answered("Interrupted", {"started": True}), "unknown"),
        (answered("Interrupted", {"started": False}), "not_run"),
        (answered("Tomorrow"), "unknown"),
        (TooLate(""), "unknown"),
        (ProtocolBroken(""), "unknown"),
        (Unreachable(""), "not_run"),
        (Refused(""), "not_run"),
        (NotFound(""), "not_run"),
    ],
)
def test_what_is_known_after_a_failure(error: StuiError, outcome: str) -> None:
    assert outcome_of(error) == outcome


def test_whatever_ends_the_call_from_within_stops_the_code(farm: Farm, registry: Registry) -> None:
    image = farm.add(Behaviour(name="alpha", habit=Habit.CHATTERS))
    registry.register(image)

    def closed(text: str) -> None:
        raise BrokenPipeError(text)

    with suppress(BrokenPipeError), open_workplace(registry.manager.bench, Target("alpha")) as workplace:
        workplace.evaluate("3", Limits(60, 100), closed)
    with open_workplace(registry.manager.bench, Target("alpha")):
        pass  # by now the farm has read what came before
    assert len(image.interrupts) == 1
    assert audited(registry) == ["began", "unknown"]
