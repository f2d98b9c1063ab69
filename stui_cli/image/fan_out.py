"""The same work for many images at once, so that a silent one costs its own time and nobody else's.

The work is a few small reads and much waiting, so threads with blocking links serve. They are daemons: after an
interrupt nobody waits for an image that does not answer.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")
V = TypeVar("V")

# How many conversations are held at once where nothing else bounds them: enough to hide the slow ones, few enough for
# any limit of open files.
AT_ONCE = 64

# The default of 8 MiB a thread would make a thousand of them look like a leak. Each takes about 60 KB of it.
_STACK = 512 * 1024

# How often it is looked whether more threads are needed, and how many items that ended since the last look show that
# they are not: a processor that is ours alone probes about 50 images in that time.
TICK_S = 0.02
_BUSY_PER_TICK = 8


class Fan(Generic[T, R]):
    """Threads that take items from one queue. `found` holds what the work returned by the item's place, `bugs` what it
    raised; that ends no thread and no other item. `finished` is set when every item is in one of the two."""

    def __init__(self, items: Sequence[T], work: Callable[[T], R]) -> None:
        self._items = items
        self._work = work
        self._waiting = deque(range(len(items)))
        self._begun: dict[int, float] = {}
        self._news: deque[int] = deque()
        self._arrived = threading.Semaphore(0)  # with a deque it is a queue, whose module costs half a millisecond
        self.found: dict[int, R] = {}
        self.bugs: dict[int, BaseException] = {}
        self.finished = threading.Event()
        if not items:
            self.finished.set()
        self._room = self._batch = 0  # how many threads may still be started, and how many were at once
        self._done_before = 0
        self._tended_at = 0.0

    def __len__(self) -> int:
        return len(self._items)

    def start(self, at_once: int = AT_ONCE, first: int = AT_ONCE) -> None:
        """`begin`, and then start more threads until every item is taken."""
        self.begin(at_once, first)
        while self._room and self._waiting and not self.finished.wait(TICK_S):
            self._grow()

    def begin(self, at_once: int = AT_ONCE, first: int = AT_ONCE) -> None:
        """Start `first` threads, of `at_once` at most. Where the system gives no thread at all the work is done in this
        one."""
        self._room, self._batch = min(at_once, len(self._items)), first
        self._add_batch(may_run=True)

    def tend(self, allowed: float, instead: Callable[[T], R]) -> None:
        """What is to be done now and then while somebody waits for what was begun: more threads, and `give_up`."""
        if time.monotonic() - self._tended_at >= TICK_S:
            self._tended_at = time.monotonic()
            self._grow()
            self.give_up(allowed, instead)

    def abandon(self) -> None:
        """Begin no more of them: what is under way is not waited for, and the threads end with it."""
        self._room = 0
        self._waiting.clear()

    def arrivals(self) -> Iterator[tuple[int, R]]:
        """The place of each item and what the work returned, as they come. Raises what it raised."""
        for _ in self._items:
            self._arrived.acquire()
            index = self._news.popleft()
            if index in self.bugs:
                raise self.bugs[index]
            yield index, self.found[index]

    def give_up(self, allowed: float, instead: Callable[[T], R]) -> None:
        """Put `instead` of each item for those that have taken `allowed` seconds, and start a thread for each if items
        still wait."""
        late = time.monotonic() - allowed
        hung = [index for index, at in list(self._begun.items()) if at <= late]
        for index in hung:
            self._end(index, self.found, instead(self._items[index]))
        self._add(min(len(hung), len(self._waiting)))

    def _grow(self) -> None:
        """Start more threads, twice as many each time, as long as hardly anything gets done, that is, while those there
        are wait for somebody. Where answers come as fast as they can be read, more threads would only take memory and
        the processor from each other, and every image would look slow."""
        if self._waiting and self._done - self._done_before < _BUSY_PER_TICK:
            self._batch *= 2
            self._add_batch()
        self._done_before = self._done

    def _add_batch(self, *, may_run: bool = False) -> None:
        batch = min(self._batch, self._room)
        self._room = self._room - batch if batch and self._add(batch, may_run=may_run) else 0

    @property
    def _done(self) -> int:
        return len(self.found) + len(self.bugs)

    def _add(self, count: int, *, may_run: bool = False) -> bool:
        """Start `count` threads; whether the system gave them all. With `may_run` the work is done in this thread if it
        gave none."""
        before = threading.stack_size(_STACK)
        try:
            for _ in range(count):
                threading.Thread(target=self._run, daemon=True).start()
                may_run = False
        except RuntimeError:
            if not may_run:
                return False
        else:
            return True
        finally:
            threading.stack_size(before)
        self._run()
        return False

    def _run(self) -> None:
        while True:
            try:
                index = self._waiting.popleft()
            except IndexError:
                return
            self._begun[index] = time.monotonic()
            try:
                made = self._work(self._items[index])
            except BaseException as error:
                self._end(index, self.bugs, error)
                if not isinstance(error, Exception):  # an interrupt of the caller's own thread, say
                    raise
            else:
                self._end(index, self.found, made)

    def _end(self, index: int, where: dict[int, V], what: V) -> None:
        """Keep what came of an item, unless it was given up before."""
        if self._begun.pop(index, None) is None:
            return
        where[index] = what
        self._news.append(index)
        self._arrived.release()
        if self._done == len(self._items):
            self.finished.set()


def fan_out(items: Sequence[T], work: Callable[[T], R]) -> list[R]:
    """`work` of every item, in the order of the items. Raises the first exception of `work` when all are done."""
    if len(items) < 2:
        return [work(item) for item in items]
    fan = Fan(items, work)
    fan.start()
    fan.finished.wait()
    for bug in fan.bugs.values():
        raise bug
    return [fan.found[index] for index in range(len(items))]
