"""What came of an evaluation: its item, and its failure in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.contract.evaluation import error_item, evaluation_item, value_item
from stui_cli.model.errors import CodeFailed, StuiError
from stui_cli.work.talking.evaluate import printed

if TYPE_CHECKING:
    from stui_cli.model.names import Target
    from stui_cli.protocol.evaluation import Evaluation
    from stui_cli.work.talking.everywhere import Answer
    from stui_cli.work.talking.running import Heard

_LINE_END = r"\r\n|\r|\n"


def evaluated_item(
    target: Target, outcome: str, evaluation: Evaluation | None, heard: Heard, incarnation: str | None
) -> dict[str, object]:
    """The item of what ran, or did not, in `target`."""
    value = evaluation.value if evaluation else None
    error = evaluation.error if evaluation else None
    return evaluation_item(
        target,
        outcome,
        value=value and value_item(printed(value), value.class_name, value.ref, truncated=value.truncated),
        error=error and error_item(error.class_name, error.message, error.line, error.column, error.stack),
        output=heard.output,
        output_truncated=heard.output_truncated,
        elapsed_ms=heard.elapsed_ms,
        incarnation=incarnation,
    )


def code_failure(evaluation: Evaluation, source: str, who: str, image: str | None) -> CodeFailed:
    """What the code did wrong: class, message, the line meant, and the stack below."""
    problem = evaluation.error
    if problem is None:
        return CodeFailed(f"{who}: {evaluation.outcome} without an error", image=image)
    kind = "did not run" if evaluation.outcome == "not_run" else "raised"
    text = f"{who}: {kind}: {problem.class_name}: {problem.message}"
    if evaluation.outcome == "not_run" and problem.line is not None:
        lines = re.split(_LINE_END, source)  # as agents count them, and not at form feeds as splitlines would
        number = min(max(problem.line, 1), len(lines))
        text += f"\nline {number}: {lines[number - 1]}"
        if problem.column and problem.column <= len(lines[number - 1]) + 1:
            text += "\n" + " " * (len(f"line {number}: ") + problem.column - 1) + "^"
    text += "".join(f"\n{frame}" for frame in problem.stack)
    return CodeFailed(text, image=image)


def code_failure_of(answer: Answer, source: str, who: str) -> StuiError | None:
    """Why it did not return a value, told of `who`; None where it did, and where it was not started."""
    if answer.failure is not None:
        return answer.failure
    if answer.evaluation is None or answer.evaluation.outcome == "returned":
        return None
    return code_failure(answer.evaluation, source, who, answer.target.image)


def answer_item(answer: Answer) -> dict[str, object]:
    """The item of what came of it in one of many images."""
    return evaluated_item(answer.target, answer.outcome, answer.evaluation, answer.heard, answer.incarnation)
