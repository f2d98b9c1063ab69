"""Running code in images, looking into objects, loading, testing, browsing, and what runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.api.opened import Opened, several
from stui_cli.contract.records.code import (
    CodeRecord,
    DifferenceRecord,
    EvaluationRecord,
    InspectionRecord,
    JobRecord,
    LoadRecord,
    PieceRecord,
    SuiteRecord,
    TestedRecord,
)
from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from stui_cli.model.names import Target
    from stui_cli.protocol.evaluation import Evaluation as Answered
    from stui_cli.work.code.load import Loads
    from stui_cli.work.code.suites import SuiteRun
    from stui_cli.work.talking.evaluate import Limits, Workplace
    from stui_cli.work.talking.everywhere import Answer
    from stui_cli.work.workbench import Workbench

DEFAULT_TIME_LIMIT_S = 30.0
DEFAULT_PRINT_LIMIT = 100_000


class Code(Opened):
    """The part of the manager that is about code."""

    def evaluate(
        self,
        source: str,
        target: str | Target | None = None,
        *,
        time_limit: float = DEFAULT_TIME_LIMIT_S,
        print_limit: int = DEFAULT_PRINT_LIMIT,
        once: str | None = None,
        on_output: Callable[[str], None] | None = None,
        keep_history: bool = True,
        must_record: bool = False,
    ) -> EvaluationRecord:
        """Run `source` in an image, or in a session of it; None is what a command here means.

        What the code did wrong is part of the answer. Raises TooLate where it was stopped at `time_limit` (seconds) or
        the answer never came, Busy where the session had other work, and what a contact raises. With `must_record`
        nothing is sent that cannot be recorded: StoreProblem. `once` is a key under which it runs at most once.
        """
        bench, warnings = self._noting()
        wish = _Wish(_limits(time_limit, print_limit), once, on_output, keep_history, must_record)
        (found,) = _each(bench, self._target(target), [source], wish, warnings)
        return replace(found, warnings=(*found.warnings, *warnings))  # what could not be recorded is known at the end

    def evaluate_each(
        self,
        sources: Iterable[str],
        target: str | Target | None = None,
        *,
        time_limit: float = DEFAULT_TIME_LIMIT_S,
        print_limit: int = DEFAULT_PRINT_LIMIT,
        once: str | None = None,
        on_output: Callable[[str], None] | None = None,
        keep_history: bool = True,
        must_record: bool = False,
        keep_going: bool = False,
    ) -> Iterator[EvaluationRecord]:
        """Run the sources in order over one connection, each when it is asked for; up to the first that fails unless
        `keep_going`. Raises as `evaluate`."""
        bench, warnings = self._noting()
        wish = _Wish(_limits(time_limit, print_limit), once, on_output, keep_history, must_record, keep_going)
        return _each(bench, self._target(target), sources, wish, warnings)

    def evaluate_everywhere(
        self,
        source: str,
        images: Sequence[str] | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        session: str | None = None,
        time_limit: float = DEFAULT_TIME_LIMIT_S,
        print_limit: int = DEFAULT_PRINT_LIMIT,
        once: str | None = None,
        keep_history: bool = True,
        must_record: bool = False,
        stop_early: bool = False,
        on_answer: Callable[[EvaluationRecord], None] | None = None,
    ) -> list[EvaluationRecord]:
        """Run `source` in many images at once: those named (IMAGE or IMAGE/SESSION), or all that carry the `labels` and
        are not parked. `session` is one of that name in each.

        The answers come in the order of the images; `on_answer` hears each as it comes. What keeps an image from
        answering is the `failure` of its answer, and takes no other's along. With `stop_early` one after the other, up
        to the first that fails; the rest is not_run then.
        """
        from stui_cli.work.talking.answers import answer_item, code_failure_of
        from stui_cli.work.talking.everywhere import evaluated_everywhere

        def told(answer: Answer) -> EvaluationRecord:
            return EvaluationRecord.of(answer_item(answer), failure=code_failure_of(answer, source, str(answer.target)))

        def hear(answer: Answer) -> None:
            if on_answer is not None:
                on_answer(told(answer))

        limits = _limits(time_limit, print_limit)
        targets = self._targets(images, labels or {}, session)
        if not targets:
            return []
        with evaluated_everywhere(
            self.bench,
            targets,
            source,
            limits,
            once=once,
            keep_history=keep_history,
            fail_early=stop_early,
            must_record=must_record,
            on_answer=hear,
        ) as answers:
            return [told(answer) for answer in answers]

    def inspect(
        self,
        what: str,
        target: str | Target | None = None,
        *,
        depth: int = 1,
        start: int = 1,
        count: int = 20,
        print_limit: int = 200,
        time_limit: float = 10.0,
    ) -> InspectionRecord:
        """Look into the value of an expression, or into the kept result "@REF" of a session: its class, its slots.

        `start` is the first indexed slot, from 1, and `count` how many. Raises CodeFailed where the expression raised
        or did not compile, NotFound for an unknown reference.
        """
        from stui_cli.work.talking.inspect import inspect, whole

        meant = self._target(target)
        bench, warnings = self._noting()
        found = inspect(
            bench,
            meant,
            what,
            depth=depth,
            start=start,
            count=count,
            print_limit=_limits(time_limit, print_limit).print_limit,
            time_s=time_limit,
        )
        return InspectionRecord.of(whole(found, kept=meant.session is not None), warnings=tuple(warnings))

    def load(
        self,
        files: Sequence[str | os.PathLike[str]],
        target: str | Target | None = None,
        *,
        form: str = "auto",
        time_limit: float = 300.0,
        keep_going: bool = False,
        on_output: Callable[[str], None] | None = None,
    ) -> LoadRecord:
        """Load files of source, or folders of them, in the order that they need. What fails is part of the answer.

        `form` is auto, chunks, brackets, tonel or statements; `time_limit` is for each file, in seconds.
        """
        from stui_cli.work.code.files import source_files
        from stui_cli.work.code.load import load_files
        from stui_cli.work.talking.loading import LoadWish

        bench, warnings = self._noting()
        found = source_files(_paths(files))
        loads = load_files(bench, self._target(target), found, LoadWish(form, time_limit, not keep_going), on_output)
        return _load(loads, warnings)

    def load_everywhere(
        self,
        files: Sequence[str | os.PathLike[str]],
        images: Sequence[str] | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        form: str = "auto",
        time_limit: float = 300.0,
        keep_going: bool = False,
    ) -> list[LoadRecord]:
        """The same in many images at once, which are meant as for `evaluate_everywhere`."""
        from stui_cli.work.code.files import source_files
        from stui_cli.work.code.load import load_everywhere
        from stui_cli.work.talking.loading import LoadWish

        found = source_files(_paths(files))
        targets = self._targets(images, labels or {}, None)
        if not targets:
            return []
        wish = LoadWish(form, time_limit, not keep_going)
        return [_load(loads, ()) for loads in load_everywhere(self.bench, targets, found, wish, lambda _: None)]

    def test(
        self,
        patterns: Sequence[str] = (),
        images: Sequence[str] | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        time_limit: float = 600.0,
        test_limit: float = 10.0,
        fail_fast: bool = False,
        rerun_failed: bool = False,
    ) -> list[SuiteRecord]:
        """Run the tests that the patterns mean, or all, in the images named at once; in that which a command here means
        where neither images nor labels are given. Whatever fails is part of the answer."""
        from stui_cli.work.code.suites import SuiteWish, run_everywhere

        if labels is None and images is None:
            chosen = [self._target(None).image]
        else:
            chosen = list(dict.fromkeys(target.image for target in self._targets(images, labels or {}, None)))
        wish = SuiteWish(several(patterns) or (), time_limit, test_limit, fail_fast, rerun_failed)
        if not chosen:
            return []
        return [_suite(run) for run in run_everywhere(self.bench, chosen, wish, lambda *_: None)]

    def browse(
        self,
        what: str,
        of: str | None = None,
        image: str | None = None,
        *,
        pattern: str | None = None,
        time_limit: float = 30.0,
    ) -> list[CodeRecord]:
        """Packages, classes (of a package), methods (of a class), source or comment (of a class or "Foo>>bar:"),
        hierarchy, implementors or senders (of a selector). Raises NotFound for what the image does not know."""
        from stui_cli.work.code.browse import Wish, browse, code_item_of

        name = self._target(image).image
        found = browse(self.bench, name, Wish(_checked_view(what, of), of, pattern, time_limit))
        return [CodeRecord.of(code_item_of(name, code)) for code in found.items]

    def compare(
        self,
        what: str,
        of: str | None,
        image: str,
        against: str,
        *,
        pattern: str | None = None,
        time_limit: float = 30.0,
    ) -> list[DifferenceRecord]:
        """What two images have not alike of what `browse` finds."""
        from stui_cli.work.code.browse import Wish, browse, differences, unlike_item

        names = self._target(image).image, self._target(against).image
        wish = Wish(_checked_view(what, of), of, pattern, time_limit)
        here, there = (browse(self.bench, name, wish).items for name in names)
        return [DifferenceRecord.of(unlike_item(names, each)) for each in differences(here, there)]

    def jobs(self, images: Sequence[str] | None = None) -> list[JobRecord]:
        """What runs in the images named, or in all that are not parked. Raises the first failure if
        no image could be asked; else `announce` hears of those that could not be."""
        from stui_cli.work.code.jobs import job_item_of, jobs_in

        bench = self.bench
        chosen = [image for image in self._images(images) if images is not None or not image.parked]
        seen = jobs_in(bench, chosen)
        if seen.failures and len(seen.failures) == len(chosen):
            raise seen.failures[0]
        for failure in seen.failures:
            bench.announce(f"warning: {failure.what}")
        return [JobRecord.of(job_item_of(job)) for job in seen.jobs]

    def interrupt(self, image: str, chosen: Sequence[str] = ()) -> list[JobRecord]:
        """Stop what these ids or sessions name in an image, or all that this stui asked for there; what was stopped."""
        from stui_cli.work.code.jobs import interrupt, job_item_of

        done = interrupt(self.bench, self._image(image).name, several(chosen) or (), lambda _: True)
        return [JobRecord.of(job_item_of(job)) for job in done.stopped]

    def _targets(self, images: Sequence[str] | None, labels: Mapping[str, str], session: str | None) -> list[Target]:
        """Those named, or all that are not parked; of both those that carry the labels."""
        from stui_cli.model.names import Target
        from stui_cli.work.workbench import known_image

        state = self.read()
        named = several(images)
        if named is None:
            chosen = [Target(image.name) for image in state.images.values() if not image.parked]
        else:
            chosen = list(dict.fromkeys(self._target(each) for each in named))
        fitting = [each for each in chosen if labels.items() <= known_image(state, each.image).metadata.items()]
        return [each._replace(session=each.session or session) for each in fitting]


class _Wish(NamedTuple):
    """How sources are run one after the other."""

    limits: Limits
    once: str | None
    on_output: Callable[[str], None] | None
    keep_history: bool
    must_record: bool
    keep_going: bool = False


def _each(
    bench: Workbench, target: Target, sources: Iterable[str], wish: _Wish, warnings: list[str]
) -> Iterator[EvaluationRecord]:
    from stui_cli.work.talking.evaluate import open_workplace

    with open_workplace(bench, target) as place:
        place.recorder.keep_history = wish.keep_history
        place.recorder.must = wish.must_record
        for source in sources:
            answer = place.evaluate(source, wish.limits, wish.on_output, wish.once)
            told = _evaluated(place, source, answer, warnings)
            yield told
            place.recorder.moment()
            if told.failure is not None and not wish.keep_going:
                return


def _limits(time_limit: float, print_limit: int) -> Limits:
    """Raises UsageProblem for limits that no image takes."""
    from stui_cli.model.code_limits import LARGEST_PRINT_LIMIT, LONGEST_TIME_LIMIT_MS
    from stui_cli.work.talking.evaluate import Limits

    if not 0 < time_limit * 1000 <= LONGEST_TIME_LIMIT_MS:
        raise UsageProblem(
            f"the time limit is {time_limit!r}", todo=f"give seconds above 0, {LONGEST_TIME_LIMIT_MS // 1000} at most"
        )
    if not 1 <= print_limit <= LARGEST_PRINT_LIMIT:
        raise UsageProblem(f"the print limit is {print_limit!r}", todo=f"give 1 to {LARGEST_PRINT_LIMIT} characters")
    return Limits(time_limit, print_limit)


_VIEWS = ("packages", "classes", "methods", "source", "comment", "hierarchy", "implementors", "senders")


def _checked_view(what: str, of: str | None) -> str:
    if what not in _VIEWS:
        raise UsageProblem(f"there is no view {what!r}", todo=f"one of {', '.join(_VIEWS)}")
    if of is None and what not in ("packages", "classes"):
        raise UsageProblem(f"{what} of what?", todo="name it")
    return what


def _paths(files: Sequence[str | os.PathLike[str]]) -> list[str]:
    import os

    if isinstance(files, str | os.PathLike):
        raise UsageProblem(f"{files!r} is one file, not a list of files", todo=f"write [{files!r}]")
    return [os.fspath(file) for file in files]


def _evaluated(place: Workplace, source: str, answer: Answered, warnings: list[str]) -> EvaluationRecord:
    from stui_cli.work.talking.answers import code_failure, evaluated_item

    target = place.target
    failure = None
    if answer.outcome != "returned":
        failure = code_failure(answer, source, str(target), target.image)
    item = evaluated_item(target, answer.outcome, answer, place.heard, place.incarnation)
    told, warnings[:] = tuple(warnings), []
    return EvaluationRecord.of(item, failure=failure, warnings=told)


def _load(loads: Loads, warnings: Sequence[str]) -> LoadRecord:
    from stui_cli.work.code.load import piece_items
    from stui_cli.work.code.load_failures import failures_of

    return LoadRecord(
        image=loads.target.image,
        session=loads.target.session,
        pieces=tuple(PieceRecord.of(item) for file in loads.files for item in piece_items(file)),
        failures=tuple(failures_of(loads)),
        not_loaded=tuple(file.file.name for file in loads.files if not file.sent),
        warnings=tuple(warnings),
    )


def _suite(run: SuiteRun) -> SuiteRecord:
    from stui_cli.work.code.suites import items_of, troubles_of

    return SuiteRecord(
        image=run.image,
        tests=tuple(TestedRecord.of(item) for item in items_of(run)),
        total=run.totals.total if run.totals else None,
        failures=tuple(troubles_of(run)),
    )
