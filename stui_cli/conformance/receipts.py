"""`once`: a repeated key returns the first result instead of running the code again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.bench import returned
from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.verdicts import expect
from stui_cli.protocol.evaluation import Evaluation
from stui_cli.protocol.faults import ErrorCode

if TYPE_CHECKING:
    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation

SUBJECT = Subject()

_COUNT = "n := n + 1"


def _under(bench: Bench, talk: Conversation, source: str, session: str, key: str) -> Evaluation:
    return fitting(Evaluation, talk.result("evaluate", bench.code(source, session, once=key)))


def _counter(bench: Bench, talk: Conversation, who: int = 0) -> str:
    session = bench.session(talk, who)
    bench.prints(talk, "n := 0", "0", session)
    return session


@SUBJECT.case("evaluate", "once", "4: once is a key; a repeated one answers with the first result", Needs.DEVELOPER)
def _once(bench: Bench) -> None:
    talk = bench.talk()
    session = _counter(bench, talk)
    for key, wanted in (("a", "1"), ("a", "1"), ("b", "2"), ("a", "1"), ("b", "2")):
        value = returned(_COUNT, _under(bench, talk, _COUNT, session, f"{session}-{key}"))
        expect(value.print == wanted, f"{wanted} under the key {key}", value.print)
    bench.prints(talk, "n", "2", session)


@SUBJECT.case("evaluate", "once, from another connection", "4: once: for a client that lost its connection",
              Needs.DEVELOPER)  # fmt: skip
def _once_elsewhere(bench: Bench) -> None:
    talk = bench.talk()
    session = _counter(bench, talk)
    first = _under(bench, talk, _COUNT, session, session)
    talk.close()
    again = _under(bench, bench.talk(), _COUNT, session, session)
    expect(again.value == first.value, "the first value again", again.value)
    bench.prints(bench.talk(), "n", "1", session)


@SUBJECT.case("evaluate", "once, although it raised", "4: once: with the first result, whichever it was",
              Needs.DEVELOPER)  # fmt: skip
def _once_raised(bench: Bench) -> None:
    talk = bench.talk()
    session = _counter(bench, talk)
    for _ in range(2):
        outcome = _under(bench, talk, f"{_COUNT}. 1/0", session, session).outcome
        expect(outcome == "raised", "raised", outcome)
    bench.prints(talk, "n", "1", session)


@SUBJECT.case("evaluate", "once, although it was stopped", "4: once: the code never runs again", Needs.DEVELOPER)
def _once_stopped(bench: Bench) -> None:
    talk = bench.talk()
    session = _counter(bench, talk)
    params = bench.code(f"{_COUNT}. (Delay forSeconds: 600) wait", session, time_limit_ms=150, once=session)
    for _ in range(2):
        talk.refused(ErrorCode.TIMEOUT, "evaluate", params)
    bench.prints(talk, "n", "1", session)


@SUBJECT.case("evaluate", "once, while it runs", "4: once: instead of running the code again", Needs.DEVELOPER)
def _once_running(bench: Bench) -> None:
    talk, second = bench.talk(), bench.talk()
    session = _counter(bench, talk)
    params = bench.code(f"(Delay forMilliseconds: 300) wait. {_COUNT}", session, once=session)
    numbers = [talk.request("evaluate", params), talk.request("evaluate", params)]
    later = second.request("evaluate", params)
    prints = [returned("it", fitting(Evaluation, talk.result_of(number))).print for number in numbers]
    prints.append(returned("it", fitting(Evaluation, second.result_of(later))).print)
    expect(prints == ["1", "1", "1"], "the first result for all of them", prints)
    bench.prints(talk, "n", "1", session)


@SUBJECT.case("evaluate", "once, by another client", "5: the sessions of different clients are kept apart",
              Needs.DEVELOPER)  # fmt: skip
def _once_apart(bench: Bench) -> None:
    talk, other = bench.talk(), bench.talk(1)
    mine, theirs = _counter(bench, talk), _counter(bench, other, 1)
    _under(bench, talk, f"{_COUNT}. 77", mine, mine)
    value = returned(_COUNT, _under(bench, other, _COUNT, theirs, mine))
    expect(value.print == "1", "the other client's own result", value.print)
