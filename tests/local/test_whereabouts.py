"""Whether a launched image runs: what is said where it cannot be known."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from farm import refusing_address

from stui_cli.local.launching import whereabouts
from stui_cli.local.processes import Liveness
from stui_cli.model.images import Image

if TYPE_CHECKING:
    from pathlib import Path


def test_the_address_that_was_asked_is_told_once(tmp_path: Path) -> None:
    """An older stui launched it and left no marks; its runtime file is gone, and something works in its folder."""
    (tmp_path / "agent").write_text("/nowhere/alpha-1.toml")
    with (
        refusing_address() as address,
        subprocess.Popen([sys.executable, "-c", "input()"], cwd=tmp_path, stdin=subprocess.PIPE) as working,
    ):
        image = Image("alpha", address, 0, image_id="i", launch_directory=str(tmp_path))
        found = whereabouts(image, tmp_path, "me", os.environ)
        working.terminate()
    assert found.liveness is Liveness.UNKNOWN
    assert found.evidence.endswith(f"is not there; {address}: nobody listens there")
    assert found.evidence.count(address) == 1
