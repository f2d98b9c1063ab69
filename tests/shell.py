"""stui as a user has it: a process of its own per command, its output apart, its images ended at the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quick_start import SERVER

from stui_cli.local.runtime_files import running_agents, runtime_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stui_cli.local.runtime_files import RuntimeFile


@dataclass(frozen=True)
class Ran:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of stdout."""
        return (self.out.splitlines() or [""])[-1]

    @property
    def json(self) -> dict[str, Any]:
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


def own_environ(folder: Path, path: str) -> dict[str, str]:
    """An environment for images that the tests of a module share: home and runtime files lie in `folder`."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return {
        "PATH": path,
        "HOME": str(folder),
        "STUI_HOME": str(folder / "stui"),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
    }


@dataclass
class Shell:
    """Runs stui commands in one environment, without a terminal."""

    environ: Mapping[str, str]
    folder: Path
    launched: list[int] = field(default_factory=list)

    def stui(self, *words: str, stdin: str = "", more: Mapping[str, str] | None = None) -> Ran:
        """Run one command to its end."""
        environ = {**self.environ, **(more or {})}
        if SERVER.serves(environ, stdin):
            return Ran(*SERVER.run(words, environ, os.fspath(self.folder), stdin, 60))
        done = subprocess.run(
            [sys.executable, "-m", "stui_cli", *words],
            input=stdin,
            capture_output=True,
            text=True,
            env=environ,
            cwd=self.folder,
            timeout=60,
            check=False,
            start_new_session=True,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def ok(self, *words: str, stdin: str = "") -> Ran:
        """Run one command that has to succeed."""
        ran = self.stui(*words, stdin=stdin)
        assert ran.code == 0, (words, ran)
        return ran

    def started(self, *words: str) -> subprocess.Popen[str]:
        """Start one command in a session of its own and go on."""
        return subprocess.Popen(
            [sys.executable, "-m", "stui_cli", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(self.environ),
            cwd=self.folder,
            start_new_session=True,
        )

    def launch(self, name: str, *words: str) -> int:
        """Launch an image that is ended with the test; answers its pid."""
        self.ok("images", "launch", name, *words)
        pid = self.pid(name)
        self.launched.append(pid)
        return pid

    def pid(self, name: str) -> int:
        (found,) = (agent.pid for agent in self.agents() if agent.name == name)
        return found

    def agents(self) -> list[RuntimeFile]:
        """The agents that run in this environment, by the runtime files in its own folder."""
        return list(running_agents(runtime_directory(self.environ)))

    def kill(self, pid: int) -> None:
        """kill -9, and wait until the process is gone."""
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid), f"process {pid} goes away")

    def end(self) -> None:
        """End whatever runs in this environment."""
        for agent in self.agents():
            if alive(agent.pid):
                os.kill(agent.pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait for a condition; fails naming it."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited {seconds} s in vain: {what}"
        time.sleep(0.01)
