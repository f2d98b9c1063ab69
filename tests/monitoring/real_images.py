"""GNU Smalltalk images at a port and with an id and keys that the test chooses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

from shell import wait_until

from stui_cli.image.keys import fresh_key_file
from stui_cli.local.dialects import agent_files

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


def free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


class Gst:
    """One place where an image runs, and another after it, always at the same port. Left, the last one is ended."""

    def __init__(self, path: str, folder: Path) -> None:
        self._environ = {**os.environ, "PATH": path}
        self._folder = folder
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Gst:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def keys(self, name: str = "keys") -> Path:
        path = self._folder / name
        fresh_key_file(path)
        return path

    def start(self, image_id: str, keys: Path | None = None) -> None:
        """Start an image and wait until its agent listens."""
        runtime = self._folder / f"runtime-{os.urandom(4).hex()}"
        runtime.mkdir(mode=0o700)
        auth = "none" if keys is None else "hmac-sha256"
        words = {"name": "real", "auth": auth, "keyFile": keys or "", "imageId": image_id, "runtimeDirectory": runtime}
        settings = " ".join(f"#{key} '{value}'" for key, value in words.items())
        program = self._folder / "start.st"
        program.write_text(f"StuiAgent startWith: #({settings} #port {self.port})!\n")
        log = self._folder / "log"
        with log.open("ab") as output:
            self.process = process = subprocess.Popen(
                ["gst", "-q", "-g", *map(str, agent_files("gst")), str(program)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._folder,
                env=self._environ,
                start_new_session=True,
            )

        def is_ready() -> bool:
            assert process.poll() is None, log.read_text(errors="replace")
            return any(runtime.glob("*.toml"))

        wait_until(is_ready, "the agent listens", 20)

    def signal(self, number: int) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """kill -9, as the kernel does it to a process that takes too much."""
        if self.process is not None:
            self.signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
