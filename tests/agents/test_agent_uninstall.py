"""What the agent replaces in the image that it visits, and that all of it is given back."""

from __future__ import annotations

import signal
import stat
from pathlib import Path

from running import AGENT, KEYS, Starter, pairs

KEY = KEYS[1]

# What the adapter touches, as an Array that can be compared by identity; and how many processes there are.
LOOK = """
Object subclass: #Look instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Test'!
!Look class methodsFor: 'looking'!
now
	^Array
		with: Delay >> #notifyChange
		with: Delay class >> #handleDelayRequestor
		with: Process >> #primTerminate
		with: (Smalltalk at: #Transcript)!
processes
	"Those of the user's own priority, of which one is asking, are not counted."
	| count |
	ObjectMemory globalGarbageCollect.
	count := 0.
	Process allInstancesDo: [:each |
		(each isTerminated or: [each suspendedContext isNil]) ifFalse: [count := count + 1]].
	^count!
isSame: one as: other
	1 to: one size do: [:i | (one at: i) == (other at: i) ifFalse: [^false]].
	^true!
say: text
	stdout nextPutAll: text; nl; flush! !
"""


def ended(starter: Starter, program: str) -> tuple[int, str]:
    """How the process ended that did so, and all that it said."""
    agent = starter(KEY)
    look, start = agent.folder / "look.st", agent.folder / "program.st"
    look.write_text(LOOK)
    start.write_text(program.replace("SETTINGS", pairs(agent.settings)))
    agent.run([look, *AGENT, start])
    assert agent.process is not None
    return agent.process.wait(30), agent.log.read_text()


def run(starter: Starter, program: str) -> list[str]:
    """File in the agent and what the test looks with, run the program, and answer what it said, line by line."""
    status, said = ended(starter, program)
    assert status == 0, said
    return [line for line in said.splitlines() if not line.startswith(("Loading package", "stui-agent: listens at"))]


def test_filing_the_agent_in_replaces_nothing(starter: Starter) -> None:
    agent = starter(KEY)
    look = agent.folder / "look.st"
    look.write_text(LOOK + "Smalltalk at: #Before put: Look now!\n")
    after = agent.folder / "after.st"
    after.write_text("Look say: (Look isSame: Look now as: (Smalltalk at: #Before)) printString!\n")
    agent.run([look, *AGENT, after])
    assert agent.process is not None
    agent.process.wait(20)
    assert agent.log.read_text() == "true\n"


def test_what_was_replaced_is_given_back(starter: Starter) -> None:
    said = run(
        starter,
        """
Smalltalk at: #Before put: Look now!
Smalltalk at: #Count put: Look processes!
StuiAgent start: SETTINGS!
Smalltalk at: #Same put: (Look now with: (Smalltalk at: #Before) collect: [:a :b | a == b])!
Look say: 'replaced: ', ((Smalltalk at: #Same) occurrencesOf: false) printString!
StuiAgent uninstall!
(Delay forMilliseconds: 200) wait!
Look say: 'same: ', (Look isSame: Look now as: (Smalltalk at: #Before)) printString!
Look say: 'more processes: ', (Look processes - (Smalltalk at: #Count)) printString!
Look say: 'running: ', StuiAgent current isNil not printString!
Transcript showCr: 'the Transcript works'; flush!
""",
    )
    assert said == ["replaced: 4", "same: true", "more processes: 0", "running: false", "the Transcript works"]


def test_uninstalled_and_started_again(starter: Starter) -> None:
    agent = starter(KEY)
    program = agent.folder / "start.st"
    briefly = agent.settings | {"runtimeDirectory": agent.folder / "brief"}
    program.write_text(
        f"3 timesRepeat: [StuiAgent start: {pairs(briefly)}. StuiAgent uninstall. StuiAgent uninstall]!\n"
        f"StuiAgent startWith: {pairs(agent.settings)}!\n"
    )
    agent.run([*AGENT, program])
    agent.wait_ready()
    clients = starter.clients_of(agent)
    assert clients().value("(Delay forMilliseconds: 20) wait. 7") == "7"
    assert clients().evaluate("Transcript show: 'captured'")["output"] == "captured"
    assert clients().call("ping", message=None)["evaluating"] == 0


def test_uninstalled_from_within_an_evaluation(starter: Starter) -> None:
    """The connection that asks for it ends; the image goes on."""
    agent = starter(KEY)
    program = agent.folder / "start.st"
    program.write_text(
        f"Smalltalk at: #Before put: (Delay >> #notifyChange)!\nStuiAgent start: {pairs(agent.settings)}!\n"
        "[StuiAgent current isNil] whileFalse: [(Delay forMilliseconds: 10) wait]!\n"
        "(Delay forMilliseconds: 100) wait!\n"
        "stdout nextPutAll: ((Smalltalk at: #Before) == (Delay >> #notifyChange)) printString; nl; flush!\n"
    )
    agent.run([*AGENT, program])
    agent.wait_ready()
    wire = starter.clients_of(agent)()
    wire.request("evaluate", session_id=None, source="StuiAgent uninstall")
    wire.wait_closed()
    assert agent.process is not None
    assert agent.process.wait(30) == 0
    assert agent.log.read_text().endswith("\ntrue\n")
    assert agent.runtime_files() == []


def test_a_stopped_agent_leaves_no_process(starter: Starter) -> None:
    """They are told by their names."""
    program = """
!Look class methodsFor: 'looking'!
left
	| names |
	names := Set new.
	Process allInstancesDo: [:each |
		(each isTerminated not and: [each name isString and: [each name startsWith: 'stui']])
			ifTrue: [names add: each name]].
	^(names asSortedCollection: [:a :b | a <= b]) asArray printString! !
StuiAgent start: SETTINGS!
(Delay forMilliseconds: 100) wait!
Look say: Look left!
StuiAgent stop!
(Delay forMilliseconds: 900) wait!
Look say: Look left!
"""
    assert run(starter, program) == ["('stui heartbeat' 'stui listener' 'stui watchdog' )", "()"]


def test_what_runs_when_the_agent_is_stopped_still_ends_at_its_limit(starter: Starter) -> None:
    """Else an endless loop would keep the image busy for good: nobody is left who could interrupt it."""
    agent = starter(KEY)
    program = agent.folder / "start.st"
    program.write_text(
        f"Smalltalk at: #Turns put: 0!\nSmalltalk at: #Before put: nil!\nStuiAgent start: {pairs(agent.settings)}!\n"
        "[StuiAgent current isNil] whileFalse: [(Delay forMilliseconds: 10) wait]!\n"
        "30 timesRepeat: [Smalltalk at: #Before put: (Smalltalk at: #Turns). (Delay forMilliseconds: 50) wait]!\n"
        "stdout nextPutAll: ((Smalltalk at: #Before) = (Smalltalk at: #Turns)) printString; nl; flush!\n"
    )
    agent.run([*AGENT, program])
    agent.wait_ready()
    clients = starter.clients_of(agent)
    loop = "[Smalltalk at: #Turns put: (Smalltalk at: #Turns) + 1] repeat"
    clients().request("evaluate", session_id=None, source=loop, time_limit_ms=400)
    clients().request("evaluate", session_id=None, source="StuiAgent stop")
    assert agent.process is not None
    assert agent.process.wait(20) == 0
    assert agent.log.read_text().endswith("\ntrue\n")


def test_whoever_waits_for_a_delay_meanwhile_wakes_up(starter: Starter) -> None:
    """Between an uninstall and the next start the delays are the kernel's own, which in 3.2.5 may end the process by
    the alarm that it sets, with no agent anywhere (see StuiGstAlarm): then it is tried again."""
    program = """
Smalltalk at: #Woken put: 0!
1 to: 40 do: [:n | [
	10 timesRepeat: [(Delay forMilliseconds: n * 7 \\\\ 40 + 5) wait].
	[Smalltalk at: #Woken put: (Smalltalk at: #Woken) + 1] valueWithoutPreemption]
		forkAt: Processor userBackgroundPriority]!
8 timesRepeat: [
	StuiAgent start: SETTINGS.
	(Delay forMilliseconds: 23) wait.
	StuiAgent uninstall.
	(Delay forMilliseconds: 17) wait]!
200 timesRepeat: [(Smalltalk at: #Woken) < 40 ifTrue: [(Delay forMilliseconds: 50) wait]]!
Look say: (Smalltalk at: #Woken) printString!
"""
    status = -signal.SIGALRM
    for _ in range(10):
        status, said = ended(starter, program)
        if status != -signal.SIGALRM:
            break
    assert (status, said.splitlines()[-1:]) == (0, ["40"])


def test_a_start_that_fails_on_its_way_leaves_nothing(starter: Starter) -> None:
    """Here the runtime file cannot be written, when it listens already."""
    agent = starter(KEY, name="x" * 300)
    program = agent.folder / "visit.st"
    port = "StuiAgent current isNil printString"
    program.write_text(
        f"[StuiAgent start: {pairs(agent.settings)}] on: StuiStartFailure do: [:e | e return: nil]!\n"
        f"stdout nextPutAll: {port}; nl; flush!\n"
        "StuiDialect current keepAlive!\n"
    )
    agent.run([*AGENT, program])
    while not (said := agent.log.read_text()).endswith("true\n"):
        assert agent.process is not None
        assert agent.process.poll() is None, said
    assert "stui-agent: error:" in said
    assert listening(agent.pid) == []


def listening(pid: int) -> list[str]:
    """The local addresses at which a process listens over TCP."""
    sockets = {line for fd in Path(f"/proc/{pid}/fd").iterdir() for line in [link(fd)] if line.startswith("socket:")}
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]


def link(path: Path) -> str:
    try:
        return str(path.readlink())
    except FileNotFoundError:
        return ""


def test_a_saved_image_that_cannot_be_started_keeps_its_sessions(starter: Starter) -> None:
    """In an image that is visited, say because the port is taken: it is started again another way."""
    agent = starter(KEY).start()
    wire = starter.clients_of(agent)("keeper")
    wire.call("create_session", session_id="s", name="s", description="")
    wire.value("x := 42", "s")
    image = agent.folder / "saved.im"
    wire.value(f"StuiAgent saveImage: '{image}'", "s")
    agent.kill()
    program = agent.folder / "again.st"
    program.write_text(
        "[StuiAgent start: #(#bind '203.0.113.7')] on: StuiStartFailure do: [:e | e return: nil]!\n"
        "StuiAgent resumeWith: #(#bind '127.0.0.1')!\n"
    )
    agent.run(["-I", image, program])
    agent.wait_ready()
    assert starter.clients_of(agent)("keeper").value("x", "s") == "42"


def test_a_missing_runtime_folder_is_made_for_its_owner_alone(starter: Starter) -> None:
    agent = starter(KEY)
    agent.runtime = agent.folder / "made" / "by the" / "agent"
    agent.settings["runtimeDirectory"] = agent.runtime
    agent.start()
    for folder in (agent.runtime, agent.runtime.parent, agent.runtime.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_runtime_folder_that_cannot_be_made(starter: Starter) -> None:
    agent = starter(KEY)
    in_the_way = agent.folder / "file"
    in_the_way.write_text("")
    program = agent.folder / "launched.st"
    program.write_text(
        f"StuiAgent startLaunched: {pairs(agent.settings | {'runtimeDirectory': in_the_way / 'deep'})}!\n"
    )
    agent.run([*AGENT, program])
    assert agent.process is not None
    assert agent.process.wait(20) == 1
    assert f"error: the folder {in_the_way}" in agent.log.read_text()


def test_the_pid_is_known_without_proc(starter: Starter) -> None:
    agent = starter(KEY).start()
    assert starter.clients_of(agent)().value("StuiDialect current pidFromLibrary") == str(agent.pid)
