"""Monitoring that goes on: images are probed again and again, in a thread of its own."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound, StuiError
from stui_cli.model.times import Moment
from stui_cli.work.images.monitor import Records, probe_due

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.state import State
    from stui_cli.work.images.team_rounds import TeamRounds
    from stui_cli.work.workbench import Workbench

# Before the words of why a round did nothing.
WAITS = "warning: monitoring waits: "

# How long it waits at most for a store that fails to work again, in seconds.
_LONGEST_PAUSE_S = 60.0


class Monitoring:
    """Probes images again and again in a thread of its own, each when its back-off is over, until it is stopped.

    Only `stop` ends it, or that an image is gone that was named; a store that cannot be read or written meanwhile is
    told, and tried again later and later up to once a minute. Leaving it as a context manager stops it.

    `choose` picks the images of each round from the state as it is then, so that images come and go while it runs.
    `interval` is in seconds. `records` is what the last round left, `problem` why it did nothing, None where it did.
    `rounds_of_team` makes them where monitors of a team share what they find; the one here is closed with it.
    """

    def __init__(
        self,
        bench: Workbench,
        choose: Callable[[State], Sequence[Image]],
        interval: float,
        rounds_of_team: TeamRounds | None = None,
    ) -> None:
        self._bench = bench
        self._team = rounds_of_team
        self._choose = choose
        self._interval = interval
        self._stopping = threading.Event()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="stui monitoring", daemon=True)
        self._failure: StuiError | None = None
        self._told: set[str] = set()
        self._rounds = 0
        self._ended = False
        self.records: Records = {}
        self.problem: StuiError | None = None

    def __enter__(self) -> Monitoring:
        return self

    def __exit__(self, *exit_details: object) -> None:
        self.stop()

    def start(self) -> Monitoring:
        """Begin; answers itself."""
        self._thread.start()
        return self

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    @property
    def rounds(self) -> int:
        """How many rounds are done."""
        return self._rounds

    def stop(self) -> None:
        """End it; a round that is under way is left to itself."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(0.5 if self._team is None else 1.5)  # who leads leaves that to others

    def wait(self, seen: int, seconds: float) -> int:
        """Wait until more than `seen` rounds are done, `seconds` at most; answers how many are. Raises the StuiError
        that ended it: an image named is gone. A store that fails ends nothing, see `problem`."""
        with self._news:
            self._news.wait_for(lambda: self._rounds > seen or self._ended, seconds)
        if self._failure is not None:
            raise self._failure
        if self._ended and not self._stopping.is_set():
            raise StuiError("the monitoring ended by itself", todo="this is a bug of stui; please report what it said")
        return self._rounds

    def _run(self) -> None:
        try:
            self._go_round()
        finally:
            if self._team is not None:
                self._team.close()
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _go_round(self) -> None:
        pause = self._interval
        while not self._stopping.is_set():
            try:
                self.records = self._round(self._bench.store.read())
                self.problem, pause = None, self._interval
            except NotFound as error:
                self._failure = error
                self._stopping.set()
            except StuiError as error:
                self._met(error)
                pause = max(self._interval, min(2 * pause, _LONGEST_PAUSE_S))
            with self._news:
                self._rounds += 1
                self._news.notify_all()
            gc.collect()  # what failed left circles; a command by itself looks too seldom for what goes on for days
            (self._team or self._bench.store).pause(pause, self._stopping)

    def _round(self, state: State) -> Records:
        images = self._choose(state)
        return probe_due(self._bench, images, self.records) if self._team is None else self._team.round(state, images)

    def _met(self, error: StuiError) -> None:
        """Keep what a round could not do, and tell it once; with the time where the same was over in between."""
        if self.problem is None or self.problem.what != error.what:
            again = f" (again, at {Moment(self._bench.clock())})" if error.what in self._told else ""
            self._bench.announce(f"{WAITS}{error.what}{again}")
            self._told.add(error.what)
        self.problem = error
