"""stui in processes of their own that need not be started: a server imports it once, and forks for each command.

Of the 90 ms that a command of the suite takes 60 are Python's start and its imports, the same ones each time. What runs
here is a real process all the same, with a session, environment, folder, standard streams and exit code of its own.
Tests of the start itself (imports, signals, closed streams, terminals) start `python -m stui_cli`.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# More would not fit into a pipe at once.
MOST_INPUT = 32 * 1024
# Python reads them when it starts.
_STARTING = ("PYTHON", "LC_", "LANG")


class Server:
    """The process that forks; started at the first command."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def serves(self, environ: Mapping[str, str], stdin: str) -> bool:
        """Whether a command with this environment and input would run here as it does when it is started."""
        # Without a locale Python takes the one of the plainest UTF-8, which does the same for what a test prints.
        same = _as_started(environ) in ({}, _as_started(os.environ))
        return sys.platform == "linux" and same and len(stdin) * 4 < MOST_INPUT

    def run(
        self, words: Sequence[str], environ: Mapping[str, str], folder: str, stdin: str, seconds: float
    ) -> tuple[int, str, str]:
        """Run one command; return its exit code (the negative number of a signal), stdout and stderr.

        Raises TimeoutExpired, with the command killed, when it has not ended, or its output is still held, by then.
        """
        pipes = [os.pipe() for _ in range(4)]
        (theirs_in, ours_in), *outputs = pipes
        theirs = [theirs_in, *(write for _, write in outputs)]
        with tempfile.TemporaryFile() as request:
            request.write(json.dumps({"words": list(words), "environ": dict(environ), "folder": folder}).encode())
            request.seek(0)
            socket.send_fds(self._started(), [b"run"], [request.fileno(), *theirs])
        for handle in theirs:
            os.close(handle)
        with os.fdopen(ours_in, "wb") as feeding, suppress(BrokenPipeError):
            feeding.write(stdin.encode())
        out, err, told = _read_all([read for read, _ in outputs], words, seconds)
        return int(told.split()[1]), out.decode(), err.decode()

    def end(self) -> None:
        if self._process is not None and self._socket is not None:
            self._socket.close()
            self._process.terminate()  # a forked child of a test that failed may have kept the other end open
            self._process.wait()
            self._process = self._socket = None

    def _started(self) -> socket.socket:
        if self._socket is None:
            self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, os.path.abspath(__file__), str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": ROOT},
                    start_new_session=True,
                )
        return self._socket


def _as_started(environ: Mapping[str, str]) -> dict[str, str]:
    """What Python looks at when it starts. PYTHONPATH does no more than find this very stui."""
    return {name: text for name, text in environ.items() if name.startswith(_STARTING) and name != "PYTHONPATH"}


def _read_all(handles: list[int], words: Sequence[str], seconds: float) -> list[bytes]:
    """All that comes out of some pipes; the last one begins with the number of the process."""
    got = {handle: b"" for handle in handles}
    until = time.monotonic() + seconds
    try:
        with selectors.DefaultSelector() as selector:
            for handle in handles:
                selector.register(handle, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(until - time.monotonic())
                if not ready:
                    with suppress(OSError, IndexError, ValueError):
                        os.kill(int(got[handles[-1]].split()[0]), 9)
                    raise subprocess.TimeoutExpired(["stui", *words], seconds, got[handles[0]], got[handles[1]])
                for key, _ in ready:
                    part = os.read(key.fd, 65536)
                    got[key.fd] += part
                    if not part:
                        selector.unregister(key.fd)
    finally:
        for handle in handles:
            os.close(handle)
    return list(got.values())


SERVER = Server()


def serve(listening: socket.socket) -> None:
    """Fork for each request, and tell of each process how it ended, until nobody can ask any more."""
    import gc

    _import_everything()
    gc.freeze()
    ended, noted = os.pipe()
    for handle in (ended, noted):
        os.set_blocking(handle, False)
    signal.set_wakeup_fd(noted, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    running: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listening, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        while True:
            ready = [key.fd for key, _ in selector.select()]
            if ended in ready:
                os.read(ended, 4096)
                _tell_ended(running)
            if listening.fileno() in ready:
                asked, handles, _, _ = socket.recv_fds(listening, 16, 5)
                if not asked:
                    return
                _start(listening, handles, running)


def _start(listening: socket.socket, handles: Sequence[int], running: dict[int, int]) -> None:
    """Run the command as a child and tell its number."""
    *given, telling = handles
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        listening.close()
        for handle in (telling, *running.values()):
            os.close(handle)
        try:
            _become_stui(*given)
        except BaseException:  # noqa: BLE001  this is the end of the process
            traceback.print_exc()
        finally:
            os._exit(1)
    running[pid] = telling
    for handle in given:
        os.close(handle)
    os.write(telling, f"{pid}\n".encode())


def _tell_ended(running: dict[int, int]) -> None:
    """Tell the exit code of each that has ended."""
    for pid in list(running):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            telling = running.pop(pid)
            with suppress(BrokenPipeError):  # nobody waits for it any more
                os.write(telling, f"{os.waitstatus_to_exitcode(status)}\n".encode())
            os.close(telling)


def _become_stui(request: int, stdin: int, stdout: int, stderr: int) -> None:
    os.setsid()
    with os.fdopen(request, "rb") as file:
        file.seek(0)
        asked = json.load(file)
    for number, handle in enumerate((stdin, stdout, stderr)):
        os.dup2(handle, number)
        os.close(handle)
    os.environ.clear()
    os.environ.update(asked["environ"])
    time.tzset()
    os.chdir(asked["folder"])
    sys.argv = [os.path.join(ROOT, "stui_cli", "__main__.py"), *asked["words"]]

    from stui_cli.main import main

    main()


def _import_everything() -> None:
    import pkgutil
    from importlib import import_module

    import stui_cli

    for module in pkgutil.walk_packages(stui_cli.__path__, "stui_cli."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
