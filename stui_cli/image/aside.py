"""One thread for what may wait, beside a loop that must not."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from stui_cli.image.transports.waits import Pause

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.image.transports.waits import Steps

R = TypeVar("R")

# How soon it is looked whether it is done, and then less and less often, for a thousand may wait for one. And for how
# long after the deadline of who asks, which is told then that nothing came of it.
_FIRST_LOOK_S, _LAST_LOOK_S = 0.001, 0.05
_PATIENCE_S = 0.25


class _Job(Generic[R]):
    def __init__(self, work: Callable[[], R]) -> None:
        self._work = work
        self.is_done = False
        self._came: R | None = None
        self._bug: Exception | None = None

    def run(self) -> None:
        try:
            self._came = self._work()
        except Exception as bug:  # noqa: BLE001  it is raised where it was asked for
            self._bug = bug
        self.is_done = True

    def result(self) -> R | None:
        if self._bug is not None:
            raise self._bug
        return self._came


class Aside:
    """Does one thing after the other. Its thread is there while something is to be done."""

    def __init__(self) -> None:
        self._jobs: deque[_Job[Any]] = deque()
        self._lock = threading.Lock()
        self._works = False

    def asked(self, work: Callable[[], R]) -> Steps[R | None]:
        """What `work` returns, or raises; None where it does not come in time."""
        job = _Job(work)
        self._begin(job)
        given_up_at: float | None = None
        look_s = _FIRST_LOOK_S
        while not job.is_done and (given_up_at is None or time.monotonic() < given_up_at):
            try:
                yield Pause(look_s)
            except TimeoutError:
                given_up_at = given_up_at or time.monotonic() + _PATIENCE_S
            look_s = min(2 * look_s, _LAST_LOOK_S)
        return job.result() if job.is_done else None

    def _begin(self, job: _Job[R]) -> None:
        with self._lock:
            self._jobs.append(job)
            if self._works:
                return
            self._works = True
        try:
            threading.Thread(target=self._work, name="stui-aside", daemon=True).start()
        except RuntimeError:  # the system gives no thread: then it is waited for
            self._work()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._works = False
                    return
                job = self._jobs.popleft()
            job.run()
