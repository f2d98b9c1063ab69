"""The end of a session and its checkpoint are one request; who has to wait is told for what."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from stopwatch import Stopwatch
from wire import Ended, RemoteError

if TYPE_CHECKING:
    from running import Clients
    from wire import Wire

LOOP = "[true] whileTrue: []"
STUBBORN = f"[{LOOP}] ensure: [{LOOP}]"


def _bindings(checkpoint: dict[str, Any] | None) -> dict[str, str]:
    assert checkpoint is not None
    return {each["name"]: each["store"] for each in checkpoint["bindings"]}


def _await_running(wire: Wire) -> None:
    while wire.call("ping")["evaluating"] == 0:
        pass


def test_a_session_at_rest_is_closed_with_its_checkpoint(wire: Wire, session: str) -> None:
    wire.value("x := 3. y := 'it''s'", session)
    closed = wire.call("close_session", session_id=session, checkpoint=True)
    assert closed["closed"] is True
    assert closed["busy"] is None
    assert _bindings(closed["checkpoint"]) == {"x": "3", "y": "'it''s'"}
    with pytest.raises(RemoteError) as error:
        wire.evaluate("x", session)
    assert error.value.code == "SessionNotFound"


def test_nothing_acknowledged_is_missing_from_the_checkpoint(clients: Clients, wire: Wire, session: str) -> None:
    """Evaluations go on while the session is closed over another connection, again and again."""
    wire.value("x := 0", session)
    numbers = [wire.request("evaluate", session_id=session, source=f"x := {n}") for n in range(1, 400)]
    wire.answer(numbers[0])
    closed = clients().call("close_session", session_id=session, checkpoint=True)
    acknowledged, refused = 0, []
    for number in numbers[1:]:
        try:
            acknowledged = int(wire.answer(number)["value"]["print"])
        except RemoteError as error:
            refused.append((error.code, error.code == "Interrupted" and error.details["started"]))
    assert set(refused) <= {("SessionNotFound", False), ("Interrupted", False)}
    assert closed["busy"] is None
    assert _bindings(closed["checkpoint"]) == {"x": str(acknowledged or 1)}


@pytest.mark.parametrize("source", [LOOP, STUBBORN])
def test_a_busy_session_is_closed_within_seconds_and_claims_no_checkpoint(
    clients: Clients, wire: Wire, session: str, source: str
) -> None:
    wire.value("x := 3", session)
    number = wire.request("evaluate", session_id=session, source=source, time_limit_ms=60_000)
    other = clients()
    _await_running(other)
    watch = Stopwatch(clients.agent.pid)
    closed = other.call("close_session", session_id=session, checkpoint=True)
    assert watch.seconds < 8
    assert closed["closed"] is True
    assert closed["checkpoint"] is None
    assert closed["busy"]["source"] == source
    assert closed["busy"]["busy_ms"] >= 900
    with pytest.raises(RemoteError) as error:
        wire.answer(number)
    assert error.value.code == "Interrupted"
    assert error.value.details["started"] is True


def test_a_busy_session_stays_if_it_is_not_to_be_interrupted(clients: Clients, wire: Wire, session: str) -> None:
    number = wire.request("evaluate", session_id=session, source="(Delay forMilliseconds: 1500) wait. x := 4")
    other = clients()
    _await_running(other)
    closed = other.call("close_session", session_id=session, checkpoint=True, interrupt=False)
    assert closed["closed"] is False
    assert closed["busy"]["source"].startswith("(Delay")
    assert wire.answer(number)["outcome"] == "returned"
    assert wire.value("x", session) == "4"


def test_a_closing_whose_answer_was_lost_is_answered_again(clients: Clients, wire: Wire, session: str) -> None:
    """The checkpoint is all that is left of the session: a connection that breaks must not take it along."""
    wire.value("x := 3", session)
    lost = clients()
    lost.request("close_session", session_id=session, checkpoint=True)
    lost.close()
    again = clients().call("close_session", session_id=session, checkpoint=True)
    assert _bindings(again["checkpoint"]) == {"x": "3"}
    wire.call("create_session", session_id=session, name="work", description="anew")
    assert clients().call("close_session", session_id=session, checkpoint=True)["checkpoint"]["bindings"] == []


def test_two_who_close_at_once_get_one_checkpoint(clients: Clients, wire: Wire, session: str) -> None:
    wire.value("x := 3. (Delay forMilliseconds: 1) wait", session)
    wire.request("evaluate", session_id=session, source="(Delay forMilliseconds: 300) wait. x := 4")
    others = [clients() for _ in range(3)]
    numbers = [(each, each.request("close_session", session_id=session, checkpoint=True)) for each in others]
    assert [_bindings(each.answer(number)["checkpoint"]) for each, number in numbers] == [{"x": "4"}] * 3


def test_a_variable_that_can_never_be_printed_does_not_keep_a_session_open(starter: Any) -> None:
    agent = starter(timeLimit=500).start()
    wire = starter.clients_of(agent)()
    wire.call("create_session", session_id="s", name="work")
    wire.value("Object subclass: StuiEndless [ printOn: aStream [ [true] whileTrue: [] ] ]", "s")
    wire.evaluate("y := StuiEndless new. 3", "s")
    closed = wire.call("close_session", session_id="s", checkpoint=True)
    assert (closed["closed"], closed["checkpoint"]) == (True, None)


@pytest.mark.alone
@pytest.mark.long
def test_a_session_whose_checkpoint_fits_in_no_message_is_not_closed(wire: Wire, session: str) -> None:
    for name in "abcde":
        wire.evaluate(f"{name} := ((1 to: 60) collect: [:i | String new: 64000 withAll: $x]) asArray. 3", session)
    with pytest.raises(RemoteError) as error:
        wire.call("close_session", session_id=session, checkpoint=True)
    assert error.value.code == "LimitExceeded"
    assert wire.value("a size", session) == "60"
    wire.call("close_session", session_id=session)


@pytest.mark.parametrize("method", ["checkpoint_session", "switch_image_context"])
def test_a_checkpoint_of_a_busy_session_is_refused_soon_and_says_why(
    agent_id: str, clients: Clients, wire: Wire, session: str, method: str
) -> None:
    number = wire.request("evaluate", session_id=session, source=LOOP, time_limit_ms=60_000)
    other = clients()
    _await_running(other)
    params = {} if method == "checkpoint_session" else {"from_image_id": agent_id, "to_image_id": "another"}
    with pytest.raises(RemoteError) as error:
        other.call(method, session_id=session, **params)
    assert error.value.code == "Busy"
    assert error.value.details["source"] == LOOP
    assert error.value.details["busy_ms"] >= 1000
    wire.notify("interrupt", id=number)
    with pytest.raises(RemoteError):
        wire.answer(number)


def test_a_checkpoint_waits_for_what_takes_a_moment(wire: Wire, session: str) -> None:
    wire.request("evaluate", session_id=session, source="(Delay forMilliseconds: 200) wait. x := 4")
    assert _bindings(wire.call("checkpoint_session", session_id=session)) == {"x": "4"}


@pytest.fixture
def agent_id(clients: Clients) -> str:
    return clients.bare().hello()["image_id"]


def test_who_has_to_wait_is_told_for_what(clients: Clients, wire: Wire, session: str) -> None:
    source = "(Delay forMilliseconds: 900) wait. '" + "ä" * 150 + "'"
    wire.request("evaluate", session_id=session, source=source)
    other = clients()
    _await_running(other)
    first = other.request("evaluate", session_id=session, source="3 + 4")
    second = other.request("inspect", session_id=session, expression="3")
    assert other.answer(first)["value"]["print"] == "7"
    other.answer(second)
    told = [params for method, params in other.notifications if method == "queued"]
    assert told[0]["id"] == first
    assert told[0]["busy_ms"] > 0
    assert source.startswith(told[0]["source"])
    assert 150 < len(told[0]["source"].encode()) <= 200


def test_what_never_started_says_so_when_its_time_is_over(clients: Clients, wire: Wire, session: str) -> None:
    running = wire.request("evaluate", session_id=session, source=LOOP, time_limit_ms=60_000)
    other = clients()
    _await_running(other)
    with pytest.raises(RemoteError) as error:
        other.evaluate("x := 4", session, time_limit_ms=300, once="key of " + session)
    assert error.value.code == "Timeout"
    assert error.value.details["started"] is False
    assert error.value.details["source"] == LOOP
    assert error.value.details["busy_ms"] > 0
    wire.notify("interrupt", id=running)
    with pytest.raises(RemoteError):
        wire.answer(running)
    # It never ran, so that under its key it runs now.
    assert other.evaluate("x := 5", session, once="key of " + session)["value"]["print"] == "5"


def test_what_was_stopped_tells_its_output_and_whether_that_is_all(starter: Any) -> None:
    agent = starter(outputLimit=1000).start()
    wire = starter.clients_of(agent)()
    with pytest.raises(RemoteError) as error:
        wire.evaluate(f"Transcript showCr: 'begun'. {LOOP}", time_limit_ms=300)
    assert error.value.details["started"] is True
    assert error.value.details["output"] == "begun\n"
    assert error.value.details["output_truncated"] is False
    assert error.value.details["elapsed_ms"] >= 300
    result = wire.evaluate("1 to: 500 do: [:i | Transcript showCr: i printString]")
    assert result["output_truncated"] is True
    assert wire.evaluate("Transcript showCr: 'all'")["output_truncated"] is False


@pytest.mark.alone
@pytest.mark.long
def test_thousands_that_wait_hold_nobody_up(clients: Clients, wire: Wire, session: str) -> None:
    running = wire.request("evaluate", session_id=session, source=LOOP, time_limit_ms=60_000)
    other = clients()
    _await_running(other)
    numbers = [other.request("evaluate", session_id=session, source="3", time_limit_ms=30_000) for _ in range(2000)]
    third = clients()
    deadline = time.monotonic() + 1.5
    worst = 0.0
    while time.monotonic() < deadline:
        watch = Stopwatch(clients.agent.pid)
        third.call("ping")
        worst = max(worst, watch.seconds)
    assert worst < 1
    wire.notify("interrupt", id=running)
    for number in numbers:
        assert other.answer(number)["value"]["print"] == "3"
    told = [params for method, params in other.notifications if method == "queued"]
    assert 1 <= len(told) < 200
    with pytest.raises((RemoteError, Ended)):
        wire.answer(running)
