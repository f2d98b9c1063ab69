"""The agent: it listens on a loopback port until it is left.

Its methods are its habits, cut by subject over the files of this folder. A broken agent, as the tests of the
conformance cases need it, is a subclass that overrides one of them.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
import time

from stui_cli.playground.agent.dispatch import DispatchHabits
from stui_cli.playground.agent.peers import Peer

_BACKLOG = 1024
# How long the threads of an agent that ends may take.
_PATIENCE_S = 5.0
_ACCEPT_AGAIN_S = 0.05
# What the system says when it has no more descriptors or buffers. Some strangers give theirs up, also for what else
# needs one, such as the key file; so many are not let in again for some time.
_SHORT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_GIVEN_UP, _FEWEST = 8, 4
_SHORT_S = 60.0
# How long (seconds) a stranger has at least: one that was greeted for its proof, also where a flood would be quicker,
# and one that says nothing.
_PROOF_S, _SILENCE_S = 0.5, 0.05
_WAIT_S = 0.01
# How often (seconds) the key file is read for keys that were withdrawn.
_KEYS_S = 1.0


class Agent(DispatchHabits):
    """A context manager: it listens from its beginning to its end."""

    _listener: socket.socket
    _room: int
    _short_at = 0.0
    _keys_at = 0.0

    def __enter__(self) -> Agent:
        self.install()
        self._room = self.settings.strangers
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
            except OSError as error:
                if self._listener.fileno() < 0:
                    return
                if error.errno in _SHORT:
                    self._run_short()
                time.sleep(_ACCEPT_AGAIN_S)  # or who connected is gone already
                continue
            try:
                self._admit(connected)
            except (OSError, RuntimeError):  # who connected is gone already, or no thread can be started
                connected.close()

    def _admit(self, connected: socket.socket) -> None:
        """Who has proved no key has a place apart, which the next one may need more: those that have are never kept out
        by those that have not."""
        strangers = self._strangers()
        if self.is_ending() or len(self.peers) - len(strangers) >= self.settings.connections:
            connected.close()
            return
        self._make_room()
        self._attend(connected)

    def _make_room(self) -> None:
        """The next one waits where all are in the midst of their greeting: to let it in would cost one its proof."""
        while len(strangers := self._strangers()) >= self._room and not self.is_ending():
            dismissed = _one_too_many(strangers)
            if _is_ripe(dismissed, time.monotonic()):
                dismissed.close()
            else:
                time.sleep(_WAIT_S)

    def _strangers(self) -> list[Peer]:
        """Who has not shown who it is, in the order in which they came."""
        return sorted((peer for peer in list(self.peers) if peer.role is None), key=lambda peer: peer.since)

    def _run_short(self) -> None:
        self._short_at = time.monotonic()
        strangers = self._strangers()
        self._room = max(_FEWEST, len(strangers) - _GIVEN_UP)
        while len(strangers) > self._room:
            dismissed = _one_too_many(strangers)
            strangers.remove(dismissed)
            dismissed.close()

    def look_at_peers(self, now: float) -> None:
        """Also for keys that were withdrawn."""
        super().look_at_peers(now)
        if now - self._keys_at >= _KEYS_S:
            self._keys_at = now
            self.check_keys()
        if now - self._short_at >= _SHORT_S:
            self._room = self.settings.strangers

    def _attend(self, connected: socket.socket) -> None:
        peer = Peer(self, connected)
        self.peers.add(peer)
        try:
            self.start(peer.serve, small=True)
        except RuntimeError:
            self.peers.discard(peer)
            raise


def _one_too_many(strangers: list[Peer]) -> Peer:
    """Of those that were greeted and may be about to prove their key, and of all others, the more numerous, the oldest.

    So a flood of either kind sends away its own.
    """
    promising: list[Peer] = []
    others: list[Peer] = []
    for peer in strangers:  # each is asked once: it may be greeted meanwhile
        (promising if peer.is_promising else others).append(peer)
    return promising[0] if len(promising) > len(others) else others[0]


def _is_ripe(stranger: Peer, now: float) -> bool:
    """Whether it has had its time."""
    if stranger.is_promising and stranger.greeted_at is not None:
        return now - stranger.greeted_at > _PROOF_S
    return now - stranger.since > _SILENCE_S
