"""The processes of ssh that are ours: none outlives what it was started for, and none is left unreaped."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from stui_cli.image.openssh.program import not_run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Stdio = int | IO[Any]

# What ssh gets to end after it was told so.
_ENDING_S = 0.5

_alive: set[Child] = set()
_guard = threading.Lock()


class Child:
    """A running ssh. In a group of its own, so that Ctrl-C on the terminal does not end it before stui has told the
    image; where it may ask a person, it has to stay in ours to read the terminal, and passes Ctrl-C over.

    Without `stdin` and `stdout` these are empty; without `stderr` it says on ours what it has to say.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        asking: bool,
        stdin: Stdio = subprocess.DEVNULL,
        stdout: Stdio = subprocess.DEVNULL,
        stderr: Stdio | None = None,
    ) -> None:
        if asking:
            words = ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", *words]
        self._own_group = not asking
        try:
            self._process = subprocess.Popen(
                words, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=not asking
            )
        except OSError as error:
            raise not_run(words[0], error) from error
        with _guard:
            _alive.add(self)

    def wait(self, seconds: float) -> int | None:
        """Its exit code; None if it has not ended by then."""
        try:
            code = self._process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            return None
        with _guard:
            _alive.discard(self)
        return code

    def end(self) -> None:
        """End it and whatever it started, and reap it. Done twice it does nothing."""
        if self._process.returncode is None:
            self.tell_to_end()
            if self.wait(_ENDING_S) is None:
                self._send(signal.SIGKILL)
                self.wait(_ENDING_S)

    def tell_to_end(self) -> None:
        self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if self._own_group:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)


def end_all() -> None:
    """Before this process ends: threads that wait for silent hosts end with it, and what they started would stay."""
    with _guard:
        left = list(_alive)
    for child in left:
        child.tell_to_end()
    for child in left:
        child.end()


atexit.register(end_all)
