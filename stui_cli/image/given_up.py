"""Addresses that were given up and whose threads still wait: for a resolver, which nobody can interrupt."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class GivenUp:
    """Asked again each round, they would be more threads and descriptors of a process that goes on for days. So one
    that is `waited_for` is asked again when the thread of before has come back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[str, int] = {}
        self._given_up: set[str] = set()

    @contextmanager
    def asking(self, address: str) -> Iterator[None]:
        """While a thread asks an address."""
        with self._lock:
            self._under_way[address] = self._under_way.get(address, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[address] -= 1
                if not self._under_way[address]:
                    del self._under_way[address]
                    self._given_up.discard(address)

    def add(self, address: str) -> None:
        """Note that nobody waits for what asks this address any more."""
        with self._lock:
            if address in self._under_way:
                self._given_up.add(address)

    def waited_for(self, address: str) -> bool:
        """Whether a thread that was given up still asks it."""
        with self._lock:
            return address in self._given_up
