"""Running the user's own command with an event on its input, so that nothing it does can hold or harm us."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# So many at once: a network that goes away changes every image in one moment.
_AT_ONCE = 8

_LONGEST_WORDS = 200
_POLL_S = 0.01


def run_hooks(command: Sequence[str], events: Iterable[bytes], seconds: float) -> list[str]:
    """Run `command` once for each event; return what failed, one line for each sort of failure.

    Each run has a process group of its own, its output is dropped, and after `seconds` it is killed with all that
    it started. Never raises for what the command does.
    """
    failures: dict[str, int] = {}
    waiting = list(events)
    for start in range(0, len(waiting), _AT_ONCE):
        for failure in _run_some(command, waiting[start : start + _AT_ONCE], seconds):
            failures[failure] = failures.get(failure, 0) + 1
    return [f"{text} ({count} times)" if count > 1 else text for text, count in failures.items()]


def _run_some(command: Sequence[str], events: Sequence[bytes], seconds: float) -> list[str]:
    until = time.monotonic() + seconds
    failures: list[str] = []
    running: list[tuple[subprocess.Popen[bytes], IO[bytes]]] = []
    for event in events:
        said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed when its process has ended
        try:
            running.append((_started(command, event, said), said))
        except (OSError, ValueError) as error:
            said.close()
            failures.append(f"{command[0]}: {getattr(error, 'strerror', None) or error}")
    for process, said in running:
        with said:
            failure = _ended(process, said, until, seconds)
        if failure:
            failures.append(f"{command[0]}: {failure}")
    return failures


def _started(command: Sequence[str], event: bytes, said: IO[bytes]) -> subprocess.Popen[bytes]:
    """The event comes from a file, not a pipe: whether and when the command reads it is its own affair."""
    with tempfile.TemporaryFile() as given:
        given.write(event)
        given.seek(0)
        return subprocess.Popen(
            list(command),
            stdin=given,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )


def _ended(process: subprocess.Popen[bytes], said: IO[bytes], until: float, seconds: float) -> str:
    """How it failed; empty if it did not."""
    while process.poll() is None:
        if time.monotonic() >= until:
            _kill(process)
            return f"killed after {seconds:g} s"
        time.sleep(_POLL_S)
    if process.returncode == 0:
        return ""
    said.seek(0)
    lines = said.read(64 * 1024).decode("utf-8", "replace").strip().splitlines()
    words = lines[-1][:_LONGEST_WORDS] if lines else "it said nothing"
    ended = f"signal {-process.returncode}" if process.returncode < 0 else f"exit {process.returncode}"
    return f"{ended}: {words}"


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):  # it ended in this very moment
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
