"""`stui eval`: run an expression in an image. The value on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

import click

from stui_cli.invocation import Invocation, command
from stui_cli.model.errors import CodeFailed, TooLate, UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.output.transcript import live_output

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.flows.evaluation import Limits, Workplace
    from stui_cli.manager import SessionManager
    from stui_cli.model.names import Target
    from stui_cli.protocol.evaluation import Evaluation

DEFAULT_TIME_LIMIT = "30s"
DEFAULT_PRINT_LIMIT = 100_000


def evaluate(workplace: Workplace, source: str, limits: Limits, on_output: Callable[[str], None] | None,
             once: str | None) -> Result:  # fmt: skip
    """Run `source` in an open workplace; what the code did wrong is part of the result."""
    try:
        evaluation = workplace.evaluate(source, limits, on_output, once)
    except TooLate as error:
        item = _item(workplace.target, "unknown", None, workplace.incarnation)
        return Result("evaluation", [item], text="", errors=[error], exit_code=Exit.TIMED_OUT)
    item = _item(workplace.target, evaluation.outcome, evaluation, workplace.incarnation)
    if evaluation.outcome == "returned" and evaluation.value is not None:
        warnings = ["the value is longer than --print-limit and was cut"] if evaluation.value.truncated else []
        return Result("evaluation", [item], text=evaluation.value.print, warnings=warnings)
    failure = _failure(evaluation, source, workplace.target)
    return Result("evaluation", [item], text="", errors=[failure], exit_code=Exit.CODE_FAILED)


def _item(target: Target, outcome: str, evaluation: Evaluation | None, incarnation: str) -> dict[str, object]:
    value = evaluation.value if evaluation else None
    error = evaluation.error if evaluation else None
    return {
        "image": target.image,
        "session": target.session,
        "outcome": outcome,
        "value": value and {
            "print": value.print, "class": value.class_name, "truncated": value.truncated, "ref": value.ref,
        },
        "error": error and {
            "class": error.class_name, "message": error.message, "line": error.line, "column": error.column,
            "stack": list(error.stack),
        },
        "output": evaluation.output if evaluation else "",
        "elapsed_ms": evaluation.elapsed_ms if evaluation else None,
        "incarnation": incarnation,
    }  # fmt: skip


def _failure(evaluation: Evaluation, source: str, target: Target) -> CodeFailed:
    """What the code did wrong: class, message, the line meant, and the stack below."""
    problem = evaluation.error
    if problem is None:
        return CodeFailed(f"{target}: {evaluation.outcome} without an error", image=target.image)
    kind = "did not run" if evaluation.outcome == "not_run" else "raised"
    text = f"{target}: {kind}: {problem.class_name}: {problem.message}"
    if evaluation.outcome == "not_run" and problem.line is not None:
        lines = source.splitlines() or [""]
        number = min(max(problem.line, 1), len(lines))
        text += f"\nline {number}: {lines[number - 1]}"
        if problem.column:
            text += "\n" + " " * (len(f"line {number}: ") + problem.column - 1) + "^"
    text += "".join(f"\n{frame}" for frame in problem.stack)
    return CodeFailed(text, image=target.image)


def run(manager: SessionManager, invocation: Invocation, source: str, limits: Limits, once: str | None) -> Result:
    """One expression in the target of this command; Transcript text goes to stderr as it appears."""
    from stui_cli.flows.evaluation import open_workplace

    screen = invocation.screen
    for_people = screen.mode not in ("json", "jsonl")
    with open_workplace(manager.bench, manager.target(invocation.asked).target) as workplace:
        return evaluate(workplace, source, limits, live_output(screen) if for_people else None, once)


@command("evaluation", name="eval")
@click.argument("code", required=False, metavar="[CODE | -]")
@click.option("-f", "--file", type=click.File(encoding="utf-8"), help="Run the file as one piece of source.")
@click.option("--time-limit", default=DEFAULT_TIME_LIMIT, show_default=True, metavar="DURATION",
              help="Stop the code after this time; it exits with 6.")  # fmt: skip
@click.option("--print-limit", type=click.IntRange(1), default=DEFAULT_PRINT_LIMIT, show_default=True,
              help="Characters of the value at most.")  # fmt: skip
@click.option(
    "--once",
    metavar="KEY",
    help="Run it at most once under this key; a repeated key answers the first result.",
)
def cli(
    invocation: Invocation,
    code: str | None,
    file: TextIO | None,
    time_limit: str,
    print_limit: int,
    once: str | None,
) -> int:
    """Run CODE in the current image and session, or in those that -i and -s name, and print the value.

    `-` reads expressions from standard input, one per line, and runs them over one connection; the first that fails
    ends it. Exits with 7 if the code raised or did not compile, 6 if it was stopped at its time limit.
    """
    from stui_cli.flows.evaluation import Limits, open_workplace
    from stui_cli.model.durations import parse_duration

    limits = Limits(parse_duration(time_limit) / 1000, print_limit)
    if limits.time_s <= 0:
        raise UsageProblem("--time-limit must be more than nothing")
    manager = invocation.manager
    if code == "-" and file is None:
        target = manager.target(invocation.asked).target
        with open_workplace(manager.bench, target) as workplace:
            for line in sys.stdin:
                if line.strip():
                    result = evaluate(workplace, line, limits, live_output(invocation.screen), None)
                    code_of_line = invocation.show(result)
                    if code_of_line:
                        return code_of_line
        return 0
    source = file.read() if file is not None else code
    if source is None:
        raise UsageProblem("no expression is given", todo="stui eval '3 + 4', or -f FILE, or - for standard input")
    return invocation.show(run(manager, invocation, source, limits, once))
