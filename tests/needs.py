"""What a test needs of the machine it runs on: where that is missing, the test says so and is skipped.

With STUI_CI_TOOLS set it fails instead: `.ci/run` sets it where it has found every tool, so that nothing is left out
there unseen. A variable of its own, since CI is set on many machines that have no such promise to keep.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

# Looked at once: each test has its STUI_ variables taken away.
_PROMISED = bool(os.environ.get("STUI_CI_TOOLS"))


def missing(reason: str) -> NoReturn:
    """Skip the test that runs, or fail it where every tool was promised."""
    if _PROMISED:
        pytest.fail(f"STUI_CI_TOOLS says that everything is here, but {reason}")
    pytest.skip(reason)


def program(name: str) -> str:
    """The real path of a program that a test cannot do without."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed")
    return str(Path(found).resolve())
