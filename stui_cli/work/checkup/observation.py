"""What a check says: what was looked at, how it is, and what to do next where it is not as it should be."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """How something is. A warning is told and fails nothing; `skipped` is what this machine need not have."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Observation(NamedTuple):
    """What was looked at, and `found`; `wanted` is what should be there."""

    of: str
    what: str
    verdict: Verdict
    wanted: str | None
    found: str
