"""A real terminal with a real shell in it, as tmux draws it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from needs import program
from shell import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]


class Tmux:
    """One window of a tmux server of its own, with an interactive bash."""

    def __init__(self, columns: int = 110, lines: int = 16) -> None:
        for each in ("tmux", "bash"):
            program(each)
        self._folder = tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp")
        self._socket = f"{self._folder.name}/tmux"
        self._size = columns, lines
        self._run = 0

    def __enter__(self) -> Tmux:
        environ = {**os.environ, "PS1": "$ ", "TERM": "screen-256color", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
        environ.pop("TMUX", None)
        self._tmux("new-session", "-d", "bash --norc --noprofile", environ=environ)
        self._tmux("set-option", "-g", "window-size", "manual")
        self._tmux("set-option", "-g", "status", "off")
        self.resize(*self._size)
        self.type(f"stui() {{ {sys.executable} -m stui_cli \"$@\"; }}; PS1='$ '; clear")
        self.wait(lambda screen: screen == ["$"], "the shell is ready")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tmux("kill-server")
        self._folder.cleanup()

    def type(self, line: str) -> None:
        self.press("-l", line)
        self.press("Enter")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def resize(self, columns: int, lines: int) -> None:
        """Give the window this size, and wait until the terminal in it has it: tmux takes its time to tell."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))
        terminal = os.open(self._tmux("display-message", "-p", "#{pane_tty}").strip(), os.O_RDONLY | os.O_NOCTTY)
        try:
            wait_until(lambda: os.get_terminal_size(terminal) == (columns, lines), "the terminal has its size", 15)
        finally:
            os.close(terminal)

    def screen(self) -> list[str]:
        """The lines on the screen, without the empty ones at the end."""
        return self._tmux("capture-pane", "-p").rstrip("\n").split("\n")

    def wait(self, holds: Callable[[list[str]], bool], what: str) -> list[str]:
        """The first screen for which the condition holds."""
        seen: list[str] = []

        def look() -> bool:
            seen[:] = self.screen()
            return holds(seen)

        try:
            wait_until(look, what, 15)
        except AssertionError as error:
            raise AssertionError(f"{error}; the screen is\n" + "\n".join(seen)) from error
        return list(seen)

    def run(self, line: str) -> list[str]:
        """Type a command and answer the screen that it leaves, from a cleared one on."""
        self._run += 1
        mark = f"{self._run} ended with "
        self.type(f"clear; {line}; echo {self._run} ended with $?")
        return self.wait(lambda screen: any(s.startswith(mark) for s in screen), line)

    def _tmux(self, *words: str, environ: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", self._socket, *words],
            capture_output=True,
            text=True,
            env=environ,
            timeout=20,
            check=True,
        )
        return done.stdout
