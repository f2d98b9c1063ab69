"""Fixtures: one real agent for each test module, and clients that are closed after each test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from needs import missing

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING

import gnu_smalltalk
from running import KEYS, Clients, RunningAgent, Starter, private_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire import Wire


@pytest.fixture(scope="session")
def gst() -> Path:
    """The interpreter."""
    try:
        return gnu_smalltalk.ensure() / "gst"
    except gnu_smalltalk.Unavailable as failure:
        missing(f"there is no GNU Smalltalk: {failure}")


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


@pytest.fixture
def starter(gst: Path) -> Iterator[Starter]:
    with private_folder() as folder:
        made = Starter(gst, Path(folder))
        yield made
        made.end()
