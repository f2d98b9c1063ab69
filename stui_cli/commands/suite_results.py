"""What came of tests as a result: what failed, with its place, and one summary for all images that had the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.commands.many_images import names_of
from stui_cli.contract.test_result import LISTED, TEST
from stui_cli.model.errors import NotFound
from stui_cli.model.exits import Exit
from stui_cli.model.phrases import About
from stui_cli.model.results import Result
from stui_cli.model.times import now_ms
from stui_cli.model.visible import visible
from stui_cli.work.code.suites import FAILING, SuiteRun, items_of, test_name, troubles_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stui_cli.protocol.code import Tested

# So much of a stack is shown to a person; all of it is in the JSON.
_FRAMES_SHOWN = 6


def tested(runs: Sequence[SuiteRun], *, at_length: bool, all_tests: bool) -> Result:
    """All of it. `at_length`: with stack and output of what failed; else a line each. `all_tests`: also what passed."""
    troubles = [(run, trouble) for run in runs for trouble in troubles_of(run)]
    lines = [*_failing_lines(runs, at_length=at_length), *_summary(runs)]
    return Result(
        TEST,
        [item for run in runs for item in items_of(run) if all_tests or item["outcome"] in FAILING],
        LISTED,
        text="\n".join(lines),
        errors=[trouble for _, trouble in troubles],
        warnings=[
            About.of(
                f"{run.image}: no failed tests are recorded of it, so none ran; all of them: stui test -i {run.image}",
                name=run.image,
                kind="images have no failed tests recorded, so none ran there",
            )
            for run in runs
            if run.unrecorded
        ],
        exit_code=_exit_code([_code(run) for run in runs]),
    )


def _failing_lines(runs: Sequence[SuiteRun], *, at_length: bool) -> Iterator[str]:
    """Each failing test once, with the images in which it failed alike."""
    found: dict[tuple[str, ...], tuple[Tested, list[str]]] = {}
    for run in runs:
        for test in run.tests:
            if test.outcome in FAILING:
                key = (test.outcome, test_name(test), test.message or "")
                found.setdefault(key, (test, []))[1].append(run.image)
    for test, images in found.values():
        where = f"{names_of(images)}: " if len(runs) > 1 else ""
        message = " ".join((test.message or "").split())
        yield f"{test.outcome}: {where}{visible(test_name(test))}" + (f": {message}" if message else "")
        if at_length:
            yield from (f"    {visible(frame)}" for frame in test.stack[:_FRAMES_SHOWN])
            yield from (f"    | {line}" for line in (test.output or "").splitlines())


def _summary(runs: Sequence[SuiteRun]) -> Iterator[str]:
    """Counts, once for all images that have the same. Of one where nothing fits its failure says so."""
    counts: dict[str, list[str]] = {}
    for run in runs:
        if isinstance(run.failure, NotFound):
            continue
        if run.totals is not None or run.tests:
            counts.setdefault(counted(run), []).append(run.image)
    for words, images in counts.items():
        if len(runs) == 1:
            took = runs[0].totals.elapsed_ms / 1000 if runs[0].totals else (now_ms() - runs[0].began_at) / 1000
            yield f"{words} in {took:.1f} s"
        else:
            yield f"{words} in {names_of(images)}"


def counted(run: SuiteRun) -> str:
    """As in: 37 passed, 1 failed."""
    outcomes = [test.outcome for test in run.tests]
    left = 0 if run.totals is None else run.totals.total - len(outcomes)
    return in_words(outcomes, left) or "no tests"


def in_words(outcomes: Sequence[str], left: int) -> str:
    """How many tests ended how, and how many are `left`, as in: 37 passed, 1 not run; nothing for none."""
    told = [
        f"{count} {'errors' if each == 'error' and count > 1 else each}"
        for each in ("passed", "failed", "error", "skipped")
        if (count := outcomes.count(each))
    ]
    return ", ".join([*told, *([f"{left} not run"] if left > 0 else [])])


def _code(run: SuiteRun) -> Exit:
    """6 a time limit, 8 some failed, 7 an error outside of any test. A time limit weighs most: tests are left that
    nobody has seen pass or fail, so that 8 would promise more than is known. A failed test weighs more than 7."""
    if run.failure is not None:
        return run.failure.exit_code
    codes = [trouble.exit_code for trouble in troubles_of(run)]
    if Exit.TIMED_OUT in codes:
        return Exit.TIMED_OUT
    if any(test.outcome in FAILING for test in run.tests):
        return Exit.PARTLY_DONE
    return codes[0] if codes else Exit.DONE


def _exit_code(codes: Iterable[Exit]) -> Exit:
    """That of all images: 6 if the time was over in any, else the one beside those where all is well."""
    different = set(codes)
    if Exit.TIMED_OUT in different:
        return Exit.TIMED_OUT
    failing = different - {Exit.DONE}
    if not failing:
        return Exit.DONE
    one = failing.pop() if len(failing) == 1 else Exit.PARTLY_DONE
    return one if one is Exit.CODE_FAILED or different == {one} else Exit.PARTLY_DONE
