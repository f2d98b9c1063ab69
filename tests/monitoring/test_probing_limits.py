"""What bounds a round of probes when the system does not play along: the resolver, threads, a bug."""

from __future__ import annotations

import _socket
import errno
import itertools
import os
import socket
import threading
import time
from collections import Counter
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from farm import Behaviour, refusing_address

from stui_cli.image import probing
from stui_cli.image.descriptors import room_for
from stui_cli.image.probing import probe_all
from stui_cli.image.routes import Route, network_of, route_to
from stui_cli.model.addresses import parse_address
from stui_cli.model.images import Image
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from farm import Farm


def clock() -> int:
    return 1_760_000_000_000


def images_of(farm: Farm, count: int) -> list[Image]:
    return [Image(each.name, each.address, 0, image_id=each.image_id) for each in farm.add_many(count)]


def test_a_resolver_that_hangs_costs_one_time_out(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """getaddrinfo knows no deadline. Its silence says nothing of the image."""
    real, release = _socket.getaddrinfo, threading.Event()

    def resolve(host: str | bytes, *rest: Any, **more: Any) -> Any:
        if os.fsdecode(host).startswith("hung"):
            release.wait(30)
            raise socket.gaierror(socket.EAI_AGAIN, "released")
        return real(host, *rest, **more)

    monkeypatch.setattr(_socket, "getaddrinfo", resolve)
    hung = [Image(f"hung-{n}", f"tcp://hung{n}:1", 0, allow_plaintext=True) for n in range(20)]
    living = images_of(farm, 20)
    begun = time.monotonic()
    try:
        found = probe_all([*hung, *living[:10], *by("localhost", living[10:])], "client", 1, clock)
        took = time.monotonic() - begun
    finally:
        release.set()
    assert {each.outcome for each in found[:20]} == {ProbeOutcome.NO_ROUTE}
    assert {each.outcome for each in found[20:]} == {ProbeOutcome.ANSWERED}
    assert took < 10, "far less than the resolver would have taken"


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, list[str] | OSError], Counter[str]]:
    """What hosts resolve to, besides what the system knows, and how often each was asked for."""
    real = _socket.getaddrinfo
    known: dict[str, list[str] | OSError] = {}
    asked: Counter[str] = Counter()

    def resolve(host: str | bytes, *rest: Any, **more: Any) -> Any:
        name = os.fsdecode(host)
        asked[name] += 1
        found = known.get(name, [name])
        if isinstance(found, OSError):
            raise found
        return [each for address in found for each in real(address, *rest, **more)]

    monkeypatch.setattr(_socket, "getaddrinfo", resolve)
    return known, asked


def test_each_host_is_asked_for_once_in_a_round(
    farm: Farm, hosts: tuple[dict[str, list[str] | OSError], Counter[str]]
) -> None:
    """Also where an image does not answer, and it is looked where the way to it begins; its addresses are tried in
    their order."""
    known, asked = hosts
    known.update({"two.example": ["127.0.0.9", "127.0.0.1"], "none.example": [], "300.1.1.1": ["127.0.0.1"]})
    known["full.example"] = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    living = images_of(farm, 8)
    with refusing_address() as refusing:
        named = by("two.example", [*living[:6], Image("dead", refusing, 0)])
        others = by("none.example", living[6:]) + by("full.example", living[6:]) + by("300.1.1.1", living[6:])
        found = probe_all([each._replace(allow_plaintext=True) for each in [*named, *others]], "client", 5, clock)
    assert [each.outcome for each in found] == [
        *[ProbeOutcome.ANSWERED] * 6,
        ProbeOutcome.REFUSED,
        *[ProbeOutcome.NO_ROUTE] * 4,
        *[ProbeOutcome.ANSWERED] * 2,
    ]
    assert found[6].source_address == "127.0.0.1"
    assert found[7].reason == "the name 'none.example' has no address"
    assert found[9].reason == "this machine can open no more connections: Too many open files"
    assert {asked[name] for name in known} == {1}


def test_who_hangs_is_not_asked_again_before_he_came_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round of a watch would leave one more thread behind."""
    release, asked = threading.Event(), threading.Semaphore(0)
    real = _socket.getaddrinfo

    def resolve(host: bytes, *rest: Any, **more: Any) -> Any:
        if os.fsdecode(host) != "silent.example":  # a thread that another test gave up may ask only now
            return real(host, *rest, **more)
        asked.release()
        release.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "released")

    monkeypatch.setattr(_socket, "getaddrinfo", resolve)
    image = Image("silent", "tcp://silent.example:1", 0, allow_plaintext=True)
    others = set(threading.enumerate())
    try:
        rounds = [probe_all([image], "client", 0.1, clock)[0] for _ in range(3)]
        (left,) = set(threading.enumerate()) - others
    finally:
        release.set()
    assert {each.reason for each in rounds} == {"no answer in time, not even to the question for its address"}
    assert asked.acquire(timeout=30)
    assert not asked.acquire(blocking=False)
    left.join(30)
    assert probe_all([image], "client", 5, clock)[0].reason == "the name 'silent.example' has no address"
    assert asked.acquire(timeout=30)


def by(host: str, images: list[Image]) -> list[Image]:
    """By a name, for which a thread asks, since the resolver may wait, or by a number."""
    return [image._replace(address=image.address.replace("127.0.0.1", host)) for image in images]


def test_the_resolver_takes_its_share_of_few_descriptors(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question has a socket of its own, as long as it takes."""
    real, lock = _socket.getaddrinfo, threading.Lock()
    asking = [0, 0]  # now, and at most

    def resolve(host: bytes, *rest: Any, **more: Any) -> Any:
        if not os.fsdecode(host).endswith(".share.example"):  # as above, of a thread of another test
            return real(host, *rest, **more)
        with lock:
            asking[:] = asking[0] + 1, max(asking[0] + 1, asking[1])
        time.sleep(0.03)
        with lock:
            asking[0] -= 1
        return real("127.0.0.1", *rest, **more)

    monkeypatch.setattr(_socket, "getaddrinfo", resolve)
    monkeypatch.setattr(probing, "room_for", lambda needed: nullcontext(needed / 5))
    image = images_of(farm, 1)[0]._replace(allow_plaintext=True)
    found = probe_all([by(f"h{number}.share.example", [image])[0] for number in range(50)], "client", 10, clock)
    assert {each.outcome for each in found} == {ProbeOutcome.ANSWERED}
    assert asking[0] == 0
    assert asking[1] <= 10


@pytest.mark.parametrize(("named", "allowed"), [(False, 0), (True, 0), (True, 3)])
def test_without_more_threads_the_hosts_take_turns(
    farm: Farm,
    monkeypatch: pytest.MonkeyPatch,
    hosts: tuple[dict[str, list[str] | OSError], Counter[str]],
    allowed: int,
    named: bool,
) -> None:
    images = [each._replace(allow_plaintext=True) for each in images_of(farm, 12)]
    if named:
        images = [by(f"h{number}.example", [each])[0] for number, each in enumerate(images)]
        hosts[0].update((f"h{number}.example", ["127.0.0.1"]) for number in range(12))
    start, started = threading.Thread.start, []

    def refuse(thread: threading.Thread) -> None:
        if len(started) >= allowed:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    found = probe_all(images, "client", 5, clock)
    assert [each.outcome for each in found] == [ProbeOutcome.ANSWERED] * 12
    assert len(started) == allowed


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_bug_met_with_one_image_does_not_hold_the_round(
    farm: Farm, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    images = by(host, images_of(farm, 10))
    asked = itertools.count()

    def broken_clock() -> int:
        return clock() // (next(asked) != 4)

    others = set(threading.enumerate())
    found = probe_all(images, "client", 5, broken_clock)
    for thread in set(threading.enumerate()) - others:
        thread.join(10)  # what it says at its end belongs to this test
    assert sorted(each.outcome for each in found) == [ProbeOutcome.ANSWERED] * 9 + [ProbeOutcome.NO_ROUTE]
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_limit_of_descriptors_is_raised_and_put_back() -> None:
    resource = pytest.importorskip("resource", reason="needs limits of open files")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
    try:
        with room_for(1_000) as room:
            assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 200
            assert room == 1_000
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (200, hard)
        with room_for(10) as room:
            assert room == 10
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    ("address", "route"),
    [
        ("tcp://127.0.0.1:1", Route("127.0.0.1")),
        ("tls://127.0.0.9:1", Route("127.0.0.1")),
        ("unix:///tmp/x", None),
        ("ssh://box/127.0.0.1:1", None),
        # Where no name can be asked for, the resolver takes its 5 s.
        pytest.param("tcp://no.such.name.invalid:1", None, marks=pytest.mark.long),
    ],
)
def test_where_the_way_begins(address: str, route: Route | None) -> None:
    assert route_to(parse_address(address)) == route


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_the_network_of_an_address(source: str, network: str) -> None:
    """The other half of an IPv6 address changes by itself."""
    assert network_of(source) == network


def test_a_farm_is_probed_like_any_image(farm: Farm) -> None:
    (found,) = probe_all([Image("alpha", farm.add(Behaviour()).address, 0)], "client", 5, clock)
    assert (found.outcome, found.reached, found.source_address) == (ProbeOutcome.ANSWERED, "image", "127.0.0.1")
