"""Launching and stopping images of our own, with or without a supervisor; and whether one runs.

A folder belongs to one image id. What runs in it is known by the marks of its processes, which lie in it:

    starting    the name it is launched by, from before the start until it is registered; then it is called `started`
    process     the image's process: written by the process itself, anew at each start
    supervisor  the supervisor's, the same way
    alive       locked by both for as long as they live

Beside them stands in `manner.json` how it was launched last, for who launches it again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.local.dialects import program_of
from stui_cli.local.processes import Liveness, ProcessMark, end, here, liveness, process_mark_of, working_in
from stui_cli.local.runtime_files import RuntimeFile, agent_liveness, private_directory, private_file
from stui_cli.local.starting import (
    AGENT_FILE,
    LIFE_FILE,
    PROCESS_FILE,
    StartPlan,
    agent_in,
    held_life,
    last_started_agent,
    nothing_holds,
    read_process_mark,
    start,
    write_process_mark,
)
from stui_cli.model.errors import Refused, StuiError, TooLate, Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.images import Image

PLAN_FILE = "plan.json"
SUPERVISOR_FILE = "supervisor"
_OLD_SUPERVISOR_FILE = "supervisor.json"  # pid and start only
SUPERVISOR_LOG = "supervisor.log"
_MANNER_FILE = "manner.json"
_STARTING, _STARTED = "starting", "started"
_POLL_S = 0.01
_ASKING_S = 2.0


@dataclass(frozen=True)
class Whereabouts:
    """Whether a launched image runs. `process` and `supervisor` are proven to live, and may be ended; `evidence` is
    what was looked at, for where nothing can be known."""

    liveness: Liveness
    process: ProcessMark | None = None
    supervisor: ProcessMark | None = None
    agent: RuntimeFile | None = None
    evidence: str = ""


class Manner(NamedTuple):
    """How an image was launched: under a supervisor, with so many bytes of memory at most, or by hand, as the very
    process of a `stui playground`."""

    supervised: bool = False
    memory_limit: int | None = None
    by_hand: bool = False


def note_manner(folder: Path, manner: Manner) -> None:
    """Keep in the folder how its image is launched, whole."""
    private_directory(folder)
    partial = folder / f"{_MANNER_FILE}.new"
    with private_file(partial, "wb") as file:
        file.write(json.dumps(manner._asdict()).encode())
    partial.replace(folder / _MANNER_FILE)


def manner_in(folder: Path) -> Manner | None:
    """How the image of this folder was launched last; None if an older stui did, or it cannot be read."""
    try:
        raw = json.loads((folder / _MANNER_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    match raw:
        case {"supervised": bool(supervised), "memory_limit": int() | None as limit, "by_hand": bool(by_hand)}:
            return Manner(supervised, limit, by_hand)
        case _:
            return None


@contextmanager
def only_one_start(folder: Path, name: str) -> Iterator[None]:
    """Two launches of one image would write into each other's folder: the second one is refused."""
    from filelock import FileLock, Timeout

    private_directory(folder)
    try:
        with FileLock(folder / "starting.lock", timeout=0, mode=0o600):
            yield
    except Timeout as error:
        raise Refused(f"{name} is being started by another command", todo="wait for it", image=name) from error


def is_being_started(folder: Path) -> bool:
    """Whether another command is starting what belongs in `folder`."""
    try:
        with only_one_start(folder, ""):
            return False
    except Refused:
        return True


def note_start(folder: Path, name: str) -> None:
    """Keep in the folder by which name it is being started."""
    with private_file(folder / _STARTING, "wb") as file:
        file.write(name.encode())


@contextmanager
def noted_start(folder: Path, name: str) -> Iterator[None]:
    """Keep the name in the folder until the block has ended well: a start that is killed is found by it."""
    note_start(folder, name)
    yield
    (folder / _STARTING).replace(folder / _STARTED)


def unfinished_start(folder: Path) -> str | None:
    """The name by which an image was launched here and not registered yet."""
    return _name_in(folder / _STARTING)


def name_at_launch(folder: Path) -> str | None:
    """The name by which the image of this folder was launched last."""
    return unfinished_start(folder) or _name_in(folder / _STARTED)


def _name_in(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def seen_in(folder: Path, image_id: str | None, environ: Mapping[str, str]) -> Whereabouts:
    """Whether the image of `folder`, or its supervisor, lives, by what lies in the folder. Without an
    image id any image that was started there is meant."""
    supervisor = read_process_mark(folder / SUPERVISOR_FILE) or _old_supervisor(folder)
    process = read_process_mark(folder / PROCESS_FILE)
    if process is None and supervisor is None:
        return _seen_without_mark(folder, image_id)
    judged = {mark: liveness(mark) for mark in (process, supervisor) if mark is not None}
    living = {mark for mark, found in judged.items() if found is Liveness.LIVES}
    if living:
        return Whereabouts(
            Liveness.LIVES,
            process if process in living else None,
            supervisor if supervisor in living else None,
            agent_in(process, image_id, folder, environ) if process is not None and process in living else None,
        )
    if Liveness.UNKNOWN not in judged.values() or nothing_holds(folder):
        return Whereabouts(Liveness.GONE)
    pids = " and ".join(str(mark.pid) for mark, found in judged.items() if found is Liveness.UNKNOWN)
    return Whereabouts(
        Liveness.UNKNOWN, evidence=f"process {pids} cannot be judged from here (another pid namespace, or no /proc)"
    )


def _seen_without_mark(folder: Path, image_id: str | None) -> Whereabouts:
    """Of a start that has not come so far yet; and of one by a stui that kept no marks."""
    if (folder / LIFE_FILE).exists():
        if nothing_holds(folder):
            return Whereabouts(Liveness.GONE)
        return Whereabouts(Liveness.UNKNOWN, evidence=f"something that was started in {folder} lives")
    if not (folder / AGENT_FILE).exists():
        return Whereabouts(Liveness.GONE)
    agent = last_started_agent(folder)
    if agent is None or image_id not in (None, agent.image_id):
        return Whereabouts(Liveness.UNKNOWN, evidence=f"the runtime file that {folder / AGENT_FILE} names is not there")
    found = agent_liveness(agent, any_incarnation=True)
    mark = process_mark_of(agent.pid)
    proven = agent.process_start is not None and mark.start == str(agent.process_start)
    return Whereabouts(
        found,
        mark if found is Liveness.LIVES and proven else None,
        agent=agent if found is Liveness.LIVES else None,
        evidence=f"process {agent.pid} cannot be judged from here",
    )


def whereabouts(image: Image, folder: Path, client_id: str, environ: Mapping[str, str]) -> Whereabouts:
    """Whether a launched image runs. Where its folder does not show it, it is asked at its registered address."""
    found = seen_in(folder, image.image_id or "", environ)
    if found.liveness is not Liveness.UNKNOWN:
        return found
    try:
        pid = _pid_by_ping(image, client_id)
    except Unreachable as error:
        marked = (folder / LIFE_FILE).exists()
        workers = working_in(str(folder))
        if error.outcome is ProbeOutcome.REFUSED and not marked and not workers:
            return Whereabouts(Liveness.GONE)
        return _unknown(found, error.reason)  # which begins with the address
    except StuiError as error:
        return _unknown(found, error.reason)
    proven = _proven(pid, folder)
    evidence = f"it answers at {image.address}, as process {pid} of a place that is not seen from here"
    return Whereabouts(Liveness.LIVES, proven, None, None, "" if proven else evidence)


def may_run_in(folder: Path, environ: Mapping[str, str]) -> bool:
    """Whether anything of the image that was launched in `folder` may live, or anything else works there.

    An older stui left no marks; where its agent's runtime file is gone too, being seen there is all that there is.
    """
    if working_in(str(folder)):
        return True
    found = seen_in(folder, None, environ)
    if found.liveness is Liveness.UNKNOWN and not (folder / LIFE_FILE).exists() and last_started_agent(folder) is None:
        return False
    return found.liveness is not Liveness.GONE


def _unknown(found: Whereabouts, more: str) -> Whereabouts:
    return Whereabouts(Liveness.UNKNOWN, evidence=f"{found.evidence}; {more}")


def _pid_by_ping(image: Image, client_id: str) -> int | None:
    from stui_cli.image.contact import contact
    from stui_cli.model.deadlines import Deadline
    from stui_cli.protocol.vitals import Ping, Pong

    deadline = Deadline.after(_ASKING_S)
    with contact(image, client_id, deadline) as client:
        return client.call(Ping(), Pong, deadline).pid


def _proven(pid: int | None, folder: Path) -> ProcessMark | None:
    """The process that an image claims to be, if it is seen in its folder; without pid namespaces that is enough."""
    if pid is not None and here().namespace == "-":
        return process_mark_of(pid)
    return next((mark for mark in working_in(str(folder)) if mark.pid == pid), None)


def running(image_id: str, folder: Path, environ: Mapping[str, str]) -> RuntimeFile | None:
    """What the agent of the image in `folder` has written, if its process lives."""
    return seen_in(folder, image_id, environ).agent


def launch(plan: StartPlan, environ: Mapping[str, str], deadline: Deadline, *, supervised: bool) -> RuntimeFile:
    """Start an image; with `supervised` under a process that watches it and starts it again. Failures as `start`."""
    note_manner(plan.folder, Manner(supervised, plan.memory_limit))
    if not supervised:
        process, started = start(plan, environ, deadline)
        _let_go(process)
        return started
    if plan.machine is None:
        program_of(plan.dialect, environ)
    try:
        supervisor = _start_supervisor(plan, environ)
        while not deadline.passed:
            if (agent := running(plan.image_id, plan.folder, environ)) is not None:
                _let_go(supervisor)
                return agent
            if supervisor.poll() is not None:
                break
            time.sleep(_POLL_S)
        late = deadline.passed
        stop(plan.folder, plan.image_id, environ)
        supervisor.wait()
    except OSError as error:
        stop(plan.folder, plan.image_id, environ)
        raise StuiError(f"{plan.name} cannot be started: {error}", image=plan.name) from error
    except BaseException:
        stop(plan.folder, plan.image_id, environ)
        raise
    log = plan.folder / SUPERVISOR_LOG
    words = (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"])[-1]
    raise (TooLate if late else StuiError)(
        f"{plan.name} did not come up under its supervisor: {words}", todo=f"its log is {log}", image=plan.name
    )


def stop(folder: Path, image_id: str, environ: Mapping[str, str], found: Whereabouts | None = None) -> bool:
    """End the supervisor and the image of `folder`: asked, and killed after 3 s; return whether they are gone.

    `found` is what is known of them; else the folder is looked at. Only processes that their marks prove are touched.
    """
    found = found or seen_in(folder, image_id, environ)
    if found.supervisor is not None:
        end(found.supervisor)  # it ends its image, perhaps one that it started just now
    later = seen_in(folder, image_id, environ)
    marks = {mark for mark in (found.process, later.process, later.supervisor) if mark is not None}
    gone = all([end(mark) is Liveness.GONE for mark in marks])
    for name in (SUPERVISOR_FILE, _OLD_SUPERVISOR_FILE):
        (folder / name).unlink(missing_ok=True)
    for agent in {agent for agent in (found.agent, later.agent) if agent is not None}:
        agent.path.unlink(missing_ok=True)
    return gone


def _old_supervisor(folder: Path) -> ProcessMark | None:
    """The supervisor that an older stui started: its file does not hold where its pid counts, so it is believed only
    as long as it is seen."""
    try:
        raw = json.loads((folder / _OLD_SUPERVISOR_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    match raw:
        case {"pid": int(pid), "process_start": int(started)} if process_mark_of(pid).start == str(started):
            return process_mark_of(pid)
        case _:
            return None


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Let a child live for as long as it lives: a command ends before it, a program that started one by the Python API
    may outlive it, and must not keep it as a zombie then."""
    threading.Thread(target=process.wait, name=f"stui: process {process.pid}", daemon=True).start()


def _start_supervisor(plan: StartPlan, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    private_directory(plan.folder)
    plan_file = plan.folder / PLAN_FILE
    with private_file(plan_file, "wb") as file:
        file.write(json.dumps(asdict(plan) | {"folder": str(plan.folder)}).encode())
    for mark in (PROCESS_FILE, SUPERVISOR_FILE):
        (plan.folder / mark).unlink(missing_ok=True)
    here()  # looked at once, and before
    with private_file(plan.folder / SUPERVISOR_LOG, "wb") as log, held_life(plan.folder) as life:
        return subprocess.Popen(
            [sys.executable, "-m", "stui_cli.local.supervision", str(plan_file)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environ),
            start_new_session=True,
            pass_fds=life,
            preexec_fn=lambda: write_process_mark(plan.folder / SUPERVISOR_FILE, os.getpid()),
        )
