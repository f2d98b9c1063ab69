"""Transcript text: as it appears, whole in the answer, and never somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.verdicts import expect
from stui_cli.protocol.evaluation import Evaluation

if TYPE_CHECKING:
    from stui_cli.conformance.bench import Bench

SUBJECT = Subject()


@SUBJECT.case("output", "in the answer", "4 evaluate: output", Needs.DEVELOPER)
def _in_the_answer(bench: Bench) -> None:
    talk = bench.talk()
    said = bench.evaluate(talk, "Transcript show: 'one'; cr; show: 'two'. 3")
    expect("one" in said.output and "two" in said.output, "one and two", said.output)
    expect(len(said.output.splitlines()) == 2, "two lines", repr(said.output))
    silent = bench.evaluate(talk, "3 + 4")
    expect(silent.output == "", "no output", repr(silent.output))
    failed = bench.evaluate(talk, "Transcript show: 'before'. 1/0")
    expect("before" in failed.output, "what was said before the error", repr(failed.output))


@SUBJECT.case("output", "as it appears", "4: output notifications {id, text} carry Transcript text as it appears",
              Needs.DEVELOPER)  # fmt: skip
def _as_it_appears(bench: Bench) -> None:
    talk = bench.talk()
    source = "Transcript show: 'early'; cr. (Delay forMilliseconds: 400) wait. Transcript show: 'late'; cr. 3"
    number = talk.request("evaluate", bench.code(source))
    talk.hears(number, "early")
    expect("late" not in talk.said(number), "early before late", talk.said(number))
    output = fitting(Evaluation, talk.result_of(number)).output
    expect("early" in output and "late" in output, "all of it in the answer", output)
    strangers = [said.id for said in talk.output if said.id != number]
    expect(not strangers, f"output of {number} only", strangers)


@SUBJECT.case("output", "of two at once", "5: an output capture for each evaluation", Needs.DEVELOPER)
def _of_two(bench: Bench) -> None:
    talk, other = bench.talk(), bench.talk(1)
    wait = "(Delay forMilliseconds: 60) wait"
    sources = [f"4 timesRepeat: [Transcript show: '{word}'; cr. {wait}]. 3" for word in ("left", "right")]
    numbers = [t.request("evaluate", bench.code(s)) for t, s in zip((talk, other), sources, strict=True)]
    left, right = (fitting(Evaluation, t.result_of(n)).output for t, n in zip((talk, other), numbers, strict=True))
    expect(left.count("left") == 4 and "right" not in left, "four times left, and nothing else", left)
    expect(right.count("right") == 4 and "left" not in right, "four times right, and nothing else", right)


@SUBJECT.case("output", "beyond ASCII", "4: text is str, that is UTF-8", Needs.DEVELOPER)
def _beyond_ascii(bench: Bench) -> None:
    talk = bench.talk()
    output = bench.evaluate(talk, "Transcript show: 'größer: 日本 ∀'. 3").output
    expect("größer: 日本 ∀" in output, "größer: 日本 ∀", output)


@SUBJECT.case("output", "much of it", "5: an output capture; an image never blocks on its output", Needs.DEVELOPER)
def _much(bench: Bench) -> None:
    talk = bench.talk()
    line = "0123456789" * 10
    params = bench.code(f"1 to: 2000 do: [:i | Transcript show: '{line}'; cr]. 7", time_limit_ms=10_000)
    evaluation = fitting(Evaluation, talk.result("evaluate", params))
    expect(evaluation.outcome == "returned", "returned", evaluation.outcome)
    expect(line in evaluation.output, "the lines, or their beginning where the agent bounds them", "none")
