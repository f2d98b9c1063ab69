"""A server of OpenSSH for the tests of a module, a runtime folder with a short path, and no ssh that is left."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sshd import Sshd, processes_with, running

from stui_cli.image.openssh import sharing

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Sshd]:
    with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as folder:
        yield from running(Sshd(Path(folder)))


@pytest.fixture
def sshd(server: Sshd, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    """The server, for this process; its client's configuration as it was made, its masters ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as run:
        monkeypatch.setenv("XDG_RUNTIME_DIR", run)
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        server.know_host()
        server.configure()
        (server.folder / "calls").unlink(missing_ok=True)
        monkeypatch.setattr(sharing, "_connections", {})
        yield server
        left = [pid for pid in processes_with(run) if not end(pid)]
        server.drop()
        assert not left, f"left behind: {left}"


def end(pid: int) -> bool:
    """End a process of ours, here a master that would end by itself after a minute; whether it did."""
    for number in (15, 9):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        until = time.monotonic() + 2
        while time.monotonic() < until:
            try:
                os.kill(pid, 0)
                if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    return True
            except OSError:
                return True
            time.sleep(0.01)
    return False
