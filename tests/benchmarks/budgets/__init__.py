"""What stui may cost: each budget a row, a ratio within one run. `python tests/benchmarks` prints them all."""

from __future__ import annotations

import sys
from pathlib import Path

# Helpers of the tests (farm, gnu_smalltalk, team_server, wire) are imported by their plain names, as the tests do.
_TESTS = Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(_TESTS), str(_TESTS / "agents")]
