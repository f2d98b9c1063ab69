"""Where an stui is installed as its users have it: a wheel in a virtual environment, with a home of its own."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[3]

# The most memory that a program had, without what its parent had before it began: a small Python in between.
_PEAK = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@dataclass(frozen=True)
class Place:
    """An installed stui: the tree that it came from, the folder of its programs, a folder to work in, and the
    environment in which its programs run."""

    tree: Path
    programs: Path
    folder: Path
    environ: Mapping[str, str]

    @property
    def python(self) -> str:
        return str(self.programs / "python")

    @property
    def stui(self) -> str:
        return str(self.programs / "stui")

    @property
    def runtime(self) -> Path:
        return Path(self.environ["XDG_RUNTIME_DIR"])

    def with_variables(self, **more: str) -> Place:
        return replace(self, environ={**self.environ, **more})

    @contextmanager
    def fresh(self) -> Iterator[Place]:
        """The same stui with an empty store."""
        # Short: a socket may have an address there.
        with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as name:
            folder = Path(name)
            (folder / "run").mkdir(mode=0o700)
            kept = {"HOME": name, "STUI_HOME": str(folder / "stui"), "XDG_RUNTIME_DIR": str(folder / "run")}
            yield replace(self.with_variables(**kept), folder=folder)

    def run(self, *command: str, more: Mapping[str, str] | None = None, given: str = "") -> str:
        """Run a program to its end in a session without a terminal; return what it printed."""
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            env={**self.environ, **(more or {})},
            cwd=self.folder,
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(_ended(command, done.returncode, done.stderr))
        return done.stdout

    def seconds(self, *command: str, more: Mapping[str, str] | None = None, given: str = "") -> float:
        """How long a program takes from its start to its end, seen from outside."""
        begun = time.perf_counter()
        self.run(*command, more=more, given=given)
        return time.perf_counter() - begun

    def megabytes(self, *command: str) -> float:
        """The most memory that a program has at one time."""
        code, peak = self.run(self.python, "-c", _PEAK, *command).split()
        if code != "0":
            raise RuntimeError(_ended(command, int(code), ""))
        return int(peak) * (1 if sys.platform == "darwin" else 1024) / 2**20

    def on_terminal(self, *command: str) -> str:
        """Run a program whose output is a terminal; return what it printed."""
        outer, inner = pty.openpty()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=inner,
            stderr=inner,
            env={**self.environ, "COLUMNS": "120"},
            cwd=self.folder,
            start_new_session=True,
        )
        os.close(inner)
        printed = b""
        try:
            while block := os.read(outer, 65536):
                printed += block
        except OSError:  # Linux says EIO where others say end of file
            pass
        finally:
            os.close(outer)
        if process.wait():
            raise RuntimeError(_ended(command, process.returncode, printed.decode()))
        return printed.decode()


def _ended(command: Sequence[str], code: int, printed: str) -> str:
    """In one line how a program ended that should have ended otherwise."""
    words = " ".join([Path(command[0]).name, *command[1:]]).split("\n")[0]
    return f"{words[:80]}: exit code {code}: {(printed.strip().splitlines() or [''])[-1]}"


@contextmanager
def installed(tree: Path) -> Iterator[Place]:
    """Install the stui of a tree. Besides it only what a team's store needs is there: `site` has little to do."""
    with tempfile.TemporaryDirectory(prefix="stui-bench-") as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=False, symlinks=True)
        programs = folder / "venv" / "bin"
        pip = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", "--quiet"]
        subprocess.run([*pip, f"{tree}[postgresql]"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        environ = {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "PATH": os.environ.get("PATH", os.defpath)}
        with Place(tree, programs, folder, environ).fresh() as place:
            yield place


@contextmanager
def worktree(commit: str) -> Iterator[Path]:
    """The tree of a commit, in a folder that goes again. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory(prefix="stui-tree-") as name:
        tree = Path(name) / "tree"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=False)
            shutil.rmtree(tree, ignore_errors=True)
            subprocess.run([*git, "prune"], check=False)
