"""evaluate: values, variables, errors, text, floats. Sources are Smalltalk that every dialect understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.bench import returned
from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.verdicts import Deviation, NotHere, expect, shortened
from stui_cli.image.refusals import never_began
from stui_cli.protocol.connection import Answered, Failed
from stui_cli.protocol.evaluation import Evaluation, Problem
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.greeting import BATCHES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation

SUBJECT = Subject()


def _problem(bench: Bench, talk: Conversation, source: str, outcome: str, session: str | None = None) -> Problem:
    """What went wrong with `source`, which must end with `outcome`."""
    evaluation = bench.evaluate(talk, source, session)
    expect(evaluation.outcome == outcome, f"{shortened(source)}: {outcome}", evaluation.outcome)
    if evaluation.error is None:
        raise Deviation("an error {class, message, line, column, stack}", "nil")
    expect(evaluation.value is None, "no value beside an error", evaluation.value)
    expect(bool(evaluation.error.class_name), "the class of the error", "empty text")
    return evaluation.error


def _unseen(bench: Bench, talk: Conversation, name: str, session: str | None) -> None:
    """Check that the variable `name` has no value there: nil, or no variable at all, as the dialect has it."""
    value = bench.evaluate(talk, name, session).value
    printed = "nil" if value is None else value.print
    expect(printed == "nil", f"no value of {name} there", printed)


@SUBJECT.case("evaluate", "a value", "4 evaluate: outcome, value {print, class, truncated, ref}", Needs.DEVELOPER)
def _a_value(bench: Bench) -> None:
    talk = bench.talk()
    evaluation = bench.evaluate(talk, "3 + 4")
    value = returned("3 + 4", evaluation)
    expect(value.print == "7", "7", value.print)
    expect(value.class_name == "SmallInteger", "the class SmallInteger", value.class_name)
    expect(not value.truncated, "a value that is whole", "truncated")
    expect(value.ref is None, "no reference without a session to keep it in", value.ref)
    expect(evaluation.error is None, "no error beside a value", evaluation.error)
    expect(0 <= evaluation.elapsed_ms < 60_000, "how long it took, in ms", evaluation.elapsed_ms)


@SUBJECT.case("evaluate", "values of several classes", "4 evaluate: value {print, class}", Needs.DEVELOPER)
def _values(bench: Bench) -> None:
    talk = bench.talk()
    plain = (
        ("nil", "nil", "UndefinedObject"),
        ("true", "true", "True"),
        ("3 > 4", "false", "False"),
        ("'abc' size", "3", "SmallInteger"),
        ("-7 abs", "7", "SmallInteger"),
        ("$a", "$a", "Character"),
        ("'it''s'", "'it''s'", None),
        ("'abc' , 'def'", "'abcdef'", None),
        ("#foo", "#foo", None),
    )
    for source, printed, kind in plain:
        value = bench.prints(talk, source, printed)
        expect(kind is None or value.class_name == kind, f"{source}: the class {kind}", value.class_name)
    array = bench.value(talk, "#(1 2 3)")
    expect(array.class_name == "Array", "#(1 2 3): the class Array", array.class_name)
    # The brackets around them are the dialect's own.
    expect("1 2 3" in array.print, "#(1 2 3): its elements", array.print)


@SUBJECT.case("evaluate", "several statements", "4 evaluate: source is what a workspace takes", Needs.DEVELOPER)
def _statements(bench: Bench) -> None:
    talk = bench.talk()
    bench.prints(talk, "| a b | a := 3. b := 4. a * b", "12")
    bench.prints(talk, "1. 2.\n3", "3")
    bench.prints(talk, "^ 3 + 4", "7")
    bench.prints(talk, '"a comment" 5 "and another"', "5")
    bench.prints(talk, "[:x | x * 2] value: 21", "42")
    bench.prints(talk, "\n\t 6 \n", "6")


@SUBJECT.case("evaluate", "nothing to run", "4 evaluate: an empty source is no harm", Needs.DEVELOPER)
def _nothing(bench: Bench) -> None:
    talk = bench.talk()
    for source in ("", "  \n", '"only a comment"'):
        bench.evaluate(talk, source)
    talk.lives()


@SUBJECT.case("evaluate", "a source of 100,000 characters", "4: only the message's size is bounded", Needs.DEVELOPER)
def _long(bench: Bench) -> None:
    talk = bench.talk()
    bench.prints(talk, "'" + "x" * 100_000 + "' size", "100000")


@SUBJECT.case("evaluate", "an exception", "4 evaluate: raised; error {class, message, line, column, stack}",
              Needs.DEVELOPER)  # fmt: skip
def _raised(bench: Bench) -> None:
    talk = bench.talk()
    problem = _problem(bench, talk, "1/0", "raised")
    expect("ZeroDivide" in problem.class_name, "the class ZeroDivide", problem.class_name)
    expect(len(problem.stack) > 0, "the frames below", "an empty stack")
    problem = _problem(bench, talk, "Error new signal: 'so it ends'", "raised")
    expect(problem.class_name == "Error", "the class Error", problem.class_name)
    expect("so it ends" in problem.message, "the message text so it ends", problem.message)
    _problem(bench, talk, "nil frobnicate: 3", "raised")
    bench.prints(talk, "3 + 4", "7")


@SUBJECT.case("evaluate", "an exception that the code handles", "4 evaluate: returned", Needs.DEVELOPER)
def _handled(bench: Bench) -> None:
    talk = bench.talk()
    bench.prints(talk, "[1/0] on: ZeroDivide do: [:e | e return: 5]", "5")
    bench.prints(talk, "[Error new signal: 'x'. 3] on: Error do: [:e | 8]", "8")
    bench.prints(talk, "| a | a := 0. [a := 1] ensure: [a := a + 10]. a", "11")


@SUBJECT.case("evaluate", "a source that does not compile", "4 evaluate: not_run; line and column from 1",
              Needs.DEVELOPER)  # fmt: skip
def _not_run(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    for source in ("3 + ", "(3 + 4", "3 + 4)", "[3", "did := 1. ( "):
        problem = _problem(bench, talk, source, "not_run", session)
        expect(problem.line in (None, 1), f"{source}: line 1 or nil", problem.line)
        column = problem.column
        expect(column is None or 1 <= column <= len(source) + 1, f"{source}: a column in it", column)
        expect(bool(problem.message), f"{source}: what is wrong", "empty text")
    _unseen(bench, talk, "did", session)
    problem = _problem(bench, talk, "1 + 1.\n2 + 2.\n3 + ) + 4.\n5", "not_run", session)
    expect(problem.line in (None, 2, 3, 4), "the third line, or about there", problem.line)


def _sent_together(bench: Bench, *sources: str, stops: bool) -> list[tuple[str, Mapping[str, object]]]:
    """The requests of one batch."""
    if BATCHES not in (bench.greeting.abilities or ()):
        raise NotHere(f"needs the ability {BATCHES}, which the greeting does not name")
    return [("evaluate", bench.code(each) | {"batch": 1, "stop_at_error": stops}) for each in sources]


@SUBJECT.case("evaluate", "a batch", "4 evaluate: one after the other, none behind a failure", Needs.DEVELOPER)
def _together(bench: Bench) -> None:
    talk = bench.talk()
    *numbers, wrong, last = talk.requests(_sent_together(bench, *("3 + 4",) * 20, "1/0", "5", stops=True))
    for number in numbers:
        expect(fitting(Evaluation, talk.result_of(number)).outcome == "returned", "returned", "another outcome")
    expect(fitting(Evaluation, talk.result_of(wrong)).outcome == "raised", "1/0: raised", "another outcome")
    refusal = talk.refusal_of(last, ErrorCode.INTERRUPTED)
    expect(never_began(refusal.details), "started: false", refusal.details)
    anew = bench.talk()
    wrong, last = anew.requests(_sent_together(bench, "1/0", "5", stops=False))
    expect(fitting(Evaluation, anew.result_of(wrong)).outcome == "raised", "1/0: raised", "another outcome")
    expect(fitting(Evaluation, anew.result_of(last)).outcome == "returned", "returned behind it", "another outcome")


@SUBJECT.case("evaluate", "variables", "2: a session is a workspace: bindings (variables)", Needs.DEVELOPER)
def _variables(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    bench.prints(talk, "x := 42", "42", session)
    bench.prints(talk, "x + 1", "43", session)
    bench.prints(talk, "x := x * 2. y := x", "84", session)
    bench.prints(talk, "[:z | x := z] value: 7. x", "7", session)
    again = bench.talk()
    bench.prints(again, "x + y", "91", session)


@SUBJECT.case("evaluate", "variables of a failed source", "4 evaluate: what it did until then stays done",
              Needs.DEVELOPER)  # fmt: skip
def _variables_of_failed(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    bench.evaluate(talk, "x := 5. 1/0. x := 6", session)
    bench.prints(talk, "x", "5", session)


@SUBJECT.case("evaluate", "sessions keep apart", "5: sessions are isolated from each other", Needs.DEVELOPER)
def _apart(bench: Bench) -> None:
    talk, other = bench.talk(), bench.talk(1)
    one, two, third = bench.session(talk), bench.session(talk), bench.session(other, 1)
    bench.prints(talk, "x := 1", "1", one)
    for stranger, session in ((talk, two), (other, third)):
        _unseen(bench, stranger, "x", session)
    bench.prints(talk, "x := 2", "2", two)
    bench.prints(other, "x := 3", "3", third)
    bench.prints(talk, "x", "1", one)


@SUBJECT.case("evaluate", "variables with capitals", "5: sessions are isolated from each other", Needs.DEVELOPER)
def _capitals(bench: Bench) -> None:
    talk = bench.talk()
    one, two = bench.session(talk), bench.session(talk)
    if bench.evaluate(talk, "StuiDoctorsOwn := 5. StuiDoctorsOwn", one).outcome != "returned":
        return  # a dialect may refuse them; it may not make them everybody's
    bench.prints(talk, "StuiDoctorsOwn", "5", one)
    _unseen(bench, talk, "StuiDoctorsOwn", two)


@SUBJECT.case("evaluate", "without a session", "4 evaluate: session_id or nil; a scope of its own", Needs.DEVELOPER)
def _sessionless(bench: Bench) -> None:
    talk = bench.talk()
    bench.prints(talk, "passing := 7. passing + 1", "8")
    _unseen(bench, talk, "passing", None)


@SUBJECT.case("evaluate", "an unknown session", "4: SessionNotFound; the connection lives", Needs.DEVELOPER)
def _unknown_session(bench: Bench) -> None:
    talk = bench.talk()
    talk.refused(ErrorCode.SESSION_NOT_FOUND, "evaluate", bench.code("3 + 4", bench.new_session_id()))
    talk.refused(ErrorCode.SESSION_NOT_FOUND, "evaluate", bench.code("3 + 4", ""))
    talk.lives()


@SUBJECT.case("evaluate", "a batch in one session", "4: that is how a batch goes out in one round trip",
              Needs.DEVELOPER)  # fmt: skip
def _batch(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    sources = ["n := 0", *["n := n + 1"] * 30, "n"]
    numbers = talk.requests([("evaluate", bench.code(source, session)) for source in sources])
    values = [returned(s, fitting(Evaluation, talk.result_of(n))) for s, n in zip(sources, numbers, strict=True)]
    expect(values[-1].print == "30", "30 after 30 steps, in the order sent", values[-1].print)


@SUBJECT.case("evaluate", "kept results", "4 evaluate: value ref; @n and it name kept results", Needs.DEVELOPER)
def _kept(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    first = bench.prints(talk, "6 * 7", "42", session)
    if first.ref is None:
        raise Deviation("a reference to the value, kept in the session", "nil")
    bench.prints(talk, "it + 1", "43", session)
    bench.prints(talk, f"@{first.ref} + 2", "44", session)
    bench.prints(talk, "it", "44", session)
    second = bench.value(talk, "Array new: 3", session)
    bench.prints(talk, f"@{second.ref} at: 1 put: @{first.ref}", "42", session)
    bench.prints(talk, f"(@{second.ref} at: 1) + (@{first.ref} - 40)", "44", session)


@SUBJECT.case("evaluate", "an unknown kept result", "4: ObjectNotFound, or it does not run", Needs.DEVELOPER)
def _unknown_kept(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    match talk.ask("evaluate", bench.code("ran := 1. @987654 + 1", session)):
        case Failed(_, error):
            expect(error.code == ErrorCode.OBJECT_NOT_FOUND, "ObjectNotFound", error.code)
        case Answered(_, result):
            outcome = fitting(Evaluation, result).outcome
            expect(outcome == "not_run", "ObjectNotFound, or not_run", outcome)
    bench.prints(talk, "'@987654 is text' size", "15", session)
    _unseen(bench, talk, "ran", session)


@SUBJECT.case("evaluate", "text beyond ASCII", "4: text is str, that is UTF-8", Needs.DEVELOPER)
def _unicode(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    text = "'größer: 日本 ∀'"
    bench.prints(talk, text, text, session)
    bench.prints(talk, f"t := {text}", text, session)
    bench.prints(talk, "t", text, session)
    evaluation = bench.evaluate(talk, "Error new signal: 'nö ∀'", session)
    message = evaluation.error.message if evaluation.error else ""
    expect("nö ∀" in message, "nö ∀ in the message", message)
    bench.prints(talk, '"ein Schlüssel" 3 + 4', "7", session)


@SUBJECT.case("evaluate", "text cut between characters", "4: text is str, that is UTF-8", Needs.DEVELOPER)
def _cut_text(bench: Bench) -> None:
    talk = bench.talk()
    for limit in range(1, 12):
        value = bench.value(talk, "'∀ö日é\U0001f40b∀ö日'", print_limit=limit)
        try:
            value.print.encode()
        except UnicodeEncodeError:
            raise Deviation(f"whole characters at print_limit {limit}", "a part of one") from None


@SUBJECT.case("evaluate", "a value over the print limit", "4 evaluate: print_limit, truncated", Needs.DEVELOPER)
def _print_limit(bench: Bench) -> None:
    talk = bench.talk()
    value = bench.value(talk, "(1 to: 5000) asOrderedCollection", print_limit=100)
    expect(value.truncated, "truncated", "not truncated")
    expect(len(value.print) <= 100, "100 characters at most", f"{len(value.print):,} characters")
    expect(len(value.print) > 10, "the beginning of it", value.print)
    exact = bench.value(talk, "'abcd'", print_limit=6)
    expect(exact.print == "'abcd'" and not exact.truncated, "a value of exactly the limit whole", exact)
    tight = bench.value(talk, "'abcd'", print_limit=5)
    expect(tight.truncated, "truncated, one character below", tight)


@SUBJECT.case("evaluate", "floats", "5: a float always travels as float64 too", Needs.DEVELOPER)
def _floats(bench: Bench) -> None:
    talk = bench.talk()
    for source, wanted in (("0.5", 0.5), ("1 / 4 + 0.5", 0.75), ("-2.5", -2.5), ("3.0", 3.0)):
        value = bench.value(talk, source)
        expect(value.float64 == wanted, f"{source}: the float64 {wanted}", value.float64)
    for source, near in (
        ("0.1", 0.1),
        ("3.14", 3.14),
        ("2 sqrt", 2**0.5),
        ("1.0 / 3.0", 1 / 3),
        ("1000000.0 * 1000000.0", 1e12),
    ):
        value = bench.value(talk, source)
        found = value.float64
        close = found is not None and abs(found - near) <= abs(near) * 1e-12
        expect(close, f"{source}: the float64 {near}", found)
    expect(bench.value(talk, "3").float64 is None, "no float for an integer", "one")


@SUBJECT.case("evaluate", "a printString that raises", "5: still a returned value, with a safe description",
              Needs.DEVELOPER)  # fmt: skip
def _raising_print(bench: Bench) -> None:
    talk = bench.talk()
    source = "OrderedCollection basicNew"
    trial = bench.evaluate(talk, f"[{source} printString. 0] on: Error do: [:e | 1]")
    if trial.value is None or trial.value.print != "1":
        raise NotHere(f"in this dialect {source} prints, so nothing is known whose printString raises")
    value = bench.value(talk, source)
    expect(value.class_name == "OrderedCollection", "the class OrderedCollection", value.class_name)
    expect(bool(value.print), "a safe description", "empty text")


@SUBJECT.case("evaluate", "a printString without end", "5: still a returned value, with a safe description",
              Needs.DEVELOPER)  # fmt: skip
def _endless_print(bench: Bench) -> None:
    talk = bench.talk()
    source = "| a | a := Array new: 2. a at: 1 put: a. a at: 2 put: a. a"
    params = bench.code(source, time_limit_ms=2_000, print_limit=100)
    value = returned(source, fitting(Evaluation, talk.result("evaluate", params)))
    expect(value.class_name == "Array", "the class Array", value.class_name)
    expect(len(value.print) <= 100, "100 characters at most", f"{len(value.print):,} characters")


@SUBJECT.case("evaluate", "code that ends its own process", "5: user code never takes the agent down", Needs.DEVELOPER)
def _suicide(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    talk.ask("evaluate", bench.code("Processor activeProcess terminate. 3", session))
    bench.prints(talk, "3 + 4", "7", session)


@SUBJECT.case("evaluate", "a return from a dead block", "5: user code never takes the agent down", Needs.DEVELOPER)
def _dead_block(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    bench.evaluate(talk, "b := [:x | ^ x]. 1", session)
    talk.ask("evaluate", bench.code("b value: 3", session))
    bench.prints(talk, "3 + 4", "7", session)
