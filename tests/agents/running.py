"""A real agent in a real GNU Smalltalk, started for tests and ended by its process group."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from wire import Key, Wire, read_address

from stui_cli.local.dialects import agent_files

AGENT = agent_files("gst")

KEYS = tuple(Key.fresh(role[:3], role) for role in ("observer", "developer", "admin"))


class StartFailed(Exception):
    """The process ended, or did not become ready; the text is what it said."""


def literal(value: object) -> str:
    """A setting as Smalltalk text."""
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def pairs(settings: dict[str, object]) -> str:
    return "#(" + " ".join(f"#{name} {literal(value)}" for name, value in settings.items()) + ")"


class RunningAgent:
    """One process. Settings are those of `StuiAgent startWith:`; keys are written to a key file of mode 0600."""

    def __init__(self, gst: Path, folder: Path, keys: tuple[Key, ...] = (), **settings: object) -> None:
        self.gst = gst
        self.folder = folder
        self.keys = keys
        self.key_file = folder / "keys"
        self.log = folder / "log"
        self.runtime = folder / "runtime"
        self.runtime.mkdir(mode=0o700, exist_ok=True)
        self.write_keys(*keys)
        self.settings: dict[str, object] = {
            "name": "tested",
            "auth": "hmac-sha256" if keys else "none",
            "keyFile": self.key_file,
            "runtimeDirectory": self.runtime,
        } | settings
        self.process: subprocess.Popen[bytes] | None = None

    def write_keys(self, *keys: Key) -> None:
        self.key_file.touch(mode=0o600)
        self.key_file.write_text("# key id, role, key\n" + "".join(key.line() for key in keys))

    def start(self) -> RunningAgent:
        program = self.folder / "start.st"
        program.write_text(f"StuiAgent startWith: {pairs(self.settings)}!\n", encoding="utf-8")
        self.run([*AGENT, program])
        return self.wait_ready()

    def resume(self, image: Path, **settings: object) -> RunningAgent:
        """Start a saved image."""
        program = self.folder / "resume.st"
        program.write_text(f"StuiAgent resumeWith: {pairs(settings)}!\n", encoding="utf-8")
        self.run(["-I", image, program])
        return self.wait_ready()

    def run(self, arguments: list[object]) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.gst), "-q", "-g", *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )

    def wait_ready(self, seconds: float = 30.0) -> RunningAgent:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.runtime_files():
                return self
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.01)
        said = self.log.read_text(errors="replace")
        self.kill()
        raise StartFailed(said)

    def runtime_files(self) -> list[Path]:
        return sorted(self.runtime.glob("*.toml"))

    @property
    def address(self) -> str:
        return read_address(self.runtime_files()[-1])

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def resident(self) -> int:
        """Bytes of memory, as the kernel counts them."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def kill(self) -> None:
        """End the whole group, as a machine would, and forget what it left."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
        for each in self.runtime_files():
            each.unlink()


class Clients:
    """Opens connections and closes all of them at the end."""

    def __init__(self, agent: RunningAgent) -> None:
        self.agent = agent
        self.open: list[Wire] = []

    def bare(self) -> Wire:
        """Connected, and nothing said yet."""
        wire = Wire(self.agent.address)
        self.open.append(wire)
        return wire

    def __call__(self, client_id: str = "client-1", role: str = "developer") -> Wire:
        wire = self.bare()
        if not self.agent.keys:
            wire.hello(client_id)
            return wire
        wire.login(next(key for key in self.agent.keys if key.role == role), client_id)
        return wire

    def close(self) -> None:
        for wire in self.open:
            wire.close()


def private_folder() -> tempfile.TemporaryDirectory[str]:
    """A short path: unix sockets have room for 107 characters."""
    return tempfile.TemporaryDirectory(prefix="stui-")


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
