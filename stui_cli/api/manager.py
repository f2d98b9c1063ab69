"""SessionManager: the public Python API, with the method names of the user's own design; thin over the flows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.api.code import Code
from stui_cli.api.connections import Connections
from stui_cli.api.contexts import Contexts
from stui_cli.api.images import Images
from stui_cli.api.keys import Keys
from stui_cli.api.logs import Logs
from stui_cli.api.sessions import Sessions
from stui_cli.api.sweeping import Sweeping
from stui_cli.model.times import now_ms
from stui_cli.work.workbench import to_nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class SessionManager(Images, Connections, Sessions, Contexts, Code, Sweeping, Logs, Keys):
    """Images, sessions and contexts of one store. Nothing is read or connected before a method needs it.

    `timeout`, in seconds, bounds all that one method talks with images. Every method raises StuiError. It may be used
    from many threads; each call has a time of its own.
    """


def open_manager(
    home: str | os.PathLike[str] | None = None,
    *,
    timeout: float = 2.0,
    lock_timeout: float = 10.0,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], int] = now_ms,
    announce: Callable[[str], None] | None = None,
    narrate: Callable[[str], None] | None = None,
    read_only: bool = False,
) -> SessionManager:
    """A manager over the store of this user, or over the one in `home`.

    `timeout` and `lock_timeout` are in seconds, `clock` returns milliseconds since the epoch. `environ` stands in for
    the environment: the store's place, STUI_IMAGE and STUI_SESSION. `announce` gets what a person should know although
    it is no failure, `narrate` what is done and why; both may be called from any thread. With `read_only` whatever
    would write raises StoreProblem.
    """
    from stui_cli.store.files.location import Home
    from stui_cli.store.files.settings import with_team
    from stui_cli.store.store import Store
    from stui_cli.work.meant.terminals import terminal_is_gone
    from stui_cli.work.opening import actor_here

    around = os.environ if environ is None else environ
    store = Store(
        with_team(Home.find(home, around)),
        actor_here(around, "python api"),
        clock,
        read_only=read_only,
        lock_timeout=lock_timeout,
        announce=announce or to_nobody,
        is_gone=terminal_is_gone,
    )
    return SessionManager(store, environ=around, timeout=timeout, clock=clock, announce=announce, narrate=narrate)
