"""Time limits, interrupts, and other connections while code runs.

All code here that would run for ever is run under a short limit, so that a bad agent is not left with much of it.
"""

from __future__ import annotations

import statistics
import time
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

_LOOP = "[true] whileTrue: []"
_LIMIT_MS = 150

# How much an endless loop may slow a ping (DESIGN section 12), and how many pings are measured.
_SLOWER_MS = 50
_PINGS = 7


def _timed_out(bench: Bench, source: str) -> None:
    """Run `source`, which never ends: it must be stopped at its limit, and its session go on."""
    talk = bench.talk()
    session = bench.session(talk)
    bench.prints(talk, "kept := 5", "5", session)
    talk.refused(ErrorCode.TIMEOUT, "evaluate", bench.code(source, session, time_limit_ms=_LIMIT_MS))
    bench.prints(talk, "kept + 1", "6", session)


@SUBJECT.case("evaluate", "an endless loop", "4: Timeout at time_limit_ms; the session goes on", Needs.DEVELOPER)
def _loop(bench: Bench) -> None:
    _timed_out(bench, _LOOP)


@SUBJECT.case("evaluate", "an endless wait", "4: Timeout at time_limit_ms; the session goes on", Needs.DEVELOPER)
def _wait(bench: Bench) -> None:
    _timed_out(bench, "(Delay forSeconds: 600) wait")
    _timed_out(bench, "Semaphore new wait")


@SUBJECT.case("evaluate", "a loop that defends itself", "5: user code never takes the agent down", Needs.DEVELOPER)
def _ensure(bench: Bench) -> None:
    _timed_out(bench, f"[{_LOOP}] ensure: [{_LOOP}]")
    _timed_out(bench, f"[true] whileTrue: [[{_LOOP}] on: Error do: [:e | 3]]")


@SUBJECT.case("evaluate", "a limit that is not reached", "4 evaluate: time_limit_ms", Needs.DEVELOPER)
def _in_time(bench: Bench) -> None:
    talk = bench.talk()
    source = "(Delay forMilliseconds: 200) wait. 7"
    value = returned(source, fitting(Evaluation, talk.result("evaluate", bench.code(source, time_limit_ms=5_000))))
    expect(value.print == "7", "7", value.print)


@SUBJECT.case("evaluate", "without a session, endless", "4: Timeout at time_limit_ms", Needs.DEVELOPER)
def _loop_without_session(bench: Bench) -> None:
    talk = bench.talk()
    talk.refused(ErrorCode.TIMEOUT, "evaluate", bench.code(_LOOP, time_limit_ms=_LIMIT_MS))
    bench.prints(talk, "3 + 4", "7")


@SUBJECT.case("evaluate", "others are answered meanwhile", "12: a loop does not slow another's ping beyond 50 ms",
              Needs.DEVELOPER)  # fmt: skip
def _meanwhile(bench: Bench) -> None:
    talk, other = bench.talk(), bench.talk(1)
    quiet = _ping_ms(bench, other)
    number = talk.request("evaluate", bench.code(_LOOP, time_limit_ms=1_600))
    bench.until_it_runs(talk)
    busy = _ping_ms(bench, other)
    expect(not talk.has_answered(number), "pings while the loop runs", "the end of the loop before them")
    allowed = f"a median of {_SLOWER_MS} ms over the {quiet:.1f} ms of the quiet image at most"
    expect(busy <= quiet + _SLOWER_MS, allowed, f"{busy:.1f} ms")
    newcomer = bench.talk(1)
    newcomer.lives()
    talk.notify("interrupt", {"id": number})
    talk.refusal_of(number, ErrorCode.INTERRUPTED, ErrorCode.TIMEOUT)


def _ping_ms(bench: Bench, talk: Conversation) -> float:
    """The median of some pings, in ms."""
    times = []
    for _ in range(_PINGS):
        started = time.perf_counter()
        bench.pong(talk)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


@SUBJECT.case("evaluate", "one session does not hold up another", "5: each request in its own process",
              Needs.DEVELOPER)  # fmt: skip
def _side_by_side(bench: Bench) -> None:
    talk = bench.talk()
    one, two = bench.session(talk), bench.session(talk)
    slow = talk.request("evaluate", bench.code(_LOOP, one, time_limit_ms=1_000))
    bench.prints(talk, "3 + 4", "7", two)
    expect(slow not in talk.answers, "the quick answer before the slow one", "the slow one first")
    talk.notify("interrupt", {"id": slow})
    talk.refusal_of(slow, ErrorCode.INTERRUPTED, ErrorCode.TIMEOUT)


@SUBJECT.case("evaluate", "answers out of order", "4: ids may be answered out of order", Needs.DEVELOPER)
def _out_of_order(bench: Bench) -> None:
    talk = bench.talk()
    slow, quick = talk.requests(
        [("evaluate", bench.code("(Delay forMilliseconds: 300) wait. 7")), ("ping", {"message": "quick"})]
    )
    talk.result_of(quick)
    talk.result_of(slow)
    expect(talk.order == [*talk.order[:-2], quick, slow], "the ping answered first", "the evaluation first")


@SUBJECT.case("interrupt", "stops an endless loop", "4 interrupt: id; the answer is Interrupted", Needs.DEVELOPER)
def _interrupted(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    bench.prints(talk, "kept := 5", "5", session)
    for source in (_LOOP, "(Delay forSeconds: 600) wait"):
        number = talk.request("evaluate", bench.code(source, session, time_limit_ms=4_000))
        bench.until_it_runs(talk)
        talk.notify("interrupt", {"id": number})
        talk.refusal_of(number, ErrorCode.INTERRUPTED)
        bench.prints(talk, "kept + 1", "6", session)


@SUBJECT.case("interrupt", "stops what waits for its turn", "4 interrupt: id of the request to stop", Needs.DEVELOPER)
def _queued(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    bench.prints(talk, "kept := 5", "5", session)
    running = talk.request("evaluate", bench.code(_LOOP, session, time_limit_ms=2_000))
    waiting = talk.request("evaluate", bench.code(f"kept := 6. {_LOOP}", session, time_limit_ms=2_000))
    for number in (waiting, running):
        talk.notify("interrupt", {"id": number})
    for number in (waiting, running):
        talk.refusal_of(number, ErrorCode.INTERRUPTED)
    bench.prints(talk, "3 + 4", "7", session)


@SUBJECT.case("interrupt", "of nothing", "4: a notification has no answer", Needs.DEVELOPER)
def _of_nothing(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.request("evaluate", bench.code("3 + 4"))
    talk.result_of(number)
    for nothing in (number, 987_654, -1, 2**63):
        talk.notify("interrupt", {"id": nothing})
    talk.lives()


@SUBJECT.case("interrupt", "from another connection", "4 interrupt: a request of this connection", Needs.DEVELOPER)
def _from_elsewhere(bench: Bench) -> None:
    talk, other = bench.talk(), bench.talk(1)
    source = "(Delay forMilliseconds: 300) wait. 7"
    number = talk.request("evaluate", bench.code(source))
    bench.until_it_runs(talk)
    for guess in range(number + 3):
        other.notify("interrupt", {"id": guess})
    other.lives()
    value = returned(source, fitting(Evaluation, talk.result_of(number)))
    expect(value.print == "7", "7", value.print)
