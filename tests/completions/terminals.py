"""Real shells in a pseudo-terminal, driven key by key; in them `stui` is a stub that shows its arguments."""

from __future__ import annotations

import os
import select
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from forking import fork_with_terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

SCRIPTS = Path(__file__).resolve().parents[2] / "completions"
PROMPT = "ready>"
IMAGES = ("alpha", "beta", "build@home")
SESSIONS = ("alpha/work", "beta/lab", "beta/scratch")
KEYS = ("alpha/admin", "beta/admin", "beta/bob")
LABELS = ("alpha\tteam=core", "beta\tteam=tools", "beta\trole=big build", "beta\todd=a\x1b[31m")
OPERATIONS = ("12\tadded image beta", "7\tcreated session alpha/work", "3\tadded image alpha")

# What is typed, Tab included, and the arguments that stui then gets.
TYPED = [
    ("stui sta\t", ["status"]),
    ("stui images ren\tal\tgamma", ["images", "rename", "alpha", "gamma"]),
    ("stui images remove al\tbet\t", ["images", "remove", "alpha", "beta"]),
    ("stui switch alpha/\t", ["switch", "alpha/work"]),
    ("stui switch beta/s\t", ["switch", "beta/scratch"]),
    ("stui ping bu\t", ["ping", "build@home"]),
    ("stui ping build@h\t", ["ping", "build@home"]),
    ("stui -i bet\tcontext", ["-i", "beta", "context"]),
    ("stui context --image bet\t", ["context", "--image", "beta"]),
    ("stui eval '3 + 4' -i bet\t-s sc\t", ["eval", "3 + 4", "-i", "beta", "-s", "scratch"]),
    ("stui images launch --sup\tx", ["images", "launch", "--supervise", "x"]),
    ("stui cleanup --grace 2d al\t", ["cleanup", "--grace", "2d", "alpha"]),
    ("stui -o ts\tstatus", ["-o", "tsv", "status"]),
    ("stui status --color=ne\t", ["status", "--color=never"]),
    ("stui completion fi\t", ["completion", "fish"]),
    ("stui images add x y --key-file secr\t", ["images", "add", "x", "y", "--key-file", "secret.key"]),
    ("stui config set tim\t5\t", ["config", "set", "timeout", "5s"]),
    ("stui config set dialects.pharo.vm secr\t", ["config", "set", "dialects.pharo.vm", "secret.key"]),
    ("stui config set color ne\t", ["config", "set", "color", "never"]),
    ("stui sessions nosuch al\t", ["sessions", "nosuch", "al"]),
    ("stui status -l te\tco\t", ["status", "-l", "team=core"]),
    ("stui status --group-by te\t", ["status", "--group-by", "team"]),
    ("stui status --group-by=hea\t", ["status", "--group-by=health"]),
    ("stui images set beta --no-key ro\tb\t", ["images", "set", "beta", "--no-key", "role=big build"]),
    ("stui images --columns=name,lat\t", ["images", "--columns=name,latency_ms"]),
    ("stui images --sort=name,-lat\t", ["images", "--sort=name,-latency_ms"]),
    ("stui sessions --state lost,act\t", ["sessions", "--state", "lost,active"]),
    ("stui log show 1\t", ["log", "show", "12"]),
    ("stui -ibe\tcontext", ["-ibeta", "context"]),
    ("stui -qi beta eval -s sc\t", ["-qi", "beta", "eval", "-s", "scratch"]),
    ("stui help images tr\t", ["help", "images", "trust"]),
]


class Terminal:
    """A shell with a terminal of its own."""

    def __init__(self, command: Sequence[str], environ: dict[str, str], folder: Path) -> None:
        self.seen = ""
        self._pid, self._terminal = fork_with_terminal()
        if self._pid == 0:
            os.chdir(folder)
            os.execve(command[0], list(command), environ)
        self.until(PROMPT)

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def until(self, *texts: str, seconds: float = 20.0) -> str:
        """Read until all `texts` were seen since the last call; answers what was."""
        end = time.monotonic() + seconds
        while not all(text in self.seen for text in texts):
            ready, _, _ = select.select([self._terminal], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"no {texts} within {seconds} s in {self.seen!r}"
            self.seen += os.read(self._terminal, 65536).decode(errors="replace")
        seen, self.seen = self.seen, ""
        return seen

    def arguments(self, keys: str) -> list[str]:
        """What `stui` gets after `keys` and Enter."""
        self.type(keys + "\r")
        seen = self.until("ARGUMENTS<", ">END")
        return seen.partition("ARGUMENTS<")[2].partition(">END")[0].split("|")

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)
