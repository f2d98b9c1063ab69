"""A supervised image whose port another process took while it was down: it comes up elsewhere, and is found there."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from shell import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shell import Shell


@contextmanager
def stranger(port: int) -> Iterator[threading.Event]:
    """Another program that listens on `port` from the moment at which it can, and closes what comes; once the event is
    set it lets it wait instead."""
    silent, kept = threading.Event(), []
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        def took() -> bool:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                return False
            return True

        wait_until(took, "the port is free")
        listener.listen()

        def attend() -> None:
            while True:
                try:
                    connected = listener.accept()[0]
                except OSError:
                    return
                if silent.is_set():
                    kept.append(connected)
                else:
                    connected.close()

        attending = threading.Thread(target=attend)
        attending.start()
        try:
            yield silent
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            attending.join()
            for connected in kept:
                connected.close()


def shown(shell: Shell) -> dict[str, Any]:
    item: dict[str, Any] = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    return item


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


@pytest.fixture
def stopped(shell: Shell) -> Iterator[None]:
    yield
    shell.stui("images", "stop", "alpha")  # its supervisor would go on


@pytest.mark.long
@pytest.mark.usefixtures("stopped")
def test_it_goes_on_at_another_port_and_comes_back_to_its_own(shell: Shell) -> None:
    first = shell.launch("alpha", "--supervise")
    before = shown(shell)
    log = Path(before["log_file"]).with_name("supervisor.log")
    own = port_of(before["address"])
    shell.kill(first)
    with stranger(own) as silent:
        wait_until(lambda: log.read_text().count(" listens at ") == 2, "the supervisor starts it elsewhere", 20)
        told = log.read_text()
        assert told.count(f"another process has port {own}") == 1, told
        silent.set()
        late = shell.stui("eval", "-i", "alpha", "--timeout", "0.3", "3 + 4")
        assert late.code == 5, late
        advised = late.err.strip().rpartition("stui images set alpha --address ")[2]
        assert port_of(advised) != own
        silent.clear()
        ran = shell.ok("eval", "-i", "alpha", "3 + 4")
        assert ran.out == "7\n"
        assert f"alpha listens at {advised} now; it was registered at {before['address']}" in ran.err
        after = shown(shell)
        assert (after["address"], after["image_id"]) == (advised, before["image_id"])
    shell.kill(shell.pid("alpha"))
    wait_until(lambda: log.read_text().count(" listens at ") == 3, "the supervisor starts it again", 20)
    assert before["address"] in shell.ok("eval", "-i", "alpha", "3 + 4").err
