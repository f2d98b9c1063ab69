"""A foreign client of protocol 1: sockets, msgpack and hmac, and nothing of stui. What passes here is what any
MessagePack-RPC client can rely on."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgpack

if TYPE_CHECKING:
    from pathlib import Path


class RemoteError(Exception):
    """An error response."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: str = error["code"]
        self.message: str = error["message"]
        self.details: dict[str, Any] = error["details"]
        self.stack: list[str] = error["stack"]


class Ended(Exception):
    """The agent has closed the connection."""


@dataclass(frozen=True)
class Key:
    key_id: str
    role: str
    secret: bytes

    @classmethod
    def fresh(cls, key_id: str, role: str) -> Key:
        return cls(key_id, role, os.urandom(32))

    def line(self) -> str:
        return f"{self.key_id} {self.role} {self.secret.hex()}\n"

    def prove(self, label: bytes, first: bytes, second: bytes, image_id: str) -> bytes:
        return hmac.new(self.secret, label + first + second + image_id.encode("ascii"), hashlib.sha256).digest()


ORDINARY: dict[str, dict[str, Any]] = {
    "evaluate": {"time_limit_ms": 10_000, "print_limit": 10_000},
    "load_source": {"session_id": None, "name": None, "format": "auto", "stop_at_error": True, "time_limit_ms": 10_000},
    "inspect": {"depth": 1, "start": 1, "count": 100, "print_limit": 200},
    "restore_session": {"name": "restored", "description": None, "bindings": [], "replay": []},
    "cleanup_image_sessions": {"force": False, "preserve_active": True},
    "switch_image_context": {"preserve_context": True},
}


class Wire:
    """One connection. Answers are kept until they are asked for, because they may come in any order."""

    def __init__(self, address: str, timeout: float = 30.0) -> None:
        self.timeout = timeout
        self.socket = connect(address, timeout)
        self.unpacker = msgpack.Unpacker(raw=False, max_buffer_size=0, strict_map_key=False)
        self.ids = itertools.count(1)
        self.answers: dict[int | None, tuple[Any, Any]] = {}
        self.notifications: list[tuple[str, Any]] = []

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendall(data)

    def request(self, method: Any, /, **params: Any) -> int:
        """Send and do not wait. What the protocol wants and a test does not care about is filled in."""
        return self.request_with(method, [{**ORDINARY.get(method, {}), **params}])

    def request_with(self, method: Any, params: Any) -> int:
        number = next(self.ids)
        self.send_bytes(msgpack.packb([0, number, method, params]))
        return number

    def notify(self, method: str, **params: Any) -> None:
        self.send_bytes(msgpack.packb([2, method, [params]]))

    def receive(self) -> None:
        """One message, put where it belongs."""
        while True:
            try:
                message = self.unpacker.unpack()
                break
            except msgpack.OutOfData:
                data = self.socket.recv(65536)
                if not data:
                    raise Ended from None
                self.unpacker.feed(data)
        if message[0] == 2:
            self.notifications.append((message[1], message[2][0]))
        else:
            assert message[0] == 1, message
            self.answers[message[1]] = (message[2], message[3])

    def answer(self, number: int | None) -> Any:
        while number not in self.answers:
            self.receive()
        error, result = self.answers.pop(number)
        if error is not None:
            raise RemoteError(error)
        return result

    def call(self, method: Any, /, **params: Any) -> Any:
        return self.answer(self.request(method, **params))

    def hello(self, client_id: str = "client-1", **params: Any) -> dict[str, Any]:
        return self.call("hello", protocol=1, client="wire", client_id=client_id, **params)

    def login(self, key: Key, client_id: str = "client-1") -> dict[str, Any]:
        """Both sides of the handshake; the agent's proof is checked."""
        nonce = os.urandom(16)
        greeting = self.hello(client_id, key_id=key.key_id, nonce=nonce)
        expected = key.prove(b"stui-server", nonce, greeting["nonce"], greeting["image_id"])
        assert greeting["proof"] == expected
        self.call("authenticate", proof=key.prove(b"stui-client", greeting["nonce"], nonce, greeting["image_id"]))
        return greeting

    def evaluate(self, source: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        params.setdefault("time_limit_ms", 10_000)
        params.setdefault("print_limit", 10_000)
        return self.call("evaluate", session_id=session, source=source, **params)

    def value(self, source: str, session: str | None = None, **params: Any) -> str:
        """The print text of a value that must be returned."""
        result = self.evaluate(source, session, **params)
        assert result["outcome"] == "returned", result
        return result["value"]["print"]

    def wait_closed(self, seconds: float = 20.0) -> None:
        """Read until the agent ends the connection."""
        self.socket.settimeout(seconds)
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                self.receive()
        except (Ended, ConnectionResetError, BrokenPipeError):
            return
        raise AssertionError("the connection is still open")


def connect(address: str, timeout: float) -> socket.socket:
    if address.startswith("unix://"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        connection.connect(address.removeprefix("unix://"))
        return connection
    host, port = address.removeprefix("tcp://").rsplit(":", 1)
    connection = socket.create_connection((host, int(port)), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_address(runtime_file: Path) -> str:
    """The address line of a runtime file."""
    for line in runtime_file.read_text().splitlines():
        if line.startswith("address = "):
            return line.removeprefix("address = ").strip('"')
    raise AssertionError(f"no address in {runtime_file}")
