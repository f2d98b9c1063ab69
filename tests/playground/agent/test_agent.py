"""The playground's agent where the conformance cases do not look: its keys, its bounds, its runtime file, its end."""

from __future__ import annotations

import gc
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack
import pytest

from stui_cli.image.client import Caller, Client, open_client
from stui_cli.image.keys import fresh_key_file, read_key
from stui_cli.local.runtime_files import read_runtime_file
from stui_cli.model.addresses import parse_address
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotPermitted
from stui_cli.playground.agent.program import published
from stui_cli.playground.agent.server import Agent
from stui_cli.playground.agent.settings import AgentSettings, settings_in
from stui_cli.playground.image import Playground
from stui_cli.protocol.vitals import Ping, Pong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.playground.agent.jobs import AgentJob, AgentSession
    from stui_cli.playground.agent.saying import SaidText

PROGRAM = Path(__file__).parents[3] / "stui_cli" / "playground" / "__main__.py"


@contextmanager
def client_of(agent: Agent, keys: Path | None = None, key_id: str | None = None) -> Iterator[Client]:
    key = None if keys is None else read_key(str(keys), key_id)
    with open_client(parse_address(agent.address), Caller("tests", key), Deadline.after(10)) as client:
        yield client


class Talk:
    """A client that says and hears what it likes."""

    def __init__(self, agent: Agent) -> None:
        host, port = agent.address.removeprefix("tcp://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=50)
        self._heard = msgpack.Unpacker(strict_map_key=False)
        self.told: list[tuple[str, Any]] = []
        self.ask(0, "hello", {"protocol": 1, "client": "tests", "client_id": "tests"})

    def send(self, number: int, method: str, params: dict[str, Any]) -> None:
        self.socket.sendall(msgpack.packb([0, number, method, [params] if params else []]))

    def answer(self, number: int) -> tuple[Any, Any]:
        """Error and result of a request; notifications are kept."""
        while True:
            for kind, *rest in self._heard:
                if kind == 2:
                    self.told.append((rest[0], rest[1][0]))
                if kind == 1 and rest[0] == number:
                    return rest[1], rest[2]
            data = self.socket.recv(65536)
            assert data, "the connection ended"
            self._heard.feed(data)

    def ask(self, number: int, method: str, params: dict[str, Any]) -> tuple[Any, Any]:
        self.send(number, method, params)
        return self.answer(number)


@pytest.fixture
def talk_to() -> Iterator[Callable[[Agent], Talk]]:
    """Clients that are gone when the test ends."""
    with ExitStack() as stack:

        def begin(agent: Agent) -> Talk:
            talk = Talk(agent)
            stack.enter_context(talk.socket)
            return talk

        yield begin


def code(source: str, **more: object) -> dict[str, object]:
    return {"session_id": None, "source": source, "time_limit_ms": 50_000, "print_limit": 100, **more}


def test_a_key_is_added_and_withdrawn_while_it_runs(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    fresh_key_file(keys)
    admin = read_key(str(keys), "admin")
    with Agent(settings=AgentSettings(key_file=keys)) as agent:
        with client_of(agent, keys, "developer") as client:
            assert client.role == "developer"
        keys.write_text(f"other observer {admin.secret.hex()}\n")
        keys.chmod(0o600)
        with client_of(agent, keys, "other") as client:
            assert client.role == "observer"
        keys.chmod(0o644)  # what others can read lets nobody in
        with (
            pytest.raises(NotPermitted),
            open_client(parse_address(agent.address), Caller("tests", admin), Deadline.after(10)),
        ):
            pass


@pytest.mark.parametrize(
    "text", ["", "one admin 00\n", "one king " + 64 * "0", "\x00\xff"], ids=["empty", "short", "role", "bytes"]
)
def test_it_does_not_start_with_a_file_that_holds_no_keys(tmp_path: Path, text: str) -> None:
    keys = tmp_path / "keys"
    keys.write_text(text)
    keys.chmod(0o600)
    start = tmp_path / "start.st"
    start.write_text(f"StuiAgent startLaunched: #(#name 'x' #keyFile '{keys}' #runtimeDirectory '{tmp_path}/run')!\n")
    done = subprocess.run([sys.executable, str(PROGRAM), str(start)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("stui-agent: error: ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()


def test_the_runtime_file_is_there_as_long_as_it_listens(tmp_path: Path) -> None:
    settings = AgentSettings(name='a"\\b', runtime_directory=tmp_path / "run")
    with published(Agent(settings=settings)) as path:
        assert path is not None
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        found = read_runtime_file(path)
        assert found is not None
        assert (found.name, found.dialect, found.pid) == (settings.name, "playground", os.getpid())
    assert not path.exists()


def test_a_process_that_hosted_one_looks_for_garbage_as_before() -> None:
    """Left as it was while serving, a process kept 100,000 failures and their tracebacks: 900 MB."""
    before = gc.get_threshold()
    with published(Agent()):
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_threshold() == before


def test_making_an_image_changes_nothing_of_the_process() -> None:
    before = gc.get_threshold()
    Playground()
    assert gc.get_threshold() == before


def test_a_start_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    text = "StuiAgent startLaunched: #(#name 'it''s' #port 4711 #keyFile '/a #port 1' #imageId '' #memoryLimit 5)!"
    found = settings_in(text, tmp_path)
    assert (found.name, found.port, found.key_file, found.memory_limit) == ("it's", 4711, Path("/a #port 1"), 5)


def test_a_client_that_reads_nothing_holds_up_nobody(talk_to: Callable[[Agent], Talk]) -> None:
    with Agent() as agent:
        greedy = talk_to(agent)
        greedy.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for number in range(1, 50):
            greedy.send(number, "ping", {"message": "x" * 100_000})
            if number == 10:
                greedy.send(1_000, "evaluate", code("1 to: 100000 do: [:i | Transcript show: 'word word word']. 7"))
        with client_of(agent) as client:
            begun = time.monotonic()
            client.call(Ping(), Pong, Deadline.after(10))
            assert time.monotonic() - begun < 9
        greedy.socket.close()


def test_a_stranger_may_say_little_and_has_little_time() -> None:
    with Agent(settings=AgentSettings(stranger_s=0.1)) as agent:
        host, port = agent.address.removeprefix("tcp://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as silent:
            assert silent.recv(10) == b""
    with Agent(settings=AgentSettings(stranger_s=20)) as agent:
        host, port = agent.address.removeprefix("tcp://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as loud:
            loud.sendall(msgpack.packb([0, 1, "hello", [{"protocol": 1, "client": "x" * 100_000, "client_id": "x"}]]))
            answer = msgpack.unpackb(loud.recv(65536))
            assert answer[2]["code"] == "LimitExceeded"


def test_connections_are_bounded(talk_to: Callable[[Agent], Talk]) -> None:
    with Agent(settings=AgentSettings(connections=2)) as agent:
        first, second = talk_to(agent), talk_to(agent)
        host, port = agent.address.removeprefix("tcp://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as third:
            assert third.recv(10) == b""
        first.socket.close()
        assert second.ask(1, "ping", {})[1]["status"] == "ok"


def test_old_receipts_go_and_those_of_what_runs_stay(talk_to: Callable[[Agent], Talk]) -> None:
    with Agent(settings=AgentSettings(receipts=3)) as agent:
        talk = talk_to(agent)
        talk.ask(1, "create_session", {"session_id": "s", "name": "s", "description": None})
        talk.ask(2, "evaluate", code("n := 0", session_id="s"))
        for number in range(10, 16):
            talk.ask(number, "evaluate", code("n := n + 1", session_id="s", once=f"k{number}"))
        assert talk.ask(30, "evaluate", code("n := n + 1", session_id="s", once="k15"))[1]["value"]["print"] == "6"
        assert talk.ask(31, "evaluate", code("n := n + 1", session_id="s", once="k10"))[1]["value"]["print"] == "7"


class Deaf(Agent):
    """Its evaluations do not end when they are told to."""

    def compute(self, job: AgentJob, session: AgentSession | None, source: str) -> Any:
        if source == "deaf":
            self.let_go.wait(20)
        return super().compute(job, session, "3")

    let_go = threading.Event()


def test_what_does_not_end_when_told_is_answered_and_the_session_goes_on(talk_to: Callable[[Agent], Talk]) -> None:
    with Deaf() as agent:
        talk = talk_to(agent)
        talk.ask(1, "create_session", {"session_id": "s", "name": "s", "description": None})
        talk.send(2, "evaluate", code("deaf", session_id="s", time_limit_ms=100))
        talk.send(3, "evaluate", code("3", session_id="s"))
        assert talk.answer(2)[0]["code"] == "Timeout"
        assert talk.answer(3)[1]["value"]["print"] == "3"
        agent.let_go.set()


def test_what_a_vanished_client_left_behind_ends(talk_to: Callable[[Agent], Talk]) -> None:
    with Agent(settings=AgentSettings(unattended_for_s=0.1)) as agent:
        talk = talk_to(agent)
        talk.send(1, "evaluate", code("[true] whileTrue: []", time_limit_ms=60_000))
        until = time.monotonic() + 30
        while not agent.jobs and time.monotonic() < until:
            time.sleep(0.01)
        talk.socket.close()
        while agent.jobs and time.monotonic() < until:
            time.sleep(0.01)
        assert not agent.jobs


def test_it_ends_while_code_runs_and_leaves_no_thread_behind(talk_to: Callable[[Agent], Talk]) -> None:
    before = threads()
    with Agent() as agent:
        talk = talk_to(agent)
        talk.send(1, "evaluate", code("[true] whileTrue: []", time_limit_ms=60_000))
        until = time.monotonic() + 30
        while not agent.jobs and time.monotonic() < until:
            time.sleep(0.01)
    assert not agent.threads
    assert threads() <= before


def threads() -> set[threading.Thread]:
    """Those that live, but for the one clock of all playgrounds, which ends by itself."""
    return {each for each in threading.enumerate() if each.name != "playground clock"}


def test_it_ends_while_a_thread_of_its_own_is_just_starting() -> None:
    reached, go = threading.Event(), threading.Event()

    class Late(threading.Thread):
        def start(self) -> None:
            reached.set()
            go.wait(30)
            super().start()

    with Agent() as agent:
        starting = threading.Thread(target=agent.begin_thread, args=(Late(target=int, daemon=True),))
        starting.start()
        assert reached.wait(30)
        soon = threading.Timer(0.1, go.set)
        soon.start()
    starting.join()
    soon.join()


def test_half_a_character_is_sent_as_something_that_can_be_read() -> None:
    from stui_cli.playground.agent.evaluating import plain

    assert plain("a\ud800b") == "a\ufffdb"
    assert plain("a\udc80b") == "a\udc80b"  # bytes of a client that were no text go back as they came


class Poor(Agent):
    """The system gives it no thread for code, as under a limit of memory or of processes."""

    is_poor = True

    def begin_thread(self, thread: threading.Thread, *, small: bool = False) -> threading.Thread:
        if self.is_poor and not small:
            raise RuntimeError("can't start new thread")
        return super().begin_thread(thread, small=small)


def test_without_a_thread_a_request_is_refused_and_nothing_is_stuck(talk_to: Callable[[Agent], Talk]) -> None:
    with Poor() as agent:
        talk = talk_to(agent)
        talk.ask(1, "create_session", {"session_id": "s", "name": "s", "description": None})
        for session in (None, "s"):
            assert talk.ask(2, "evaluate", code("3", session_id=session))[0]["code"] == "LimitExceeded"
        agent.is_poor = False
        for session in (None, "s"):
            assert talk.ask(2, "evaluate", code("3", session_id=session))[1]["value"]["print"] == "3"
        assert not agent.jobs


class Fails(Agent):
    """It makes a mistake of its own."""

    def heard(self, output: SaidText) -> str:
        raise ZeroDivisionError("here")


def test_a_mistake_of_its_own_is_told_without_its_insides(
    talk_to: Callable[[Agent], Talk], capsys: pytest.CaptureFixture[str]
) -> None:
    with Fails() as agent:
        talk = talk_to(agent)
        error, _ = talk.ask(1, "evaluate", code("3"))
        assert error["code"] == "InternalError"
        assert "Zero" not in error["message"]
        assert talk.ask(2, "ping", {})[1]["status"] == "ok"
    assert "ZeroDivisionError: here" in capsys.readouterr().err
