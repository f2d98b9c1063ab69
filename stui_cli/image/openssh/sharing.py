"""One connection per host, for every image behind it, and for every stui of this user.

    the user's own master runs                     it is used
    the user's configuration keeps masters alive   one is started, as that says
    otherwise                                      one of ours is started; it ends after a minute without use
    no room for its socket's path                  none: each way is an ssh of its own

One process starts a master while the others wait for it (a lock beside its socket). A master that is gone, or a socket
that it left behind, is seen when a way is asked for, and then another one is started. What a start said last is kept:
whoever waited for it fails with it, and a refused key is not shown again within a command that goes on, since servers
lock out who tries too often.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.image.openssh.children import Child
from stui_cli.image.openssh.mux import Master, NoMaster
from stui_cli.image.openssh.program import Host, options, out_of_means, said_of, ssh_program
from stui_cli.image.openssh.turns import machine_of, turn_at
from stui_cli.image.openssh.words import LONGEST_READ, Dropped, HostNotTrusted, KeyRefused, failure_of
from stui_cli.image.runtime_folder import private_directory, runtime_directory
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import StuiError, Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# ssh appends 17 characters while it makes the socket, and the system takes 108.
_LONGEST_PATH = 90

# How long a master of ours stays without use, and how soon it notices that its host is gone.
_IDLE_S = 60
_ALIVE_S = 5

# A master that is there greets at once; one that was stopped would be waited for in vain.
_GREETING_S = 1.0

# What a person may take to answer; sshd waits as long (LoginGraceTime).
_ANSWERING_S = 120.0

_TRIES = 3
_PAUSE_S = 0.3
_POLL_S = 0.01

# For so long a failure holds for whoever asks next in the same round.
_FRESH_S = 5.0

# A master's log is only read for the reason of the last failures.
_LONGEST_LOG = 256 * 1024


class Shared(NamedTuple):
    """Where a master serves, and the file in which one that stui started logs."""

    path: str
    log: Path


class _Failure(NamedTuple):
    error: StuiError
    at: float

    @property
    def for_good(self) -> bool:
        return isinstance(self.error, HostNotTrusted | KeyRefused)


class Connection:
    """The way to one host, of this process. `shared` starts what is needed."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._lock = threading.Lock()
        self._settings: dict[str, str] | None = None
        self._shared: Shared | None = None
        self._failed: _Failure | None = None
        self._known_until = 0.0
        self._took_s = 0.0
        self.telling = threading.Lock()

    def settings(self, deadline: Deadline) -> dict[str, str]:
        """What ssh says of the host; it is asked once."""
        if self._settings is None:
            self._settings = said_of(ssh_program(), self.host, deadline)
        return self._settings

    def machine(self, deadline: Deadline) -> str:
        return machine_of(self.settings(deadline))

    def shared(self, deadline: Deadline, *, asking: bool = False) -> Shared | None:
        """The master of the host, started if need be; None where there can be none. Raises StuiError, at once what was
        said to whoever asked a moment ago."""
        began = time.monotonic()
        with self._lock:
            if self._shared is not None:
                return self._shared
            if (failed := self._failed) is not None and (failed.at >= began or began < self._known_until):
                raise _again(failed.error)
            return self._tried(deadline, asking=asking, patient=False)

    def prepare(self, seconds: float) -> float:
        """Have a master before the clock of any image runs; answers how long that took, in seconds, without the wait
        for its turn. A failure is kept for those who ask next; what cannot help to repeat is not provoked again."""
        with self._lock:
            self._took_s = 0.0
            hopeless = self._failed is not None and self._failed.for_good
            if not hopeless and (self._shared is None or not _serves(self._shared.path)):
                with suppress(StuiError):
                    self._tried(Deadline.after(seconds), asking=False, patient=True)
            self._known_until = time.monotonic() + _FRESH_S
            return self._took_s

    def forget(self, gone: Shared) -> None:
        """That master is no more."""
        with self._lock:
            if self._shared is gone:
                self._shared = None

    def _tried(self, deadline: Deadline, *, asking: bool, patient: bool) -> Shared | None:
        self._failed = self._shared = None
        try:
            self._shared = self._found_or_started(deadline, asking=asking, patient=patient)
        except StuiError as error:
            self._failed = _Failure(error, time.monotonic())
            raise
        except OSError as error:
            self._failed = _Failure(out_of_means(error), time.monotonic())
            raise self._failed.error from error
        return self._shared

    def _found_or_started(self, deadline: Deadline, *, asking: bool, patient: bool) -> Shared | None:
        settings = self.settings(deadline)
        folder = private_directory(private_directory(runtime_directory(os.environ)) / "ssh")
        path, ours = self._place(settings, folder)
        if path is None:
            return None
        shared = Shared(path, folder / f"{_short(path)}.log")
        if _serves(path):
            return shared
        left = deadline.remaining()
        try:
            with turn_at(machine_of(settings), None if patient else left):
                began = time.monotonic()
                allowed = deadline.moved_to(left) if patient else deadline
                try:
                    with _locked(folder / f"{_short(path)}.lock", allowed, self.host):
                        if not _serves(path):
                            self._start_again(shared, allowed, settings if ours else None, asking=asking)
                finally:
                    self._took_s = time.monotonic() - began
        except TimeoutError:
            raise self._silent(deadline) from None
        return shared

    def _place(self, settings: dict[str, str], folder: Path) -> tuple[str | None, bool]:
        """Where the master's socket is, and whether it is ours."""
        theirs = settings.get("controlpath", "none")
        if theirs != "none":
            starts = settings.get("controlmaster", "false") in ("auto", "yes", "true")
            lasts = settings.get("controlpersist", "no") not in ("no", "false")
            if (starts and lasts) or _serves(theirs):
                return theirs, False
        said = (f"{name} {value}" for name, value in settings.items())
        path = str(folder / _short("\n".join([ssh_program(), *self.host.words(), *said])))
        return (path if len(os.fsencode(path)) <= _LONGEST_PATH else None), True

    def _start_again(self, shared: Shared, deadline: Deadline, ours: dict[str, str] | None, *, asking: bool) -> None:
        """Start a master, again if the host dropped it for there being too many."""
        for left in reversed(range(_TRIES)):
            try:
                self._start(shared, deadline, ours, asking=asking)
                return
            except Dropped:
                pause = _PAUSE_S * (1 + random.random())  # noqa: S311  so that two do not come back together  # nosec B311
                if not left or deadline.remaining() < 2 * pause:
                    raise
                time.sleep(pause)

    def _start(self, shared: Shared, deadline: Deadline, ours: dict[str, str] | None, *, asking: bool) -> None:
        """Start a master in the background; it is there when ssh itself ends well. `ours` is what ssh says of the host,
        for a master that is not the user's."""
        words = [ssh_program(), *options(deadline, asking=asking), "-E", str(shared.log)]
        if ours is not None:
            with suppress(FileNotFoundError):
                os.unlink(shared.path)  # noqa: PTH108  text, as ssh gets it
            for setting in _of_our_master(shared.path, ours):
                words += ["-o", setting]
        words += ["-f", "-N", *self.host.words()]
        shared.log.unlink(missing_ok=True)
        with open(shared.log, "ab", opener=_privately) as said:
            child = Child(words, asking=asking, stderr=None if asking else said)
        try:
            code = child.wait(_ANSWERING_S if asking else deadline.remaining())
        finally:
            child.end()
        if code is None:
            raise self._silent(deadline)
        if code:
            raise failure_of(read_end(shared.log), self.host.destination, self.host.by_hand())

    def _silent(self, deadline: Deadline) -> Unreachable:
        return Unreachable(
            f"ssh to {self.host.destination} came to nothing within {deadline.seconds:g} s",
            todo=f"it may be asleep or off: try a longer --timeout, or by hand: {self.host.by_hand()}",
            outcome=ProbeOutcome.TIMED_OUT,
        )


_connections: dict[Host, Connection] = {}
_guard = threading.Lock()


def connection_to(host: Host) -> Connection:
    """The one connection of this process to `host`: what ssh says of it is asked once in a command."""
    with _guard:
        return _connections.setdefault(host, Connection(host))


def read_end(log: Path) -> bytes:
    """The end of what ssh logged."""
    try:
        with open(log, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LONGEST_READ))
            return file.read(LONGEST_READ)
    except OSError:
        return b""


def logged_since(log: Path, offset: int) -> bytes:
    """What was logged behind `offset`."""
    try:
        with open(log, "rb") as file:
            file.seek(offset)
            return file.read(LONGEST_READ)
    except OSError:
        return b""


def end_of(log: Path) -> int:
    """How long the log is now; one that has grown beyond all use is emptied, which its writer, who appends, takes."""
    try:
        size = log.stat().st_size
        if size > _LONGEST_LOG:
            os.truncate(log, 0)
            return 0
    except OSError:
        return 0
    return size


def _of_our_master(path: str, settings: dict[str, str]) -> list[str]:
    watched = settings.get("serveraliveinterval", "0") != "0"  # the user knows better what the network bears
    return [
        "ControlMaster=auto",
        f"ControlPath={path}",
        f"ControlPersist={_IDLE_S}",
        "StreamLocalBindMask=0177",
        "ExitOnForwardFailure=no",
        *([] if watched else [f"ServerAliveInterval={_ALIVE_S}", "ServerAliveCountMax=3"]),
    ]


def _again(error: StuiError) -> StuiError:
    """The same failure, to be told of another image."""
    if isinstance(error, Unreachable):
        return type(error)(error.reason, todo=error.todo, outcome=error.outcome)
    return type(error)(error.reason, todo=error.todo)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


def _serves(path: str) -> bool:
    """Whether a master answers at `path` now."""
    try:
        Master(path, Deadline.after(_GREETING_S)).close()
    except (NoMaster, TimeoutError):
        return False
    return True


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def _locked(path: Path, deadline: Deadline, host: Host) -> Iterator[None]:
    """Hold the right to start this master, against other processes too. The file stays: without it two would get in."""
    import fcntl

    with open(path, "ab", opener=_privately) as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if deadline.passed:
                    raise Unreachable(
                        f"another stui was still connecting to {host.destination} after {deadline.seconds:g} s",
                        todo=f"try a longer --timeout, or see what it waits for: {host.by_hand()}",
                        outcome=ProbeOutcome.TIMED_OUT,
                    ) from None
                time.sleep(_POLL_S)
        yield
