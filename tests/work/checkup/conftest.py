"""`stui doctor` of this machine, in a home of the test's own, and what it advises pasted into a real shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stui_cli.api import open_manager
from stui_cli.main import run
from stui_cli.model.operations import ImageDetails, Kind

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.store.transaction import Draft

ROOT = Path(__file__).resolve().parents[3]


class Doctor:
    """Runs it; `said` is all that the last run printed, `code` how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys = capsys
        self._folder = folder
        self.said = ""
        self.code = 0

    def run(self, *words: str) -> str:
        self._capsys.readouterr()
        self.code = run(["doctor", *words])
        printed = self._capsys.readouterr()
        self.said = printed.out + printed.err
        return printed.out

    def items(self, *words: str) -> dict[str, dict[str, str]]:
        """Each finding by `request/case`."""
        items = json.loads(self.run("-o", "json", *words))["items"]
        return {f"{item['request']}/{item['case']}": item for item in items}

    def __call__(self, name: str, *words: str) -> tuple[str, str]:
        """The verdict of one finding, and what was found."""
        item = self.items(*words)[name]
        return item["verdict"], item["got"]

    def paste(self, name: str, *words: str, shell: str = "/bin/sh") -> None:
        """What one finding advises, as a person pastes it."""
        (self._folder / "bin").mkdir(exist_ok=True)
        stui = self._folder / "bin" / "stui"
        stui.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stui_cli "$@"\n')
        stui.chmod(0o755)
        path = f"{stui.parent}{os.pathsep}{os.environ['PATH']}"
        environ = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
        todo = self.items(*words)[name]["todo"]
        done = subprocess.run([shell, "-c", todo], capture_output=True, text=True, env=environ, check=False)
        assert done.returncode == 0, (todo, done)


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Doctor:
    return Doctor(capsys, tmp_path)


class Registered:
    """Puts images into the registry of the test."""

    def __call__(self, *images: Image) -> None:
        def change(draft: Draft) -> ImageDetails:
            draft.images.update({image.name: image for image in images})
            return ImageDetails(Kind.IMAGE_ADD, images[0].name)

        open_manager().store.commit(change)


@pytest.fixture
def register() -> Registered:
    return Registered()
