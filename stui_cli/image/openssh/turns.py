"""How many connections are begun at once: a server drops what comes unproved above a limit of its own.

sshd's MaxStartups is 10:30:100: of those that have not logged in yet it drops some from the tenth on. So each machine
sees four of ours at most, which leaves room for a second stui. Machines are told apart by where the connection really
goes: many names may be one machine, and behind a jump host everything comes to that one.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PER_MACHINE = 4

# For the sake of this machine's own processor.
_TOGETHER = 32

_together = threading.BoundedSemaphore(_TOGETHER)
_by_machine: dict[str, threading.BoundedSemaphore] = {}
_guard = threading.Lock()


@contextmanager
def turn_at(machine: str, seconds: float | None = None) -> Iterator[None]:
    """Wait until one more connection to `machine` may begin, and count it until it has logged in, or failed. Raises
    TimeoutError where that takes longer than `seconds`."""
    with _guard:
        here = _by_machine.setdefault(machine, threading.BoundedSemaphore(_PER_MACHINE))
    with _held(here, seconds), _held(_together, seconds):
        yield


@contextmanager
def _held(turns: threading.BoundedSemaphore, seconds: float | None) -> Iterator[None]:
    if not turns.acquire(timeout=seconds):
        raise TimeoutError
    try:
        yield
    finally:
        turns.release()


def machine_of(settings: Mapping[str, str]) -> str:
    """Which machine sees the connection, by what `ssh -G` says."""
    for way in ("proxyjump", "proxycommand"):
        if settings.get(way, "none") != "none":
            return f"{way} {settings[way]}"
    host, port = settings.get("hostname", ""), settings.get("port", "22")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return f"{host} {port}"
    where = str(found[0][4][0])
    return f"{'this machine' if where.startswith('127.') or where == '::1' else where} {port}"
