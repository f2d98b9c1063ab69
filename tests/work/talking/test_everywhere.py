"""One expression in many images: time, order, choice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from farm import Behaviour, Habit

from stui_cli.model.digest import sha256_hex
from stui_cli.model.errors import Unreachable
from stui_cli.model.names import Target
from stui_cli.work.talking.evaluate import Limits, Workplace
from stui_cli.work.talking.everywhere import Answer, evaluated_everywhere

if TYPE_CHECKING:
    from conftest import Registry
    from farm import Farm

    from stui_cli.protocol.evaluation import Evaluation

LIMITS = Limits(5.0, 1_000)


def test_forty_images_take_as_long_as_the_slowest_and_answer_in_order(farm: Farm, registry: Registry) -> None:
    names = [f"image-{number:02}" for number in range(40)]
    silent = set(names[3:36:3])
    bench = registry.manager.bench.allowing(1)
    for name in names:
        habit = Habit.BLACK_HOLE if name in silent else Habit.WELL
        registry.register(farm.add(Behaviour(name=name, habit=habit)))
    heard: list[Answer] = []
    started = time.monotonic()
    with evaluated_everywhere(
        bench, [Target(name) for name in names], "3 + 4", LIMITS, on_answer=heard.append
    ) as answers:
        took = time.monotonic() - started
    assert [str(answer.target) for answer in answers] == names
    assert len(heard) == 40
    assert {str(a.target) for a in answers if isinstance(a.failure, Unreachable)} == silent
    assert took < 8  # those that are silent take 11 s one after the other
    audited = [line for line in registry.manager.store.audit() if line.action == "evaluate"]
    assert [line.outcome for line in audited if line.outcome != "returned"] == ["began"] * 40 + ["not_run"] * 11
    assert len([line for line in audited if line.outcome == "returned"]) == 29


@pytest.mark.parametrize("keeps_sources", [True, False])
def test_a_long_source_stands_whole_in_the_lines_of_one_image_alone(
    farm: Farm, registry: Registry, keeps_sources: bool
) -> None:
    for name in ("alpha", "beta", "gone"):
        registry.register(farm.add(Behaviour(name=name, habit=Habit.HANGS_UP if name == "gone" else Habit.WELL)))
    if not keeps_sources:
        (registry.folder / "config.toml").write_text('audit_source = "hash"\n')
    source = f"'{'x' * 5_000}' size"
    targets = [Target(name) for name in ("alpha", "beta", "gone")]
    bench = registry.manager.bench
    with evaluated_everywhere(bench, targets, source, LIMITS, on_answer=lambda answer: None):
        pass
    lines = [line for line in bench.store.audit() if line.action == "evaluate"]
    told = {name: {line.source for line in lines if line.image == name} for name in map(str, targets)}
    digest = f"sha256:{sha256_hex(source.encode())}"
    if not keeps_sources:
        assert list(told.values()) == [{digest}] * 3
        return
    short = f"{source[:200]}... (5007 characters, {digest}, whole in the lines of alpha)"
    assert told == {"alpha": {source}, "beta": {short}, "gone": {short}}
    with evaluated_everywhere(bench, targets, "3 + 4", LIMITS, on_answer=lambda answer: None):
        pass
    assert {line.source for line in list(bench.store.audit())[-3:]} == {"3 + 4"}


def test_a_bug_in_one_does_not_take_the_others_answers_along(
    farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("alpha", "beta"):
        registry.register(farm.add(Behaviour(name=name)))
    asked = Workplace.evaluate

    def evaluate(workplace: Workplace, *arguments: Any) -> Evaluation:
        if workplace.target.image == "alpha":
            raise ZeroDivisionError("a bug")
        return asked(workplace, *arguments)

    monkeypatch.setattr(Workplace, "evaluate", evaluate)
    told: list[Answer] = []
    for fail_early in (False, True):
        told.clear()
        with (  # the bug is raised when all is told
            pytest.raises(ZeroDivisionError),
            evaluated_everywhere(
                registry.manager.bench,
                [Target("beta"), Target("alpha")],
                "3",
                LIMITS,
                fail_early=fail_early,
                on_answer=lambda _: None,
            ) as answers,
        ):
            told += answers
        assert [answer.outcome for answer in told] == ["returned", "unknown"]
