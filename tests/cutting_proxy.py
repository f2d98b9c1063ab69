"""A way to a server that breaks when it is told to: where what goes to the server holds certain words."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class CuttingProxy:
    """Forwards connections from `port`, on loopback, to another port there.

    `cut(words)` breaks the next connection on which `words` go to the server, before they get there, or with `after`
    once the server has answered them, whose answer then never arrives. Those that are `held` go to the server when that
    is set, long after the client knows that the connection is broken; at the latest they have been there `before` other
    words get there. While `closed` none is taken. In what the server
    says each of the bytes in `instead` are others of the same length.
    """

    def __init__(self, to_port: int) -> None:
        self._to = ("127.0.0.1", to_port)
        self._words: bytes | None = None
        self._after = False
        self._held: threading.Event | None = None
        self._before: bytes | None = None
        self._was_done = threading.Event()
        self.closed = False
        self.instead: dict[bytes, bytes] = {}
        self.was_cut = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(
        self, words: bytes, *, after: bool, held: threading.Event | None = None, before: bytes | None = None
    ) -> None:
        self.was_cut.clear()
        self._was_done.clear()
        self._words, self._after, self._held, self._before = words, after, held, before

    def end(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self.closed:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._to) as server:
            mute = threading.Event()
            back = threading.Thread(target=_forward, args=(server, client, mute, self.instead), daemon=True)
            back.start()
            with suppress(OSError):
                while data := client.recv(65536):
                    if self._words is not None and self._words in data:
                        self._break(client, server, data, mute, back)
                        break
                    if self._held is not None and self._words is None and self._before and self._before in data:
                        self._held.set()
                        self._was_done.wait(30)
                    server.sendall(data)
            for each in (client, server):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            back.join()

    def _break(
        self, client: socket.socket, server: socket.socket, data: bytes, mute: threading.Event, back: threading.Thread
    ) -> None:
        self._words = None
        mute.set()
        if self._held is not None:
            client.shutdown(socket.SHUT_RDWR)
            self.was_cut.set()
            self._held.wait(30)
        if self._after:
            server.sendall(data)
            server.shutdown(socket.SHUT_WR)  # it does what it got, and goes
            back.join(10)
        self.was_cut.set()
        self._was_done.set()


def _forward(source: socket.socket, to: socket.socket, mute: threading.Event, instead: Mapping[bytes, bytes]) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            for said, other in instead.items():
                data = data.replace(said, other)
            if not mute.is_set():
                to.sendall(data)
    if not mute.is_set():
        with suppress(OSError):
            to.shutdown(socket.SHUT_RDWR)
