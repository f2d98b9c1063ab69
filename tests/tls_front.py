"""A TLS server of Python's own in front of something, as stunnel is: for what stunnel cannot be told to do."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from certificates import Pair


def serving(
    pair: Pair,
    *,
    client_ca: str | None = None,
    newest: ssl.TLSVersion | None = None,
    oldest: ssl.TLSVersion | None = None,
    ciphers: str | None = None,
) -> ssl.SSLContext:
    """The context of a server that shows `pair`; with `client_ca` it wants a certificate of that CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    with warnings.catch_warnings(action="ignore"):  # of versions that nobody should speak any more
        if ciphers is not None:
            context.set_ciphers(ciphers)
        if oldest is not None:
            context.minimum_version = oldest
        if newest is not None:
            context.maximum_version = newest
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


class Front:
    """Listens on loopback, one thread per connection. `act` gets each connection after its handshake; by default what
    comes is carried to the `backend`, and back."""

    def __init__(
        self,
        context: ssl.SSLContext | None,
        backend: tuple[str, int] | None = None,
        act: Callable[[socket.socket], None] | None = None,
    ) -> None:
        self._context = context
        self._backend = backend
        self._act = act or self._carry
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._serve)]
        self._over = threading.Event()
        self.failures: list[str] = []
        self.received = b""

    def __enter__(self) -> Front:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            if select.select([self._listener], [], [], 0.02)[0]:
                thread = threading.Thread(target=self._meet, args=[self._listener.accept()[0]])
                self._threads.append(thread)
                thread.start()

    def _meet(self, accepted: socket.socket) -> None:
        accepted.settimeout(5)
        try:
            if self._context is not None:
                accepted = self._context.wrap_socket(accepted, server_side=True)
            self._act(accepted)
        except (OSError, ValueError) as error:
            self.failures.append(str(error))
        finally:
            accepted.close()

    def _carry(self, near: socket.socket) -> None:
        assert self._backend is not None
        with socket.create_connection(self._backend, 5) as far:
            while not self._over.is_set():
                pending = isinstance(near, ssl.SSLSocket) and near.pending()
                ready = [near] if pending else select.select([near, far], [], [], 0.02)[0]
                for each in ready:
                    data = each.recv(65536)
                    if not data:
                        return
                    if each is near:
                        self.received += data
                    (far if each is near else near).sendall(data)
