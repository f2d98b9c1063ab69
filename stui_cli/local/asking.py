"""What a small program of the system says, within a bounded time."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST = 64 * 1024


def said_by(words: Sequence[str], environ: Mapping[str, str], seconds: float) -> str | None:
    """What it prints, the beginning of it; None if it fails, is not there, or takes longer than `seconds`."""
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=True,
            env=dict(environ),
            start_new_session=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout[:_MOST].decode("utf-8", "replace")
