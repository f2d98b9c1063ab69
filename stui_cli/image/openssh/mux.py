"""Asking a master of ssh for a way through its connection (OpenSSH's PROTOCOL.mux, version 4).

This is what `ssh -W` itself does where a master runs, without a process of ssh per image, and it tells whether the way
opened. Every packet is its length and a body, integers are big-endian:

    both        hello: type, version
    we          a way to a TCP port: type, id, "", host, port, and then two descriptors (SCM_RIGHTS): what it reads from
                a socket of this machine that leads to a unix socket there: type, id, kind, listen, port, connect, port
    the master  opened | failure with its reason | ok

The way lives as long as the socket on which it was asked for.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.image.transports.outcomes import seconds_left

if TYPE_CHECKING:
    from stui_cli.model.deadlines import Deadline

_VERSION = 4
_HELLO = 0x00000001
_NEW_STDIO_FORWARD = 0x10000008
_OPEN_FORWARD = 0x10000006
_CLOSE_FORWARD = 0x10000007
_OK = 0x80000001
_PERMISSION_DENIED = 0x80000002
_FAILURE = 0x80000003
_SESSION_OPENED = 0x80000006

_LOCAL = 1
_PATH = 0xFFFFFFFE  # in the place of a port: the host beside it is the path of a socket

_LARGEST = 64 * 1024
_RETRY_S = 0.01


class NoMaster(Exception):
    """Nobody serves at the path, or nobody who speaks this."""


class NotOpened(Exception):
    """The master opened no way. Its words say little: the host's reason is in the master's log."""


class Master:
    """A greeted conversation with the master at `path`. Raises NoMaster, and TimeoutError where it is silent."""

    def __init__(self, path: str, deadline: Deadline) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening: bytes | None = None
        try:
            self._connect(path, deadline)
            self._send(struct.pack(">II", _HELLO, _VERSION))
            hello = self._receive(deadline)
            if struct.unpack(">II", hello[:8]) != (_HELLO, _VERSION):
                raise NoMaster(f"{path} is served by something else")
        except TimeoutError:
            self.close()
            raise
        except (OSError, struct.error) as error:
            self.close()
            raise NoMaster(str(error)) from error
        except BaseException:
            self.close()
            raise

    def _connect(self, path: str, deadline: Deadline) -> None:
        while True:
            self._socket.settimeout(seconds_left(deadline))
            try:
                self._socket.connect(path)
                return
            except BlockingIOError as error:  # too many wait for it to accept: a unix socket says so at once
                if deadline.passed:
                    raise TimeoutError from error
                time.sleep(_RETRY_S)

    def let_pass(self, seconds: float) -> None:
        """Wait until what was written into the way has gone, and the far end has closed it; `seconds` at most."""
        with suppress(OSError):
            self._socket.settimeout(seconds)
            while self._socket.recv(_LARGEST):
                pass

    def close(self) -> None:
        """Let go of the master, and of the way that it opened."""
        self.stop_listening()
        self._socket.close()

    def stream(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        """A stream to a TCP port, seen from there; open. Raises NotOpened, NoMaster and TimeoutError."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._send(struct.pack(">III", _NEW_STDIO_FORWARD, 1, 0) + _text(host) + struct.pack(">I", port))
                for _ in ("it reads", "it writes"):
                    socket.send_fds(self._socket, [b"\0"], [theirs.fileno()])
            self._settle(_SESSION_OPENED, deadline)
        except BaseException as error:
            ours.close()
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise NoMaster(str(error)) from error
            raise
        return ours

    def unix_stream(self, local: str, remote: str, deadline: Deadline) -> socket.socket:
        """A stream to a unix socket there, by way of one here at `local`, which is gone again when this returns.
        Whether somebody listens there is not known yet. Raises NotOpened, NoMaster and TimeoutError.

        The master goes on to listen until `stop_listening`: told so before it has accepted, it would hang up.
        """
        way = struct.pack(">I", _LOCAL) + _text(local) + struct.pack(">I", _PATH) + _text(remote)
        way += struct.pack(">I", _PATH)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._send(struct.pack(">II", _OPEN_FORWARD, 1) + way)
            self._settle(_OK, deadline)
            made.settimeout(seconds_left(deadline))
            made.connect(local)
            self._listening = way
        except BaseException as error:
            made.close()
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise NoMaster(str(error)) from error
            raise
        finally:
            with suppress(OSError):
                os.unlink(local)  # noqa: PTH108  pathlib is not loaded for it
        return made

    def stop_listening(self) -> None:
        """Let the master close the socket that was connected to. Done twice it does nothing."""
        way, self._listening = self._listening, None
        if way is not None:
            with suppress(OSError):
                self._send(struct.pack(">II", _CLOSE_FORWARD, 2) + way)

    def _settle(self, wanted: int, deadline: Deadline) -> None:
        """Wait for the answer to what was asked. Raises NotOpened unless it is the `wanted` one."""
        body = self._receive(deadline)
        try:
            kind, _ = struct.unpack(">II", body[:8])
        except struct.error as error:
            raise NoMaster("a packet that is too short") from error
        if kind == wanted:
            return
        if kind in (_FAILURE, _PERMISSION_DENIED):
            raise NotOpened(body[12:].decode(errors="replace"))
        raise NoMaster(f"an answer of the kind {kind:#x}")

    def _send(self, body: bytes) -> None:
        self._socket.sendall(struct.pack(">I", len(body)) + body)

    def _receive(self, deadline: Deadline) -> bytes:
        (length,) = struct.unpack(">I", self._exactly(4, deadline))
        if length > _LARGEST:
            raise NoMaster(f"a packet of {length} bytes")
        return self._exactly(length, deadline)

    def _exactly(self, count: int, deadline: Deadline) -> bytes:
        data = b""
        while len(data) < count:
            self._socket.settimeout(seconds_left(deadline))
            got = self._socket.recv(count - len(data))
            if not got:
                raise NoMaster("it hung up")
            data += got
        return data


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">I", len(raw)) + raw
