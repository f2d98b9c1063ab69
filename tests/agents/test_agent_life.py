"""Starting, being found, being saved, coming back, ending."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
import time
import tomllib
from typing import TYPE_CHECKING

import pytest
from running import AGENT, KEYS, RunningAgent, Starter, StartFailed, pairs
from wire import RemoteError, Wire, connect

if TYPE_CHECKING:
    from pathlib import Path

KEY = KEYS[1]


def facts(agent: RunningAgent) -> dict[str, object]:
    (path,) = agent.runtime_files()
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_runtime_file_tells_all_that_a_client_needs(starter: Starter) -> None:
    agent = starter(KEY, KEYS[2], name="alpha").start()
    (path,) = agent.runtime_files()
    assert path.name == f"alpha-{agent.pid}.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = facts(agent)
    greeting = starter.clients_of(agent).bare().hello()
    assert told["schema"] == 1
    assert told["name"] == "alpha"
    assert told["address"] == agent.address
    assert told["image_id"] == greeting["image_id"]
    assert told["incarnation"] == greeting["incarnation"]
    assert told["pid"] == agent.pid
    with open(f"/proc/{agent.pid}/stat") as file:
        assert told["process_start"] == int(file.read().rsplit(")", 1)[1].split()[19])
    assert abs(told["started_at"] - time.time() * 1000) < 60_000
    assert told["dialect"] == "gst"
    assert told["image_version"] == greeting["image_version"]
    assert told["auth"] == "hmac-sha256"
    assert told["key_id"] == KEY.key_id
    assert told["key_file"] == str(agent.key_file)
    assert not list(agent.runtime.glob("*.new"))


def test_without_keys_the_file_names_none(starter: Starter) -> None:
    told = facts(starter().start())
    assert told["auth"] == "none"
    assert "key_id" not in told
    assert "key_file" not in told


def test_odd_names_are_written_as_they_are(starter: Starter) -> None:
    agent = starter(folder='a "b" \\ ü', name="größer").start()
    assert facts(agent)["name"] == "größer"
    assert starter.clients_of(agent).bare().hello()["image_name"] == "größer"


def test_it_listens_where_it_was_told_and_nowhere_else(starter: Starter) -> None:
    agent = starter(KEY).start()
    host, port = agent.address.removeprefix("tcp://").split(":")
    assert host == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", int(port)), 1):
        pass


def test_a_given_port_and_id(starter: Starter) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    agent = starter(KEY, port=port, imageId="0a0b0c0d-0000-4000-8000-000000000000").start()
    assert agent.address == f"tcp://127.0.0.1:{port}"
    assert starter.clients_of(agent).bare().hello()["image_id"] == "0a0b0c0d-0000-4000-8000-000000000000"


def test_a_busy_port(starter: Starter) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        agent = starter(KEY, port=taken.getsockname()[1])
        with pytest.raises(StartFailed, match=r"stui-agent: error: cannot listen on 127\.0\.0\.1"):
            agent.start()


def test_a_start_that_fails_says_why(starter: Starter) -> None:
    with pytest.raises(StartFailed, match="stui-agent: error: auth is"):
        starter(KEY, auth="perhaps").start()


@pytest.mark.parametrize("bind", ["not an address", "203.0.113.7", "127.0.0", "no.such.host.invalid"])
def test_an_address_that_is_not_ours(starter: Starter, bind: str) -> None:
    with pytest.raises(StartFailed, match="stui-agent: error:"):
        starter(KEY, bind=bind).start()


@pytest.fixture
def hidden(starter: Starter) -> Path:
    """A minimal installation: it has the virtual machine and its image, but neither kernel sources nor packages."""
    path = starter.folder / "hide.st"
    path.write_text(
        "PackageLoader class compile: 'fileInPackage: aName [ ^SystemExceptions.NotFound signalOn: aName "
        "what: ''package'' reason: ''not found'' ]'!\n"
    )
    return path


def test_a_virtual_machine_without_its_packages(starter: Starter, hidden: Path) -> None:
    agent = starter(KEY)
    program = agent.folder / "launched.st"
    program.write_text(f"StuiAgent startLaunched: {pairs(agent.settings)}!\n")
    agent.run([hidden, *AGENT, program])
    assert agent.process is not None
    assert agent.process.wait(30) == 1
    said = agent.log.read_text()
    assert said.startswith("stui-agent: error: the package TCP cannot be loaded")
    assert "gnu-smalltalk-common" in said
    assert said.count("\n") == 1


def test_an_image_without_its_packages_that_is_visited_goes_on(starter: Starter, hidden: Path) -> None:
    agent = starter(KEY)
    program = agent.folder / "visit.st"
    program.write_text(
        f"[StuiAgent startWith: {pairs(agent.settings)}] on: StuiStartFailure do: [:e | e return: nil]!\n"
        "Transcript showCr: 'it goes on'; flush!\n"
    )
    agent.run([hidden, *AGENT, program])
    assert agent.process is not None
    assert agent.process.wait(30) == 0
    assert re.search(
        "error: the package TCP cannot be loaded .*gnu-smalltalk-common.*\nit goes on", agent.log.read_text()
    )


def test_a_unix_socket(starter: Starter) -> None:
    path = starter.folder / "agent.sock"
    agent = starter(unixPath=path).start()
    assert agent.address == f"unix://{path}"
    wire = starter.clients_of(agent)()
    assert wire.value("3 + 4") == "7"
    assert wire.call("ping", message=bytes(1_000_000))["message"] == bytes(1_000_000)
    assert facts(agent)["address"] == f"unix://{path}"


def test_a_unix_socket_is_for_its_user_alone(starter: Starter) -> None:
    path = starter.folder / "new" / "agent.sock"
    agent = starter(unixPath=path)
    before = os.umask(0)
    try:
        agent.start()
    finally:
        os.umask(before)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path.parent, path)] == [0o700, 0o600]
    assert starter.clients_of(agent)().value("3 + 4") == "7"


def test_a_file_in_the_place_of_a_unix_socket_is_left_alone(starter: Starter) -> None:
    path = starter.folder / "thesis"
    path.write_text("years of work")
    with pytest.raises(StartFailed, match="something else is there"):
        starter(unixPath=path).start()
    assert path.read_text() == "years of work"


def test_a_stale_unix_socket_is_taken_over(starter: Starter) -> None:
    path = starter.folder / "agent.sock"
    first = starter(unixPath=path).start()
    first.kill()
    assert path.exists()
    assert starter.clients_of(starter(unixPath=path).start())().value("3 + 4") == "7"


def test_quitting_leaves_nothing(starter: Starter) -> None:
    path = starter.folder / "agent.sock"
    agent = starter(unixPath=path).start()
    wire = starter.clients_of(agent)()
    assert wire.value("StuiAgent quit") == "'ending'"
    assert agent.process is not None
    assert agent.process.wait(30) == 0
    assert agent.runtime_files() == []
    assert not path.exists()
    wire.wait_closed()


def test_the_interrupt_signal_ends_it_in_order(starter: Starter) -> None:
    agent = starter(KEY).start()
    assert agent.process is not None
    os.kill(agent.pid, 2)
    agent.process.wait(30)
    assert agent.runtime_files() == []


def test_an_agent_is_not_started_twice(starter: Starter) -> None:
    agent = starter(KEY).start()
    wire = starter.clients_of(agent)()
    result = wire.evaluate("StuiAgent startWith: #(#auth 'none')")
    assert result["outcome"] == "raised"
    assert "already" in result["error"]["message"]
    assert wire.value("3 + 4") == "7"


def test_settings_with_defaults_only(starter: Starter) -> None:
    agent = starter(KEY)
    agent.settings = {"keyFile": agent.key_file, "runtimeDirectory": agent.runtime}
    agent.start()
    assert facts(agent)["name"] == "image"


def test_saved_and_resumed(starter: Starter) -> None:
    agent = starter(KEY, name="first").start()
    clients = starter.clients_of(agent)
    wire = clients("keeper")
    before = clients.bare().hello()
    wire.call("create_session", session_id="s", name="work", description="kept")
    wire.value("x := 6 * 7. list := OrderedCollection with: 'a'", "s")
    wire.value("'a receipt'", once="key")
    wire.call("create_session", session_id="running", name="n", description="")
    running = wire.request("evaluate", session_id="running", source="[true] whileTrue", time_limit_ms=60_000)
    image = agent.folder / "saved.im"
    assert wire.value(f"StuiAgent saveImage: '{image}'", "s") == f"'saved {image}'"
    assert wire.value("x", "s") == "42"
    assert clients.bare().hello()["incarnation"] == before["incarnation"]
    wire.notify("interrupt", id=running)
    old_pid = agent.pid
    agent.kill()

    agent.resume(image, name="second")
    again = starter.clients_of(agent)
    after = again.bare().hello()
    assert after["image_id"] == before["image_id"]
    assert after["incarnation"] != before["incarnation"]
    assert after["image_name"] == "second"
    told = facts(agent)
    assert told["pid"] == agent.pid != old_pid
    assert told["incarnation"] == after["incarnation"]
    wire = again("keeper")
    assert wire.value("x + list size", "s") == "43"
    assert wire.value("@1 == list", "s") == "true"
    assert wire.evaluate("'must not run'", once="key")["value"]["print"] == "'a receipt'"
    listed = wire.call("list_image_sessions", image_id=None, include_disconnected=True)
    assert [each["session_id"] for each in listed] == ["running", "s"]
    assert [each["description"] for each in listed] == ["", "kept"]
    assert wire.value("3 + 4", "running", time_limit_ms=5000) == "7"
    assert wire.call("ping", message=None)["evaluating"] == 0
    with pytest.raises(RemoteError) as caught:
        wire.evaluate("[true] whileTrue", time_limit_ms=100)
    assert caught.value.code == "Timeout"


def test_a_resumed_image_can_be_saved_again(starter: Starter) -> None:
    agent = starter(KEY).start()
    images = [agent.folder / f"saved-{number}.im" for number in range(3)]
    wire = starter.clients_of(agent)()
    wire.call("create_session", session_id="s", name="n", description="")
    wire.value("count := 0", "s")
    for number, image in enumerate(images):
        assert wire.value("count := count + 1", "s") == str(number + 1)
        wire.value(f"StuiAgent saveImage: '{image}'")
        agent.kill()
        agent.resume(image)
        wire = starter.clients_of(agent)()
    assert wire.value("count", "s") == "3"


def test_a_saved_image_listens_again_by_itself(starter: Starter) -> None:
    agent = starter(KEY).start()
    image = agent.folder / "saved.im"
    starter.clients_of(agent)().value(f"StuiAgent saveImage: '{image}'")
    agent.kill()
    program = agent.folder / "application.st"
    program.write_text("Processor activeProcess suspend!\n")
    agent.run(["-I", image, program])
    agent.wait_ready()
    assert starter.clients_of(agent)().value("3 + 4") == "7"


def test_a_saved_image_started_as_a_new_one_goes_on(starter: Starter) -> None:
    """Whoever does not know that the image has an agent already may start one as usual."""
    agent = starter(KEY).start()
    image = agent.folder / "saved.im"
    clients = starter.clients_of(agent)
    image_id = clients.bare().hello()["image_id"]
    clients().value(f"StuiAgent saveImage: '{image}'")
    agent.kill()
    agent.run(["-I", image, agent.folder / "start.st"])
    agent.wait_ready()
    assert starter.clients_of(agent).bare().hello()["image_id"] == image_id


def test_an_image_that_cannot_be_saved(starter: Starter) -> None:
    wire = starter.clients_of(starter(KEY).start())()
    assert wire.evaluate("StuiAgent saveImage: '/nowhere/at/all.im'")["outcome"] == "raised"
    assert wire.value("3 + 4") == "7"


def test_the_log_never_blocks_it(starter: Starter) -> None:
    """What goes to standard output by another way than the Transcript goes to the log."""
    agent = starter(KEY).start()
    wire = starter.clients_of(agent)()
    result = wire.evaluate("stdout nextPutAll: 'to the log'; nl; flush. 3")
    assert (result["value"]["print"], result["output"]) == ("3", "")
    assert "to the log" in agent.log.read_text()


def test_a_supervisor_may_limit_its_memory(starter: Starter) -> None:
    """The limit is told in pings; the process itself is limited by whoever starts it."""
    agent = starter(KEY, memoryLimit=500_000_000).start()
    assert starter.clients_of(agent)().call("ping", message=None)["memory_limit"] == 500_000_000


def test_source_files_follow_the_rules_of_portable_chunks() -> None:
    """What SMALLTALK-NOTES part B asks of a file that every dialect loads unchanged."""
    core = [path for path in AGENT if path.parent.name == "core"]
    text = "".join(path.read_text(encoding="ascii") for path in core)
    for word in (
        "displayNl",
        "displayString",
        "includesSubstring:",
        "subStrings:",
        "package:",
        "doubleAt:",
        " _ ",
        "TCP.",
    ):
        assert word not in text, word
    chunks = text.split("!")
    classes = [chunk for chunk in chunks if "subclass: #" in chunk]
    first_method = next(index for index, chunk in enumerate(chunks) if "methodsFor:" in chunk)
    assert all(chunks.index(chunk) < first_method for chunk in classes)
    for name in (chunk.split("subclass: #")[1].split()[0] for chunk in classes):
        assert name.startswith("Stui")


@pytest.mark.skipif(shutil.which("ss") is None, reason="ss is not installed")
def test_the_listener_is_closed_when_the_agent_stops(starter: Starter) -> None:
    agent = starter(KEY).start()
    wire: Wire = starter.clients_of(agent)()
    address = agent.address
    wire.request("evaluate", session_id=None, source="[(Delay forMilliseconds: 100) wait. StuiAgent stop] fork")
    deadline = time.monotonic() + 20
    while agent.runtime_files() and time.monotonic() < deadline:
        time.sleep(0.02)
    with pytest.raises(ConnectionRefusedError):
        connect(address, 10)
    shown = subprocess.run(["ss", "-ltnp"], capture_output=True, text=True, check=True).stdout
    assert f"pid={agent.pid}," not in shown


def test_a_misspelt_setting_is_an_error_that_names_the_nearest(starter: Starter) -> None:
    """A default in its place would be a listener, a limit or an id that nobody meant."""
    for wrong, nearest in (("keyfile", "keyFile"), ("prot", "port"), ("imageID", "imageId")):
        with pytest.raises(StartFailed, match=rf"error: there is no setting {wrong}; is {nearest} meant\?"):
            starter(KEY, folder=wrong, **{wrong: "4"}).start()
    with pytest.raises(StartFailed, match=r"error: there is no setting colour\n"):
        starter(KEY, folder="far", colour="4").start()


def test_a_start_that_fails_does_not_end_the_image_it_visits(starter: Starter) -> None:
    """Whoever files the agent into an image with unsaved work has still got it after a wrong key file."""
    agent = starter(KEY, keyFile="/nowhere/keys")
    program = agent.folder / "visit.st"
    program.write_text(
        "| why |\n"
        f"[StuiAgent startWith: {pairs(agent.settings)}] on: StuiStartFailure do: [:e | why := e messageText].\n"
        f"StuiAgent start: {pairs(agent.settings | {'keyFile': agent.key_file})}.\n"
        "Transcript showCr: 'it goes on: ', why; flush!\n"
        "StuiDialect current keepAlive!\n"
    )
    agent.run([*AGENT, program])
    agent.wait_ready()
    assert starter.clients_of(agent)().value("3 + 4") == "7"
    while "it goes on" not in (said := agent.log.read_text()):
        time.sleep(0.01)
    assert "it goes on: key file /nowhere/keys cannot be read" in said


def test_a_launched_image_without_its_agent_ends(starter: Starter) -> None:
    agent = starter(KEY, keyFile="/nowhere/keys")
    program = agent.folder / "launched.st"
    program.write_text(f"StuiAgent startLaunched: {pairs(agent.settings)}!\n")
    agent.run([*AGENT, program])
    assert agent.process is not None
    assert agent.process.wait(20) == 1
    assert "error: key file /nowhere/keys cannot be read" in agent.log.read_text()


def test_an_image_that_was_given_no_id_keeps_the_one_it_made(starter: Starter) -> None:
    first = starter(KEY, name="al/pha").start()
    image_id = facts(first)["image_id"]
    kept = first.folder / "keys.al_pha.image-id"
    assert kept.read_text().split()[:2] == [image_id, str(first.pid)]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    first.kill()
    assert facts(starter(KEY, name="al/pha").start())["image_id"] == image_id


def test_of_two_images_with_one_key_file_each_has_an_id_of_its_own(starter: Starter) -> None:
    """Side by side under one name, or under two: an id that both had would make one of them."""
    first = starter(KEY).start()
    others = [starter(KEY, folder=f"other {n}", name=name) for n, name in enumerate(("tested", "another"))]
    ids = {facts(each.start())["image_id"] for each in others if not each.settings.update(keyFile=first.key_file)}
    assert len(ids | {facts(first)["image_id"]}) == 3


def test_a_kept_id_that_is_none_is_made_anew_and_one_that_cannot_be_kept_does_not_hold_the_start(
    starter: Starter,
) -> None:
    agent = starter(KEY)
    (agent.folder / "keys.tested.image-id").write_text("what ever this is")
    agent.start()
    assert len(str(facts(agent)["image_id"])) == 36
    agent.kill()
    held = starter(KEY, folder="held")
    (held.folder / "keys.tested.image-id.new" / "in the way").mkdir(parents=True)
    assert len(str(facts(held.start())["image_id"])) == 36
    assert "cannot be kept" in held.log.read_text()
