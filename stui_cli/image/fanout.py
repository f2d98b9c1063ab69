"""The same work for many images at once, so that a silent one costs its own time and nobody else's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
R = TypeVar("R")

# More conversations at once would meet the limit of open files; the next one starts when one ends.
_AT_ONCE = 64


def fan_out(items: Sequence[T], work: Callable[[T], R]) -> list[R]:
    """`work` of every item, in the order of the items. The first exception of `work` is raised when all are done."""
    if len(items) < 2:
        return [work(item) for item in items]
    done: dict[int, R] = {}
    failed: list[BaseException] = []
    waiting = iter(range(len(items)))
    lock = threading.Lock()

    def serve() -> None:
        while True:
            with lock:
                index = next(waiting, None)
            if index is None:
                return
            try:
                done[index] = work(items[index])
            except BaseException as error:  # noqa: BLE001  raised again in the caller's thread
                failed.append(error)

    threads = [threading.Thread(target=serve, daemon=True) for _ in range(min(_AT_ONCE, len(items)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [done[index] for index in range(len(items))]
