"""`stui eval`: run expressions in an image, or one in many. The value on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from stui_cli.commands.code_words import CodeCommand
from stui_cli.commands.sources import sources_meant
from stui_cli.contract.evaluation import EVALUATION
from stui_cli.global_options import complete_label
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.code_limits import LARGEST_PRINT_LIMIT, LONGEST_ONCE
from stui_cli.model.errors import ConnectionLost, Interrupted, ProtocolBroken, Unreachable, UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode, Result
from stui_cli.named_tuples import NamedTuple
from stui_cli.option_types import FileName, TimeLimit, Whole, option
from stui_cli.output.transcript import live_output
from stui_cli.work.meant.target import meant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from stui_cli.model.names import Target
    from stui_cli.work.talking.evaluate import Limits, Workplace

DEFAULT_TIME_LIMIT = "30s"
DEFAULT_PRINT_LIMIT = 100_000


class EvaluationWish(NamedTuple):
    """What the options say of how to run. `fail_early` None: as is usual for what is run. `files` are the names of
    those sources that were read from files; `place` says of each source in turn where it stands, where that helps."""

    limits: Limits
    once: str | None
    history: bool
    fail_early: bool | None
    fold: bool
    must_record: bool
    files: Mapping[str, str] = {}
    place: Callable[[], str] | None = None


def in_one_image(invocation: Invocation, sources: Iterable[str], wish: EvaluationWish) -> int:
    """Run the sources over one connection, showing each answer as it comes; the first that fails ends it.

    In JSON there is one document for all of them, in JSON lines a line each. Each value is told before it is recorded.
    """
    mode = invocation.screen.mode
    shown = _shown_in_one_image(invocation, sources, wish)
    failed = [result.exit_code for result in shown if result.exit_code]
    errors = [error for result in shown for error in result.errors]
    code = failed[-1] if failed else Exit.DONE
    if len(failed) < len(shown) and wish.fail_early is False and failed and code is not Exit.INTERRUPTED:
        code = Exit.PARTLY_DONE
        if mode not in (OutputMode.JSON, OutputMode.JSONL):
            invocation.announce(f"{len(failed)} of {len(shown)} expressions failed")
    warnings = [warning for result in shown for warning in result.warnings]
    warnings += invocation.untold_warnings()
    if mode is OutputMode.JSON or (mode is OutputMode.JSONL and (errors or warnings)):
        items = [item for result in shown for item in result.items]
        invocation.show(Result(EVALUATION, items, errors=errors, warnings=warnings))
    return int(code)


def _shown_in_one_image(invocation: Invocation, sources: Iterable[str], wish: EvaluationWish) -> list[Result]:
    """What came of each source. Of a long run only what is still to be said is kept."""
    from stui_cli.commands.evaluations import evaluated, unsure_of
    from stui_cli.work.talking.evaluate import open_workplace

    bench, mode = invocation.bench, invocation.screen.mode
    on_output = None if mode in (OutputMode.JSON, OutputMode.JSONL) else live_output(invocation.screen)
    shown: list[Result] = []
    with (
        _told_where_it_ends(invocation, shown) as running,
        open_workplace(bench, meant(bench, invocation.asked).target) as workplace,
    ):
        workplace.recorder.keep_history = wish.history
        workplace.recorder.must = wish.must_record
        workplace.on_wait = invocation.announce if sys.stderr.isatty() else None
        stops = wish.fail_early is not False
        pieces = sources if wish.once else workplace.in_turn(sources, wish.limits, stops=stops)
        for number, source in enumerate(pieces, 1):
            place = wish.place and wish.place()
            running.at, running.workplace = place, workplace
            result = evaluated(workplace, source, wish.limits, on_output, wish.once and _key_of(wish.once, number))
            running.at = running.workplace = None
            _advise(result, wish.files.get(source), source)
            _place(result, place)
            shown.append(_told(invocation, result, begun=bool(shown)))
            workplace.recorder.moment()
            if result.exit_code and (stops or _is_over(result)):
                break
        if unsure := workplace.end_turns():
            shown.append(_told(invocation, unsure_of(workplace, len(unsure)), begun=bool(shown)))
    return shown


class _Running:
    """Where the piece stands that runs, None where it is the only one; and the workplace that it runs in, None where
    none does."""

    at: str | None = None
    workplace: Workplace | None = None


@contextmanager
def _told_where_it_ends(invocation: Invocation, shown: list[Result]) -> Iterator[_Running]:
    """An interrupt ends the command; in which of many lines it came is told. A program that reads JSON gets all that
    ran, and the interrupt as the failure that ended it."""
    running = _Running()
    try:
        yield running
    except KeyboardInterrupt as interrupt:
        if invocation.screen.mode in (OutputMode.JSON, OutputMode.JSONL):
            shown.append(_told(invocation, _interrupted(running), begun=True))
            return
        if running.at is None:
            raise
        invocation.tell_interrupt(f" in {running.at}")
        raise click.exceptions.Exit(Exit.INTERRUPTED) from interrupt


def _interrupted(running: _Running) -> Result:
    """What is known of the piece that an interrupt came in."""
    from stui_cli.commands.evaluations import interrupted_item

    items = [] if running.workplace is None else [interrupted_item(running.workplace)]
    error = Interrupted(f"interrupted in {running.at}" if running.at else "interrupted")
    return Result(EVALUATION, items, text="", errors=[error], exit_code=error.exit_code)


def _key_of(once: str, number: int) -> str:
    """The key of a piece: under that of the first the second would not run, and have its answer."""
    if number == 1:
        return once
    key = f"{once}#{number}"
    if len(key) > LONGEST_ONCE:
        from hashlib import sha256

        key = f"{sha256(once.encode()).hexdigest()}#{number}"
    return key


def _told(invocation: Invocation, result: Result, *, begun: bool) -> Result:
    """Show what is shown at once; what of it is still to be said at the end. The headings of rows stand above the first
    alone: what was `begun` goes on."""
    mode = invocation.screen.mode
    if mode is OutputMode.JSON:
        return result
    if mode is OutputMode.JSONL:
        invocation.show(result._replace(errors=(), warnings=()), more=True)
    else:
        invocation.show(result, begun=begun)
    return result._replace(items=(), text=None)


def _advise(result: Result, file: str | None, source: str) -> None:
    """Of a file that is no one piece of source say how it is run."""
    if file is None or not result.errors or result.errors[0].exit_code is not Exit.CODE_FAILED:
        return
    from stui_cli.work.code.files import holds_definitions

    if holds_definitions(source):
        from shlex import quote

        result.errors[0].todo = f"a file of definitions is loaded piece by piece: stui load {quote(file)}"


def _place(result: Result, place: str | None) -> None:
    """Of one of many lines say which it is, beside what else is advised."""
    if place is not None and result.errors:
        todo = result.errors[0].todo
        result.errors[0].todo = "\n".join(filter(None, (todo, f"it is {place}")))


def _is_over(result: Result) -> bool:
    """Whether the conversation ended with it: then nothing more can be asked."""
    return any(isinstance(error, (ConnectionLost, ProtocolBroken, Unreachable)) for error in result.errors)


def in_many_images(
    invocation: Invocation, source: str, pattern: str | None, labels: dict[str, str], wish: EvaluationWish
) -> int:
    """Run one source in every image chosen, at once; equal answers are told together."""
    from stui_cli.commands.evaluations import answered
    from stui_cli.model.names import Target
    from stui_cli.work.meant.images import unparked_images
    from stui_cli.work.talking.everywhere import evaluated_everywhere

    bench, screen = invocation.bench, invocation.screen
    session = invocation.asked.session
    targets = [Target(image.name, session) for image in unparked_images(bench.store.read(), pattern, labels)]
    with (
        invocation.progress("answers of images", len(targets)) as progress,
        evaluated_everywhere(
            bench,
            targets,
            source,
            wish.limits,
            once=wish.once,
            keep_history=wish.history,
            fail_early=bool(wish.fail_early),
            must_record=wish.must_record,
            on_answer=lambda _: progress.step(),
        ) as answers,
    ):
        progress.clear()
        for_people = screen.mode not in (OutputMode.JSON, OutputMode.JSONL)
        for answer in answers:
            if for_people and answer.heard.output:
                live_output(screen)(_labelled(answer.target, answer.heard.output))
        return invocation.show(answered(answers, source, fold=wish.fold, for_people=for_people))


def _labelled(target: Target, output: str) -> str:
    lines = output.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    return "".join(f"{target}: {line}\n" for line in lines)


@command("evaluation", name="eval", cls=CodeCommand, purpose=Purpose.RUN)
@click.argument("code", nargs=-1, metavar="[CODE]... | -")
@option("-f", "--file", "files", multiple=True, type=FileName(),
              help="Run the file as one piece of source; - is standard input. May be repeated.")  # fmt: skip
@option("--all", "everywhere", is_flag=True, help="In every image at once.")
@option("-l", "--label", "labels", multiple=True, metavar="KEY=VALUE", shell_complete=complete_label,
              help="In every image with this label. May be repeated: all of them must fit.")  # fmt: skip
@option("--fail-early/--keep-going", "fail_early", default=None,
              help="Stop at the first failure (usual, but for many images: then one by one).")  # fmt: skip
@option("--no-fold", is_flag=True, help="A line for each image, even where answers are equal.")
@option("--no-history", is_flag=True, help="Leave this out of the session's history.")
@option("--must-record", is_flag=True, help="Send nothing that cannot be recorded; it exits with 10.")
@option("--time-limit", type=TimeLimit(), default=DEFAULT_TIME_LIMIT, show_default=True, metavar="DURATION",
              help="Stop the code after this time; it exits with 6.")  # fmt: skip
@option("--print-limit", type=Whole(1, LARGEST_PRINT_LIMIT), default=DEFAULT_PRINT_LIMIT,
              show_default=True, help="Characters of the value at most.")  # fmt: skip
@option("--once", metavar="KEY", help="Run it at most once under this key; a repeated key answers the first result. "
              "Of several pieces each runs once, by its number.")  # fmt: skip
def cli(
    invocation: Invocation,
    code: tuple[str, ...],
    files: tuple[str, ...],
    everywhere: bool,
    labels: tuple[str, ...],
    fail_early: bool | None,
    no_fold: bool,
    no_history: bool,
    must_record: bool,
    time_limit: int,
    print_limit: int,
    once: str | None,
) -> int:
    """Run CODE in the current image and session, or in those that -i and -s name, and print the value.

    Several pieces run in order over one connection, as do the lines of standard input after `-`: one in which a
    bracket, a parenthesis or a string is open goes on with the next line. Without CODE and -f all of what is piped in
    is one piece. With --all, -l, or a pattern (-i 'build-*') one piece runs in many images at once.

    Up to 32 pieces that are at hand are sent before their turn. None runs behind one whose failure ends the run; where
    answers can no longer be written (`| head -2`) they may have run, and are recorded. --must-record sends one by one.

    What ran is told before it is recorded in history and audit log. Where it cannot be recorded, one warning says so.

    Exits with 7 if the code raised or did not compile, 6 if it was stopped at its time limit, 8 if it was done only
    in part.
    """
    from stui_cli.work.talking.evaluate import Limits  # here, for Tab and --help need nothing of what talks to images

    if once is not None and len(once) > LONGEST_ONCE:
        raise UsageProblem(f"--once takes a key of at most {LONGEST_ONCE} characters", todo="choose a shorter one")
    limits = Limits(time_limit / 1000, print_limit)
    wish = EvaluationWish(limits, once, not no_history, fail_early, not no_fold, must_record)
    asked = invocation.asked.image
    pattern = asked if asked and any(sign in asked for sign in "*?[") else None
    sources = sources_meant(code, files)
    wish = wish._replace(files=sources.files, place=sources.place)
    if not (everywhere or labels or pattern):
        return in_one_image(invocation, sources.pieces, wish)
    if asked and not pattern:
        raise UsageProblem(f"-i {asked} names one image, and --all or -l means many", todo="leave one of them out")
    chosen = list(sources.pieces)
    if len(chosen) != 1:
        raise UsageProblem(
            "in many images one expression runs at a time", todo="join them with periods, or use -f FILE"
        )
    from stui_cli.commands.labels import labels_to_have

    return in_many_images(invocation, chosen[0], pattern, labels_to_have(labels), wish)
