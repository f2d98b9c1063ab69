"""Setting up a workbench: where the caller is, on which terminal, and where moved images are looked for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.model.errors import UsageProblem
from stui_cli.work.meant import terminals
from stui_cli.work.sightings import Sightings
from stui_cli.work.workbench import Allowance, Workbench, to_nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stui_cli.model.actors import Actor
    from stui_cli.store.store import Store


def open_workbench(
    store: Store,
    clock: Callable[[], int],
    *,
    environ: Mapping[str, str],
    timeout: float,
    announce: Callable[[str], None] = to_nobody,
    narrate: Callable[[str], None] = to_nobody,
) -> Workbench:
    """A workbench over `store`, for work in the caller's folder and terminal. Nothing is read or connected yet.

    Raises UsageProblem for a `timeout` (seconds) that is no time at all.
    """
    if not timeout > 0:
        raise UsageProblem(f"the timeout is {timeout!r}, no time at all", todo="give seconds above 0")
    return Workbench(
        store,
        clock,
        Allowance(timeout),
        environ,
        _directory(),
        terminals.terminal_key(),
        announce,
        narrate,
        Sightings(environ),
    )


def actor_here(environ: Mapping[str, str], command: str) -> Actor:
    """Who this process acts for, and by which command, for the logs."""
    from stui_cli.model.actors import Actor

    return Actor(_user(environ), os.uname().nodename if hasattr(os, "uname") else "", os.getpid(), command)


def _user(environ: Mapping[str, str]) -> str:
    """Who acts. The environment's word, as in every log of this kind; not an authentication."""
    named = environ.get("USER") or environ.get("LOGNAME")
    if named or not hasattr(os, "getuid"):
        return named or environ.get("USERNAME", "")
    import pwd  # cron jobs and containers often name nobody

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _directory() -> str:
    """Where the caller is; "" in a folder that was removed meanwhile, which has no project above it."""
    try:
        return os.getcwd()
    except OSError:
        return ""
