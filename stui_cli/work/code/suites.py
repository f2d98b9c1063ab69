"""Tests of images: run by their own SUnit, in one image or in many at once, and which of them failed last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.contract.test_result import result_item
from stui_cli.image.fan_out import Fan
from stui_cli.model.errors import CodeFailed, NotFound, ProtocolBroken, StuiError, TooLate
from stui_cli.model.names import Target
from stui_cli.protocol.code import RunTests, Tested, Totals
from stui_cli.protocol.evaluation import Evaluation
from stui_cli.store.files.failed_tests import failed_before, keep_failed
from stui_cli.work.code.talking import Talking
from stui_cli.work.talking.evaluate import open_workplace
from stui_cli.work.talking.reach import make_ways
from stui_cli.work.talking.side_records import side_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stui_cli.image.client import Client
    from stui_cli.image.exchange import Moment, News
    from stui_cli.model.deadlines import Deadline
    from stui_cli.work.talking.evaluate import Workplace
    from stui_cli.work.workbench import Workbench

TEST = "test"

# What did not pass.
FAILING = frozenset(("failed", "error"))

# So many tests, and so many characters of what they tell, are kept of one run: a large image has some 30,000 tests.
_MOST_TESTS = 200_000
_MOST_TOLD = 64 * 1024 * 1024


class SuiteWish(NamedTuple):
    """Which tests: patterns of classes, packages, categories, or Class>>selector; `again` means those that failed last.
    `time_s` for all of them, `test_s` for each."""

    patterns: tuple[str, ...]
    time_s: float
    test_s: float
    fail_fast: bool
    again: bool


@dataclass
class SuiteRun:
    """The tests that ran in one image, with the totals; a `failure` where these did not come. `began_at` in ms since
    the epoch. `unrecorded`: those that failed last were meant, and none are recorded."""

    image: str
    began_at: int
    tests: list[Tested] = field(default_factory=list)
    totals: Totals | None = None
    failure: StuiError | None = None
    unrecorded: bool = False


def run_suite(
    bench: Workbench,
    image: str,
    wish: SuiteWish,
    on_news: Callable[[str, News | None], None] | None = None,
    on_open: Callable[[Workplace], None] | None = None,
) -> SuiteRun:
    """Run the tests in one image. Whatever goes wrong is part of the result, with the tests that had ended by then.
    `on_news` hears of which image what is told, and None at the end."""
    run = SuiteRun(image, bench.clock())
    try:
        with open_workplace(bench, Target(image)) as workplace:
            if on_open is not None:
                on_open(workplace)
            _run(bench, workplace, run, wish, on_news)
    except StuiError as error:
        run.failure = error.about(image)
    if on_news is not None:
        on_news(image, None)
    return run


def run_everywhere(
    bench: Workbench, images: Sequence[str], wish: SuiteWish, on_news: Callable[[str, News | None], None]
) -> list[SuiteRun]:
    """The same in many images at once, in the order of `images`. An interrupt is passed on to all."""
    bench.store.settings()
    talking = Talking(bench, [Target(image) for image in images], TEST, _told(wish.patterns))
    fan = Fan(images, lambda image: run_suite(bench.allowing(), image, wish, on_news, talking.add))
    with talking:
        make_ways(bench, images)
        fan.start()
        for _ in fan.arrivals():
            pass
    return [fan.found[index] for index in range(len(images))]


def test_name(test: Tested) -> str:
    """As `stui test` takes it."""
    return f"{test.class_name}>>{test.selector}"


def items_of(run: SuiteRun) -> list[dict[str, object]]:
    """The tests of one image, as programs read them."""
    return [
        result_item(
            run.image,
            test.class_name,
            test.selector,
            test.outcome,
            message=test.message,
            stack=test.stack,
            output=test.output or "",
            elapsed_ms=test.elapsed_ms,
        )
        for test in run.tests
    ]


def troubles_of(run: SuiteRun) -> Iterator[StuiError]:
    """What went wrong outside of any test."""
    if run.failure is not None:
        yield run.failure
    totals = run.totals
    if totals is None:
        return
    if totals.error is not None:
        told = f"{totals.error.class_name}: {totals.error.message}"
        text = "".join(f"\n{frame}" for frame in totals.error.stack)
        yield CodeFailed(f"{run.image}: outside of any test: {told}{text}", image=run.image)
    if totals.ended == "time_limit":
        left = totals.total - _counted(run)
        yield TooLate(
            f"{run.image}: the time limit was over with {left} of {totals.total} tests left",
            todo="allow more: --time-limit",
            image=run.image,
        )


def _run(
    bench: Workbench,
    workplace: Workplace,
    run: SuiteRun,
    wish: SuiteWish,
    on_news: Callable[[str, News | None], None] | None,
) -> None:
    image_id = workplace.image_id
    patterns = wish.patterns
    if wish.again:
        patterns = tuple(failed_before(bench.store.home, image_id))
        if not patterns:
            run.totals, run.unrecorded = Totals(0, 0, 0, 0, 0, 0, "done", None), True
            return

    told = 0

    def hear(news: News) -> None:
        nonlocal told
        if isinstance(news, Tested):
            run.tests.append(news)
            told += _length(news)
            if len(run.tests) > _MOST_TESTS or told > _MOST_TOLD:
                raise ProtocolBroken(
                    f"{run.image} told of {len(run.tests)} tests and did not come to an end",
                    todo=f"run fewer at a time, or check its agent: stui doctor {run.image}",
                )
        if on_news is not None:
            on_news(run.image, news)

    request = RunTests(patterns, round(wish.time_s * 1000), round(wish.test_s * 1000), wish.fail_fast)

    def send(client: Client, deadline: Deadline, moments: Sequence[Moment], listener: Callable[[str], None]) -> Totals:
        return client.call(request, Totals, deadline, listener, moments, hear)

    try:
        run.totals = workplace.perform(TEST, _told(patterns), wish.time_s, send, _summed_up)
    finally:
        with side_record(bench, "which tests failed"):
            failed = [name for test in run.tests if test.outcome in FAILING and (name := test_name(test)).isprintable()]
            left = set(patterns) - {test_name(test) for test in run.tests} if wish.again else set()
            keep_failed(bench.store.home, image_id, [*failed, *sorted(left)])
    if run.totals.total == 0 and run.totals.error is None and patterns and not wish.again:
        raise NotFound(f"no test fits {' '.join(patterns)}", todo="see `stui browse classes --pattern '*Test*'`")


def _length(test: Tested) -> int:
    """How many characters a test tells."""
    return len(test.message or "") + len(test.output or "") + sum(map(len, test.stack))


def _told(patterns: Sequence[str]) -> str:
    """What the audit log tells of it."""
    return " ".join(("tests", *patterns))


def _summed_up(totals: Totals) -> Evaluation:
    """As the audit log keeps it."""
    return Evaluation("raised" if totals.error else "returned", None, totals.error, "", totals.elapsed_ms)


def _counted(run: SuiteRun) -> int:
    totals = run.totals
    return totals.passed + totals.failed + totals.errors + totals.skipped if totals else 0
