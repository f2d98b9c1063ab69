"""Processes of this machine: which one is meant, and whether it lives, is gone, or cannot be seen from here.

A pid alone means little: it is given again, and it counts only in the pid namespace and the boot that gave it. So a
process is kept as a mark, and judged in three values: what cannot be seen is not gone.

    boot       namespace   pid there, same start   pid there, other start   pid not there
    the same   the same    lives                   gone                     gone
    the same   unknown     lives                   unknown                  unknown
    the same   another     unknown                 unknown                  unknown
    an earlier one of this machine: gone; of another machine: unknown

What the system knows of them is read in local/proc.py.
"""

from __future__ import annotations

import os
import signal
import time
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.local import proc
from stui_cli.local.proc import LARGEST_PID, is_provably_free, start_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_STOP_GRACE_S = 3.0
_POLL_S = 0.01


class Liveness(Enum):
    """What is known of a process from here."""

    LIVES = "lives"
    GONE = "gone"
    UNKNOWN = "cannot be told from here"


class PidSpace(NamedTuple):
    """Where a pid means what it means: machine, boot, pid namespace. None where the system does not know."""

    machine: str | None
    boot: str | None
    namespace: str | None


class ProcessMark(NamedTuple):
    """One process for good: its pid, when it started (as the system writes it, or None), and where its pid counts."""

    pid: int
    start: str | None = None
    machine: str | None = None
    boot: str | None = None
    namespace: str | None = None


def process_mark_of(pid: int) -> ProcessMark:
    """The mark of a process that runs here."""
    return ProcessMark(pid, start_of(pid), *here())


def mark_from(raw: Mapping[str, object]) -> ProcessMark | None:
    """A mark as a file holds it; None if that is no mark."""
    pid, texts = raw.get("pid"), [raw.get(name) for name in ProcessMark._fields[1:]]
    if not isinstance(pid, int) or isinstance(pid, bool) or not 0 < pid <= LARGEST_PID:
        return None
    start, machine, boot, namespace = (text if isinstance(text, str) and text else None for text in texts)
    return ProcessMark(pid, start, machine, boot, namespace)


@cache
def here() -> PidSpace:
    """The place of this very process."""
    return PidSpace(proc.machine(), proc.boot(), proc.namespace())


def liveness(mark: ProcessMark) -> Liveness:
    """Whether the process of a mark lives, by the table above."""
    place = here()
    if mark.boot is not None and place.boot is not None and mark.boot != place.boot:
        return Liveness.GONE if mark.machine == place.machine is not None else Liveness.UNKNOWN
    if mark.namespace is not None and mark.namespace != place.namespace:
        return Liveness.UNKNOWN
    sure = mark.namespace is not None and mark.boot is not None
    otherwise = Liveness.GONE if sure else Liveness.UNKNOWN
    if is_provably_free(mark.pid):
        return otherwise
    start = start_of(mark.pid)
    if start is None or mark.start is None:
        return Liveness.UNKNOWN
    return Liveness.LIVES if start == mark.start else otherwise


def end(mark: ProcessMark) -> Liveness:
    """Ask the process to end, and kill it after 3 s; return whether it lives then. Only a process that its mark
    proves is ever touched."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + _STOP_GRACE_S
        if not _signal(mark, number):
            break
        while liveness(mark) is Liveness.LIVES and time.monotonic() < until:
            time.sleep(_POLL_S)
    return liveness(mark)


def _signal(mark: ProcessMark, number: signal.Signals) -> bool:
    """Send a signal if the process lives. The descriptor keeps meaning the process that was looked at, even if it ends
    between the look and the signal, and its pid is given again."""
    try:
        descriptor = os.pidfd_open(mark.pid) if hasattr(os, "pidfd_open") else None
    except OSError:  # ended already, or a kernel without it
        descriptor = None
    try:
        if liveness(mark) is not Liveness.LIVES:
            return False
        if descriptor is not None:
            signal.pidfd_send_signal(descriptor, number)
        else:
            os.kill(mark.pid, number)
    except OSError:
        return False
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return True


def working_in(folder: str) -> list[ProcessMark]:
    """The processes of this user whose current folder is `folder`, where the system shows them."""
    return [process_mark_of(pid) for pid in proc.pids_in(folder)]
