"""Two commands of one person over a team's store end at once, and each brings the names up to what it saw:
one after the other. A store in files needs none of this, for there they are written under the store's lock."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# In seconds. Who waits for longer does without: what stands there is as good, and the next command looks again.
_PATIENCE = 1.0
_PAUSE = 0.002


@contextmanager
def names_lock(folder: str) -> Iterator[bool]:
    """Hold the folder of the names, which is there; yield whether the time was enough for it. Where it cannot be held
    at all, as on some file systems of a network, it is done without."""
    if sys.platform == "win32":
        yield True
        return
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield _is_held(handle)
    finally:
        os.close(handle)


def _is_held(handle: int) -> bool:
    import fcntl

    end = monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() >= end:
                return False
            sleep(_PAUSE)
        except OSError:
            return True
        else:
            return True
