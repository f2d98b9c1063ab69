"""Probes: one timed contact with an image, and all images at once (DESIGN section 8)."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from stui_cli.image.contact import OtherImage, contact
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotPermitted, ProtocolBroken, Refused, StuiError, TooLate, Unreachable
from stui_cli.model.probes import Probe, Vitals
from stui_cli.model.status import ProbeOutcome
from stui_cli.protocol.vitals import Ping, Pong

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.model.images import Image

# A probe is a few small reads; the default of 8 MiB a thread would make a thousand of them look like a leak.
_STACK = 256 * 1024


def probe(image: Image, client_id: str, seconds: float, clock: Callable[[], int]) -> Probe:
    """One contact: connect, handshake and ping under one deadline of `seconds`. Never raises StuiError."""
    started = time.perf_counter()
    deadline = Deadline.after(seconds)
    try:
        with contact(image, client_id, deadline) as client:
            pong = client.call(Ping(), Pong, deadline)
            greeting = client.greeting
            return Probe(
                image=image.name,
                checked_at=clock(),
                outcome=ProbeOutcome.ANSWERED,
                latency_ms=round((time.perf_counter() - started) * 1000, 3),
                image_id=greeting.image_id,
                incarnation=greeting.incarnation,
                image_name=greeting.image_name,
                image_version=greeting.image_version,
                dialect=greeting.dialect,
                vitals=_vitals(pong),
                source_address=client.source_address(),
            )
    except OtherImage as error:
        return Probe(image.name, clock(), ProbeOutcome.WRONG_IMAGE, error.what, image_id=error.found)
    except StuiError as error:
        return Probe(image.name, clock(), _outcome(error), _reason(error, image))


def probe_all(images: Sequence[Image], client_id: str, seconds: float, clock: Callable[[], int]) -> list[Probe]:
    """Probe every image at once, in the order given; takes about as long as the slowest.

    A thread each: a black hole then costs its own time-out and delays nobody.
    """
    if len(images) < 2:
        return [probe(image, client_id, seconds, clock) for image in images]
    found: dict[int, Probe] = {}

    def one(index: int) -> None:
        found[index] = probe(images[index], client_id, seconds, clock)

    before = threading.stack_size(_STACK)
    try:
        threads = [threading.Thread(target=one, args=(i,), daemon=True) for i in range(len(images))]
        for thread in threads:
            thread.start()
    finally:
        threading.stack_size(before)
    for thread in threads:
        thread.join()
    return [found[i] for i in range(len(images))]


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
    )


def _reason(error: StuiError, image: Image) -> str:
    """What failed, without the name and the address that stand beside it in every listing."""
    return error.what.removeprefix(f"{image.name}: ").removeprefix(f"{image.address}: ")


def _outcome(error: StuiError) -> ProbeOutcome:
    match error:
        case Unreachable():
            return error.outcome
        case TooLate():
            return ProbeOutcome.TIMED_OUT
        case NotPermitted():
            return ProbeOutcome.NOT_PERMITTED
        case ProtocolBroken() | Refused():
            return ProbeOutcome.WRONG_PROTOCOL
        case _:
            return ProbeOutcome.BROKEN
