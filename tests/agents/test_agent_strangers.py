"""The agent among strangers: clients that prove no key, that knew one, or that pose as what they are not.

Each test holds for the agent in a real GNU Smalltalk and for that of the playground.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgpack
import pytest
from running import KEYS, Clients, RunningAgent, private_folder
from wire import Ended, Key, RemoteError, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROGRAM = """
import sys
from pathlib import Path
from stui_cli.playground.agent.server import Agent
from stui_cli.playground.agent.settings import AgentSettings
folder = Path(sys.argv[1])
settings = AgentSettings(key_file=folder / "keys", folder=folder, strangers=int(sys.argv[2]), unattended_for_s=1)
with Agent(settings=settings) as agent:
    print(agent.address, flush=True)
    sys.stdin.read()
"""
STRANGERS = 20
GRACE_MS = 1000
FEW_DESCRIPTORS = 60
WAITING = 1500


class ServedPlayground:
    """A playground's agent in a process of its own; what the tests of a RunningAgent ask of one."""

    def __init__(self, folder: Path, strangers: int, limit: str) -> None:
        self.folder, self.keys, self.key_file = folder, KEYS, folder / "keys"
        self.write_keys(*KEYS)
        command = f'{limit or ":"}; exec "$0" "$@"'
        self.process = subprocess.Popen(
            ["sh", "-c", command, sys.executable, "-c", PROGRAM, str(folder), str(strangers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.pid = self.process.pid

    write_keys = RunningAgent.write_keys

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


Served = RunningAgent | ServedPlayground


def serve(kind: str, folder: Path, gst: Path, strangers: int = STRANGERS, limit: str = "") -> Served:
    """Start one; `limit` is what a shell does before."""
    if kind == "playground":
        return ServedPlayground(folder, strangers, limit)
    if limit:
        script = folder / "gst"
        script.write_text(f'#!/bin/sh\n{limit}\nexec "{gst}" "$@"\n')
        script.chmod(0o700)
        gst = script
    return RunningAgent(gst, folder, KEYS, strangers=strangers, unattendedFor=GRACE_MS).start()


@pytest.fixture(scope="module", params=["gst", "playground"])
def served(request: pytest.FixtureRequest, gst: Path) -> Iterator[Served]:
    with private_folder() as folder:
        agent = serve(request.param, Path(folder), gst)
        try:
            yield agent
            assert agent.process is not None
            assert agent.process.poll() is None, "the agent did not survive its tests"
        finally:
            agent.kill()


@pytest.fixture
def clients(served: Served) -> Iterator[Clients]:
    served.write_keys(*KEYS)
    opened = Clients(served)  # type: ignore[arg-type]  # the keys and the address are what it asks for
    yield opened
    opened.close()


class Flood:
    """Keeps `count` connections open; those that the agent closes are opened anew. `greets` says hello on each."""

    def __init__(self, address: str, count: int, greets: bool) -> None:
        host, port = address.removeprefix("tcp://").split(":")
        self.peer, self.count, self.greets = (host, int(port)), count, greets
        self.renewed = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Flood:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        waiting = select.poll()
        opened: dict[int, socket.socket] = {}
        try:
            while not self._ended.is_set():
                for _ in range(min(20, self.count - len(opened))):
                    self._open(waiting, opened)
                for number, _ in waiting.poll(5):
                    self._look(waiting, opened, number)
        finally:
            for each in opened.values():
                each.close()

    def _open(self, waiting: select.poll, opened: dict[int, socket.socket]) -> None:
        with contextlib.suppress(OSError):
            made = socket.create_connection(self.peer, 1)
            self.renewed += 1
            opened[made.fileno()] = made
            waiting.register(made, select.POLLIN)
            if self.greets:
                hello = {"protocol": 1, "client": "x", "client_id": "f", "key_id": "dev", "nonce": os.urandom(16)}
                made.sendall(msgpack.packb([0, 1, "hello", [hello]]))

    def _look(self, waiting: select.poll, opened: dict[int, socket.socket], number: int) -> None:
        try:
            alive = bool(opened[number].recv(4096))
        except OSError:
            alive = False
        if not alive:
            waiting.unregister(number)
            opened.pop(number).close()


def time_to_ping(address: str) -> float:
    """Seconds from connecting to the answer of a ping, for a client with a key."""
    start = time.monotonic()
    with Wire(address, timeout=20) as wire:
        wire.login(KEYS[1])
        wire.call("ping", message=1)
    return time.monotonic() - start


@pytest.mark.parametrize("greets", [False, True], ids=["silent", "greeting"])
def test_strangers_without_end_keep_nobody_out(served: Served, clients: Clients, greets: bool) -> None:
    """They did: all places were theirs until each had been silent for 30 s."""
    known = clients("known")
    with Flood(served.address, 3 * STRANGERS, greets) as flood:
        until(lambda: flood.renewed > 2 * STRANGERS)
        assert max(time_to_ping(served.address) for _ in range(2)) < 20
        assert known.call("ping", message=2)["message"] == 2
    assert known.value("3 + 4") == "7"


@pytest.mark.long
@pytest.mark.parametrize("kind", ["gst", "playground"])
def test_eight_hundred_silent_connections_keep_nobody_out(kind: str, gst: Path, tmp_path: Path) -> None:
    agent = serve(kind, tmp_path, gst, strangers=128)
    try:
        with Flood(agent.address, 800, greets=False) as flood:
            until(lambda: flood.renewed > 1000, 20)
            taken = [time_to_ping(agent.address) for _ in range(3)]
        print(f"{kind}: {max(taken):.2f} s among 800 silent connections")
        assert max(taken) < 10
    finally:
        agent.kill()


@pytest.mark.parametrize("kind", ["gst", "playground"])
def test_without_descriptors_it_neither_spins_nor_ends(kind: str, gst: Path) -> None:
    """All that the process may have are taken by strangers; the key file needs one, too."""
    with private_folder() as folder:
        agent = serve(kind, Path(folder), gst, strangers=500, limit=f"ulimit -n {FEW_DESCRIPTORS}")
        try:
            with Flood(agent.address, FEW_DESCRIPTORS, greets=False) as flood:
                until(lambda: flood.renewed > FEW_DESCRIPTORS)
                assert time_to_ping(agent.address) < 20
            silent = [Wire(agent.address) for _ in range(FEW_DESCRIPTORS)]
            time.sleep(0.2)
            before = busy(agent.pid)
            time.sleep(0.5)
            assert busy(agent.pid) - before < 0.35
            assert time_to_ping(agent.address) < 20
            for each in silent:
                each.close()
        finally:
            agent.kill()


def busy(pid: int) -> float:
    """Seconds of the processor that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.long
def test_evaluations_that_wait_cost_the_watch_nothing(gst: Path) -> None:
    """It looked at each of them a hundred times a second, and nothing else had its turn: of 3,000 that waited a second
    each 11 were answered in time."""
    with private_folder() as folder:
        agent = serve("gst", Path(folder), gst)
        try:
            with Wire(agent.address, timeout=15) as wire, Wire(agent.address) as other:
                wire.login(KEYS[1])
                other.login(KEYS[1], "other")
                for _ in range(WAITING):
                    wire.request("evaluate", session_id=None, source="Semaphore new wait", time_limit_ms=60_000)
                until(lambda: other.call("ping", message=1)["evaluating"] == WAITING, 15)
                until(lambda: other.value("3 + 4") == "7", 15)
                before, begun = busy(agent.pid), time.monotonic()
                time.sleep(1)
                assert (busy(agent.pid) - before) / (time.monotonic() - begun) < 0.2
        finally:
            agent.kill()


def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    over = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < over, "it did not come to pass"
        time.sleep(0.01)


def test_what_goes_wrong_with_one_does_not_keep_all_others_out(agent: RunningAgent) -> None:
    """All strangers could be gone by themselves between two looks at them; the listener ended by that, and nobody came
    in any more."""
    clients = Clients(agent)
    inside = clients("inside", "admin")
    assert inside.value("StuiAgent current oneTooMany isNil") == "true"  # nobody is a stranger now
    inside.value("StuiAgent current dismiss: StuiAgent current oneTooMany. 3")
    inside.value("150 timesRepeat: [StuiAgent current strangers addLast: nil]")
    try:
        for _ in range(2):
            clients.bare().wait_closed()
    finally:
        inside.value("[StuiAgent current strangers includes: nil] whileTrue: [StuiAgent current strangers remove: nil]")
    assert clients("outside").value("3 + 4") == "7"
    clients.close()


def test_no_key_is_in_a_saved_image(served: Served, clients: Clients) -> None:
    """That of the connection that asked for it was."""
    for key in KEYS:
        clients("saver", key.role).call("ping", message=1)
    part = "saved.0123456789abcdef0123456789abcdef.part.playground"
    path = served.folder / (part if isinstance(served, ServedPlayground) else "saved.im")
    wire = clients("saver", "admin")
    wire.call("create_session", session_id="s", name="work", description="")
    assert "saved" in wire.value(f"StuiAgent saveImage: '{path}'", "s")
    image = path.read_bytes()
    assert len(image) > 100
    for key in KEYS:
        pads = [bytes(byte ^ pad for byte in key.secret) for pad in (0x36, 0x5C)]
        halves = [key.secret.hex()[:32], key.secret.hex()[32:]]
        for secret in (key.secret, *pads, *(half.encode() for half in halves)):
            assert secret not in image
            assert secret.upper() not in image


def test_who_ends_its_side_gets_what_it_had_asked(clients: Clients) -> None:
    """As `nc -N` does, or a batch that has sent all it has."""
    wire = clients("batch")
    wire.call("create_session", session_id="s", name="work", description="")
    asked = [wire.request("evaluate", session_id=each, source=source) for each, source in BATCH]
    wire.socket.shutdown(socket.SHUT_WR)
    assert [wire.answer(number)["value"]["print"] for number in asked] == ["7", "5", "9"]
    with pytest.raises(Ended):
        wire.receive()


BATCH = [("s", "3 + 4"), (None, "(Delay forMilliseconds: 150) wait. 5"), ("s", "(Delay forMilliseconds: 100) wait. 9")]


def test_what_runs_on_for_one_that_ended_its_side_is_stopped_as_for_one_that_vanished(clients: Clients) -> None:
    wire = clients("batch")
    number = wire.request("evaluate", session_id=None, source="[true] whileTrue", time_limit_ms=60_000)
    wire.socket.shutdown(socket.SHUT_WR)
    with pytest.raises(RemoteError, match="Interrupted: nobody was connected"):
        wire.answer(number)
    with pytest.raises(Ended):
        wire.receive()


def test_a_connection_ends_soon_after_its_key(served: Served, clients: Clients) -> None:
    withdrawn, changed, demoted = (Key.fresh(name, "developer") for name in ("withdrawn", "changed", "demoted"))
    served.write_keys(*KEYS, withdrawn, changed, demoted)
    ending = [clients.bare() for _ in range(3)]
    for wire, key in zip(ending, (withdrawn, changed, demoted), strict=True):
        wire.login(key)
    stays = clients("boss", "admin")
    ending[0].request("evaluate", session_id=None, source="[true] whileTrue", time_limit_ms=60_000)
    until(lambda: stays.call("list_evaluations"))
    served.write_keys(*KEYS, Key.fresh("changed", "developer"), Key("demoted", "observer", demoted.secret))
    for wire in ending:
        wire.wait_closed()
        assert wire.answers[None][0]["code"] == "NotAuthenticated"
    until(lambda: not stays.call("list_evaluations"))


def test_the_last_key_can_be_withdrawn(served: Served, clients: Clients) -> None:
    wire = clients()
    served.write_keys()
    wire.wait_closed()


def test_a_key_file_that_cannot_be_read_sends_nobody_away(served: Served, clients: Clients) -> None:
    wire = clients()
    served.key_file.write_text("in the midst of being writ")
    time.sleep(1.6)
    assert wire.call("ping", message=1)["message"] == 1
    with pytest.raises(AssertionError):
        clients()
    served.write_keys(*KEYS)
    assert clients().call("ping", message=1)["message"] == 1


def recorded(clients: Clients, key: Key) -> tuple[bytes, list[bytes]]:
    """The nonce of a handshake that succeeded, and all that its client sent."""
    wire, nonce = clients.bare(), os.urandom(16)
    hello = {"protocol": 1, "client": "w", "client_id": "c", "key_id": key.key_id, "nonce": nonce}
    sent = [msgpack.packb([0, 1, "hello", [hello]])]
    wire.send_bytes(sent[0])
    greeting = wire.answer(1)
    proof = key.prove(b"stui-client", greeting["nonce"], nonce, greeting["image_id"])
    sent.append(msgpack.packb([0, 2, "authenticate", [{"proof": proof}]]))
    wire.send_bytes(sent[1])
    assert wire.answer(2) == {"role": key.role}
    return nonce, sent


def refused(wire: Wire, proof: bytes) -> bool:
    with pytest.raises(RemoteError) as caught:
        wire.call("authenticate", proof=proof)
    return caught.value.code == "NotAuthenticated"


def test_a_recorded_handshake_is_refused(clients: Clients) -> None:
    _, sent = recorded(clients, KEYS[1])
    wire = clients.bare()
    wire.send_bytes(b"".join(sent))
    assert len(wire.answer(1)["proof"]) == 32
    with pytest.raises(RemoteError, match="NotAuthenticated"):
        wire.answer(2)


def test_what_the_agent_proves_serves_nobody(clients: Clients) -> None:
    """Neither its own proof sent back, nor one that it made for its nonce of another connection."""
    first, second = clients.bare(), clients.bare()
    greeting = first.hello(key_id="dev", nonce=os.urandom(16))
    assert refused(first, greeting["proof"])
    mirrored = second.hello(key_id="dev", nonce=greeting["nonce"])
    assert mirrored["nonce"] != greeting["nonce"]
    assert refused(first, mirrored["proof"])
    assert refused(second, mirrored["proof"])


@pytest.mark.parametrize("nonce", [b"", b"short", bytes(17), bytes(64)], ids=len)
def test_a_nonce_has_sixteen_bytes(clients: Clients, nonce: bytes) -> None:
    wire = clients.bare()
    with pytest.raises(RemoteError) as caught:
        wire.hello(key_id="dev", nonce=nonce)
    assert caught.value.code == "InvalidRequest"
    assert refused(wire, bytes(32))


def test_without_a_nonce_nothing_is_proved(clients: Clients) -> None:
    wire, key = clients.bare(), KEYS[1]
    greeting = wire.hello(key_id=key.key_id)
    assert greeting["proof"] is None
    assert refused(wire, key.prove(b"stui-client", greeting["nonce"], b"", greeting["image_id"]))


def test_three_wrong_proofs_end_the_connection(clients: Clients) -> None:
    wire = clients.bare()
    wire.hello(key_id="dev", nonce=os.urandom(16))
    assert all(refused(wire, proof) for proof in (b"", bytes(31), os.urandom(32)))
    wire.wait_closed()
