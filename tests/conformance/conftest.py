"""Images to run the cases against: GNU Smalltalk with the agent that we ship, and agents in Python."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import tomllib
from typing import TYPE_CHECKING

import pytest

from stui_cli.image.keys import fresh_key_file
from stui_cli.local.dialects import agent_files
from stui_cli.model.images import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PATIENCE_S = 20


@contextlib.contextmanager
def launched(gst_path: str, folder: Path, auth: str) -> Iterator[Image]:
    """A GNU Smalltalk with the agent, told to ask for `auth`; its process group ends with the context."""
    folder.mkdir()
    settings = {"name": "alpha", "bind": "127.0.0.1", "auth": auth, "imageId": "", "runtimeDirectory": str(folder)}
    if auth != "none":
        fresh_key_file(folder / "keys")
        settings["keyFile"] = str(folder / "keys")
    start = folder / "start.st"
    pairs = " ".join(f"#{name} '{value}'" for name, value in settings.items())
    start.write_text(f"StuiAgent startWith: #(#port 0 {pairs})!\n")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["gst", "-q", "-g", *map(str, agent_files("gst")), str(start)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "PATH": gst_path},
            start_new_session=True,
        )
    try:
        until = time.monotonic() + _PATIENCE_S
        while not (found := list(folder.glob("*.toml"))):
            assert process.poll() is None, (folder / "log").read_text()[-2000:]
            assert time.monotonic() < until, "no runtime file: " + (folder / "log").read_text()[-2000:]
            time.sleep(0.01)
        address = tomllib.loads(found[0].read_text())["address"]
        yield Image("alpha", address, 0, key_file=settings.get("keyFile"))
        assert process.poll() is None, "the image ended meanwhile: " + (folder / "log").read_text()[-2000:]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys for agents in Python, one per role."""
    path = tmp_path_factory.mktemp("keys") / "keys"
    fresh_key_file(path)
    return path


@pytest.fixture(scope="session")
def keys(key_file: Path) -> dict[str, tuple[str, bytes]]:
    """What is in the file, as an agent reads it."""
    lines = [line.split() for line in key_file.read_text().splitlines() if not line.startswith("#")]
    return {key_id: (role, bytes.fromhex(secret)) for key_id, role, secret in lines}


@pytest.fixture(scope="session")
def launch(
    gst_path: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], contextlib.AbstractContextManager[Image]]:
    """Start a GNU Smalltalk that asks for the authentication named."""
    return lambda auth: launched(gst_path, tmp_path_factory.mktemp("gst") / auth, auth)
