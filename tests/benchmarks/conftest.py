"""stui as its users install it: a wheel in a virtual environment of its own, run by its console script."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from whole_processes import Installed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the virtual environment's programs. Nothing else is in it, so that `site` has nothing to do."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, str(ROOT)], check=True, stdout=subprocess.DEVNULL)
    return folder / "bin"


@pytest.fixture
def installed(installation: Path, home: Path) -> Installed:
    """The installed stui with an empty store."""
    kept = {name: os.environ[name] for name in ("HOME", "STUI_HOME", "XDG_RUNTIME_DIR", "PATH") if name in os.environ}
    return Installed(installation, home, kept | {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"})
