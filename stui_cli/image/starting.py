"""Starting the process of one image in its own folder: start file, keys, log, and the wait for its agent.

A start counts as done when the agent's runtime file is there: exit codes of virtual machines say little.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli.image.keys import fresh_key_file
from stui_cli.image.machines import agent_files, machine_of, program_of
from stui_cli.image.runtime_files import (
    RuntimeFile,
    private_directory,
    private_file,
    running_agents,
    runtime_directory,
)
from stui_cli.model.errors import StuiError, TooLate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stui_cli.model.deadlines import Deadline

KEY_FILE = "keys"
LOG_FILE = "image.log"
SAVED_IMAGE = "saved.im"
# Where the runtime file is: cron and a login may have another XDG_RUNTIME_DIR than the launch had.
AGENT_FILE = "agent"
_START_FILE = "start.st"
_POLL_S = 0.005

# What an image says on its output is kept for whoever looks for a fault; beyond this the last run's is dropped.
_LOG_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True)
class StartPlan:
    """What to start. `port` 0 lets the system choose; `memory_limit` in bytes of address space; `saved` starts the
    image that `images save` wrote, with its sessions, instead of a fresh one."""

    dialect: str
    name: str
    image_id: str
    folder: Path
    port: int = 0
    memory_limit: int | None = None
    saved: bool = False


def start(
    plan: StartPlan, environ: Mapping[str, str], deadline: Deadline
) -> tuple[subprocess.Popen[bytes], RuntimeFile]:
    """Start the image and wait until its agent listens.

    The process gets a session of its own, no input, and a file for its output, so that neither a terminal's end
    nor a full pipe can stop it. Raises NotFound without the virtual machine, StuiError with the log's last words
    if it ends early, TooLate (after ending it) if it does not come up in time.
    """
    command = _command(plan, environ)
    private_directory(plan.folder)
    runtime = private_directory(runtime_directory(environ))
    fresh_key_file(plan.folder / KEY_FILE)
    with private_file(plan.folder / _START_FILE, "wb") as start_file:
        start_file.write(_start_chunk(plan, runtime).encode())
    before = {found.path for found in running_agents(runtime)}
    log = plan.folder / LOG_FILE
    with private_file(log, "ab" if _small(log) else "wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=plan.folder,
            env=dict(environ),
            start_new_session=True,
            preexec_fn=_limiter(plan.memory_limit),
        )
    try:
        agent = _await_agent(process, runtime, before, plan, log, deadline)
        with private_file(plan.folder / AGENT_FILE, "wb") as file:
            file.write(str(agent.path).encode())
        return process, agent
    except BaseException:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise


def _command(plan: StartPlan, environ: Mapping[str, str]) -> list[str]:
    program = program_of(plan.dialect, environ)
    arguments = machine_of(plan.dialect).arguments
    start = str(plan.folder / _START_FILE)
    if plan.saved:
        return [program, *arguments, "-I", str(plan.folder / SAVED_IMAGE), start]
    return [program, *arguments, *map(str, agent_files(plan.dialect)), start]


def _limiter(memory_limit: int | None) -> Callable[[], None] | None:
    if memory_limit is None:
        return None
    import resource

    return lambda: resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))


def _await_agent(
    process: subprocess.Popen[bytes], runtime: Path, before: set[Path], plan: StartPlan, log: Path, deadline: Deadline
) -> RuntimeFile:
    while not deadline.passed:
        for found in running_agents(runtime):
            if found.path not in before and found.image_id == plan.image_id:
                return found
        if process.poll() is not None:
            raise StuiError(
                f"{plan.name} ended while starting (exit {process.returncode}): {_last_words(log)}",
                todo=f"its whole output is in {log}",
                image=plan.name,
            )
        time.sleep(_POLL_S)
    raise TooLate(
        f"{plan.name} did not come up within {deadline.seconds:g} s: {_last_words(log)}",
        todo=f"it was ended; its output is in {log}",
        image=plan.name,
    )


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    told = [line for line in lines if line.startswith("stui-agent: error:")]
    return (told or lines or ["it said nothing"])[-1][:300]


def _small(log: Path) -> bool:
    return not log.exists() or log.stat().st_size < _LOG_LIMIT


def _start_chunk(plan: StartPlan, runtime: Path) -> str:
    settings: dict[str, str | int] = {
        "name": plan.name,
        "bind": "127.0.0.1",
        "port": plan.port,
        "auth": "hmac-sha256",
        "keyFile": str(plan.folder / KEY_FILE),
        "imageId": plan.image_id,
        "runtimeDirectory": str(runtime),
    }
    if plan.memory_limit is not None:
        settings["memoryLimit"] = plan.memory_limit
    pairs = " ".join(f"#{key} {_literal(value)}" for key, value in settings.items())
    return f"StuiAgent {'resumeWith' if plan.saved else 'startWith'}: #({pairs})!\n"


def _literal(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    # Quotes are doubled for the language, exclamation marks for the chunk format.
    return "'" + value.replace("'", "''").replace("!", "!!") + "'"
