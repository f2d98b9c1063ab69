"""What the playground's agent takes: pings over one connection, pings while code never ends, evaluations.

python -m pytest tests/benchmarks/test_playground_agent.py -m benchmark -s
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.benchmark

PROGRAM = Path(__file__).parents[2] / "stui_cli" / "playground" / "__main__.py"


class Connection:
    """One client, as quick as Python's can be."""

    def __init__(self, address: str) -> None:
        host, port = address.removeprefix("tcp://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._heard = msgpack.Unpacker(strict_map_key=False)
        self.ask(0, "hello", {"protocol": 1, "client": "benchmark", "client_id": "benchmark"})

    def send(self, number: int, method: str, params: dict[str, Any]) -> None:
        self.socket.sendall(msgpack.packb([0, number, method, [params] if params else []]))

    def hear(self) -> list[Any]:
        while True:
            for message in self._heard:
                if message[0] == 1:
                    assert message[2] is None, message
                    return message  # type: ignore[no-any-return]
            self._heard.feed(self.socket.recv(65536))

    def ask(self, number: int, method: str, params: dict[str, Any]) -> list[Any]:
        self.send(number, method, params)
        return self.hear()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A playground in a process of its own, which asks for no key."""
    folder = tmp_path_factory.mktemp("playground")
    (folder / "start.st").write_text(f"StuiAgent startLaunched: #(#name 'fast' #runtimeDirectory '{folder}/run')!\n")
    process = subprocess.Popen([sys.executable, str(PROGRAM), str(folder / "start.st")])
    until = time.monotonic() + 20
    while not (found := list((folder / "run").glob("*.toml"))):
        assert time.monotonic() < until
        time.sleep(0.01)
    yield tomllib.loads(found[0].read_text())["address"]
    process.terminate()
    assert process.wait(10) == 0


@pytest.fixture
def connect(address: str) -> Iterator[Callable[[], Connection]]:
    """Connections that end with the test."""
    with ExitStack() as stack:

        def begin() -> Connection:
            made = Connection(address)
            stack.enter_context(made.socket)
            return made

        yield begin


def code(source: str, **more: object) -> dict[str, object]:
    return {"session_id": None, "source": source, "time_limit_ms": 20_000, "print_limit": 100, **more}


ECHO = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    talk = server.accept()[0]
    talk.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := talk.recv(65536):
        talk.sendall(data)
"""


def echoes_a_second(many: int) -> float:
    """What two processes of Python manage that say nothing to each other but what was said."""
    echo = subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True)
    assert echo.stdout is not None
    with echo.stdout, socket.create_connection(("127.0.0.1", int(echo.stdout.readline()))) as talk:
        talk.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begun = time.perf_counter()
        for number in range(many):
            talk.sendall(msgpack.packb([0, number, "ping", []]))
            talk.recv(65536)
        took = time.perf_counter() - begun
    echo.wait(10)
    return many / took


def test_pings_one_at_a_time_and_pipelined(connect: Callable[[], Connection]) -> None:
    talk, many = connect(), 10_000
    begun = time.perf_counter()
    for number in range(1, many + 1):
        talk.ask(number, "ping", {})
    alone = many / (time.perf_counter() - begun)
    begun = time.perf_counter()
    for start in range(1, many + 1, 100):
        batch = range(many + start, many + start + 100)
        talk.socket.sendall(b"".join(msgpack.packb([0, number, "ping", []]) for number in batch))
        for _ in batch:
            talk.hear()
    together = many / (time.perf_counter() - begun)
    bare = echoes_a_second(many)
    told = f"{alone:,.0f} one at a time, {together:,.0f} pipelined; a bare echo: {bare:,.0f}"
    print(f"pings a second over one connection: {told}")
    assert alone > min(5_000, bare / 5)  # the machine may be busy with something else


@pytest.mark.parametrize("loops", [1, 4])
def test_pings_while_code_never_ends(connect: Callable[[], Connection], loops: int) -> None:
    busy = [connect() for _ in range(loops)]
    for each in busy:
        each.send(1, "evaluate", code("| n | n := 0. [true] whileTrue: [n := n + 1]", time_limit_ms=4_000))
    talk, took = connect(), []
    for number in range(1, 201):
        begun = time.perf_counter()
        talk.ask(number, "ping", {})
        took.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.005)
    took.sort()
    print(f"a ping beside {loops} endless loops: median {took[100]:.1f} ms, worst {took[-1]:.1f} ms")
    assert took[int(len(took) * 0.95)] < 50


def test_evaluations(connect: Callable[[], Connection]) -> None:
    talk, many = connect(), 2_000
    talk.ask(1, "create_session", {"session_id": "s", "name": "s", "description": None})
    begun = time.perf_counter()
    for number in range(2, many + 2):
        talk.ask(number, "evaluate", code("3 + 4", session_id="s"))
    alone = many / (time.perf_counter() - begun)
    begun = time.perf_counter()
    for start in range(0, many, 100):
        batch = range(10_000 + start, 10_000 + start + 100)
        asked = code("3 + 4", session_id="s")
        talk.socket.sendall(b"".join(msgpack.packb([0, number, "evaluate", [asked]]) for number in batch))
        for _ in batch:
            talk.hear()
    together = many / (time.perf_counter() - begun)
    print(f"evaluations a second in one session: {alone:,.0f} one at a time, {together:,.0f} pipelined")
