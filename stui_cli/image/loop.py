"""Many conversations in one thread: one loop of sockets that never wait, whatever any of their other ends does.

Each is a generator of steps (transports/waits.py) with a deadline of its own. What a step costs is bounded by who wrote
it (one read of a few KiB), so one that is sent very much, or nothing, costs the others nothing but its turn.

    waiting  --a place is free-->  open  --what it waits for came, again and again-->  ended: `found`, or `bugs`
                                         --its deadline passed: TimeoutError in it-->
                                         --it wants its turn, and a place is free-->  open
"""

from __future__ import annotations

import heapq
import time
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from stui_cli.image.polling import poller
from stui_cli.image.transports.waits import LONGEST_WAIT_S, Pause, Turn
from stui_cli.model.deadlines import Deadline

if TYPE_CHECKING:
    import _socket as socket
    from collections.abc import Callable, Sequence

    from stui_cli.image.transports.waits import Steps, Wait

T = TypeVar("T")
R = TypeVar("R")
V = TypeVar("V")

# So many that began lately are open at once. More would only wait for us, and look slow for it: of a thousand each
# seems 3 ms away, which is 2 with half as many at once, and 8 with twice as many; a round of a thousand takes 240 ms
# with 16, 225 with 32 or with 64. What began longer ago waits for somebody else, and takes no place in this window; it
# is twice as wide after each tick in which none ended.
_FIRST_WINDOW = 32
_MOST_BEGUN = 32  # in one turn
_YOUNG_S = 0.01
_TICK_S = 0.02


class _Open:
    """A conversation that is under way, and what it waits for."""

    __slots__ = ("began", "ended", "events", "index", "is_young", "number", "socket", "steps", "wants_turn")

    def __init__(self, index: int, steps: Steps[object], began: float) -> None:
        self.index = index
        self.steps = steps
        self.began = began
        self.is_young = True
        self.wants_turn = False
        self.ended = False
        self.socket: socket.socket | None = None
        self.number = -1  # the descriptor of that, which a closed one does not tell any more
        self.events = 0


class Loop(Generic[T, R]):
    """One conversation with each item. `found` holds what they came to by the item's place, `bugs` what they raised,
    which ends no other one."""

    def __init__(self, items: Sequence[T], begin: Callable[[T, Deadline], Steps[R]]) -> None:
        self._items = items
        self._begin_one = begin
        self._waiting = deque(range(len(items)))
        self._open: set[_Open] = set()
        self._returning: deque[_Open] = deque()  # those that want their turn, and some that did
        self._recent: deque[_Open] = deque()  # in the order in which they began
        self._young = 0
        self._window = _FIRST_WINDOW
        self._looked_at = (0.0, 0)  # when, and how many had ended
        self._deadlines: list[tuple[float, int, _Open]] = []
        self._pauses: list[tuple[float, int, _Open]] = []
        self._poller = poller()
        self.found: dict[int, R] = {}
        self.bugs: dict[int, BaseException] = {}

    def __len__(self) -> int:
        return len(self._items)

    def run(self, seconds: float, at_once: int, tend: Callable[[], bool] | None = None) -> None:
        """Lead all of them to their end, each in `seconds`, `at_once` at most, which is at least 1. `tend` is called
        many times meanwhile, for what else goes on, as long as it says that something does."""
        self._looked_at = (time.monotonic(), 0)
        try:
            while self._waiting or self._open:
                self._begin_more(seconds, at_once)
                for ready in self._poller.ready(self._patience(at_once, tended=tend is not None)):
                    self._go_on(ready)
                self._wake(time.monotonic())
                if tend is not None and not tend():
                    tend = None
        finally:
            for each in self._open:
                each.steps.close()
            self._poller.close()

    def _may_begin(self, at_once: int) -> bool:
        return bool(self._waiting) and self._young < self._window and len(self._open) < at_once

    def _may_return(self) -> bool:
        return bool(self._returning) and self._young < self._window

    def _begin_more(self, seconds: float, at_once: int) -> None:
        if not self._waiting and not self._returning:
            return
        now = time.monotonic()
        self._age(now)
        for _ in range(_MOST_BEGUN):
            if not self._may_return():
                break
            self._let_return(self._returning.popleft(), now)
        for _ in range(_MOST_BEGUN):
            if not self._may_begin(at_once):
                return
            index = self._waiting.popleft()
            deadline = Deadline.after(seconds)
            begun = _Open(index, self._begin_one(self._items[index], deadline), deadline.at - seconds)
            self._open.add(begun)
            self._recent.append(begun)
            self._young += 1
            heapq.heappush(self._deadlines, (deadline.at, index, begun))
            self._go_on(begun)

    def _let_return(self, one: _Open, now: float) -> None:
        if one.wants_turn and not one.ended:
            one.began = now
            one.is_young = True
            self._young += 1
            self._recent.append(one)
            self._go_on(one)

    def _age(self, now: float) -> None:
        """Widen the window while hardly anything ends; who began long ago leaves it."""
        recent = self._recent
        while recent and (recent[0].ended or now - recent[0].began > _YOUNG_S):
            self._leave_window(recent.popleft())
        looked, ended_then = self._looked_at
        if now - looked >= _TICK_S:
            ended = len(self.found) + len(self.bugs)
            self._window = _FIRST_WINDOW if ended > ended_then else 2 * self._window
            self._looked_at = now, ended

    def _leave_window(self, one: _Open) -> None:
        if one.is_young:
            one.is_young = False
            self._young -= 1

    def _patience(self, at_once: int, *, tended: bool) -> float:
        """For how long nothing has to be done but what sockets ask for, in seconds."""
        if not self._open or self._may_begin(at_once) or self._may_return():
            return 0.0
        if tended or self._waiting or self._returning:
            return _YOUNG_S
        next_at = min(self._deadlines[0][0], self._pauses[0][0] if self._pauses else self._deadlines[0][0])
        return min(max(0.0, next_at - time.monotonic()), LONGEST_WAIT_S)

    def _wake(self, now: float) -> None:
        """Go on with those whose pause is over, and end those whose time is."""
        while self._pauses and self._pauses[0][0] <= now:
            paused = heapq.heappop(self._pauses)[2]
            if not paused.ended:
                self._go_on(paused)
        while self._deadlines and (self._deadlines[0][2].ended or self._deadlines[0][0] <= now):
            at, index, late = heapq.heappop(self._deadlines)
            if not late.ended:
                self._go_on(late, TimeoutError())
                if not late.ended:
                    heapq.heappush(self._deadlines, (at + _TICK_S, index, late))

    def _go_on(self, one: _Open, error: Exception | None = None) -> None:
        one.wants_turn = False
        try:
            wait = next(one.steps) if error is None else one.steps.throw(error)
        except StopIteration as end:
            self._end(one, self.found, end.value)
        except BaseException as bug:
            self._end(one, self.bugs, bug)
            if not isinstance(bug, Exception):  # an interrupt
                raise
        else:
            self._wait_for(one, wait)

    def _wait_for(self, one: _Open, wait: Wait) -> None:
        if isinstance(wait, Pause):
            self._forget_socket(one)
            self._leave_window(one)
            heapq.heappush(self._pauses, (time.monotonic() + wait.seconds, one.index, one))
        elif isinstance(wait, Turn):
            self._forget_socket(one)
            self._leave_window(one)
            one.wants_turn = True
            self._returning.append(one)
        elif wait.socket is not one.socket:
            self._forget_socket(one)
            one.socket, one.number, one.events = wait.socket, wait.socket.fileno(), wait.events
            self._poller.watch(one.number, one.events, one)
        elif wait.events != one.events:
            self._poller.watch(one.number, wait.events, one)
            one.events = wait.events

    def _forget_socket(self, one: _Open) -> None:
        """Before another one is given its number, if it was closed."""
        if one.socket is not None:
            self._poller.forget(one.number, is_closed=one.socket.fileno() == -1)
            one.socket = None

    def _end(self, one: _Open, where: dict[int, V], what: V) -> None:
        self._forget_socket(one)
        one.ended = True
        self._open.discard(one)
        self._leave_window(one)
        where[one.index] = what
