"""What runs is listed and can be stopped; what its client left behind is stopped after a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from wire import RemoteError

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import Clients, Starter
    from wire import Wire

LOOP = "[true] whileTrue"


def listed(wire: Wire) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = wire.call("list_evaluations")
    return found


def until(holds: Callable[[], Any], seconds: float = 20.0) -> Any:
    over = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < over
        time.sleep(0.01)
    return found


@pytest.fixture
def waiting(starter: Starter) -> Callable[[int], Clients]:
    """Makes clients of an agent that stops after so many milliseconds what nobody waits for."""
    return lambda grace_ms: starter.clients_of(starter(unattendedFor=grace_ms).start())


def test_what_runs_and_what_waits_is_listed(wire: Wire, session: str) -> None:
    running = wire.request("evaluate", session_id=session, source=LOOP)
    waiting = wire.request("evaluate", session_id=session, source="3 + 4")
    first, second = until(lambda: len(found := listed(wire)) == 2 and found)
    assert (first["source"], first["session_id"], first["method"]) == (LOOP, session, "evaluate")
    assert first["connected"] is True
    assert abs(first["started_at"] / 1000 - time.time()) < 60
    assert (second["source"], second["started_at"], second["elapsed_ms"]) == ("3 + 4", None, 0)
    assert first["evaluation_id"] != second["evaluation_id"]
    for job in (second, first):
        assert wire.call("stop_evaluation", evaluation_id=job["evaluation_id"]) == {"stopped": True}
    for number in (waiting, running):
        with pytest.raises(RemoteError, match="Interrupted"):
            wire.answer(number)
    until(lambda: not listed(wire))
    assert wire.call("stop_evaluation", evaluation_id=first["evaluation_id"]) == {"stopped": False}
    assert wire.value("3 + 4", session) == "7"


def test_a_developer_sees_its_own_and_an_admin_all(clients: Clients) -> None:
    one, other, admin = clients("one"), clients("other"), clients("boss", "admin")
    number = one.request("evaluate", session_id=None, source=LOOP)
    found = until(lambda: listed(one))
    assert listed(other) == []
    assert other.call("stop_evaluation", evaluation_id=found[0]["evaluation_id"]) == {"stopped": False}
    assert [(job["client_id"], job["source"]) for job in listed(admin)] == [("one", LOOP)]
    assert admin.call("stop_evaluation", evaluation_id=found[0]["evaluation_id"]) == {"stopped": True}
    with pytest.raises(RemoteError, match="Interrupted"):
        one.answer(number)


def test_what_a_vanished_client_left_is_unattended_and_then_stopped(waiting: Callable[[int], Clients]) -> None:
    made = waiting(1000)
    lost, other = made(), made()
    other.call("create_session", session_id="s", name="work", description=None)
    lost.request("evaluate", session_id="s", source=LOOP)
    lost.request("evaluate", session_id="s", source="left := 1")
    until(lambda: len(listed(other)) == 2)
    lost.close()
    until(lambda: [job["connected"] for job in listed(other)] == [False, False])
    until(lambda: not listed(other))
    assert other.evaluate("left", "s")["outcome"] == "not_run"


def test_it_goes_on_until_then(waiting: Callable[[int], Clients]) -> None:
    """What was short of its end is done: the grace is for that."""
    made = waiting(20_000)
    lost, other = made(), made()
    other.call("create_session", session_id="s", name="work", description=None)
    other.evaluate("Smalltalk at: #JobGate put: Semaphore new")
    lost.request("evaluate", session_id="s", source="(Smalltalk at: #JobGate) wait. done := 7", time_limit_ms=60_000)
    until(lambda: listed(other))
    lost.close()
    until(lambda: [job["connected"] for job in listed(other)] == [False])
    other.evaluate("(Smalltalk at: #JobGate) signal")
    until(lambda: not listed(other))
    assert other.value("done", "s") == "7"


def test_who_comes_back_for_the_answer_has_it(waiting: Callable[[int], Clients]) -> None:
    made = waiting(1000)
    lost = made()
    asked = {"session_id": None, "source": "(Delay forMilliseconds: 2200) wait. 7", "once": "k"}
    lost.request("evaluate", **asked)
    other = made()
    until(lambda: listed(other))
    lost.close()
    assert other.call("evaluate", **asked)["value"]["print"] == "7"
