"""A clock that stands while others have the processor: how long something took says then what is tested, and not how
busy the machine was."""

from __future__ import annotations

import contextlib
import os
import time


class Stopwatch:
    """Counts from when it is made. `pids` are the processes that work for what is measured, besides this one."""

    def __init__(self, *pids: int) -> None:
        self._pids = (os.getpid(), *pids)
        self._lost = self._lost_so_far()
        self._begun = time.monotonic()

    @property
    def lost(self) -> float:
        """Seconds for which one of them was ready to run and others ran instead."""
        return max(0.0, self._lost_so_far() - self._lost)

    @property
    def seconds(self) -> float:
        """What passed, without what was lost; none where several waited at once, which counts for each of them."""
        return max(0.0, time.monotonic() - self._begun - self.lost)

    def _lost_so_far(self) -> float:
        return sum(map(_waited, self._pids)) + _stolen()


def _waited(pid: int) -> float:
    """For how many seconds the threads of a process waited for a processor, where the kernel counts it (proc(5))."""
    waited = 0
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                waited += int(file.read().split()[1])
    return waited / 1e9


def _stolen() -> float:
    """For how many seconds the machine on which this one runs gave its processors to others."""
    with contextlib.suppress(OSError, IndexError), open("/proc/stat") as file:
        return int(file.readline().split()[8]) / os.sysconf("SC_CLK_TCK")
    return 0.0
