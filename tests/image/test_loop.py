"""Many conversations in one thread: their order, their deadlines, what one of them can do to the others."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from stui_cli.image import loop as loops
from stui_cli.image.aside import Aside
from stui_cli.image.loop import Loop
from stui_cli.image.polling import Selector, poller
from stui_cli.image.transports.waits import READ, WRITE, Pause, Ready, Turn, waited_for
from stui_cli.model.deadlines import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.image.transports.waits import Steps


@pytest.fixture
def pair() -> Iterator[Callable[[], tuple[socket.socket, socket.socket]]]:
    """Makes two sockets that are connected and do not wait."""
    with ExitStack() as stack:

        def make() -> tuple[socket.socket, socket.socket]:
            both = socket.socketpair()
            for each in both:
                each.setblocking(False)
                stack.enter_context(each)
            return both

        yield make


def run(steps: list[Steps[Any]], seconds: float = 5, at_once: int = 100) -> Loop[Steps[Any], Any]:
    loop: Loop[Steps[Any], Any] = Loop(steps, lambda each, deadline: each)
    loop.run(seconds, at_once)
    return loop


def reading(ours: socket.socket) -> Steps[bytes]:
    yield Ready(ours, READ)
    return ours.recv(10)


def silent(ours: socket.socket) -> Steps[str]:
    with closing(ours):
        try:
            yield Ready(ours, READ)
        except TimeoutError:
            return "late"
        return "heard"


def test_who_hears_first_ends_first(pair: Any) -> None:
    (first, to_first), (second, to_second) = pair(), pair()

    def answering() -> Steps[str]:
        to_second.send(b"2")
        yield Pause(0.05)
        to_first.send(b"1")
        return "done"

    loop = run([reading(first), reading(second), answering()])
    assert list(loop.found.items()) == [(1, b"2"), (2, "done"), (0, b"1")]
    assert loop.bugs == {}


@pytest.mark.parametrize("poller", [poller, Selector], ids=["this system's", "any system's"])
def test_one_goes_from_writing_to_reading_and_from_one_socket_to_the_next(
    pair: Any, poller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stui_cli.image.loop.poller", poller)

    def talking() -> Steps[list[bytes]]:
        heard = []
        for _ in range(3):  # each closed one's number is the next one's
            ours, theirs = pair()
            yield Ready(ours, WRITE)
            ours.send(b"x")
            theirs.send(b"y")
            heard.append((yield from reading(ours)))
            ours.close()
            theirs.close()
        return heard

    assert run([talking() for _ in range(20)]).found == {n: [b"y"] * 3 for n in range(20)}


def test_who_waits_for_nothing_is_not_waited_for() -> None:
    def at_once() -> Steps[int]:
        yield from ()
        return 1

    begun = time.monotonic()
    assert run([at_once() for _ in range(100)], 60).found == dict.fromkeys(range(100), 1)
    assert time.monotonic() - begun < 20


def test_silence_ends_each_at_its_own_time(pair: Any) -> None:
    begun = time.monotonic()
    loop = run([silent(pair()[0]) for _ in range(200)], 0.2)
    assert loop.found == dict.fromkeys(range(200), "late")
    assert 0.2 <= time.monotonic() - begun < 10  # one after the other they take 40


def test_who_goes_on_after_its_time_is_told_again(pair: Any) -> None:
    ours, _ = pair()

    def stubborn() -> Steps[int]:
        for told in range(3):
            try:
                yield Ready(ours, READ)
            except TimeoutError:
                continue
            return told
        return 3

    assert run([stubborn()], 0.05).found == {0: 3}


def test_no_more_are_open_than_may_be(pair: Any) -> None:
    most, now_open = 0, 0

    def counting(number: int) -> Steps[int]:
        nonlocal most, now_open
        now_open += 1
        most = max(most, now_open)
        yield Pause(0.001)
        now_open -= 1
        return number

    assert run([counting(n) for n in range(50)], at_once=3).found == {n: n for n in range(50)}
    assert most == 3


def test_a_bug_ends_no_other_and_an_interrupt_all(pair: Any) -> None:
    first, theirs = pair()
    theirs.send(b"x")

    def raising(error: BaseException) -> Steps[None]:
        yield Pause(0.01)
        raise error

    bug = ZeroDivisionError()
    loop = run([raising(bug), reading(first)])
    assert (loop.bugs, loop.found) == ({0: bug}, {1: b"x"})
    quiet, _ = pair()
    with pytest.raises(KeyboardInterrupt):
        run([silent(quiet), raising(KeyboardInterrupt())])
    assert quiet.fileno() == -1


def test_what_else_goes_on_is_tended_as_long_as_it_does() -> None:
    tended: list[float] = []

    def pausing() -> Steps[None]:
        while len(tended) < 3:
            yield Pause(0.001)
        for _ in range(3):
            yield Pause(0.001)

    def tend() -> bool:
        tended.append(time.monotonic())
        return len(tended) < 3

    Loop([0], lambda _, deadline: pausing()).run(5, 1, tend)
    assert len(tended) == 3


def test_one_alone_is_waited_for(pair: Any) -> None:
    ours, theirs = pair()
    theirs.send(b"x")
    assert waited_for(reading(ours), Deadline.after(5)) == b"x"
    assert waited_for(silent(ours), Deadline.after(0.05)) == "late"
    assert ours.fileno() == -1


def test_who_wants_its_turn_is_let_in_as_at_the_beginning(monkeypatch: pytest.MonkeyPatch, pair: Any) -> None:
    """A thousand that waited for one name would else all wait for us, and look slow."""
    monkeypatch.setattr(Loop, "_age", lambda self, now: None)
    begun: list[int] = []
    pairs = [pair() for _ in range(50)]

    def waiting(number: int) -> Steps[int]:
        yield Pause(0)
        yield Turn()
        begun.append(number)
        yield from reading(pairs[number][0])
        return number

    def looking() -> Steps[int]:
        for _ in range(20):
            yield Pause(0.001)
        count = len(begun)
        for _, theirs in pairs:
            theirs.send(b"x")
        return count

    found = run([looking(), *(waiting(number) for number in range(50))]).found
    assert found.pop(0) == 32
    assert sorted(found.values()) == begun == list(range(50))


def test_who_waits_in_vain_for_its_turn_goes_on_when_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch, pair: Any
) -> None:
    monkeypatch.setattr(Loop, "_age", lambda self, now: None)
    monkeypatch.setattr(loops, "_FIRST_WINDOW", 1)
    ours, theirs = pair()

    def waiting() -> Steps[str]:
        yield Pause(0)
        try:
            yield Turn()
        except TimeoutError:
            theirs.send(b"x")
            yield Ready(ours, READ)
            return "late"
        return "in turn"

    assert run([waiting(), silent(pair()[0])], 0.1).found == {0: "late", 1: "late"}


# --- what may wait is done aside ------------------------------------------


def test_what_waits_aside_holds_nobody(pair: Any) -> None:
    """One thing after the other, in a thread of which nothing is left; a bug is raised where it was asked for."""
    aside, release, order = Aside(), threading.Event(), []

    def waiting(number: int) -> int:
        assert release.wait(10)
        order.append(number)
        if number == 2:
            raise ZeroDivisionError
        return number

    def others() -> Steps[str]:
        ours, theirs = pair()
        theirs.send(b"x")
        yield from reading(ours)
        release.set()
        return "heard"

    loop = run([*(aside.asked(partial(waiting, n)) for n in range(4)), others()])
    assert loop.found == {0: 0, 1: 1, 3: 3, 4: "heard"}
    assert [type(bug) for bug in loop.bugs.values()] == [ZeroDivisionError]
    assert order == [0, 1, 2, 3]


def test_what_hangs_aside_is_given_up_soon_after_the_deadline() -> None:
    release = threading.Event()
    begun = time.monotonic()
    assert run([Aside().asked(lambda: release.wait(30))], 0.1).found == {0: None}
    release.set()
    assert 0.3 < time.monotonic() - begun < 9


def test_without_a_thread_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert run([Aside().asked(lambda: 3)]).found == {0: 3}
