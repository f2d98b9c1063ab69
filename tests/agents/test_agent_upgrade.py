"""The agent filed in again over a running one: what it has stays, what it knows is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from running import AGENT, KEYS, RunningAgent, Starter, pairs
from wire import RemoteError

if TYPE_CHECKING:
    from pathlib import Path

KEY = KEYS[1]

# What a later version might have: a request, a setting, and an instance variable more.
NEWER = {
    "dispatch": ("('ping' #ping: 1)", "('ping' #ping: 1) #('new_ping' #ping: 1)"),
    "settings": ("#auth 'hmac-sha256'", "#auth 'hmac-sha256' #newSetting 17"),
    "classes": ("'agent sessionId clientId", "'ofLater agent sessionId clientId"),
}


def newer(folder: Path) -> list[Path]:
    """The agent's files, in the order in which they are loaded, as a later version would have them."""
    copies = []
    for number, path in enumerate(AGENT):
        text = path.read_text()
        if path.parent.name == "core" and path.stem in NEWER:
            old, new = NEWER[path.stem]
            assert text.count(old) == 1, path
            text = text.replace(old, new)
        copies.append(folder / f"{number:02}-{path.name}")
        copies[-1].write_text(text)
    return copies


def load(files: list[Path]) -> str:
    """In one piece: nothing sees half of it."""
    each = " ".join(f"'{path}'" for path in files)
    return f"[#({each}) do: [:each | FileStream fileIn: each]] valueWithoutPreemption. 3"


def test_what_a_running_agent_has_outlives_its_upgrade(starter: Starter) -> None:
    agent = starter(KEY).start()
    clients = starter.clients_of(agent)
    wire = clients("keeper")
    identity = clients.bare().hello()
    for name in ("s", "busy"):
        wire.call("create_session", session_id=name, name=name, description="")
    wire.value("x := 6 * 7. list := OrderedCollection with: x. [:y | y + x]", "s")
    wire.value("'once only'", once="key")
    busy = wire.request("evaluate", session_id="busy", source="[true] whileTrue", time_limit_ms=60_000)
    waiting = wire.request("evaluate", session_id="busy", source="3 + 4", time_limit_ms=60_000)
    with pytest.raises(RemoteError) as caught:
        wire.call("new_ping", message=1)
    assert caught.value.code == "UnsupportedMethod"

    loader = clients("loader")
    for _ in range(3):
        assert loader.value(load(newer(agent.folder))) == "3"

    assert wire.call("new_ping", message=1)["message"] == 1
    assert wire.value("StuiAgent current settings at: #newSetting") == "17"
    assert wire.value("x + list first", "s") == "84"
    assert wire.value("@1 value: 1", "s") == "43"
    assert wire.value("y := x", "s") == "42"
    assert wire.evaluate("'must not run'", once="key")["value"]["print"] == "'once only'"
    assert wire.evaluate("Transcript showCr: 'out'", "s")["output"] == "out\n"
    assert wire.call("ping", message=None)["evaluating"] == 1
    wire.notify("interrupt", id=busy)
    with pytest.raises(RemoteError) as caught:
        wire.answer(busy)
    assert caught.value.code == "Interrupted"
    assert wire.answer(waiting)["value"]["print"] == "7"
    with pytest.raises(RemoteError) as caught:
        wire.evaluate("[true] whileTrue", "s", time_limit_ms=100)
    assert caught.value.code == "Timeout"
    assert clients.bare().hello()["incarnation"] == identity["incarnation"]
    assert clients("newcomer").value("(Delay forMilliseconds: 20) wait. 1") == "1"


def test_an_upgraded_agent_is_saved_and_comes_back(starter: Starter) -> None:
    agent = starter(KEY).start()
    wire = starter.clients_of(agent)("keeper")
    wire.call("create_session", session_id="s", name="s", description="")
    wire.value("x := 42", "s")
    wire.value(load(newer(agent.folder)))
    image = agent.folder / "saved.im"
    wire.value(f"StuiAgent saveImage: '{image}'", "s")
    agent.kill()
    agent.resume(image)
    assert starter.clients_of(agent)("keeper").value("x", "s") == "42"


def test_its_files_may_stand_twice_on_a_command_line(starter: Starter) -> None:
    agent = starter(KEY)
    first, last = agent.folder / "start.st", agent.folder / "stay.st"
    first.write_text(f"StuiAgent start: {pairs(agent.settings)}!\n")
    last.write_text("StuiDialect current keepAlive!\n")
    agent.run([*AGENT, first, *newer(agent.folder), last])
    agent.wait_ready()
    wire = starter.clients_of(agent)()
    while wire.evaluate("StuiAgent current settings at: #newSetting")["value"]["print"] != "17":
        pass
    assert wire.call("new_ping", message=1)["message"] == 1


def test_a_stopped_agent_is_upgraded_too(starter: Starter) -> None:
    """What was there before is an agent that starts as usual."""
    agent = starter(KEY)
    again = agent.folder / "again.st"
    briefly = agent.settings | {"runtimeDirectory": agent.folder / "brief"}
    again.write_text(f"StuiAgent start: {pairs(briefly)}!\nStuiAgent stop!\n")
    start = agent.folder / "start.st"
    start.write_text(f"StuiAgent startWith: {pairs(agent.settings)}!\n")
    agent.run([*AGENT, again, *newer(agent.folder), start])
    assert isinstance(agent.wait_ready(), RunningAgent)
    assert starter.clients_of(agent)().call("new_ping", message=1)["message"] == 1
