"""A server of OpenSSH for the tests of a module, a runtime folder with a short path, and no ssh that is left."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sshd import Sshd, end_all_of, running

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
        left = end_all_of(run)
        server.drop()
        assert not left, f"left behind: {left}"
