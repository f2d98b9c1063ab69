"""Starting and stopping images of our own: one folder each with start file, keys, log.

A start counts as done when the agent's runtime file is there: exit codes of virtual machines say little.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.image.keys import fresh_key_file
from stui_cli.image.runtime_files import (
    RuntimeFile,
    private_directory,
    process_lives,
    running_agents,
    runtime_directory,
    sweep_stale,
)
from stui_cli.model.errors import NotFound, Refused, StuiError, TooLate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.model.deadlines import Deadline

KEY_FILE = "keys"
LOG_FILE = "image.log"
_START_FILE = "start.st"
_POLL_S = 0.005
_STOP_GRACE_S = 3.0


@dataclass(frozen=True)
class Machine:
    """How a dialect's virtual machine is started: its program, and the arguments before the agent's files."""

    program: str
    arguments: tuple[str, ...]
    install: str


# -q -g: no banner, no garbage collector messages. The other dialects get their agents later.
MACHINES = {
    "gst": Machine("gst", ("-q", "-g"), "install GNU Smalltalk (Debian: gnu-smalltalk and gnu-smalltalk-common)"),
}


def agent_files(dialect: str) -> tuple[Path, Path]:
    """The portable core and the dialect's adapter, in the order in which an image loads them."""
    if dialect not in MACHINES:
        raise NotFound(f"no agent for the dialect {dialect!r} yet", todo=f"available: {', '.join(MACHINES)}")
    folder = Path(__file__).resolve().parent.parent / "agents"
    return folder / "core.st", folder / f"{dialect}.st"


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


def runs(image_id: str, environ: Mapping[str, str]) -> bool:
    """Whether an agent of this user with that image id runs on this machine."""
    return any(agent.image_id == image_id for agent in running_agents(runtime_directory(environ)))


def launch(
    dialect: str, name: str, image_id: str, folder: Path, environ: Mapping[str, str], deadline: Deadline
) -> RuntimeFile:
    """Start an image called `name` in `folder` and wait until its agent listens.

    The process gets a session of its own, no input, and a file for its output, so that neither a terminal's end
    nor a full pipe can stop it. Raises NotFound without the virtual machine, StuiError with the log's last lines
    if it ends early, TooLate (after ending it) if it does not come up in time.
    """
    core, adapter = agent_files(dialect)
    machine = MACHINES[dialect]
    program = shutil.which(machine.program, path=environ.get("PATH"))
    if program is None:
        raise NotFound(f"{machine.program} is not on the PATH", todo=machine.install, image=name)
    private_directory(folder)
    runtime = private_directory(runtime_directory(environ))
    fresh_key_file(folder / KEY_FILE)
    start = folder / _START_FILE
    start.write_text(_start_chunk(name, image_id, folder / KEY_FILE, runtime), encoding="utf-8")
    before = {found.path for found in running_agents(runtime)}
    log = folder / LOG_FILE
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, *machine.arguments, str(core), str(adapter), str(start)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=dict(environ),
            start_new_session=True,
        )
    try:
        return _await_runtime_file(process, runtime, before, image_id, log, deadline)
    except BaseException:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise


def stop(image_id: str, name: str, environ: Mapping[str, str]) -> int | None:
    """End the process of the image with `image_id`: asked first, killed after 3 s. Answers its pid, or None if
    no such process runs. Only a process that its runtime file proves (pid and start time) is ever touched."""
    runtime = runtime_directory(environ)
    found = next((agent for agent in running_agents(runtime) if agent.image_id == image_id), None)
    if found is None:
        sweep_stale(runtime)
        return None
    if found.process_start is None:
        raise Refused(f"the process of {name} cannot be told for sure", todo=f"end process {found.pid} yourself")
    for number, patience in ((signal.SIGTERM, _STOP_GRACE_S), (signal.SIGKILL, _STOP_GRACE_S)):
        try:
            os.kill(found.pid, number)
        except ProcessLookupError:
            break
        until = time.monotonic() + patience
        while process_lives(found.pid, found.process_start) and time.monotonic() < until:
            time.sleep(_POLL_S)
        if not process_lives(found.pid, found.process_start):
            break
    sweep_stale(runtime)
    return found.pid


def _await_runtime_file(
    process: subprocess.Popen[bytes],
    runtime: Path,
    before: set[Path],
    image_id: str,
    log: Path,
    deadline: Deadline,
) -> RuntimeFile:
    while not deadline.passed:
        for found in running_agents(runtime):
            if found.path not in before and found.image_id == image_id:
                return found
        if process.poll() is not None:
            raise StuiError(
                f"the image ended while starting (exit {process.returncode}): {_last_words(log)}",
                todo=f"its whole output is in {log}",
            )
        time.sleep(_POLL_S)
    raise TooLate(
        f"the image did not come up within {deadline.seconds:g} s: {_last_words(log)}",
        todo=f"it was ended; its output is in {log}",
    )


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    told = [line for line in lines if line.startswith("stui-agent: error:")]
    return (told or lines or ["it said nothing"])[-1][:300]


def _start_chunk(name: str, image_id: str, key_file: Path, runtime: Path) -> str:
    settings: dict[str, str | int] = {
        "name": name,
        "bind": "127.0.0.1",
        "port": 0,
        "auth": "hmac-sha256",
        "keyFile": str(key_file),
        "imageId": image_id,
        "runtimeDirectory": str(runtime),
    }
    pairs = " ".join(f"#{key} {_literal(value)}" for key, value in settings.items())
    return f"StuiAgent startWith: #({pairs})!\n"


def _literal(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    # Quotes are doubled for the language, exclamation marks for the chunk format.
    return "'" + value.replace("'", "''").replace("!", "!!") + "'"
