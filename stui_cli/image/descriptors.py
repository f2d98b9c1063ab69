"""How many connections this process may have open at once."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What else a command opens meanwhile: the store's files, a look at the way to an image, the resolver's sockets.
_SPARE = 32

# Where no limit can be asked for.
_USUAL_ROOM = 256


@contextmanager
def room_for(connections: int) -> Iterator[int]:
    """Make room for so many descriptors; yields how many there really is room for, at least 1.

    The soft limit is raised as far as the hard one allows, and put back afterwards: children should get the usual.
    """
    try:
        import resource
    except ImportError:  # Windows
        yield max(1, min(connections, _USUAL_ROOM))
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = _open_now() + connections + _SPARE
    if soft == resource.RLIM_INFINITY or soft >= needed:
        yield max(1, connections)
        return
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (OSError, ValueError):  # macOS says that it has no limit, and refuses what is above its own
        allowed = soft
    try:
        yield max(1, min(connections, allowed - (needed - connections)))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _open_now() -> int:
    """How many descriptors this process has open; a guess where the system does not show them."""
    try:
        with os.scandir("/dev/fd") as entries:  # pathlib would take 2 ms
            return sum(1 for _ in entries)
    except OSError:
        return _SPARE
