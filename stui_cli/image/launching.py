"""Launching and stopping images of our own, with or without a supervisor."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.image.machines import program_of
from stui_cli.image.runtime_files import (
    RuntimeFile,
    private_directory,
    private_file,
    process_lives,
    process_start,
    read_runtime_file,
)
from stui_cli.image.starting import AGENT_FILE, StartPlan, start
from stui_cli.model.errors import Refused, StuiError, TooLate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.model.deadlines import Deadline

PLAN_FILE = "plan.json"
SUPERVISOR_FILE = "supervisor.json"
SUPERVISOR_LOG = "supervisor.log"
_STOP_GRACE_S = 3.0
_POLL_S = 0.01


@contextmanager
def only_one_start(folder: Path, name: str) -> Iterator[None]:
    """Two launches of one name would write into each other's folder: the second one is refused."""
    from filelock import FileLock, Timeout

    private_directory(folder)
    try:
        with FileLock(folder / "starting.lock", timeout=0, mode=0o600):
            yield
    except Timeout as error:
        raise Refused(f"{name} is being started by another command", todo="wait for it", image=name) from error


def running(image_id: str, folder: Path) -> RuntimeFile | None:
    """The agent that was launched in `folder`, if its process lives."""
    try:
        path = Path((folder / AGENT_FILE).read_text(encoding="utf-8"))
    except OSError:
        return None
    agent = read_runtime_file(path)
    if agent is None or agent.image_id != image_id or not process_lives(agent.pid, agent.process_start):
        return None
    return agent


def runs_in(folder: Path) -> bool:
    """Whether the image that was launched in `folder`, its supervisor, or anything else that works there lives.

    An agent that was stopped inside its image takes its runtime file along, so processes themselves are looked at
    too, where the system shows them.
    """
    if read_supervisor(folder) is not None:
        return True
    try:
        agent = read_runtime_file(Path((folder / AGENT_FILE).read_text(encoding="utf-8")))
    except OSError:
        agent = None
    if agent is not None and process_lives(agent.pid, agent.process_start):
        return True
    here = os.path.realpath(folder)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "cwd").readlink()) == here:
                return True
        except OSError:
            continue  # gone, or somebody else's
    return False


def launch(plan: StartPlan, environ: Mapping[str, str], deadline: Deadline, *, supervised: bool) -> RuntimeFile:
    """Start an image; with `supervised` under a process that watches it and starts it again. Failures as `start`."""
    if not supervised:
        return start(plan, environ, deadline)[1]
    program_of(plan.dialect, environ)
    before = running(plan.image_id, plan.folder)
    supervisor = _start_supervisor(plan, environ)
    while not deadline.passed:
        agent = running(plan.image_id, plan.folder)
        if agent is not None and agent != before:
            return agent
        if supervisor.poll() is not None:
            break
        time.sleep(_POLL_S)
    _end(supervisor.pid, process_start(supervisor.pid))
    supervisor.wait()
    log = plan.folder / SUPERVISOR_LOG
    words = (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"])[-1]
    late = supervisor.returncode is None or deadline.passed
    raise (TooLate if late else StuiError)(
        f"{plan.name} did not come up under its supervisor: {words}", todo=f"its log is {log}", image=plan.name
    )


def stop(image_id: str, folder: Path, name: str) -> int | None:
    """End the image with `image_id`, its supervisor first: asked, and killed after 3 s. Answers the image's pid, or
    None if it did not run. Only processes that their files prove (pid and start time) are ever touched."""
    agent = running(image_id, folder)
    if (supervisor := read_supervisor(folder)) is not None:
        _end(*supervisor)
    (folder / SUPERVISOR_FILE).unlink(missing_ok=True)
    if agent is not None:
        if agent.process_start is None:
            raise Refused(f"the process of {name} cannot be told for sure", todo=f"end process {agent.pid} yourself")
        _end(agent.pid, agent.process_start)
        agent.path.unlink(missing_ok=True)
    return agent.pid if agent is not None else None


def read_supervisor(folder: Path) -> tuple[int, int | None] | None:
    """Pid and start time of the folder's supervisor, if it lives."""
    try:
        raw = json.loads((folder / SUPERVISOR_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    match raw:
        case {"pid": int(pid), "process_start": int() | None as started} if process_lives(pid, started):
            return pid, started
        case _:
            return None


def _start_supervisor(plan: StartPlan, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    private_directory(plan.folder)
    plan_file = plan.folder / PLAN_FILE
    with private_file(plan_file, "wb") as file:
        file.write(json.dumps(asdict(plan) | {"folder": str(plan.folder)}).encode())
    with private_file(plan.folder / SUPERVISOR_LOG, "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "stui_cli.image.supervision", str(plan_file)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environ),
            start_new_session=True,
        )


def _end(pid: int, started: int | None) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + _STOP_GRACE_S
        if not process_lives(pid, started):
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        while process_lives(pid, started) and time.monotonic() < until:
            time.sleep(_POLL_S)
