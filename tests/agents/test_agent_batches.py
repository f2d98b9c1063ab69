"""Evaluations that are sent together and run one after the other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from wire import RemoteError

if TYPE_CHECKING:
    from running import Clients, Starter
    from wire import Wire

LOOP = "[true] whileTrue"
AHEAD = "Interrupted: one before it in its batch did not return"


def sent(wire: Wire, *sources: str, session: str | None = None, stops: bool = True, **params: Any) -> list[int]:
    """One batch, all of it sent."""
    batch = next(wire.ids)
    return [
        wire.request("evaluate", session_id=session, source=each, batch=batch, stop_at_error=stops, **params)
        for each in sources
    ]


def outcome(wire: Wire, number: int) -> str:
    try:
        result = wire.answer(number)
    except RemoteError as error:
        return str(error)
    value = result["value"]
    return f"{result['outcome']} {value['print']}" if value else str(result["outcome"])


def outcomes(wire: Wire, numbers: list[int]) -> list[str]:
    return [outcome(wire, number) for number in numbers]


@pytest.mark.parametrize("in_session", [False, True])
def test_each_begins_when_the_one_before_has_ended(wire: Wire, session: str, in_session: bool) -> None:
    """Also without a session, where what is sent together runs at the same time otherwise."""
    wire.value("Smalltalk at: #BatchLog put: OrderedCollection new")
    sources = [
        f"Smalltalk BatchLog add: {n}. (Delay forMilliseconds: {10 - n}) wait. Smalltalk BatchLog add: {-n}"
        for n in range(1, 10)
    ]
    numbers = sent(wire, *sources, session=session if in_session else None)
    assert outcomes(wire, numbers) == [f"returned -{n}" for n in range(1, 10)]
    log = " ".join(f"{n} -{n}" for n in range(1, 10))
    assert wire.value("Smalltalk BatchLog") == f"OrderedCollection ({log} )"


@pytest.mark.parametrize("wrong", ["1/0", "3 +", "'x' foo", "Processor activeProcess terminate"])
def test_none_begins_behind_one_that_did_not_return(wire: Wire, session: str, wrong: str) -> None:
    numbers = sent(wire, "x := 1", wrong, "x := 2", "x := 3", session=session)
    first, second, *rest = outcomes(wire, numbers)
    assert first == "returned 1"
    assert second.split()[0] in ("raised", "not_run")
    assert rest == [AHEAD, AHEAD]
    late = wire.request("evaluate", session_id=session, source="x := 4", batch=numbers[0] - 1)
    assert outcome(wire, late) == AHEAD
    assert wire.value("x", session) == "1"


def test_all_run_where_the_batch_does_not_stop(wire: Wire) -> None:
    numbers = sent(wire, "1/0", "3 +", "3 + 4", stops=False)
    assert outcomes(wire, numbers) == ["raised", "not_run", "returned 7"]


def test_what_never_began_says_so(wire: Wire) -> None:
    _, second = sent(wire, "1/0", "3 + 4")
    with pytest.raises(RemoteError) as refused:
        wire.answer(second)
    assert refused.value.details["started"] is False


def test_time_counts_from_its_turn(wire: Wire) -> None:
    numbers = sent(wire, *["(Delay forMilliseconds: 150) wait. 1"] * 9, time_limit_ms=1200)
    assert outcomes(wire, numbers) == ["returned 1"] * 9


def test_one_that_is_stopped_ends_the_batch(wire: Wire) -> None:
    numbers = sent(wire, LOOP, "3 + 4", time_limit_ms=100)
    first, second = outcomes(wire, numbers)
    assert first.startswith("Timeout")
    assert second == AHEAD
    numbers = sent(wire, "(Delay forMilliseconds: 300) wait. 5", LOOP, "3 + 4")
    wire.notify("interrupt", id=numbers[1])  # those before it go on
    first, second, third = outcomes(wire, numbers)
    assert first == "returned 5"
    assert (second.split(":")[0], third) == ("Interrupted", AHEAD)


def test_what_is_wrong_beforehand_ends_it_too(wire: Wire) -> None:
    batch = next(wire.ids)
    first = wire.request("evaluate", session_id=None, source="(Delay forMilliseconds: 50) wait. 3", batch=batch)
    wrong = wire.request("evaluate", session_id=None, source="4", batch=batch, print_limit=-1)
    last = wire.request("evaluate", session_id=None, source="5", batch=batch)
    assert outcome(wire, first) == "returned 3"
    assert outcome(wire, wrong).startswith("InvalidRequest")
    assert outcome(wire, last) == AHEAD
    with pytest.raises(RemoteError, match="what has a key stands in no batch"):
        wire.evaluate("3", once="k", batch=7)


def test_others_come_in_between(clients: Clients, wire: Wire, session: str) -> None:
    """A batch holds its session no longer than each of it runs."""
    other = clients()
    other.value("Smalltalk at: #BatchLog put: OrderedCollection new; at: #BatchGate put: Semaphore new")
    log = "Smalltalk BatchLog add: "
    numbers = sent(wire, f"Smalltalk BatchGate wait. {log}1", *[f"{log}{n}" for n in range(2, 6)], session=session)
    asked = other.request("evaluate", session_id=session, source=f"{log}#between")
    while len(wire.call("list_evaluations")) < 6:
        time.sleep(0.01)
    clients().value("Smalltalk BatchGate signal")
    assert other.answer(asked)["outcome"] == "returned"
    assert outcomes(wire, numbers) == [f"returned {n}" for n in range(1, 6)]
    assert not wire.value("Smalltalk BatchLog").endswith("#between )")


def test_what_waits_is_listed_and_can_be_stopped(clients: Clients, wire: Wire) -> None:
    numbers = sent(wire, LOOP, "3 + 4", stops=False)
    while len(found := clients().call("list_evaluations")) < 2:
        pass
    second = next(each for each in found if each["source"] == "3 + 4")
    assert second["started_at"] is None
    clients().call("stop_evaluation", evaluation_id=second["evaluation_id"])
    assert outcome(wire, numbers[1]).startswith("Interrupted")
    wire.notify("interrupt", id=numbers[0])
    assert outcome(wire, numbers[0]).startswith("Interrupted")


def test_none_begins_when_the_client_is_gone(clients: Clients, wire: Wire) -> None:
    other = clients()
    other.value("Smalltalk at: #BatchSeen put: 0")
    other.value("Smalltalk at: #BatchGate put: Semaphore new")
    sent(other, "Smalltalk BatchGate wait", *["Smalltalk at: #BatchSeen put: 1"] * 3, stops=False)
    while not wire.call("ping")["evaluating"]:
        pass
    other.close()
    while any(each["connected"] for each in wire.call("list_evaluations")):
        time.sleep(0.01)
    wire.value("Smalltalk BatchGate signal")
    while wire.call("list_evaluations"):
        time.sleep(0.01)
    assert wire.value("Smalltalk at: #BatchSeen") == "0"


@pytest.mark.long
def test_answers_that_nobody_takes_hold_the_batch_up(starter: Starter) -> None:
    """More than the agent would keep of them: it would end the connection."""
    wire = starter.clients_of(starter(messageLimit=1_500_000).start())()
    big = "(String new: 200000) replaceAll: (Character value: 0) with: $x"
    numbers = sent(wire, *[big] * 50, print_limit=1_048_576)
    time.sleep(3)
    assert {each[:12] for each in outcomes(wire, numbers)} == {"returned 'xx"}
