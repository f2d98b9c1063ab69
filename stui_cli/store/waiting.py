"""Waiting for others to change a store."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem

if TYPE_CHECKING:
    from threading import Event

    from stui_cli.store.backend import Backend

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
