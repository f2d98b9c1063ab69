"""Forks for tests. From Python 3.12 on it is a warning, and so a failure, to fork a process that has threads."""

from __future__ import annotations

import os
import pty
import threading
import time

_PATIENCE_S = 10.0


def fork() -> int:
    """os.fork, once the threads of the tests before have ended."""
    _alone()
    return os.fork()


def fork_with_terminal() -> tuple[int, int]:
    """pty.fork, in the same way."""
    _alone()
    return pty.fork()


def _alone() -> None:
    until = time.monotonic() + _PATIENCE_S
    while others := [each.name for each in threading.enumerate() if each is not threading.main_thread()]:
        assert time.monotonic() < until, f"threads that a test before left: {', '.join(others)}"
        time.sleep(0.01)
