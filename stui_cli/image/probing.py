"""Probes: one timed contact with an image, and all images at once (DESIGN section 8)."""

from __future__ import annotations

import time
from contextlib import closing
from itertools import compress, count
from typing import TYPE_CHECKING

from stui_cli.image.aside import Aside
from stui_cli.image.contact import OtherImage, contact, contact_in_steps
from stui_cli.image.descriptors import room_for
from stui_cli.image.fan_out import TICK_S, Fan
from stui_cli.image.given_up import GivenUp
from stui_cli.image.link import link_to, source_address_of
from stui_cli.image.loop import Loop
from stui_cli.image.names import HUNG, Names
from stui_cli.image.preparing import descriptors_of, prepare_ways
from stui_cli.image.routes import network_of, route_to
from stui_cli.image.talk import connecting_to, waits_for_nobody
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
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, Vitals
from stui_cli.model.roles import ROLES
from stui_cli.model.status import ProbeLevel
from stui_cli.model.visible import visible
from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.vitals import Ping, Pong

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.image.contact import Lookout
    from stui_cli.image.exchange import Dialogue
    from stui_cli.image.routes import Route
    from stui_cli.image.transports.waits import Steps
    from stui_cli.model.addresses import Address
    from stui_cli.model.images import Image

    WayTo = Callable[[Address], Route | None]

# How many threads begin; more come while hardly any answer does.
_FIRST_BATCH = 8

# What a probe may take beyond its deadline before it counts as hung: the resolver of names keeps its own time.
_SLACK_S = 0.25

_FAILED = "stui failed to probe it"

# What waits for a resolver of names waits in this process, whoever asked.
_given_up = GivenUp()

# What of its time an image has at least where making its way took most of it.
_LEAST_SHARE = 0.25

# A reason stands in a column; what an image says of itself may be as long as it likes.
_LONGEST_REASON = 300


class Asking(NamedTuple):
    """What all the contacts of a round share."""

    client_id: str
    clock: Callable[[], int]
    level: ProbeLevel
    sightings: Lookout | None
    aside: Aside


def probe(
    image: Image,
    client_id: str,
    seconds: float,
    clock: Callable[[], int],
    level: ProbeLevel = ProbeLevel.IMAGE,
    sightings: Lookout | None = None,
) -> Probe:
    """One contact under one deadline of `seconds`, as far as `level`: connect, handshake, ping. Raises nothing that
    an image or a network can cause."""
    asking = Asking(client_id, clock, level, sightings, Aside())
    deadline, started = Deadline.after(seconds), time.perf_counter()
    try:
        return _contacted(image, deadline, asking, started)
    except (StuiError, OSError, ValueError) as error:
        return _not_contacted(image, error, clock(), seconds)


def probe_in_steps(image: Image, deadline: Deadline, asking: Asking, names: Names) -> Steps[Probe]:
    """The same of an image that `waits_for_nobody`, as one of many conversations in one loop."""
    if image.address in names:
        yield from names.come(image.address)
    started = time.perf_counter()
    try:
        return (yield from _contacted_in_steps(image, deadline, asking, names, started))
    except (StuiError, OSError, ValueError) as error:
        return _not_contacted(image, error, asking.clock(), deadline.seconds, names.route_to)


def _not_contacted(image: Image, error: Exception, now: int, seconds: float, way_to: WayTo = route_to) -> Probe:
    if isinstance(error, StuiError):
        return failed_probe(image, error, now, seconds, way_to)
    # Foreign data that no layer below foresaw; the other images go on.
    foreign = Probe(image.name, now, ProbeOutcome.BROKEN, f"the probe failed: {error}"[:_LONGEST_REASON])
    return _with_route(foreign, image, way_to)


def failed_probe(image: Image, error: StuiError, now: int, seconds: float, way_to: WayTo = route_to) -> Probe:
    """What a contact with `image` says that failed with `error` at `now` (ms), and that was given `seconds`."""
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
        if made.outcome is ProbeOutcome.TIMED_OUT:
            made = made._replace(waited_ms=round(seconds * 1000, 3))
    return _with_route(made, image, way_to)


def probe_all(
    images: Sequence[Image],
    client_id: str,
    seconds: float,
    clock: Callable[[], int],
    level: ProbeLevel = ProbeLevel.IMAGE,
    sightings: Lookout | None = None,
) -> list[Probe]:
    """Probe every image at once, in the order given; takes about as long as the slowest.

    Raises UsageProblem where no time is allowed at all: that no contact was tried would be no evidence of anything.

    One loop of sockets, and threads for hosts by name and for the images that some library or program waits for: a
    black hole costs its own time-out and delays nobody. Where the system allows fewer descriptors or threads than there
    are images, they take turns.
    """
    if not images:
        return []
    if not seconds > 0:
        raise UsageProblem(f"a contact cannot be made in {seconds:g} s", todo="allow more: --timeout 2s")
    if any(image.key_file for image in images):
        # Loaded before the first clock runs, not while it does.
        import stui_cli.image.keys
    if any(image.address.startswith("tls://") for image in images):
        import stui_cli.image.transports.tls  # noqa: F401
    asking = Asking(client_id, clock, level, sightings, Aside())
    free = [waits_for_nobody(image) for image in images]
    led = [*compress(images, free)]
    names = Names((image.address for image in led), asking.aside)
    needed = sum(descriptors_of(image) for image in images) + len(names)
    with room_for(needed) as room, names:
        spent = prepare_ways(images, seconds)

        def in_thread(image: Image) -> Probe:
            if image.address in still:
                return _unprobed(image, clock(), HUNG)
            left = max(seconds - spent.get(image.address, 0.0), seconds * _LEAST_SHARE)
            with _given_up.asking(image.address):
                return probe(image, client_id, left, clock, level, sightings)

        def hung(image: Image) -> Probe:
            _given_up.add(image.address)
            return _unprobed(image, clock(), HUNG)

        still = {image.address for image in images if _given_up.waited_for(image.address)}
        loop = Loop(led, lambda image, deadline: probe_in_steps(image, deadline, asking, names))
        fan = Fan([image for image, is_free in zip(images, free, strict=True) if not is_free], in_thread)
        _go(loop, names, fan, seconds, room / needed, hung)
    for bug in (*loop.bugs.values(), *fan.bugs.values()):  # met with one image, it is no reason to hide the others
        import traceback

        traceback.print_exception(bug)
    places = count(), count()
    found = [(loop if is_free else fan).found.get(next(places[is_free])) for is_free in free]
    return [made or _unprobed(image, 0, _FAILED) for made, image in zip(found, images, strict=True)]


def _go(
    loop: Loop[Image, Probe],
    names: Names,
    fan: Fan[Image, Probe],
    seconds: float,
    share: float,
    hung: Callable[[Image], Probe],
) -> None:
    """Probe the images of both at once; they may have `share` of the descriptors that all would take together."""
    names.begin(int(len(names) * share) or 1)
    fan.begin(int(len(fan) * share) or 1, _FIRST_BATCH)

    def tend() -> bool:
        names.tend(seconds + _SLACK_S)
        fan.tend(seconds + _SLACK_S, hung)
        return not (names.are_known and fan.finished.is_set())

    loop.run(seconds, int(len(loop) * share) or 1, tend if tend() else None)
    while not fan.finished.wait(TICK_S):
        tend()


def _unprobed(image: Image, now: int, why: str) -> Probe:
    return Probe(image.name, now, ProbeOutcome.NO_ROUTE, why)


def _contacted(image: Image, deadline: Deadline, asking: Asking, started: float) -> Probe:
    if asking.level is ProbeLevel.TCP:  # asked of the address as it is: a socket proves nothing of who listens
        with closing(link_to(image, deadline)) as link:
            source = link.source_address()
            if link.is_open:
                return _accepted(image, source, asking, started)
    with contact(image, asking.client_id, deadline, asking.sightings) as client:
        pong = client.call(Ping(), Pong, deadline) if asking.level is ProbeLevel.IMAGE else None
        return _answered(image, client, client.source_address(), pong, asking, started)


def _contacted_in_steps(image: Image, deadline: Deadline, asking: Asking, names: Names, started: float) -> Steps[Probe]:
    if asking.level is ProbeLevel.TCP:
        with closing((yield from connecting_to(image, deadline, names.resolved))) as connected:
            return _accepted(image, source_address_of(connected), asking, started)
    with closing(
        (yield from contact_in_steps(image, asking.client_id, deadline, asking.sightings, asking.aside, names))
    ) as talk:
        pong = (yield from talk.call(Ping(), Pong)) if asking.level is ProbeLevel.IMAGE else None
        return _answered(image, talk, talk.source_address(), pong, asking, started)


def _accepted(image: Image, source: str | None, asking: Asking, started: float) -> Probe:
    return Probe(
        image=image.name,
        checked_at=asking.clock(),
        outcome=ProbeOutcome.ANSWERED,
        latency_ms=_ms_since(started),
        source_address=_network(source),
        reached=ProbeLevel.TCP,
    )


def _answered(
    image: Image, dialogue: Dialogue, source: str | None, pong: Pong | None, asking: Asking, started: float
) -> Probe:
    greeting = dialogue.greeting
    return Probe(
        image=image.name,
        checked_at=asking.clock(),
        outcome=ProbeOutcome.ANSWERED,
        latency_ms=_ms_since(started),
        image_id=greeting.image_id,
        incarnation=greeting.incarnation,
        image_name=greeting.image_name,
        image_version=greeting.image_version,
        dialect=greeting.dialect,
        vitals=_vitals(pong) if pong else None,
        source_address=_network(source),
        reached=asking.level,
        role=dialogue.role if dialogue.role in ROLES else None,
    )


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)


def _with_route(failed: Probe, image: Image, way_to: WayTo) -> Probe:
    """A failure with where this machine stood: without a way to the image it says nothing of the image."""
    try:
        route = way_to(parse_address(image.address))
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
    """What failed, without the address that stands beside it in every listing."""
    text = error.reason
    for prefix in (f"{image.address}: ", f"{image.address} "):
        text = text.removeprefix(prefix)
    return visible(text[:_LONGEST_REASON])  # it is kept with the probes


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
