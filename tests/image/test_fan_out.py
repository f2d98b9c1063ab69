"""Many items at once: order, bugs, threads that the system does not give, work that hangs, an interrupt."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from stui_cli.image.fan_out import Fan, fan_out

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT_S = 30


def allow_threads(monkeypatch: pytest.MonkeyPatch, allowed: int) -> list[threading.Thread]:
    """Give out no more than `allowed` threads; answers those that were given."""
    start, started = threading.Thread.start, []

    def refuse(thread: threading.Thread) -> None:
        if len(started) >= allowed:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    return started


def together(count: int) -> Callable[[int], int]:
    """Work that ends only when it is done `count` times at once."""
    barrier = threading.Barrier(count)

    def work(item: int) -> int:
        barrier.wait(WAIT_S)
        return item * 2

    return work


@pytest.mark.parametrize("count", [0, 1, 2, 64])
def test_what_is_found_stands_in_the_order_of_the_items(count: int) -> None:
    assert fan_out(range(count), together(count) if count else together(1)) == [2 * n for n in range(count)]


@pytest.mark.parametrize("allowed", [0, 3])
@pytest.mark.parametrize("count", [2, 200])
def test_without_more_threads_the_items_take_turns(count: int, allowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    allow_threads(monkeypatch, allowed)
    assert fan_out(range(count), lambda n: n + 1) == [n + 1 for n in range(count)]


def test_a_bug_is_raised_when_all_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more items than there are threads: a bug ends none of these, or the rest would never be done."""
    done = []
    allow_threads(monkeypatch, 1)

    def work(item: int) -> None:
        if item < 3:
            raise ZeroDivisionError(item)
        done.append(item)

    with pytest.raises(ZeroDivisionError, match="0"):
        fan_out(range(10), work)
    assert done == list(range(3, 10))


def test_more_threads_come_while_all_wait() -> None:
    """Twenty that end only together, and two threads to begin with."""
    fan = Fan(range(20), together(20))
    fan.start(at_once=20, first=2)
    assert fan.finished.wait(WAIT_S)
    assert fan.bugs == {}


def test_arrivals_come_as_they_end_and_raise_what_was_raised() -> None:
    second, failed = threading.Event(), Fan[int, int]([0], lambda n: 1 // n)
    fan = Fan([0, 1], lambda n: n if n else second.wait(WAIT_S))
    fan.start()
    arrivals = fan.arrivals()
    assert next(arrivals) == (1, 1)
    second.set()
    assert list(arrivals) == [(0, True)]
    failed.start()
    with pytest.raises(ZeroDivisionError):
        list(failed.arrivals())


def test_what_hangs_is_given_up_and_the_rest_is_done() -> None:
    release = threading.Event()
    fan: Fan[int, str] = Fan(range(4), lambda n: str(n) if n > 1 else str(release.wait(WAIT_S)))
    fan.start(at_once=2, first=2)
    try:
        while not fan.finished.wait(0.01):
            fan.tend(0.05, lambda n: f"no {n}")
    finally:
        release.set()
    assert fan.found == {0: "no 0", 1: "no 1", 2: "2", 3: "3"}


def test_of_what_is_abandoned_nothing_more_begins() -> None:
    """What is under way comes to its end, and so do the threads."""
    release, begun = threading.Event(), threading.Semaphore(0)

    def work(item: int) -> bool:
        begun.release()
        return release.wait(WAIT_S)

    others = set(threading.enumerate())
    fan: Fan[int, bool] = Fan(range(9), work)
    fan.begin(at_once=2, first=2)
    assert all(begun.acquire(timeout=WAIT_S) for _ in range(2))
    fan.abandon()
    release.set()
    for thread in set(threading.enumerate()) - others:
        thread.join(WAIT_S)
    assert fan.found == {0: True, 1: True}
    assert not begun.acquire(blocking=False)


def test_an_interrupt_of_the_callers_own_thread_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_threads(monkeypatch, 0)

    def work(item: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fan_out(range(3), work)
