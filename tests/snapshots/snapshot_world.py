"""A world that is the same each time: fixed names, ids and clock, and the embedded playground as its image."""

from __future__ import annotations

import io
import itertools
import os
import re
import shlex
import shutil
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import stui_cli
from stui_cli.image import probing
from stui_cli.invocation import working
from stui_cli.main import run
from stui_cli.output import progress
from stui_cli.playground.agent import vitals
from stui_cli.playground.agent.jobs import AgentJob
from stui_cli.playground.agent.server import Agent
from stui_cli.playground.agent.settings import AgentSettings
from stui_cli.work import opening
from stui_cli.work.meant import terminals
from stui_cli.work.talking import evaluate, record, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PACKAGE = os.path.dirname(os.path.abspath(stui_cli.__file__))
NOW = 1_760_000_000_000  # 2025-10-09T08:53:20Z
IMAGE_ID = "00000000-0000-4000-8000-00000000a1fa"
PID = 12345
HOST = "box"
# What nature demands: the port and the folder differ from run to run, and how long something took. What stands for them
# is as long, so that it is laid out the same.
_PORT = "40001"
_TOOK = re.compile(r" in \d+\.\d s\b")
_FOLDER = "/tmp/stui-snapshot"

FILES = {
    "images.toml": '[[images]]\nname = "read"\naddress = "tcp://127.0.0.1:9"\n',
    "agent.keys": f"ada admin {'11' * 32}\neve observer {'22' * 32}\n",
    "tests.st": "TestCase subclass: OddTest [ testFine [ self assert: true ] testWrong [ self assert: 1 = 2 ] ]\n",
    "code.st": "3 + 4.\nTranscript showCr: 'loaded'.\n'a' , 'b'\n",
}
SETUP = (
    "images add alpha ALPHA --label role=build",
    "images add ghost tcp://127.0.0.1:9 --offline",
    "sessions create alpha/work --description tidy",
    "switch alpha/work --default",
    "eval x:=3",
)


def normalized(text: str, address: str, folder: str) -> str:
    """Without what differs from run to run."""
    text = text.replace(address.rpartition(":")[2], _PORT).replace(folder, _FOLDER).replace(PACKAGE, "/opt/stui")
    return _TOOK.sub(" in 0.0 s", text)


class Said(NamedTuple):
    """What one command printed, and how it ended."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        shown = f"exit {self.code}\n"
        for name, text in (("stdout", self.out), ("stderr", self.err)):
            if text:
                ended = text if text.endswith("\n") else f"{text}<no end of the line>\n"
                shown += f"--- {name}\n{ended}"
        return shown.replace("\x1b", "\N{SYMBOL FOR ESCAPE}").replace("\r", "\N{SYMBOL FOR CARRIAGE RETURN}")

    def without_colors(self) -> Said:
        return Said(self.code, *(re.sub(r"\x1b\[[\d;]*m", "", text) for text in (self.out, self.err)))


class Way(NamedTuple):
    """How a command is called: on a terminal of so many columns or in a pipe, with more words and variables, and the
    encoding of its streams."""

    columns: int | None = None
    more: str = ""
    environ: Mapping[str, str] = {}
    encoding: str = "utf-8"


class Stream(io.TextIOWrapper):
    """A standard stream on memory, which is a terminal where it has columns."""

    def __init__(self, way: Way) -> None:
        self._memory = io.BytesIO()
        super().__init__(self._memory, encoding=way.encoding, newline="", write_through=True)
        self._columns = way.columns
        self._master = self._slave = -1
        if way.columns is not None:
            import fcntl
            import struct
            import termios

            self._master, self._slave = os.openpty()
            fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, way.columns, 0, 0))

    def isatty(self) -> bool:
        return self._columns is not None

    def fileno(self) -> int:
        if self._columns is None:
            raise io.UnsupportedOperation
        return self._slave

    def said(self) -> str:
        """What was written; the terminal is closed."""
        for handle in (self._master, self._slave):
            if handle >= 0:
                os.close(handle)
        return self._memory.getvalue().decode(self.encoding)


class _Os:
    """The module, for one who asks for the number of the process."""

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def getpid(self) -> int:
        return PID


class World:
    """A store and an image. Each command finds the store and the files as they were at the beginning; what changes the
    image itself needs a world of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="stui-", dir="/tmp"))
        self._origin = Path(tempfile.mkdtemp(prefix="stui-origin-", dir="/tmp"))
        self._numbers = itertools.count(1)
        (self.folder / "run").mkdir(mode=0o700)
        for name, text in FILES.items():
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o600)
        with self._certainty():
            self.agent = Agent(None, AgentSettings(name="alpha", image_id=IMAGE_ID))
            self.agent.__enter__()
        for line in SETUP:
            said = self._run(line, Way())
            assert said.code == 0, (line, said)
        shutil.copytree(self.folder, self._origin, dirs_exist_ok=True)

    def end(self) -> None:
        self.agent.__exit__(None, None, None)
        shutil.rmtree(self.folder)
        shutil.rmtree(self._origin)

    def stui(self, line: str, way: Way, before: Sequence[str] = ()) -> Said:
        """Run one command in this process, and others before it."""
        self._begin(before)
        return self._run(line, way)

    def in_this_terminal(self, line: str, before: Sequence[str]) -> int:
        """The same, with the streams of this process; answers the exit code."""
        self._begin(before)
        with self._certainty() as patch:
            return self._code(patch, line.split())

    def _begin(self, before: Sequence[str]) -> None:
        for each in self.folder.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        shutil.copytree(self._origin, self.folder, dirs_exist_ok=True)
        self._numbers = itertools.count(1000)
        for each in before:
            self._run(each, Way())

    def _run(self, line: str, way: Way) -> Said:
        words = [*shlex.split(line.replace("ALPHA", self.agent.address)), *way.more.split()]
        out, err = Stream(way), Stream(way)
        self.agent.started = time.monotonic() - 2 * 3600  # however long the commands before this one took
        with self._certainty() as patch:
            for name, text in ({"TERM": "xterm-256color"} | dict(way.environ)).items():
                patch.setenv(name, text)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            # click asks the first stdout of the process.
            patch.setattr(shutil, "get_terminal_size", lambda *_: os.terminal_size((way.columns or 80, 50)))
            code = self._code(patch, words)
        return Said(code, *(normalized(each.said(), self.agent.address, str(self.folder)) for each in (out, err)))

    @staticmethod
    def _code(patch: pytest.MonkeyPatch, words: Sequence[str]) -> int:
        patch.setattr(sys, "argv", ["stui", *words])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        return run(words)

    @contextmanager
    def _certainty(self) -> Iterator[pytest.MonkeyPatch]:
        """Clock, ids, host, user, environment and what is measured."""
        home = str(self.folder)
        with pytest.MonkeyPatch.context() as patch:
            for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "COLORTERM", "TMUX", "LC_ALL"):
                patch.delenv(name, raising=False)
            for name, text in {
                "HOME": home,
                "STUI_HOME": f"{home}/stui",
                "XDG_RUNTIME_DIR": f"{home}/run",
                "XDG_CONFIG_HOME": f"{home}/.config",
                "USER": "ada",
                "SHELL": "/bin/bash",
                "PATH": "/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "EDITOR": "true",
            }.items():
                patch.setenv(name, text)
            patch.chdir(self.folder)
            patch.setattr(time, "time_ns", lambda: NOW * 1_000_000)
            patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=next(self._numbers), version=4))
            patch.setattr(working, "_person_at_terminal", lambda: False)
            patch.setattr(terminals, "terminal_key", lambda: None)
            patch.setattr(os, "uname", lambda: os.uname_result(("Linux", HOST, "6", "1", "x86_64")))
            patch.setattr(probing, "time", SimpleNamespace(perf_counter=lambda: 0.0, monotonic=time.monotonic))
            patch.setattr(vitals, "memory_used", lambda: 50_000_000)
            patch.setattr(vitals, "os", _Os())
            patch.setattr(opening, "os", _Os())
            # However slow this machine is.
            patch.setattr(progress, "_SHOWN_AFTER_S", 3600.0)
            for module in (record, evaluate):
                patch.setattr(module, "MOMENT_S", 3600.0)
            patch.setattr(AgentJob, "elapsed_ms", property(lambda job: 3))
            patch.setattr(running, "time", SimpleNamespace(monotonic=lambda: 0.0))
            yield patch
