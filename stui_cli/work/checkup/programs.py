"""The programs that stui needs, and those that it can use."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from stui_cli.local.dialects import DIALECTS
from stui_cli.work.checkup.observation import Observation, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.work.workbench import Workbench


def look_for_programs(bench: Workbench) -> Iterator[Observation]:
    """Python, the machines of the dialects, ssh and fzf."""
    version = ".".join(map(str, sys.version_info[:3]))
    new_enough = Verdict.PASSED if sys.version_info >= (3, 11) else Verdict.FAILED
    yield Observation("machine", "python", new_enough, "3.11 or newer", version)
    for row in (row for row in DIALECTS.values() if row.embedded):
        told = f"{row.packages}: stui images launch --dialect {row.name} NAME"
        yield Observation("machine", row.name, Verdict.PASSED, None, told)
    others = [row for row in DIALECTS.values() if not row.embedded]
    uses = {row.program: f"to launch {row.title} images ({row.packages})" for row in others} | {
        "ssh": "to reach images at ssh:// addresses (openssh-client)",
        "fzf": "to pick images and sessions from a list",
    }
    for program, use in uses.items():
        found = shutil.which(program, path=bench.environ.get("PATH"))
        verdict = Verdict.PASSED if found else Verdict.SKIPPED
        yield Observation("machine", program, verdict, None, found or f"not on the PATH; {use}")
