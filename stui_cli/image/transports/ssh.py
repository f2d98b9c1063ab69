"""ssh://[USER@]HOST[:PORT]/HOST:PORT and ssh://[USER@]HOST[:PORT]//PATH: through the system's ssh (image/openssh/).

Where the connection to the host is shared, its master is asked for a way to the image, which costs no process. Where it
cannot be, the bytes go through an ssh of their own: `ssh -W` for a port, and for the path of a socket `ssh -N -L` to a
socket of ours, since ssh before 9.4 has no -W for that.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from stui_cli.image.openssh.children import Child
from stui_cli.image.openssh.mux import Master, NoMaster, NotOpened
from stui_cli.image.openssh.program import Host, options, out_of_means, ssh_program
from stui_cli.image.openssh.sharing import Connection, Shared, connection_to, end_of, logged_since
from stui_cli.image.openssh.turns import turn_at
from stui_cli.image.openssh.words import LONGEST_READ, failure_of, forward_failure, reasons_of
from stui_cli.image.runtime_folder import private_directory, runtime_directory
from stui_cli.image.transports.outcomes import seconds_left
from stui_cli.model.asking import may_ask
from stui_cli.model.errors import Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from typing import IO

    from stui_cli.model.addresses import SshAddress
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.errors import StuiError

# Some systems take no longer path for a socket.
_LONGEST_PATH = 100

# How long ssh may take to say why it ended, once the stream is at its end.
_LAST_WORDS_S = 1.0
_POLL_S = 0.01

# How long our last word may take to get there before the way is closed under it.
_LAST_WORD_S = 0.3

# How often a way is asked for to learn why it does not open.
_TRIES = 20


class Carrier:
    """What carries the bytes of a stream, and is let go with it. `opened` says that the way to the image is known to be
    open, `asked_s` how long a person was asked before, in seconds: that counts for no deadline."""

    opened = False
    asked_s = 0.0

    def heard(self) -> None:
        """The image said something."""

    def failure(self) -> StuiError | None:
        """Why the stream ended before the image said anything, where ssh knows it."""
        return None

    def close(self, *, owed: bool) -> None:
        """Let go of it, once the stream is closed; `owed` says that the last word was ours, an interrupt perhaps, which
        should get there. Done twice it does nothing."""


def connect(address: SshAddress, where: str, deadline: Deadline) -> tuple[socket.socket, Carrier]:
    """A stream to the image, and what carries it. Raises StuiError."""
    if not hasattr(socket, "AF_UNIX") or os.name != "posix":
        raise Unreachable(
            f"{where}: ssh:// needs unix sockets, which this system does not have",
            todo="forward a port yourself: ssh -N -L 7001:127.0.0.1:PORT HOST, and add tcp://127.0.0.1:7001",
            outcome=ProbeOutcome.NO_ROUTE,
        )
    try:
        return _connect(address, deadline)
    except OSError as error:
        raise out_of_means(error) from error


def _connect(address: SshAddress, deadline: Deadline) -> tuple[socket.socket, Carrier]:
    connection = connection_to(Host.of(address))
    asked_s = 0.0
    for again in (True, False):
        began, left, asking = time.monotonic(), deadline.remaining(), may_ask()
        shared = connection.shared(deadline, asking=asking)
        if asking:
            asked_s += time.monotonic() - began
            deadline = deadline.moved_to(left)
        if shared is None:
            return _alone(connection, address, deadline, asking=asking)
        try:
            stream, carrier = _through(connection, shared, address, deadline)
        except TimeoutError as error:
            raise _silent(connection.host, address, deadline) from error
        except NoMaster as error:
            connection.forget(shared)
            if not again:
                raise _no_longer(connection.host) from error
        else:
            carrier.asked_s = asked_s
            return stream, carrier
    raise AssertionError


def behind_host(address: SshAddress) -> str:
    """What is behind the host, as it is seen from there."""
    if address.path is not None:
        return address.path
    return f"[{address.host}]:{address.port}" if ":" in address.host else f"{address.host}:{address.port}"


class _Way(Carrier):
    """A way through the connection of a master: it lives as long as the conversation with the master."""

    def __init__(self, master: Master, connection: Connection, shared: Shared, address: SshAddress) -> None:
        self._master = master
        self._connection = connection
        self._log = shared.log
        self._offset = end_of(shared.log)
        self._address = address

    def open(self, deadline: Deadline) -> socket.socket:
        """Ask for the way. Raises NotOpened, NoMaster and TimeoutError."""
        if self._address.path is not None:
            return self._master.unix_stream(_own_path(), self._address.path, deadline)
        stream = self._master.stream(self._address.host, self._address.port, deadline)
        self.opened = True
        return stream

    def heard(self) -> None:
        self._master.stop_listening()

    def close(self, *, owed: bool) -> None:
        if owed:
            self._master.let_pass(_LAST_WORD_S)
        self._master.close()

    def failure(self) -> StuiError | None:
        """A way to a socket's path opens here before it does there."""
        return None if self.opened else self.refusal(self.reasons())

    def reasons(self) -> set[str]:
        """Why ways failed to open since this one was asked for: its own is among them, if it is known."""
        return reasons_of(logged_since(self._log, self._offset))

    def refusal(self, reasons: set[str]) -> StuiError:
        host = self._connection.host
        reason = next(iter(reasons)) if len(reasons) == 1 else None
        return forward_failure(host.destination, behind_host(self._address), reason, host.by_hand())


def _through(
    connection: Connection, shared: Shared, address: SshAddress, deadline: Deadline
) -> tuple[socket.socket, Carrier]:
    """The way through a master. Raises NoMaster where it is gone, and StuiError.

    Where others fail at the same time, and in another way, the log does not say whose reason is whose: then it is asked
    again, one after the other, until one reason stands alone.
    """
    with ExitStack() as one_by_one:
        for left in reversed(range(_TRIES)):
            way = _Way(Master(shared.path, deadline), connection, shared, address)
            try:
                return way.open(deadline), way
            except BaseException as error:
                way.close(owed=False)
                if not isinstance(error, NotOpened):
                    raise
            reasons = way.reasons()
            if len(reasons) < 2 or not left or deadline.passed:
                raise way.refusal(reasons)
            if left == _TRIES - 1:
                one_by_one.enter_context(connection.telling)
            else:
                time.sleep(_POLL_S)
    raise AssertionError


class _Process(Carrier):
    """An ssh of its own. Its turn among those that have not logged in yet ends with the first answer."""

    def __init__(self, child: Child, said: IO[bytes], turn: ExitStack, address: SshAddress) -> None:
        self._child = child
        self._said = said
        self._turn = turn
        self._address = address

    @property
    def ended(self) -> bool:
        return self._child.wait(0) is not None

    def heard(self) -> None:
        self._turn.close()

    def failure(self) -> StuiError | None:
        """What ssh said. It ends a moment after the stream does; the one that listens for us does not."""
        host = Host.of(self._address)
        until = time.monotonic() + _LAST_WORDS_S
        while not self._said.closed:
            ended = self.ended
            said = self._words()
            if reasons := reasons_of(said):
                return forward_failure(host.destination, behind_host(self._address), reasons.pop(), host.by_hand())
            if ended or time.monotonic() > until:
                return failure_of(said, host.destination, host.by_hand()) if ended and said else None
            time.sleep(_POLL_S)
        return None

    def _words(self) -> bytes:
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - LONGEST_READ))
        return self._said.read(LONGEST_READ)

    def close(self, *, owed: bool) -> None:
        if owed:
            self._child.wait(_LAST_WORD_S)
        self._child.end()
        self._said.close()
        self._turn.close()


def _alone(
    connection: Connection, address: SshAddress, deadline: Deadline, *, asking: bool
) -> tuple[socket.socket, Carrier]:
    """The way through an ssh that serves nobody else."""
    host = connection.host
    words = [
        ssh_program(),
        *options(deadline, asking=asking, forwards=address.path is not None),
        "-o",
        "ControlPath=none",
        "-o",
        "ExitOnForwardFailure=yes",
    ]
    with ExitStack() as undo:
        turn = undo.enter_context(ExitStack())
        try:
            turn.enter_context(turn_at(connection.machine(deadline), deadline.remaining()))
        except TimeoutError as error:
            raise _silent(host, address, deadline) from error
        said = undo.enter_context(tempfile.TemporaryFile())
        if address.path is None:
            ours, theirs = socket.socketpair()
            undo.enter_context(ours)
            with theirs:
                words += ["-W", behind_host(address), *host.words()]
                child = Child(words, asking=asking, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=said)
            undo.callback(child.end)
        else:
            local = _own_path()
            words += ["-N", "-L", f"{_escaped(local)}:{_escaped(address.path)}", *host.words()]
            child = Child(words, asking=asking, stderr=said)
            undo.callback(child.end)
            ours = undo.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            _connected(ours, local, _Process(child, said, turn, address), host, address, deadline)
        undo.pop_all()
        return ours, _Process(child, said, turn, address)


def _connected(
    stream: socket.socket, local: str, process: _Process, host: Host, address: SshAddress, deadline: Deadline
) -> None:
    """Connect to the socket that ssh makes once it has logged in, which is taken away then."""
    try:
        while True:
            with suppress(FileNotFoundError, ConnectionRefusedError):
                stream.settimeout(seconds_left(deadline))
                stream.connect(local)
                return
            if deadline.passed:
                raise _silent(host, address, deadline)
            if process.ended:
                raise process.failure() or _no_longer(host)
            time.sleep(_POLL_S)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(local)  # noqa: PTH108  text, as a socket takes it


def _own_path() -> str:
    """Where a socket of one conversation is made, for a moment."""
    path = f"{private_directory(private_directory(runtime_directory(os.environ)) / 'ssh')}/{secrets.token_hex(6)}"
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise Unreachable(
            f"the path of the runtime folder is too long for a socket: {path}",
            todo="set XDG_RUNTIME_DIR to a private folder with a shorter path",
            outcome=ProbeOutcome.NO_ROUTE,
        )
    return path


def _escaped(path: str) -> str:
    return path.replace(":", "\\:")


def _silent(host: Host, address: SshAddress, deadline: Deadline) -> Unreachable:
    return Unreachable(
        f"no way to {behind_host(address)} through {host.destination} came about within {deadline.seconds:g} s",
        todo=f"try a longer --timeout, or see whether the host answers: {host.by_hand()}",
        outcome=ProbeOutcome.TIMED_OUT,
    )


def _no_longer(host: Host) -> Unreachable:
    return Unreachable(
        f"the shared ssh connection to {host.destination} ended twice while it was used",
        todo=f"see whether the host keeps it: {host.by_hand()}",
        outcome=ProbeOutcome.BROKEN,
    )
