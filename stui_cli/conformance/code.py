"""Code as a whole: what runs is listed and stopped, source is loaded piece by piece, tests run, classes are browsed.

Nothing here leaves a class behind: what is loaded are statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.shapes import fitting, fitting_all
from stui_cli.conformance.verdicts import Deviation, NotHere, expect
from stui_cli.conformance.waiting import until
from stui_cli.protocol.code import Browsed, Piece, RunningEvaluation, StoppedEvaluation, Totals
from stui_cli.protocol.faults import ErrorCode

if TYPE_CHECKING:
    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation
    from stui_cli.protocol.code import CodeItem

SUBJECT = Subject()

_LOOP = "[true] whileTrue: []"


@SUBJECT.case("hello", "names its methods", "4: hello answers methods, the names that this agent knows")
def _methods(bench: Bench) -> None:
    from stui_cli.protocol.fields import method_of
    from stui_cli.protocol.requests import TABLE

    methods = bench.greeting.methods
    if methods is None:
        raise NotHere("is about agents that name their methods, and this one is older")
    lacking = [method_of(row.request) for row in TABLE if not row.later and method_of(row.request) not in methods]
    expect(not lacking, "all methods that every agent has", f"none called {', '.join(lacking)}")


def _running(talk: Conversation) -> list[RunningEvaluation]:
    return fitting_all(RunningEvaluation, talk.result("list_evaluations"))


@SUBJECT.case("list_evaluations", "what runs", "4 list_evaluations: what runs, since when", Needs.DEVELOPER)
def _what_runs(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    number = talk.request("evaluate", bench.code(_LOOP, session, time_limit_ms=4_000))
    found = until(lambda: _running(talk), "the loop in the list")[0]
    expect(found.source == _LOOP, f"the source {_LOOP}", found.source)
    expect(found.session_id == session, f"the session {session}", found.session_id)
    expect(found.connected, "connected, while its connection is", "not connected")
    expect(found.started_at is not None, "when it began", "nil")
    talk.notify("interrupt", {"id": number})
    talk.refusal_of(number, ErrorCode.INTERRUPTED)
    until(lambda: not _running(talk), "an empty list after the end")


@SUBJECT.case("list_evaluations", "its own alone", "4: a developer sees its own", Needs.KEY)
def _own(bench: Bench) -> None:
    talk, other = bench.talk_as("developer"), bench.talk_as("developer", 1)
    number = talk.request("evaluate", bench.code(_LOOP, time_limit_ms=2_000))
    own = until(lambda: _running(talk), "the loop in the list of its client")
    expect(not _running(other), "nothing in the list of another client", "the loop")
    stopped = fitting(
        StoppedEvaluation, other.result("stop_evaluation", {"evaluation_id": own[0].evaluation_id})
    ).stopped
    expect(not stopped, "another client's evaluation left alone", "stopped")
    talk.notify("interrupt", {"id": number})
    talk.refusal_of(number, ErrorCode.INTERRUPTED)


@SUBJECT.case("stop_evaluation", "from another connection", "4 stop_evaluation: stopped", Needs.DEVELOPER)
def _stopped(bench: Bench) -> None:
    talk, other = bench.talk(), bench.talk()
    number = talk.request("evaluate", bench.code(_LOOP, time_limit_ms=4_000))
    found = until(lambda: _running(other), "the loop in the list")[0]
    asked = {"evaluation_id": found.evaluation_id}
    expect(fitting(StoppedEvaluation, other.result("stop_evaluation", asked)).stopped, "stopped", "false")
    talk.refusal_of(number, ErrorCode.INTERRUPTED)
    until(lambda: not _running(other), "an empty list after the end")
    again = fitting(StoppedEvaluation, other.result("stop_evaluation", asked)).stopped
    expect(not again, "false of what has ended", "true")


def _load(bench: Bench, text: str, *, stop: bool, form: str = "chunks") -> list[Piece]:
    talk = bench.talk()
    asked: dict[str, object] = {"session_id": bench.session(talk), "text": text, "name": "doctor", "format": form}
    return fitting_all(Piece, talk.result("load_source", asked | {"stop_at_error": stop, "time_limit_ms": 4_000}))


@SUBJECT.case("load_source", "pieces in order", "4 load_source: one item per piece", Needs.DEVELOPER)
def _pieces(bench: Bench) -> None:
    pieces = _load(bench, "3 + 4!\n\n'a' , 'b'!\n", stop=True)
    told = [(piece.line, piece.outcome, piece.value and piece.value.print) for piece in pieces]
    expect(told == [(1, "returned", "7"), (3, "returned", "'ab'")], "7 from line 1 and 'ab' from line 3", told)


@SUBJECT.case("load_source", "a piece that fails", "4 load_source: those before an error included", Needs.DEVELOPER)
def _failing(bench: Bench) -> None:
    text = "3 + 4!\n\nnil zork!\n5!\n"
    pieces = _load(bench, text, stop=True)
    outcomes = [piece.outcome for piece in pieces]
    expect(outcomes == ["returned", "raised"], "the first that fails as the last", outcomes)
    outcomes = [piece.outcome for piece in _load(bench, text, stop=False)]
    expect(outcomes == ["returned", "raised", "returned"], "all three", outcomes)


@SUBJECT.case("load_source", "what does not compile", "4 load_source: the line of the whole text", Needs.DEVELOPER)
def _not_run(bench: Bench) -> None:
    piece = _load(bench, "3 + 4!\n\n5.\n6 + + 7!\n", stop=True)[-1]
    expect(piece.outcome == "not_run", "not_run", piece.outcome)
    expect(piece.error is not None and piece.error.line == 4, "an error in line 4", piece.error)


@SUBJECT.case("run_tests", "none of that name", "4 run_tests: totals", Needs.DEVELOPER)
def _no_tests(bench: Bench) -> None:
    asked = {"patterns": ["StuiDoctorHasNoSuchTest"], "time_limit_ms": 8_000, "test_limit_ms": 1_000}
    totals = fitting(Totals, bench.talk().result("run_tests", asked))
    expect((totals.total, totals.ended) == (0, "done"), "no test, and done", (totals.total, totals.ended))


def _browse(bench: Bench, what: str, of: str | None, pattern: str | None = None, *, count: int = 100) -> Browsed:
    asked = {"what": what, "of": of, "pattern": pattern, "start": 1, "count": count}
    return fitting(Browsed, bench.talk().result("browse", asked))


def _the_one(found: Browsed, what: str) -> CodeItem:
    if len(found.items) != 1:
        raise Deviation(f"one item for {what}", f"{len(found.items)}")
    return found.items[0]


@SUBJECT.case("browse", "classes", "4 browse: items, page by page", Needs.DEVELOPER)
def _classes(bench: Bench) -> None:
    found = _the_one(_browse(bench, "classes", None, "Object"), "the class Object")
    expect(found.class_name == "Object", "Object", found.class_name)
    page = _browse(bench, "classes", None, "*", count=3)
    expect(len(page.items) == 3 and page.total > 20, "three of many", (len(page.items), page.total))


@SUBJECT.case("browse", "methods and their text", "4 browse: class, side, selector, source", Needs.DEVELOPER)
def _methods_of(bench: Bench) -> None:
    listed = [item.selector for item in _browse(bench, "methods", "OrderedCollection", "add*").items]
    expect("addFirst:" in listed, "addFirst: among the methods of OrderedCollection", listed)
    found = _the_one(_browse(bench, "source", "OrderedCollection>>addFirst:"), "one method")
    told = (found.class_name, found.side, found.selector)
    expect(told == ("OrderedCollection", "instance", "addFirst:"), "the method itself", told)


@SUBJECT.case("browse", "hierarchy, implementors and senders", "4 browse: what", Needs.DEVELOPER)
def _around(bench: Bench) -> None:
    above = [item.class_name for item in _browse(bench, "hierarchy", "OrderedCollection").items]
    expect(above[:1] == ["Object"] or "Object" in above, "Object above OrderedCollection", above)
    having = [item.class_name for item in _browse(bench, "implementors", "addFirst:").items]
    expect("OrderedCollection" in having, "OrderedCollection among the implementors of addFirst:", having)
    expect(_browse(bench, "senders", "printOn:").total > 0, "senders of printOn:", "none")


@SUBJECT.case("browse", "what is not there", "4 browse: ObjectNotFound for an unknown class", Needs.DEVELOPER)
def _unknown(bench: Bench) -> None:
    asked = {"what": "methods", "of": "StuiDoctorHasNoSuchClass", "pattern": None, "start": 1, "count": 10}
    bench.talk().refused(ErrorCode.OBJECT_NOT_FOUND, "browse", asked)
    bench.talk().refused(ErrorCode.INVALID_REQUEST, "browse", asked | {"what": "the weather"})
