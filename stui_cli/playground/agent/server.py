"""The agent: it listens on a loopback port until it is left.

Its methods are its habits, cut by subject over the files of this folder. A broken agent, as the tests of the
conformance cases need it, is a subclass that overrides one of them.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from stui_cli.playground.agent.dispatch import DispatchHabits
from stui_cli.playground.agent.peers import Peer

_BACKLOG = 128
# How long the threads of an agent that ends may take.
_PATIENCE_S = 5.0
_ACCEPT_AGAIN_S = 0.1


class Agent(DispatchHabits):
    """A context manager: it listens from its beginning to its end."""

    _listener: socket.socket

    def __enter__(self) -> Agent:
        self.install()
        self._listener = socket.create_server(("127.0.0.1", self.settings.port), backlog=_BACKLOG)
        self.address = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self.begin_watch()
        self.start(self._accept, small=True)
        return self

    def __exit__(self, *details: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts; closing alone does not
        self._listener.close()
        self.end_watch()
        for peer in list(self.peers):
            peer.close()
        until = time.monotonic() + _PATIENCE_S
        for thread in self.started_threads():
            if thread is not threading.current_thread():
                thread.join(max(0.0, until - time.monotonic()))

    def _accept(self) -> None:
        while not self.is_ending():
            try:
                connected, _ = self._listener.accept()
            except OSError:
                if self._listener.fileno() < 0:
                    return
                time.sleep(_ACCEPT_AGAIN_S)  # too many open files, or who connected is gone already
                continue
            if self.is_ending() or len(self.peers) >= self.settings.connections:
                connected.close()
                continue
            try:
                self._attend(connected)
            except (OSError, RuntimeError):  # who connected is gone already, or no thread can be started
                connected.close()

    def _attend(self, connected: socket.socket) -> None:
        peer = Peer(self, connected)
        self.peers.add(peer)
        try:
            self.start(peer.serve, small=True)
        except RuntimeError:
            self.peers.discard(peer)
            raise
