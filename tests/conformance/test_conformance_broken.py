"""Every case notices the breakage that it is there for, and no other case does."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from breakages import BREAKAGES, NeverCheckpoints, NoInterrupt, NoTimeLimit

from stui_cli.conformance.run import run_conformance
from stui_cli.conformance.table import CASES
from stui_cli.conformance.verdicts import Deviated, Skipped
from stui_cli.model.images import Image
from stui_cli.playground import limits
from stui_cli.playground.agent.server import Agent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stui_cli.conformance.case import Case
    from stui_cli.conformance.verdicts import Outcome

Keys = dict[str, tuple[str, bytes]]

# Most of a run is waiting for time limits; many more at once would make the pings among them late.
_AT_ONCE = 8
# How long a case may take. A broken agent may let many pass; the whole one lets none, so this is for a busy machine.
_WHOLE_S, _BROKEN_S = 10.0, 1.2

# What takes a thread of its own in a broken agent slows its others on a busy machine: that this is noticed is no
# mistake, and that it is noticed where it is intended is shown by the test of the intended cases.
TIMED = {"evaluate/others are answered meanwhile"}


def path_of(case: Case) -> str:
    return f"{case.request}/{case.name}"


def run(
    kind: type[Agent], keys: Keys, key_file: Path | None, cases: Sequence[Case], *, patient: bool = False
) -> list[Outcome]:
    with kind(keys if key_file else None) as agent:
        image = Image("test", agent.address, 0, key_file=str(key_file) if key_file else None)
        case_s = _WHOLE_S if kind is Agent or patient else _BROKEN_S
        return run_conformance(image, "tests", cases, case_s=case_s)


def failed(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """What was expected and what came, by case."""
    return {path_of(o.case): str(o.verdict) for o in outcomes if isinstance(o.verdict, Deviated)}


def intended(kind: type[Agent]) -> list[Case]:
    """The cases that a breakage is there for; the long run tries the whole table."""
    return [case for case in CASES if path_of(case) in BREAKAGES[kind]]


class Runs:
    """All agents, some at a time: the whole one under True (with keys) and False, the broken ones by class."""

    def __init__(self, pool: ThreadPoolExecutor, keys: Keys, key_file: Path) -> None:
        def begin(kind: type[Agent], with_key: Path | None, cases: Sequence[Case], parts: int) -> None:
            name = kind if kind is not Agent else with_key is not None
            self._begun[name] = [pool.submit(run, kind, keys, with_key, cases[part::parts]) for part in range(parts)]

        self._begun: dict[object, list[Future[list[Outcome]]]] = {}
        for kind in (NoTimeLimit, NoInterrupt, NeverCheckpoints):  # each would wait out its time four or five times
            begin(kind, key_file, intended(kind), 2)
        begin(Agent, key_file, CASES, 4)
        begin(Agent, None, CASES, 4)
        for kind in BREAKAGES:
            if kind not in self._begun:
                begin(kind, key_file, intended(kind), 1)

    def of(self, name: object) -> list[Outcome]:
        """The outcomes of one agent, in the order of the table."""
        found = [outcome for part in self._begun[name] for outcome in part.result()]
        return sorted(found, key=lambda outcome: CASES.index(outcome.case))


@pytest.fixture(scope="module", autouse=True)
def _room_for_many() -> Iterator[None]:
    """Dozens of images share this process, each of which would hold its own evaluations to what all of them take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "BYTES", 16 * limits.BYTES)
        yield


@pytest.fixture(scope="module")
def runs(keys: Keys, key_file: Path) -> Iterator[Runs]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield Runs(pool, keys, key_file)


@pytest.mark.parametrize("with_key", [True, False], ids=["key", "none"])
def test_the_whole_agent_passes(with_key: bool, runs: Runs) -> None:
    outcomes = runs.of(with_key)
    assert failed(outcomes) == {}
    whys = {outcome.verdict.why for outcome in outcomes if isinstance(outcome.verdict, Skipped)}
    left_out = "is about agents that ask for no key" if with_key else "is about keys, and this agent asks for none"
    assert whys == {left_out, "needs the ability batches, which the greeting does not name"}


@pytest.mark.parametrize("kind", BREAKAGES, ids=lambda kind: kind.__name__)
def test_the_intended_cases_fail(kind: type[Agent], runs: Runs) -> None:
    assert list(failed(runs.of(kind))) == list(BREAKAGES[kind])


def check_others(kind: type[Agent], noticed: dict[str, str], keys: Keys, key_file: Path) -> None:
    """That no case fails which is not intended. On a busy machine one may have been too late: alone, and with more
    time, it passes."""
    late = [case for case in CASES if path_of(case) in noticed.keys() - set(BREAKAGES[kind]) - TIMED]
    if late:
        assert failed(run(kind, keys, key_file, late, patient=True)) == {}


@pytest.fixture(scope="module")
def whole_runs(keys: Keys, key_file: Path) -> Iterator[dict[type[Agent], Future[list[Outcome]]]]:
    """The broken agents with the whole table, a few at a time."""
    with ThreadPoolExecutor(_AT_ONCE // 2) as pool:
        yield {kind: pool.submit(run, kind, keys, key_file, CASES) for kind in BREAKAGES}


@pytest.mark.alone
@pytest.mark.long
@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", BREAKAGES, ids=lambda kind: kind.__name__)
def test_no_other_case_of_the_whole_table_fails(
    kind: type[Agent], whole_runs: dict[type[Agent], Future[list[Outcome]]], keys: Keys, key_file: Path
) -> None:
    noticed = failed(whole_runs[kind].result())
    check_others(kind, noticed, keys, key_file)
    assert set(BREAKAGES[kind]) - noticed.keys() - TIMED == set(), noticed


def test_every_case_is_named_once() -> None:
    paths = [path_of(case) for case in CASES]
    assert len(paths) == len(set(paths))


def test_every_breakage_is_about_cases_that_there_are() -> None:
    assert {path for paths in BREAKAGES.values() for path in paths} <= {path_of(case) for case in CASES}
