"""Fixtures: one real agent for each test module, and clients that are closed after each test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import gnu_smalltalk
from running import Clients, RunningAgent, private_folder
from wire import Key, Wire

KEYS = tuple(Key.fresh(role[:3], role) for role in ("observer", "developer", "admin"))


@pytest.fixture(scope="session")
def gst() -> Path:
    """The interpreter. In CI its absence is a failure: nothing of the agent would be tested."""
    try:
        return gnu_smalltalk.ensure() / "gst"
    except gnu_smalltalk.Unavailable as failure:
        if os.environ.get("CI"):
            pytest.fail(f"no GNU Smalltalk: {failure}")
        pytest.skip(f"no GNU Smalltalk: {failure}")


@pytest.fixture(scope="module")
def agent(gst: Path) -> Iterator[RunningAgent]:
    """An agent with a key for each role."""
    with private_folder() as folder:
        running = RunningAgent(gst, Path(folder), KEYS).start()
        try:
            yield running
            assert running.process is not None
            assert running.process.poll() is None, "the agent did not survive its tests:\n" + running.log.read_text()
        finally:
            running.kill()


@pytest.fixture
def clients(agent: RunningAgent) -> Iterator[Clients]:
    opened = Clients(agent)
    yield opened
    opened.close()


@pytest.fixture
def wire(clients: Clients) -> Wire:
    """A developer's connection."""
    return clients()


@pytest.fixture
def session(wire: Wire, request: pytest.FixtureRequest) -> str:
    """A fresh session of that developer."""
    name = request.node.name[:150]
    wire.call("create_session", session_id=name, name="work", description="made by a test")
    return name


class Starter:
    """Starts agents with settings of a test's own and ends them."""

    def __init__(self, gst: Path, folder: Path) -> None:
        self.gst = gst
        self.folder = folder
        self.started: list[RunningAgent] = []
        self.clients: list[Clients] = []

    def __call__(self, *keys: Key, folder: str = "agent", **settings: object) -> RunningAgent:
        home = self.folder / folder
        home.mkdir(mode=0o700, exist_ok=True)
        agent = RunningAgent(self.gst, home, keys, **settings)
        self.started.append(agent)
        return agent

    def clients_of(self, agent: RunningAgent) -> Clients:
        self.clients.append(Clients(agent))
        return self.clients[-1]

    def end(self) -> None:
        for each in self.clients:
            each.close()
        for each in self.started:
            each.kill()


@pytest.fixture
def starter(gst: Path) -> Iterator[Starter]:
    with private_folder() as folder:
        made = Starter(gst, Path(folder))
        yield made
        made.end()
