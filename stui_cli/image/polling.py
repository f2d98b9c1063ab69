"""Which of many sockets can be read or written. On Linux without `selectors`, whose bookkeeping takes 10 us of each
contact with an image, which has 60 in all; elsewhere by it."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from stui_cli.image.transports.waits import READ, WRITE

if TYPE_CHECKING:
    import selectors

T = TypeVar("T")


class Poller(Protocol[T]):
    """Sockets by their numbers, each with something of its owner's."""

    def watch(self, number: int, events: int, owner: T) -> None:
        """From now on wait for these events of a socket."""

    def forget(self, number: int, *, is_closed: bool) -> None:
        """Wait for it no more."""

    def ready(self, seconds: float) -> list[T]:
        """Wait so long at most; the owners of those whose events came."""

    def close(self) -> None: ...


def poller() -> Poller[T]:
    return _Epoll() if hasattr(select, "epoll") else _AnySystem()


class _Epoll(Generic[T]):
    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._owners: dict[int, T] = {}

    def watch(self, number: int, events: int, owner: T) -> None:
        mask = (select.EPOLLIN if events & READ else 0) | (select.EPOLLOUT if events & WRITE else 0)
        if number in self._owners:
            self._epoll.modify(number, mask)
        else:
            self._epoll.register(number, mask)
        self._owners[number] = owner

    def forget(self, number: int, *, is_closed: bool) -> None:
        del self._owners[number]
        if not is_closed:  # the kernel has forgotten a closed one
            self._epoll.unregister(number)

    def ready(self, seconds: float) -> list[T]:
        return [self._owners[number] for number, _ in self._epoll.poll(seconds) if number in self._owners]

    def close(self) -> None:
        self._epoll.close()


class _AnySystem(Generic[T]):
    def __init__(self) -> None:
        import selectors

        self._selector: selectors.BaseSelector = selectors.DefaultSelector()

    def watch(self, number: int, events: int, owner: T) -> None:
        if number in self._selector.get_map():
            self._selector.modify(number, events, owner)
        else:
            self._selector.register(number, events, owner)

    def forget(self, number: int, *, is_closed: bool) -> None:
        del is_closed
        self._selector.unregister(number)

    def ready(self, seconds: float) -> list[T]:
        return [key.data for key, _ in self._selector.select(seconds)]

    def close(self) -> None:
        self._selector.close()
