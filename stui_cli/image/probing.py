"""Probes: one timed contact with an image, and all images at once (DESIGN section 8)."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from stui_cli.image.contact import OtherImage, Sightings, contact
from stui_cli.image.descriptors import room_for
from stui_cli.image.link import open_link
from stui_cli.image.routes import network_of, route_to
from stui_cli.model.addresses import parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import (
    ConnectionLost,
    ImageRefused,
    NotPermitted,
    ProtocolBroken,
    Refused,
    StuiError,
    TooLate,
    Unreachable,
    UsageProblem,
)
from stui_cli.model.probes import Probe, Vitals
from stui_cli.model.status import ProbeLevel, ProbeOutcome
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.vitals import Ping, Pong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stui_cli.model.images import Image

# A probe is a few small reads; the default of 8 MiB a thread would make a thousand of them look like a leak.
_STACK = 256 * 1024

# How many threads begin, how often it is looked whether more are needed, and how many answers since the last look
# show that they are not: a processor that is ours alone reads about 50 in that time. A thread takes about 60 KB.
_FIRST_BATCH = 8
_TICK_S = 0.02
_BUSY_PER_TICK = 8

# What a probe may take beyond its deadline before it counts as hung: the resolver of names keeps its own time.
_SLACK_S = 0.25

# A reason stands in a column; what an image says of itself may be as long as it likes.
_LONGEST_REASON = 300


def probe(
    image: Image,
    client_id: str,
    seconds: float,
    clock: Callable[[], int],
    level: ProbeLevel = ProbeLevel.IMAGE,
    sightings: Sightings | None = None,
) -> Probe:
    """One contact under one deadline of `seconds`, as far as `level`: connect, handshake, ping. Raises nothing that
    an image or a network can cause."""
    started = time.perf_counter()
    try:
        made = _contacted(image, client_id, Deadline.after(seconds), clock, level, sightings)
    except StuiError as error:
        return failed_probe(image, error, clock())
    except (OSError, ValueError) as error:  # foreign data that no layer below foresaw; the other images go on
        made = Probe(image.name, clock(), ProbeOutcome.BROKEN, f"the probe failed: {error}"[:_LONGEST_REASON])
    if made.outcome is ProbeOutcome.ANSWERED:
        return made._replace(latency_ms=round((time.perf_counter() - started) * 1000, 3))
    return _with_route(made, image)


def failed_probe(image: Image, error: StuiError, now: int) -> Probe:
    """What a contact with `image` says that failed with `error` at `now` (ms)."""
    if isinstance(error, OtherImage):
        made = Probe(
            image.name,
            now,
            ProbeOutcome.WRONG_IMAGE,
            _reason(error, image),
            image_id=error.found,
            reached=ProbeLevel.RPC,
        )
    else:
        made = Probe(image.name, now, _outcome(error), _reason(error, image), reached=_reached(error))
    return _with_route(made, image)


def probe_all(
    images: Sequence[Image],
    client_id: str,
    seconds: float,
    clock: Callable[[], int],
    level: ProbeLevel = ProbeLevel.IMAGE,
    sightings: Sightings | None = None,
) -> list[Probe]:
    """Probe every image at once, in the order given; takes about as long as the slowest.

    Raises UsageProblem where no time is allowed at all: that no contact was tried would be no evidence of anything.

    Threads with blocking links, as many as there are images to wait for: a black hole costs its own time-out and
    delays nobody. Where the system allows fewer descriptors or threads than there are images, they take turns.
    """
    if not images:
        return []
    if not seconds > 0:
        raise UsageProblem(f"a contact cannot be made in {seconds:g} s", todo="allow more: --timeout 2s")
    if any(image.key_file for image in images):
        # Loaded before the first clock runs, not while it does.
        import stui_cli.image.keys  # noqa: F401
    with room_for(len(images)) as at_once, _small_stacks():
        fan = _Fan(images, lambda image: probe(image, client_id, seconds, clock, level, sightings))
        fan.start(at_once)
        while not fan.finished.wait(fan.patience(seconds + _SLACK_S)):
            fan.give_up(seconds + _SLACK_S, clock)
        return [fan.found[index] for index in range(len(images))]


class _Fan:
    """Threads that take images from one queue.

    More are started, twice as many each time, as long as hardly anything gets done, that is, while those there are
    wait for somebody. Where answers come as fast as they can be read, more threads would only take memory and the
    processor from each other, and every image would look slow.
    """

    def __init__(self, images: Sequence[Image], work: Callable[[Image], Probe]) -> None:
        self._images = images
        self._work = work
        self._waiting = deque(range(len(images)))
        self._begun: dict[int, float] = {}
        self.found: dict[int, Probe] = {}
        self.finished = threading.Event()

    def start(self, at_once: int) -> None:
        """Start threads until every image is taken, `at_once` at most."""
        started, batch = 0, _FIRST_BATCH
        while self._waiting and started < at_once:
            done = len(self.found)
            if not self.add(min(batch, at_once - started), may_run=not started):
                return
            started += batch
            batch *= 2
            while self._waiting and not self.finished.wait(_TICK_S) and len(self.found) - done >= _BUSY_PER_TICK:
                done = len(self.found)

    def add(self, count: int, *, may_run: bool = False) -> bool:
        """Start `count` threads; answers False if the system gives no more. With `may_run` the work is done in this
        thread then."""
        for _ in range(count):
            try:
                threading.Thread(target=self._run, daemon=True).start()
            except RuntimeError:
                if may_run:
                    self._run()
                return False
            may_run = False
        return True

    def patience(self, allowed: float) -> float:
        """Seconds until a probe that is under way now may count as hung."""
        begun = [at for index, at in list(self._begun.items()) if index not in self.found]
        return max(0.01, min(begun, default=time.monotonic()) + allowed - time.monotonic())

    def give_up(self, allowed: float, clock: Callable[[], int]) -> None:
        """Do without the probes that hang, and start a thread for each if images still wait."""
        late = time.monotonic() - allowed
        hung = [index for index, at in list(self._begun.items()) if index not in self.found and at <= late]
        for index in hung:
            reason = "no answer in time, not even to the question for its address"
            self._keep(index, Probe(self._images[index].name, clock(), ProbeOutcome.NO_ROUTE, reason))
        self.add(min(len(hung), len(self._waiting)))

    def _run(self) -> None:
        while True:
            try:
                index = self._waiting.popleft()
            except IndexError:
                return
            self._begun[index] = time.monotonic()
            made = Probe(self._images[index].name, 0, ProbeOutcome.NO_ROUTE, "stui failed to probe it")
            try:
                made = self._work(self._images[index])
            finally:
                # A bug met here shows its traceback and ends this thread, but not the round of all the others.
                self._keep(index, made)

    def _keep(self, index: int, made: Probe) -> None:
        self.found.setdefault(index, made)
        if len(self.found) == len(self._images):
            self.finished.set()


@contextmanager
def _small_stacks() -> Iterator[None]:
    before = threading.stack_size(_STACK)
    try:
        yield
    finally:
        threading.stack_size(before)


def _contacted(
    image: Image,
    client_id: str,
    deadline: Deadline,
    clock: Callable[[], int],
    level: ProbeLevel,
    sightings: Sightings | None,
) -> Probe:
    if level is ProbeLevel.TCP:  # asked of the address as it is: a socket proves nothing of who listens
        with closing(open_link(parse_address(image.address), deadline, allow_plaintext=image.allow_plaintext)) as link:
            source = _network(link.source_address())
            return Probe(image.name, clock(), ProbeOutcome.ANSWERED, source_address=source, reached=level)
    with contact(image, client_id, deadline, sightings) as client:
        greeting = client.greeting
        pong = client.call(Ping(), Pong, deadline) if level is ProbeLevel.IMAGE else None
        return Probe(
            image=image.name,
            checked_at=clock(),
            outcome=ProbeOutcome.ANSWERED,
            image_id=greeting.image_id,
            incarnation=greeting.incarnation,
            image_name=greeting.image_name,
            image_version=greeting.image_version,
            dialect=greeting.dialect,
            vitals=_vitals(pong) if pong else None,
            source_address=_network(client.source_address()),
            reached=level,
        )


def _with_route(failed: Probe, image: Image) -> Probe:
    """A failure with where this machine stood: without a way to the image it says nothing of the image."""
    try:
        route = route_to(parse_address(image.address))
    except StuiError:
        return failed
    if route is None:
        return failed
    if route.source is None:
        return failed._replace(outcome=ProbeOutcome.NO_ROUTE, reason="this machine has no route to it")
    return failed._replace(source_address=route.source)


def _network(source: str | None) -> str | None:
    return None if source is None else network_of(source)


def _vitals(pong: Pong) -> Vitals:
    return Vitals(
        pong.uptime_ms,
        pong.clock_ms,
        pong.pid,
        pong.memory_used,
        pong.memory_limit,
        pong.session_count,
        pong.evaluating,
        pong.scheduled_ms,
        pong.unsaved_changes,
        pong.last_activity,
    )


def _reason(error: StuiError, image: Image) -> str:
    """What failed, without the name and the address that stand beside it in every listing."""
    text = error.what
    for prefix in (f"{image.name}: ", f"{image.address}: ", f"{image.address} "):
        text = text.removeprefix(prefix)
    return text[:_LONGEST_REASON]


def _reached(error: StuiError) -> ProbeLevel | None:
    """How far a contact came that failed with `error`."""
    match error:
        case ProtocolBroken():
            return ProbeLevel.TCP
        case TooLate():  # of the ping: one that comes too late before the greeting is Unreachable
            return ProbeLevel.RPC
        case Unreachable() if isinstance(error.__cause__, TooLate):
            return ProbeLevel.TCP
        case _:
            return None


def _outcome(error: StuiError) -> ProbeOutcome:
    match error:
        case Unreachable():
            return error.outcome
        case ConnectionLost():
            return ProbeOutcome.BROKEN
        case TooLate():
            return ProbeOutcome.TIMED_OUT
        case NotPermitted():
            return ProbeOutcome.NOT_PERMITTED
        case ProtocolBroken() | Refused():
            return ProbeOutcome.WRONG_PROTOCOL
        case ImageRefused() if error.answer in (ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_METHOD):
            return ProbeOutcome.WRONG_PROTOCOL  # it knows no hello or no ping of ours
        case _:
            return ProbeOutcome.BROKEN
