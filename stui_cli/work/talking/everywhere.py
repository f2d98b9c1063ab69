"""One expression in many images at once: each answers for itself, and one that fails stops the others only if asked."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli.image.fan_out import Fan
from stui_cli.model.errors import StuiError
from stui_cli.work.talking.evaluate import Limits, Workplace, open_workplace
from stui_cli.work.talking.reach import make_ways
from stui_cli.work.talking.record import Noted, audit_line, begin_everywhere, warning_once, whole_at, write_all
from stui_cli.work.talking.running import NOTHING_HEARD, Heard, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stui_cli.model.names import Target
    from stui_cli.protocol.evaluation import Evaluation
    from stui_cli.work.talking.record import Recorder
    from stui_cli.work.workbench import Workbench


@dataclass(frozen=True)
class Answer:
    """What came of it in one image: an evaluation (which may have raised), or a failure that kept it from being one.

    Neither is there where it was not started, because another one failed before. `heard` is what it printed, also
    where it failed.
    """

    target: Target
    evaluation: Evaluation | None = None
    incarnation: str | None = None
    failure: StuiError | None = None
    heard: Heard = NOTHING_HEARD

    @property
    def outcome(self) -> str:
        """returned, raised, not_run, or unknown."""
        if self.evaluation is not None:
            return self.evaluation.outcome
        if self.failure is None or self.incarnation is None:  # without one there was no conversation
            return "not_run"
        return outcome_of(self.failure)


@contextmanager
def evaluated_everywhere(
    bench: Workbench,
    targets: Sequence[Target],
    source: str,
    limits: Limits,
    *,
    once: str | None = None,
    keep_history: bool = True,
    fail_early: bool = False,
    must_record: bool = False,
    on_answer: Callable[[Answer], None],
) -> Iterator[list[Answer]]:
    """Run `source` in every target; gives the answers in their order, `on_answer` hears each as it comes.

    With `fail_early` one after the other, up to the first that fails. An interrupt is passed on to every image that
    runs it. What ran is recorded in one go at the end, whatever happens: after the answers are told, since a locked
    store must not delay them. A bug in one of them is raised then, when all others were told too.
    """
    bench.store.settings()  # a config.toml that cannot be used is told before anything is sent
    run = _Run(bench, targets, source, limits, once, keep_history)
    recording = warning_once(bench)
    begin_everywhere(recording, targets, source, must=must_record)
    try:
        try:
            answers = _one_by_one(run, targets, on_answer) if fail_early else _at_once(run, targets, on_answer)
        except BaseException:
            run.interrupt()
            raise
        yield answers
    finally:
        write_all(recording, run.noted())
    if run.bugs:
        raise run.bugs[0]


class _Run:
    """What all the conversations share."""

    def __init__(
        self,
        bench: Workbench,
        targets: Sequence[Target],
        source: str,
        limits: Limits,
        once: str | None,
        keep_history: bool,
    ) -> None:
        self._bench = bench
        self._targets = targets
        self._state = bench.store.read()
        self._source = source
        self._limits = limits
        self._once = once
        self._keep_history = keep_history
        self._open: list[Workplace] = []
        self._stop = threading.Event()
        self._recorders: dict[Target, Recorder] = {}
        self._began = bench.clock()
        self.bugs: list[Exception] = []

    def make_ways(self) -> None:
        make_ways(self._bench, [target.image for target in self._targets])

    def answer(self, target: Target) -> Answer:
        if self._stop.is_set():
            return Answer(target)
        try:
            return self._answer(target)
        except StuiError as error:
            return Answer(target, failure=error)
        except Exception as error:  # noqa: BLE001  a bug in one must not take the others' answers along
            return Answer(target, failure=self._bug(target, error))

    def _answer(self, target: Target) -> Answer:
        workplace = open_workplace(self._bench.allowing(), target, self._state)  # they take turns
        workplace.recorder.held = True
        workplace.recorder.keep_history = self._keep_history
        workplace.recorder.whole_at = whole_at(target, self._targets)
        self._open.append(workplace)
        self._recorders[target] = workplace.recorder
        try:
            with workplace:
                if self._stop.is_set():
                    return Answer(target)
                evaluation = workplace.evaluate(self._source, self._limits, None, self._once)
                return Answer(target, evaluation, workplace.incarnation, heard=workplace.heard)
        except StuiError as error:
            return Answer(target, None, workplace.incarnation, error, workplace.heard)
        except Exception as error:  # noqa: BLE001  the same, where it may have run
            return Answer(target, None, workplace.incarnation, self._bug(target, error), workplace.heard)

    def _bug(self, target: Target, error: Exception) -> StuiError:
        self.bugs.append(error)
        return StuiError(f"a bug of stui hides what came of it: {error!r}").about(target.image, str(target))

    def noted(self) -> list[Noted]:
        """What is to be written of every target; of those that were never asked, that nothing ran there."""
        asked = {target: recorder.taken() for target, recorder in list(self._recorders.items())}
        return [asked.get(target) or self._not_run(target) for target in self._targets]

    def _not_run(self, target: Target) -> Noted:
        first = whole_at(target, self._targets)
        line = audit_line(self._bench, target, self._began, "evaluate", "not_run", self._source, None, first)
        return Noted((), (line,))

    def interrupt(self) -> None:
        """Start nothing more, and stop what runs; it counts as unknown."""
        self._stop.set()
        for workplace in list(self._open):
            workplace.interrupt()


def _one_by_one(run: _Run, targets: Sequence[Target], on_answer: Callable[[Answer], None]) -> list[Answer]:
    answers: list[Answer] = []
    failed = False
    for target in targets:
        answer = Answer(target) if failed else run.answer(target)
        failed = failed or answer.outcome != "returned"
        answers.append(answer)
        on_answer(answer)
    return answers


def _at_once(run: _Run, targets: Sequence[Target], on_answer: Callable[[Answer], None]) -> list[Answer]:
    run.make_ways()
    fan = Fan(targets, run.answer)
    fan.start()
    for _, answer in fan.arrivals():
        on_answer(answer)
    return [fan.found[index] for index in range(len(targets))]
