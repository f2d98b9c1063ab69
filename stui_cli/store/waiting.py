"""Waiting for others to change a store, and for a store to answer."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from stui_cli.model.errors import StoreProblem
from stui_cli.store.problems import Away

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from stui_cli.store.backend import Backend

T = TypeVar("T")

# However much others change, there is this long between two looks, in seconds; nor is an end noticed later.
_LEAST_PAUSE_S = 0.5


def pause(backend: Backend, seconds: float, ended: Event) -> bool:
    """Wait `seconds`, until `ended` is set, or until others change the store of a team, whichever comes first; return
    whether they did."""
    if not backend.is_shared or ended.wait(min(seconds, _LEAST_PAUSE_S)):
        ended.wait(seconds)
        return False
    end = monotonic() + seconds - _LEAST_PAUSE_S
    try:
        while (left := end - monotonic()) > 0 and not ended.is_set():
            if backend.wait_for_news(min(left, _LEAST_PAUSE_S)):
                return True
    except StoreProblem:  # told by who asks the store for something
        ended.wait(max(0.0, end - monotonic()))
    return False


def answered_within(backend: Backend, seconds: float, ask: Callable[[], T]) -> T:
    """What `ask` returns. Raises Away where a store on another machine takes longer: a server that hangs, or one whose
    tables somebody keeps locked, says nothing for as long as it likes. What was asked is left to itself then."""
    if not backend.is_shared:
        return ask()
    from concurrent.futures import Future
    from threading import Thread

    answer: Future[T] = Future()

    def wait() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001  told by who asked
            answer.set_exception(error)

    Thread(target=wait, daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError as error:
        said = f"it said nothing for {seconds:g} s"
        todo = "see whether the server hangs, or who keeps its tables locked: pg_stat_activity"
        raise Away(f"{backend.where} does not answer: {said}", todo, backend.where, said) from error
