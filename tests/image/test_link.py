"""Links: what the network says becomes the right failure, with its outcome, and no socket is left."""

from __future__ import annotations

import _socket
import errno
import gc
import os
import select
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest
from farm import Behaviour, Habit, refusing_address

from stui_cli.image.link import Link, open_link
from stui_cli.model.addresses import Address, TcpAddress, UnixAddress, parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotPermitted, TooLate, Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from farm import Farm

pytestmark = pytest.mark.usefixtures("no_socket_left")


def failure_of(address: Address, seconds: float = 10.0, *, allow_plaintext: bool = False) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        open_link(address, Deadline.after(seconds), allow_plaintext=allow_plaintext)
    assert caught.value.todo
    return caught.value


def local(address: str) -> TcpAddress:
    parsed = parse_address(address)
    assert isinstance(parsed, TcpAddress)
    return parsed


def connecting(monkeypatch: pytest.MonkeyPatch, act: Callable[[socket.socket, Any], None]) -> None:
    """Replace what `connect` does; `act` gets the socket and the address."""

    class Acting(_socket.socket):
        connect = act

    monkeypatch.setattr(_socket, "socket", Acting)


def test_nobody_listens() -> None:
    with refusing_address() as address:
        assert failure_of(local(address)).outcome is ProbeOutcome.REFUSED


def test_a_failure_to_connect_is_gone_when_it_is_let_go() -> None:
    """And not at the next look for garbage: a watch over many dead images would hold all of them until then."""
    gc.disable()
    try:
        with refusing_address() as address, pytest.raises(Unreachable) as caught:
            open_link(local(address), Deadline.after(10))
        there = ref(caught.value)
        del caught
        assert there() is None
    finally:
        gc.enable()


def test_a_deaf_host_costs_the_deadline(farm: Farm) -> None:
    image = farm.add(Behaviour(habit=Habit.DEAF))
    started = time.monotonic()
    assert failure_of(local(image.address), 0.3).outcome is ProbeOutcome.TIMED_OUT
    assert 0.25 < time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        (errno.ENETUNREACH, ProbeOutcome.NO_ROUTE),
        (errno.EHOSTUNREACH, ProbeOutcome.TIMED_OUT),  # the way there begins, and the machine is silent
        (errno.ENETDOWN, ProbeOutcome.NO_ROUTE),
        (errno.EADDRNOTAVAIL, ProbeOutcome.NO_ROUTE),
        (errno.EMFILE, ProbeOutcome.NO_ROUTE),  # our own shortage says nothing of the image
        (errno.ENOBUFS, ProbeOutcome.NO_ROUTE),
        (errno.ECONNREFUSED, ProbeOutcome.REFUSED),
        (errno.ETIMEDOUT, ProbeOutcome.TIMED_OUT),
        (errno.EACCES, ProbeOutcome.NOT_PERMITTED),
        (errno.ECONNRESET, ProbeOutcome.BROKEN),
        (errno.EPROTO, ProbeOutcome.BROKEN),
    ],
    ids=lambda each: errno.errorcode.get(each) if isinstance(each, int) else None,
)
@pytest.mark.parametrize("address", [TcpAddress("127.0.0.1", 9), UnixAddress("/tmp/none")], ids=["tcp", "unix"])
def test_what_the_system_says(
    monkeypatch: pytest.MonkeyPatch, number: int, outcome: ProbeOutcome, address: Address
) -> None:
    def refuse(self: socket.socket, where: Any) -> None:
        raise OSError(number, os.strerror(number))

    connecting(monkeypatch, refuse)
    assert failure_of(address).outcome is outcome


def test_no_more_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*arguments: Any, **more: Any) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(_socket, "socket", none_left)
    for address in (TcpAddress("127.0.0.1", 9), UnixAddress("/tmp/none")):
        assert failure_of(address).outcome is ProbeOutcome.NO_ROUTE


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 70 + ".invalid", "ö..b"])
def test_a_name_without_address(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    real = _socket.getaddrinfo

    def nothing_found(name: str | bytes, *arguments: Any, **more: Any) -> Any:
        if isinstance(name, str):
            name.encode("idna")  # as the real one does, without asking the network
        if name == "127.0.0.1":
            return real(name, *arguments, **more)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(_socket, "getaddrinfo", nothing_found)
    error = failure_of(TcpAddress(host, 7000), allow_plaintext=True)
    assert error.outcome is ProbeOutcome.NO_ROUTE
    assert host in error.what


def test_plain_text_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotPermitted, match="plain text"):
        open_link(TcpAddress("192.0.2.1", 7000), Deadline.after(1))
    # Whatever the resolver makes of its name.
    elsewhere = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 7000))]
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *arguments, **more: elsewhere)
    error = failure_of(TcpAddress("localhost", 7000))
    assert "leads to other machines" in error.what
    assert error.outcome is ProbeOutcome.NO_ROUTE


def test_a_connection_to_itself_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel may give our own end the port that a dead image had; TCP then connects to itself."""
    real = socket.socket.connect

    def from_the_same_port(self: socket.socket, where: Any) -> None:
        self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.bind(where)
        real(self, where)

    with refusing_address() as address:
        port = local(address).port
    connecting(monkeypatch, from_the_same_port)
    assert failure_of(TcpAddress("127.0.0.1", port)).outcome is ProbeOutcome.REFUSED


def test_a_peer_that_resets_before_we_look(monkeypatch: pytest.MonkeyPatch, farm: Farm) -> None:
    """The reset can arrive before the new socket is asked for its peer, which then fails."""
    image = farm.add(Behaviour(habit=Habit.RESETS))
    real = socket.socket.connect

    def slowly(self: socket.socket, where: Any) -> None:
        try:
            real(self, where)
        finally:  # it may only have begun
            poll = select.poll()
            poll.register(self, select.POLLIN)
            assert poll.poll(5_000)

    connecting(monkeypatch, slowly)
    assert failure_of(local(image.address)).outcome is ProbeOutcome.BROKEN


def test_a_name_with_several_addresses_has_one_deadline(monkeypatch: pytest.MonkeyPatch, farm: Farm) -> None:
    deaf = local(farm.add(Behaviour(habit=Habit.DEAF)).address)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", deaf.port))] * 50
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *a, **k: found)
    started = time.monotonic()
    assert failure_of(TcpAddress("localhost", deaf.port), 0.3).outcome is ProbeOutcome.TIMED_OUT
    assert time.monotonic() - started < 10  # each with its own they take 15


def test_the_second_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch, farm: Farm) -> None:
    good = local(farm.add().address)
    with refusing_address() as address:
        ports = (local(address).port, good.port)
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
        monkeypatch.setattr(_socket, "getaddrinfo", lambda *a, **k: found)
        link = open_link(TcpAddress("localhost", 1), Deadline.after(1))
    assert link.source_address() == "127.0.0.1"
    link.close()


def test_a_name_that_resolves_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *a, **k: [])
    assert failure_of(TcpAddress("localhost", 1)).outcome is ProbeOutcome.NO_ROUTE


def test_small_writes_go_out_at_once(farm: Farm) -> None:
    link = open_link(parse_address(farm.add().address), Deadline.after(1))
    assert link._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    link.close()


def test_a_child_does_not_inherit_the_connection(farm: Farm) -> None:
    link = open_link(parse_address(farm.add().address), Deadline.after(1))
    assert not os.get_inheritable(link._socket.fileno())
    link.close()


@pytest.mark.parametrize("seconds", [30 * 86_400.0, 3e9])
def test_a_deadline_in_a_month_or_a_century_is_a_deadline(farm: Farm, seconds: float) -> None:
    """poll(2) counts milliseconds in 32 bits: 25 days."""
    link = open_link(parse_address(farm.add().address), Deadline.after(seconds))
    link.send(b"\x94\x00\x01\xa4ping\x90", Deadline.after(seconds))
    assert link.receive(Deadline.after(seconds))
    link.close()


# --- reading and writing ------------------------------------------


def pair() -> tuple[Link, socket.socket]:
    ours, theirs = socket.socketpair()
    return Link(ours, "tcp://test"), theirs


def test_the_end_of_the_stream() -> None:
    link, theirs = pair()
    theirs.close()
    with pytest.raises(Unreachable) as caught:
        link.receive(Deadline.after(1))
    assert caught.value.outcome is ProbeOutcome.BROKEN
    link.close()


def test_silence_is_too_late() -> None:
    link, theirs = pair()
    with pytest.raises(TooLate, match=r"within 0.05 s"):
        link.receive(Deadline.after(0.05))
    link.close()
    theirs.close()


def test_a_passed_deadline_reads_nothing_even_if_bytes_wait() -> None:
    link, theirs = pair()
    theirs.sendall(b"x" * 100)
    with pytest.raises(TooLate):
        link.receive(Deadline.after(0))
    link.close()
    theirs.close()


def test_a_peer_that_does_not_read_is_too_late() -> None:
    link, theirs = pair()
    started = time.monotonic()
    with pytest.raises(TooLate):
        link.send(b"x" * 64 * 1024 * 1024, Deadline.after(0.2))
    assert time.monotonic() - started < 10
    link.close()
    theirs.close()


def test_writing_into_a_closed_connection() -> None:
    link, theirs = pair()
    theirs.close()
    with pytest.raises(Unreachable) as caught:
        link.send(b"x" * 1024 * 1024, Deadline.after(1))
    assert caught.value.outcome is ProbeOutcome.BROKEN
    link.close()


def test_a_reset_while_reading() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = open_link(TcpAddress(*server.getsockname()), Deadline.after(1))
        accepted, _ = server.accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()
        with pytest.raises(Unreachable, match="broke") as caught:
            link.receive(Deadline.after(1))
        assert caught.value.outcome is ProbeOutcome.BROKEN
        link.close()
        assert link.source_address() is None


# --- unix sockets ------------------------------------------


def test_a_unix_socket(farm: Farm, short_folder: Path) -> None:
    image = farm.add(Behaviour(unix_path=str(short_folder / "s")))
    link = open_link(parse_address(image.address), Deadline.after(1))
    assert link.source_address() is None
    link.send(b"\x94\x00\x01\xa4ping\x90", Deadline.after(1))
    assert link.receive(Deadline.after(1))[0] == 0x94
    link.close()


def test_unix_sockets_that_are_none(short_folder: Path) -> None:
    assert failure_of(UnixAddress(str(short_folder / "missing"))).outcome is ProbeOutcome.REFUSED
    (short_folder / "file").touch()
    assert failure_of(UnixAddress(str(short_folder / "file"))).outcome is ProbeOutcome.REFUSED
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(short_folder / "stale"))
    assert failure_of(UnixAddress(str(short_folder / "stale"))).outcome is ProbeOutcome.REFUSED
    assert failure_of(UnixAddress("/" + "x" * 300)).outcome is ProbeOutcome.BROKEN


def test_a_unix_socket_with_a_full_backlog_is_silent_and_not_broken(farm: Farm, short_folder: Path) -> None:
    """connect(2) says EAGAIN at once there; a stopped image must still look as stopped as over tcp."""
    image = farm.add(Behaviour(unix_path=str(short_folder / "s"), habit=Habit.DEAF))
    started = time.monotonic()
    assert failure_of(parse_address(image.address), 0.2).outcome is ProbeOutcome.TIMED_OUT
    assert 0.15 < time.monotonic() - started < 10


def test_a_unix_socket_whose_backlog_drains_is_reached(short_folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(short_folder / "s"))
        server.listen(0)
        first = socket.socket(socket.AF_UNIX)
        first.connect(str(short_folder / "s"))
        accepted: list[socket.socket] = []

        def accept_later() -> None:
            time.sleep(0.1)
            accepted.extend(server.accept()[0] for _ in range(2))

        helper = threading.Thread(target=accept_later)
        helper.start()
        link = open_link(UnixAddress(str(short_folder / "s")), Deadline.after(5))
        helper.join()
        for each in (first, *accepted):
            each.close()
        link.close()
