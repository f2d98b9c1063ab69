"""Which of many sockets can be read or written. On Linux without `selectors`, whose bookkeeping takes 10 us of each
contact with an image, which has 60 in all; elsewhere by it."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

from stui_cli.image.transports.waits import READ, WRITE

if TYPE_CHECKING:
    import selectors


class Epoll:
    """Sockets by their numbers, each with something of its owner's."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._owners: dict[int, Any] = {}

    def watch(self, number: int, events: int, owner: Any) -> None:
        """From now on wait for these events of a socket."""
        mask = (select.EPOLLIN if events & READ else 0) | (select.EPOLLOUT if events & WRITE else 0)
        if number in self._owners:
            self._epoll.modify(number, mask)
        else:
            self._epoll.register(number, mask)
        self._owners[number] = owner

    def forget(self, number: int, *, is_closed: bool) -> None:
        """Wait for it no more."""
        del self._owners[number]
        if not is_closed:  # the kernel has forgotten a closed one
            self._epoll.unregister(number)

    def ready(self, seconds: float) -> list[Any]:
        """Wait so long at most; the owners of those whose events came."""
        return [self._owners[number] for number, _ in self._epoll.poll(seconds) if number in self._owners]

    def close(self) -> None:
        self._epoll.close()


class Selector:
    """The same."""

    def __init__(self) -> None:
        import selectors

        self._selector: selectors.BaseSelector = selectors.DefaultSelector()

    def watch(self, number: int, events: int, owner: Any) -> None:
        if number in self._selector.get_map():
            self._selector.modify(number, events, owner)
        else:
            self._selector.register(number, events, owner)

    def forget(self, number: int, *, is_closed: bool) -> None:
        del is_closed
        self._selector.unregister(number)

    def ready(self, seconds: float) -> list[Any]:
        return [key.data for key, _ in self._selector.select(seconds)]

    def close(self) -> None:
        self._selector.close()


def poller() -> Epoll | Selector:
    return Epoll() if hasattr(select, "epoll") else Selector()
