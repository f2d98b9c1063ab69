"""The agent that we ship passes every case, with keys and without."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from stui_cli.conformance.defects import DEFECT_CASES
from stui_cli.conformance.run import Outcome, run_conformance
from stui_cli.conformance.table import CASES
from stui_cli.conformance.verdicts import Deviated, Passed, Skipped, Warned
from stui_cli.model.defects import known_defects

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from stui_cli.conformance.case import Case
    from stui_cli.model.images import Image
    from stui_cli.protocol.greeting import Greeting

AUTHENTICATIONS = ("hmac-sha256", "none")
PARTS = 2


@pytest.fixture(scope="module")
def outcomes(launch: Callable[[str], AbstractContextManager[Image]]) -> dict[str, list[Outcome]]:
    """All parts side by side: each waits for its own image most of the time."""

    def run(auth: str, part: int) -> list[Outcome]:
        with launch(auth) as image:
            return run_conformance(image, "tests", CASES[part::PARTS], case_s=8)

    with ThreadPoolExecutor(len(AUTHENTICATIONS) * PARTS) as pool:
        begun = {auth: [pool.submit(run, auth, part) for part in range(PARTS)] for auth in AUTHENTICATIONS}
        return {auth: [outcome for each in parts for outcome in each.result()] for auth, parts in begun.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.request}/{case.name}")
@pytest.mark.parametrize("auth", AUTHENTICATIONS)
def test_the_shipped_agent_passes(auth: str, case: Case, outcomes: dict[str, list[Outcome]]) -> None:
    verdict = next(outcome.verdict for outcome in outcomes[auth] if outcome.case is case)
    match verdict:
        case Deviated(expected, got):
            pytest.fail(f"expected {expected}, got {got}")
        case Passed() | Skipped() | Warned():
            pass


def test_what_its_version_is_known_for_is_found(launch: Callable[[str], AbstractContextManager[Image]]) -> None:
    """Of another dialect or version nothing is tried. A build may lack what others of its version have."""
    greetings: list[Greeting] = []
    with launch("none") as image:
        found = run_conformance(image, "tests", DEFECT_CASES, on_greeting=greetings.append)
    defects = known_defects(greetings[0].dialect, greetings[0].image_version)
    assert [outcome.case.name for outcome in found] == [defect.name for defect in defects]
    assert {type(outcome.verdict) for outcome in found} <= {Warned, Passed}
    by_name = {outcome.case.name: outcome.verdict for outcome in found}
    match by_name["no bare words in literal arrays"]:
        case Warned(expected, got):
            assert expected == "#(red green) size prints 2"
            assert got.endswith("it does not compile; write #(#red #green)")
        case verdict:
            pytest.fail(f"no warning: {verdict}")


def test_the_cases_without_keys_are_the_only_ones_left_out(outcomes: dict[str, list[Outcome]]) -> None:
    skipped = {
        auth: {outcome.verdict.why for outcome in found if isinstance(outcome.verdict, Skipped)}
        for auth, found in outcomes.items()
    }
    assert skipped == {
        "hmac-sha256": {"is about agents that ask for no key"},
        "none": {"is about keys, and this agent asks for none"},
    }
