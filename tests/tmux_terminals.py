"""Real terminals: windows of a tmux server of a test's own, in which a shell waits for commands."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from needs import program
from shell import Ran, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

_numbers = itertools.count()


@dataclass(frozen=True)
class Terminal:
    """One window: a terminal, and so a session leader, of its own."""

    server: Tmux
    name: str

    def send(self, *keys: str) -> None:
        """Press keys, by tmux's names where they have one."""
        self.server.tmux("send-keys", "-t", f"test:{self.name}", *keys)

    def screen(self) -> str:
        return self.server.tmux("capture-pane", "-p", "-t", f"test:{self.name}")

    def run(self, line: str, seconds: float = 30.0) -> Ran:
        """Type one command line; answers what it printed, with both streams in files."""
        stem = self.server.folder / f"{self.name}-{next(_numbers)}"
        self.send(f"{line} >{stem}.out 2>{stem}.err; echo $? >{stem}.tmp; mv {stem}.tmp {stem}.code", "Enter")
        code = stem.with_suffix(".code")
        wait_until(code.exists, f"{line!r} ends in {self.name}: {self.screen}", seconds)
        return Ran(int(code.read_text()), *(stem.with_suffix(suffix).read_text() for suffix in (".out", ".err")))

    def ok(self, line: str) -> Ran:
        ran = self.run(line)
        assert ran.code == 0, (line, ran)
        return ran


class Tmux:
    """A tmux server for one test; a context manager."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        program("tmux")
        self.folder = folder
        self._socket = folder / "tmux"
        self._environ = {**environ, "TERM": "screen", "PS1": "$ ", "SHELL": "/bin/sh"}
        self._environ.pop("TMUX", None)
        self._made = 0

    def __enter__(self) -> Tmux:
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "-s", "test", "-n", "idle", "/bin/sh"
        )
        return self

    def __exit__(self, *exit_details: object) -> None:
        self.tmux("kill-server")

    def terminal(self, name: str) -> Terminal:
        self.tmux("new-window", "-d", "-n", name, "/bin/sh")
        made = Terminal(self, name)
        package = Path(__file__).resolve().parents[1]
        made.send(f"stui() {{ PYTHONPATH={package} {sys.executable} -m stui_cli \"$@\"; }}; echo rea''dy", "Enter")
        wait_until(lambda: "ready" in made.screen(), f"the shell in {name} is ready")
        return made

    def tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *words],
            env=self._environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout
