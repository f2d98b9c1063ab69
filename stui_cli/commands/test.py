"""`stui test`: the tests of an image, or of many at once, run by their own SUnit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.junit_file import refuse_unwritable, with_junit
from stui_cli.commands.many_images import many_targets, names_of
from stui_cli.commands.suite_results import in_words, tested
from stui_cli.global_options import complete_label
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode
from stui_cli.option_types import FileName, TimeLimit, option
from stui_cli.work.meant.target import meant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.image.exchange import News
    from stui_cli.work.code.suites import SuiteRun, SuiteWish


class Told:
    """How far the tests of one image are, or of all."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []
        self.failed = 0
        self.total = 0
        self.doing = ""

    def hear(self, news: News) -> None:
        """Count what an image told."""
        from stui_cli.protocol.code import Tested
        from stui_cli.work.code.suites import FAILING, test_name

        if isinstance(news, Tested):
            self.outcomes.append(news.outcome)
            self.failed += news.outcome in FAILING
            self.doing = test_name(news)
        else:
            self.total, self.doing = news.total, news.doing or ""

    def line(self) -> str:
        """In words."""
        of = f" of {self.total}" if self.total else ""
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{len(self.outcomes)}{of} tests{failed}{f': {self.doing}' if self.doing else ''}"


def run_tests(invocation: Invocation, images: Sequence[str], wish: SuiteWish) -> list[SuiteRun]:
    """Run them in all the images at once, telling how far each is where a person looks. An interrupt ends the command:
    what had ended by then is told in one line."""
    from stui_cli.work.code.suites import run_everywhere, run_suite

    each, whole = {image: Told() for image in images}, Told()
    try:
        with invocation.board(images) as board:

            def on_news(image: str, news: News | None) -> None:
                if news is None:
                    board.tell(image, None, f"{len(whole.outcomes)} tests, {whole.failed} failed")
                    return
                each[image].hear(news)
                whole.hear(news)
                board.tell(image, each[image].line(), f"{len(whole.outcomes)} tests, {whole.failed} failed")

            if len(images) == 1:
                return [run_suite(invocation.bench, images[0], wish, on_news)]
            return run_everywhere(invocation.bench, images, wish, on_news)
    except KeyboardInterrupt as interrupt:
        invocation.tell_interrupt(f": {told_at_interrupt(each)}")
        raise click.exceptions.Exit(Exit.INTERRUPTED) from interrupt


def told_at_interrupt(each: Mapping[str, Told]) -> str:
    """How far the tests of all images were, in words."""
    outcomes = [outcome for told in each.values() for outcome in told.outcomes]
    ended = in_words(outcomes, max(0, sum(told.total for told in each.values()) - len(outcomes)))
    return f"{ended or 'no test had ended'} in {names_of(list(each))}"


@command("test", name="test", purpose=Purpose.RUN)
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@option("--all", "everywhere", is_flag=True, help="In every image at once.")
@option("-l", "--label", "labels", multiple=True, metavar="KEY=VALUE", shell_complete=complete_label,
              help="In every image with this label. May be repeated: all of them must fit.")  # fmt: skip
@option(
    "--junit",
    type=FileName(),
    metavar="FILE",
    help="Write the results as JUnit XML, too; - is standard output, and people read the rest on standard error.",
)
@option("--time-limit", type=TimeLimit(), default="10m", show_default=True, metavar="DURATION",
              help="Stop all of it after this time; it exits with 6.")  # fmt: skip
@option("--test-limit", type=TimeLimit(), default="10s", show_default=True, metavar="DURATION",
              help="Stop one test after this time; it counts as an error, and the others go on.")  # fmt: skip
@option("--fail-fast", is_flag=True, help="Stop at the first test that does not pass.")
@option("--rerun-failed", is_flag=True, help="Run those that did not pass last time, in each image its own.")
def cli(
    invocation: Invocation,
    patterns: tuple[str, ...],
    everywhere: bool,
    labels: tuple[str, ...],
    junit: str | None,
    time_limit: int,
    test_limit: int,
    fail_fast: bool,
    rerun_failed: bool,
) -> int:
    """Run the tests that the PATTERNs mean, or all, with the SUnit of the current image, or of many.

    A PATTERN is of classes, packages or categories, or Class>>selector; * stands for any characters, ? for one. Each
    test runs in a process of its own. What failed is told with stack and output on a terminal, in a line elsewhere.

    Exits with 0 if all passed, 8 if some did not, 7 after an error outside of any test, 6 if the time limit was over in
    any image.
    """
    from stui_cli.work.code.suites import SuiteWish

    if rerun_failed and patterns:
        raise UsageProblem("both patterns and --rerun-failed are given", todo="use one of them")
    if junit is not None:
        refuse_unwritable(junit, invocation.screen)
    targets = many_targets(invocation, labels, everywhere=everywhere)
    if targets is None:
        targets = [meant(invocation.bench, invocation.asked).target]
    wish = SuiteWish(patterns, time_limit / 1000, test_limit / 1000, fail_fast, rerun_failed)
    runs = run_tests(invocation, list(dict.fromkeys(target.image for target in targets)), wish)
    at_length = invocation.screen.on_terminal or invocation.verbose
    as_rows = invocation.mode in (OutputMode.JSON, OutputMode.JSONL, OutputMode.TSV, OutputMode.NAME)
    result = tested(runs, at_length=at_length, all_tests=as_rows or invocation.screen.selection.picks)
    return invocation.show(result if junit is None else with_junit(result, junit, runs))
