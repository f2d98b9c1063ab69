"""Two real images that all tests of this folder share, and stui in this very process.

Every test has a store of its own, and so a client of its own to the shared images: its sessions are its own too.
"""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from shell import Shell

from stui_cli.api import SessionManager, open_manager
from stui_cli.main import run
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.work.meant import terminals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stui_cli.model.images import Image
    from stui_cli.store.transaction import Draft


@dataclass(frozen=True)
class Said:
    """What one command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document["items"]
        return found


class Stui:
    """Runs commands in this process, as somebody without a terminal, or in one that is only named."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: str, terminal: str | None = None, stdin: bytes = b"") -> Said:
        self._monkeypatch.setattr(terminals, "terminal_key", lambda: terminal)
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        self._monkeypatch.setattr(sys, "argv", ["stui", *words])
        self._capsys.readouterr()
        code = run(list(words))
        printed = self._capsys.readouterr()
        return Said(code, printed.out, printed.err)

    def ok(self, *words: str, terminal: str | None = None, stdin: bytes = b"") -> str:
        """The output of a command that has to succeed."""
        said = self(*words, terminal=terminal, stdin=stdin)
        assert said.code == 0, said
        return said.out

    def items(self, *words: str, terminal: str | None = None) -> list[dict[str, Any]]:
        """The items of a command that has to succeed."""
        said = self(*words, "-o", "json", terminal=terminal)
        assert said.code == 0, said
        return said.items


@pytest.fixture
def stui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Stui:
    return Stui(monkeypatch, capsys)


@pytest.fixture
def manager() -> SessionManager:
    return open_manager()


def _register(manager: SessionManager, images: Sequence[Image]) -> None:
    """Put images into the registry of a test."""

    def change(draft: Draft) -> ImageDetails:
        draft.images.update({image.name: image for image in images})
        return ImageDetails(Kind.IMAGE_ADD, images[0].name)

    manager.store.commit(change)


@pytest.fixture(scope="session")
def shared_images(gst_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Image, Image]]:
    folder = tmp_path_factory.mktemp("shared")
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    environ = {
        "PATH": gst_path,
        "HOME": str(folder),
        "STUI_HOME": str(folder / "home"),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    shell = Shell(environ, folder)
    try:
        for name in ("alpha", "beta"):
            shell.ok("images", "launch", name, "--wait", "20s")
        made = open_manager(folder / "home").read().images
        yield made["alpha"]._replace(launch_directory=None), made["beta"]._replace(launch_directory=None)
    finally:
        shell.stui("images", "stop", "alpha", "beta")


@pytest.fixture
def two_images(shared_images: tuple[Image, Image], manager: SessionManager) -> tuple[Image, Image]:
    """alpha and beta, registered in the store of this test."""
    _register(manager, shared_images)
    return shared_images


@pytest.fixture
def another_home(
    shared_images: tuple[Image, Image], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[], None]:
    """From the call on stui is another user's: with a store of its own, in which alpha and beta are registered too."""

    def move() -> None:
        monkeypatch.setenv("STUI_HOME", str(tmp_path / "other"))
        _register(open_manager(), shared_images)

    return move
