"""Running the cases: deadlines, what is left behind, who is not let in."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest
from farm import refusing_address

from stui_cli.conformance.case import Case, Needs
from stui_cli.conformance.run import run_conformance
from stui_cli.conformance.table import CASES
from stui_cli.conformance.verdicts import Deviated, Passed, Skipped
from stui_cli.model.errors import NotPermitted, Unreachable
from stui_cli.model.images import Image
from stui_cli.playground.agent.jobs import AgentSession
from stui_cli.playground.agent.server import Agent
from stui_cli.protocol.fields import method_of
from stui_cli.protocol.requests import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stui_cli.playground.agent.peers import Peer
    from stui_cli.protocol.faults import RemoteProtocolError
    from stui_cli.protocol.greeting import Greeting

Keys = dict[str, tuple[str, bytes]]


def cases_of(*paths: str) -> list[Case]:
    found = [case for case in CASES if f"{case.request}/{case.name}" in paths]
    assert len(found) == len(paths)
    return found


def image_of(agent: Agent, key_file: Path | None = None, key_id: str | None = None) -> Image:
    return Image("test", agent.address, 0, key_file=str(key_file) if key_file else None, key_id=key_id)


def test_every_request_has_cases_of_every_kind() -> None:
    for row in TABLE:
        method = method_of(row.request)
        assert sum(case.request == method for case in CASES) >= 3, method


def test_nothing_is_left_behind(keys: Keys, key_file: Path) -> None:
    subjects = {"create_session", "restore_session", "list_image_sessions"}
    with Agent(keys) as agent:
        run_conformance(image_of(agent, key_file), "tests", [case for case in CASES if case.request in subjects])
        assert agent.sessions == {}


def test_nothing_is_left_behind_by_a_key_that_may_not_close(keys: Keys, key_file: Path) -> None:
    cases = [case for case in CASES if case.name in ("not others'", "all that may go", "by a developer")]
    with Agent(keys) as agent:
        outcomes = run_conformance(image_of(agent, key_file, "observer"), "tests", cases)
        assert agent.sessions == {}
    assert [outcome.verdict for outcome in outcomes] == [Passed()] * len(cases)


def test_sessions_of_others_are_left_alone(keys: Keys, key_file: Path) -> None:
    with Agent(keys) as agent:
        theirs = agent.sessions["somebody", "work"] = AgentSession("work", "somebody", "work", None)
        cases = [case for case in CASES if case.request in ("cleanup_image_sessions", "close_session")]
        run_conformance(image_of(agent, key_file), "tests", cases)
        assert agent.sessions == {("somebody", "work"): theirs}


class Hangs(Agent):
    def request(self, peer: Peer, number: int, method: str, params: dict[str, object]) -> None:
        if method == "ping":
            return
        super().request(peer, number, method, params)


def test_a_hanging_agent_costs_a_deadline_per_case(keys: Keys, key_file: Path) -> None:
    cases = cases_of("ping/the vitals", "ping/echoes text", "hello/answers with every field")
    with Hangs(keys) as agent:
        started = time.monotonic()
        outcomes = run_conformance(image_of(agent, key_file), "tests", cases, case_s=0.8)
        assert time.monotonic() - started < 9
    verdicts = {outcome.case.name: outcome.verdict for outcome in outcomes}
    assert verdicts["the vitals"] == Deviated("an answer to ping", "silence for 0.8 s")
    assert verdicts["echoes text"] == Deviated("an answer to ping", "silence for 0.8 s")
    assert verdicts["answers with every field"] == Passed()


def test_the_whole_is_bounded(keys: Keys, key_file: Path) -> None:
    cases = [case for case in CASES if case.request == "ping"]
    with Hangs(keys) as agent:
        outcomes = run_conformance(image_of(agent, key_file), "tests", cases, case_s=0.3, whole_s=0.5)
    assert [type(outcome.verdict) for outcome in outcomes[:2]] == [Deviated, Deviated]
    assert outcomes[-1].verdict == Skipped("the time of the whole, 0.5 s, was over")


def test_nobody_listens() -> None:
    with refusing_address() as address, pytest.raises(Unreachable):
        run_conformance(Image("gone", address, 0), "tests", CASES)


def test_an_image_that_answers_nothing_fails_or_skips_everything() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        image = Image("mute", f"tcp://127.0.0.1:{mute.getsockname()[1]}", 0)
        cases = cases_of("hello/answers with every field", "ping/the vitals", "evaluate/a value")
        outcomes = run_conformance(image, "tests", cases, case_s=0.2)
    assert outcomes[0].verdict == Deviated("an answer to hello", "silence for 0.2 s")
    assert all(isinstance(outcome.verdict, Skipped) for outcome in outcomes[1:])


def test_who_refuses_the_greeting_ends_the_run(keys: Keys, key_file: Path) -> None:
    def refuse(greeting: Greeting) -> None:
        raise NotPermitted(greeting.image_id)

    with Agent(keys) as agent, pytest.raises(NotPermitted, match=agent.image_id):
        run_conformance(image_of(agent, key_file), "tests", CASES, on_greeting=refuse)


@pytest.mark.parametrize(
    ("key_id", "expected"),
    [("observer", "needs the developer role"), (None, "")],
    ids=["observer", "admin"],
)
def test_a_case_beyond_the_role_is_skipped(key_id: str | None, expected: str, keys: Keys, key_file: Path) -> None:
    with Agent(keys) as agent:
        (outcome,) = run_conformance(image_of(agent, key_file, key_id), "tests", cases_of("evaluate/a value"))
    assert outcome.verdict == (Skipped(expected) if expected else Passed())


def test_without_the_key_the_handshake_is_still_checked(keys: Keys) -> None:
    cases = cases_of("hello/answers with every field", "authenticate/a wrong proof", "ping/the vitals")
    with Agent(keys) as agent:
        outcomes = run_conformance(image_of(agent), "tests", cases)
    assert [type(outcome.verdict) for outcome in outcomes] == [Passed, Skipped, Skipped]


def test_a_case_may_send_any_bytes(keys: Keys, key_file: Path) -> None:
    sent: list[bytes] = []

    class Listens(Agent):
        def refuse_bytes(self, peer: Peer, error: RemoteProtocolError) -> None:
            sent.append(str(error).encode())

    def steps(bench: object) -> None:
        talk = bench.connect()  # type: ignore[attr-defined]
        talk.send_raw(b"\xc1")
        talk.ends()

    with Listens(keys) as agent:
        cases: Sequence[Case] = [Case("framing", "own", "a test", Needs.NOTHING, steps)]
        (outcome,) = run_conformance(image_of(agent, key_file), "tests", cases)
    assert outcome.verdict == Passed()
    assert len(sent) == 1
