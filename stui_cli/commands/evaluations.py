"""Evaluations as results: items for programs, the value for people, and equal answers of many images folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.evaluation import EVALUATION
from stui_cli.model.errors import CodeFailed, ConnectionLost, StoreProblem, StuiError
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.output.cleaning import clean
from stui_cli.work.talking.answers import code_failure, code_failure_of, evaluated_item
from stui_cli.work.talking.evaluate import printed
from stui_cli.work.talking.running import NOTHING_HEARD, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from stui_cli.work.talking.evaluate import Limits, Workplace
    from stui_cli.work.talking.everywhere import Answer

_TOO_LONG = "the value is longer than --print-limit and was cut"
# Of a text that differs in its words alone.
_ENOUGH = 60

_LOST_OUTPUT = "the output is longer than what the image keeps of it, and its end is lost"


def evaluated(
    workplace: Workplace, source: str, limits: Limits, on_output: Callable[[str], None] | None, once: str | None
) -> Result:
    """Run `source` in an open workplace; what the code did wrong is part of the result."""
    target, incarnation = workplace.target, workplace.incarnation
    try:
        evaluation = workplace.evaluate(source, limits, on_output, once)
    except StoreProblem:  # it must be recorded and cannot be, so it was not sent
        raise
    except StuiError as error:
        item = evaluated_item(target, outcome_of(error), None, workplace.heard, incarnation)
        warnings = [_LOST_OUTPUT] if workplace.heard.output_truncated else []
        return Result(EVALUATION, [item], text="", errors=[error], warnings=warnings, exit_code=error.exit_code)
    item = evaluated_item(target, evaluation.outcome, evaluation, workplace.heard, incarnation)
    warnings = [_LOST_OUTPUT] if workplace.heard.output_truncated else []
    if evaluation.outcome == "returned" and evaluation.value is not None:
        warnings += [_TOO_LONG] if evaluation.value.truncated else []
        return Result(EVALUATION, [item], text=printed(evaluation.value), warnings=warnings)
    failure = code_failure(evaluation, source, str(target), target.image)
    return Result(EVALUATION, [item], text="", errors=[failure], warnings=warnings, exit_code=Exit.CODE_FAILED)


def interrupted_item(workplace: Workplace) -> dict[str, object]:
    """The item of what ran in the workplace when an interrupt came."""
    return evaluated_item(workplace.target, "unknown", None, workplace.heard, workplace.incarnation)


def unsure_of(workplace: Workplace, count: int) -> Result:
    """What is known of `count` sources that were sent before it was their turn, when the conversation broke."""
    target = workplace.target
    items = [evaluated_item(target, "unknown", None, NOTHING_HEARD, workplace.incarnation) for _ in range(count)]
    more = "one more expression was sent: whether it ran" if count == 1 else (
        f"{count} more expressions were sent: whether any of them ran"
    )  # fmt: skip
    lost = ConnectionLost(
        f"{target}: {more} is not known", todo="look at the session before running them again", image=target.image
    )
    return Result(EVALUATION, items, text="", errors=[lost], exit_code=lost.exit_code)


def answered(answers: Sequence[Answer], source: str, *, fold: bool, for_people: bool) -> Result:
    """The answers of many images as one result; equal ones are told once for people, each for programs."""
    items = [evaluated_item(a.target, a.outcome, a.evaluation, a.heard, a.incarnation) for a in answers]
    values = [(str(a.target), printed(a.evaluation.value)) for a in answers
              if a.evaluation is not None and a.evaluation.value is not None]  # fmt: skip
    failures = [(a, f) for a in answers if (f := code_failure_of(a, source, "")) is not None]
    if for_people:
        errors = [_named(who, first) for who, first in _grouped(failures, fold=fold)]
    else:
        errors = [f for a in answers if (f := code_failure_of(a, source, str(a.target))) is not None]
    same = _one_value(answers) if fold and for_people else {}
    skipped = [str(a.target) for a in answers if a.evaluation is None and a.failure is None]
    warnings = [f"not run after the failure: {', '.join(skipped)}"] if skipped else []
    if any(a.evaluation and a.evaluation.value and a.evaluation.value.truncated for a in answers):
        warnings.append(_TOO_LONG)
    if any(answer.heard.output_truncated for answer in answers):
        warnings.append(_LOST_OUTPUT)
    return Result(
        EVALUATION,
        items,
        text="\n".join(folded(values, same) if fold else map(_line, values)),
        notes=_other_words(values, same),
        errors=errors,
        warnings=warnings,
        exit_code=_exit_code(answers, [f for _, f in failures]),
    )


def folded(values: Iterable[tuple[str, str]], same: Mapping[str, str] | None = None) -> list[str]:
    """Each value once, with all that gave it, in the order of the first: `alpha, beta: 7`. What is printed in several
    ways is printed in that which `same` has for it."""
    return [_line((", ".join(who), value)) for value, who in _givers(values, same or {}).items()]


def _givers(values: Iterable[tuple[str, str]], same: Mapping[str, str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, value in values:
        names.setdefault(same.get(value, value), []).append(name)
    return names


def _one_value(answers: Sequence[Answer]) -> dict[str, str]:
    """For texts that are the same literal array in the words of several dialects: the text that came first."""
    texts = {
        printed(value): value.class_name
        for answer in answers
        if answer.evaluation is not None and (value := answer.evaluation.value) is not None and not value.truncated
    }
    if len(texts) < 2:
        return {}
    from stui_cli.model.literals import array_in

    first: dict[str, str] = {}
    same = {}
    for text, class_name in texts.items():
        array = array_in(text, class_name)
        if array is not None and first.setdefault(array, text) != text:
            same[text] = first[array]
    return same


def _other_words(values: Sequence[tuple[str, str]], same: Mapping[str, str]) -> list[str]:
    """Where only the text differs, what else it is."""
    others = _givers([(who, text) for who, text in values if text in same], {})
    return [f"only the text differs: {', '.join(who)} printed {_beginning(text)}" for text, who in others.items()]


def _beginning(text: str) -> str:
    return text if len(text) <= _ENOUGH else f"{text[:_ENOUGH]}..."


def _line(pair: tuple[str, str]) -> str:
    """One line for a value of one line; below its images, indented, for a longer one."""
    who, value = pair
    lines = clean(value, multiline=True).rstrip("\n").split("\n")
    return f"{who}: {lines[0]}" if len(lines) == 1 else "\n  ".join((f"{who}:", *lines))


def _named(who: Sequence[str], failure: StuiError) -> StuiError:
    """The failure of code with all the images that it is the same in; any other failure names its image itself."""
    return CodeFailed(f"{', '.join(who)}{failure.what}", todo=failure.todo) if who else failure


def _grouped(failures: Sequence[tuple[Answer, StuiError]], *, fold: bool) -> list[tuple[list[str], StuiError]]:
    """Failures of code that are equal, together; what kept an image from answering names it already."""
    groups: dict[object, tuple[list[str], StuiError]] = {}
    for index, (answer, failure) in enumerate(failures):
        if not isinstance(failure, CodeFailed):
            groups[index] = ([], failure)
        elif fold:
            groups.setdefault(failure.what, ([], failure))[0].append(str(answer.target))
        else:
            groups[index] = ([str(answer.target)], failure)
    return list(groups.values())


def _exit_code(answers: Sequence[Answer], failures: Sequence[StuiError]) -> Exit:
    """0 if all returned, the failures' own code if all failed in one way, else partly done."""
    codes = {failure.exit_code for failure in failures}
    if not codes:
        return Exit.DONE
    if len(codes) == 1 and not any(answer.outcome == "returned" for answer in answers):
        return codes.pop()
    return Exit.PARTLY_DONE
