"""Running tests: each under a limit of its own, and told as it ends."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stui_cli.playground import ticking
from stui_cli.playground.agent.browsing import classes_of, matcher
from stui_cli.playground.agent.evaluating import ENDED_ITSELF, MOST_MS, bounded, plain
from stui_cli.playground.agent.jobs import TOLD, AgentJob
from stui_cli.playground.agent.loading import LoadingHabits
from stui_cli.playground.agent.saying import SaidText
from stui_cli.playground.kernel.sunit import case, test_selectors
from stui_cli.playground.machine import Machine, Workspace
from stui_cli.playground.objects import symbol
from stui_cli.playground.signals import EndedItself, Raised, Stopped
from stui_cli.protocol.code import RunTests, Tested, Totals
from stui_cli.protocol.fields import to_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.agent.peers import Peer
    from stui_cli.playground.classes import Behavior
    from stui_cli.protocol.evaluation import Problem

_PROGRESS_S = 0.1


class Limit:
    """When a test is to stop: as its run, or when its own time is over."""

    def __init__(self, job: AgentJob, until: float) -> None:
        self._stop = job.stop
        self._until = until

    def is_set(self) -> bool:
        """Whether it is."""
        return self._stop.is_set() or time.monotonic() > self._until

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it at most so long; return whether it is."""
        left = max(0.0, self._until - time.monotonic())
        self._stop.wait(left if timeout is None else min(timeout, left))
        return self.is_set()


@dataclass
class TestRun:
    """One run on its way."""

    job: AgentJob
    asked: RunTests
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("passed", "failed", "error", "skipped"), 0))
    ended: str = "done"
    trouble: Problem | None = None
    told_at: float = 0.0

    @property
    def done(self) -> int:
        """How many tests have ended."""
        return sum(self.counts.values())

    def left_ms(self) -> float:
        """What is left of the time of all."""
        return self.asked.time_limit_ms - self.job.elapsed_ms


class TestingHabits(LoadingHabits):
    """Finds the tests that are meant, and runs one after the other."""

    def run_tests(self, peer: Peer, number: int, asked: RunTests) -> None:
        """Begin. Raises Refusal."""
        bounded(asked.time_limit_ms, "time_limit_ms", 1, MOST_MS)
        bounded(asked.test_limit_ms, "test_limit_ms", 1, MOST_MS)
        told = " ".join(("tests", *asked.patterns))[:TOLD]
        # The run itself watches its time, so that it can tell what was done by then.
        limit = asked.time_limit_ms + MOST_MS
        self.submit(
            AgentJob(peer, number, limit, lambda job: self.tested(TestRun(job, asked)), told, None, "run_tests")
        )

    def tested(self, run: TestRun) -> Totals:
        """Run them. Raises Stopped."""
        found = self._tests(run)
        for behavior, selector in found:
            if run.left_ms() <= 0:
                run.ended = "time_limit"
            if run.ended != "done":
                break
            self._tell_progress_of(run, len(found), f"{behavior.name}>>{selector}")
            ended = self._run_one(run, behavior, selector)
            if ended is None:
                run.ended = "time_limit"
                break
            run.counts[ended.outcome] += 1
            run.job.peer.notify("test", to_map(ended))
            if run.asked.fail_fast and ended.outcome in ("failed", "error"):
                run.ended = "fail_fast"
        counts = run.counts
        return Totals(
            len(found), counts["passed"], counts["failed"], counts["error"], counts["skipped"], run.job.elapsed_ms,
            "done" if run.done == len(found) else run.ended, run.trouble,
        )  # fmt: skip

    def _tests(self, run: TestRun) -> list[tuple[Behavior, str]]:
        root = self.image.classes["TestCase"]
        means = [_meant_by(pattern) for pattern in run.asked.patterns]
        below = (each for each in classes_of(self.image) if each is not root and each.inherits_from(root))
        found = []
        for behavior in sorted(below, key=lambda each: each.name):
            for selector in self._selectors(run, behavior):
                if not means or any(mean(behavior, selector) for mean in means):
                    found.append((behavior, selector))
        return found

    def _selectors(self, run: TestRun, behavior: Behavior) -> list[str]:
        """The tests of a class. What goes wrong here is no test's fault."""
        machine = self.machine(run.job, None)
        selectors: list[str] = []

        def find(machine: Machine, behavior: Behavior) -> None:
            if not machine.truth(machine.send(behavior, "isAbstract")):
                selectors.extend(test_selectors(machine, behavior))

        try:
            with ticking.attended(machine):
                machine.within(find, behavior)
        except Raised as error:
            run.trouble = run.trouble or self.raised(error)
        return sorted(selectors)

    def _tell_progress_of(self, run: TestRun, total: int, doing: str) -> None:
        now = time.monotonic()
        if now - run.told_at >= _PROGRESS_S:
            run.told_at = now
            told = {"id": run.job.number, "done": run.done, "total": total, "doing": doing}
            run.job.peer.notify("progress", told)

    def _run_one(self, run: TestRun, behavior: Behavior, selector: str) -> Tested | None:
        """None if the time of all was over before its own: nothing can be said of it. Raises Stopped."""
        begun = time.monotonic()
        left_ms = max(1.0, run.left_ms())
        limit_ms = min(run.asked.test_limit_ms, left_ms)
        said = SaidText(self.settings.output_limit)
        machine = Machine(self.image, Workspace(), said.add, Limit(run.job, begun + limit_ms / 1000))
        try:
            outcome, message, stack = self._outcome(machine, behavior, selector)
        except EndedItself:
            outcome, message, stack = "error", ENDED_ITSELF, ()
        except Stopped:
            if run.job.stop.is_set():
                raise
            if limit_ms == left_ms:
                return None
            outcome, message, stack = (
                "error",
                f"it was stopped after {run.asked.test_limit_ms} ms, which is its limit",
                (),
            )
        took = round((time.monotonic() - begun) * 1000)
        name = behavior.name
        return Tested(run.job.number, name, selector, outcome, message, stack, took, plain(said.text))

    def _outcome(self, machine: Machine, behavior: Behavior, selector: str) -> tuple[str, str | None, tuple[str, ...]]:
        """passed, failed, error or skipped, with the message and the stack. Raises Stopped."""
        expected = False

        def body(machine: Machine, behavior: Behavior) -> None:
            nonlocal expected
            test = case(machine, behavior, selector)
            failing = machine.send(test, "expectedFailures")
            expected = machine.send(failing, "includes:", symbol(selector)) is True
            machine.send(test, "runCase")

        try:
            with ticking.attended(machine):
                machine.within(body, behavior)
        except Raised as error:
            told = self._of_raised(error)
            return ("passed", None, ()) if expected and told[0] != "skipped" else told
        return ("failed", "it passed, though a failure is expected", ()) if expected else ("passed", None, ())

    def _of_raised(self, error: Raised) -> tuple[str, str, tuple[str, ...]]:
        classes, cls = self.image.classes, error.signal.cls
        stack = tuple(plain(frame) for frame in error.stack)
        message = plain(error.message)
        if cls.inherits_from(classes["TestFailure"]):
            return "failed", message, stack
        if cls.inherits_from(classes["TestSkip"]):
            return "skipped", message, stack
        return "error", f"{error.kind}: {message}", stack


def _meant_by(pattern: str) -> Callable[[Behavior, str], bool]:
    """Whether a pattern means a test: by its class, or package, and after >> by its selector."""
    name, arrows, selector = pattern.partition(">>")
    fits, fits_selector = matcher(name), matcher(selector if arrows else None)
    return lambda behavior, each: fits_selector(each) and (fits(behavior.name) or fits(behavior.category))
