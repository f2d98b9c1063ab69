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
    """What was looked at, and `found`; `wanted` is what should be there, and `todo` the next step: a command to paste,
    or what a person has to decide. Texts are as `Around` lets them be told: a report that is pasted gives nothing
    away."""

    of: str
    what: str
    verdict: Verdict
    wanted: str | None
    found: str
    todo: str | None = None


def passed(of: str, what: str, found: str, wanted: str | None = None) -> Observation:
    """All is well."""
    return Observation(of, what, Verdict.PASSED, wanted, found)


def skipped(of: str, what: str, found: str, todo: str | None = None) -> Observation:
    """It is not there, and need not be."""
    return Observation(of, what, Verdict.SKIPPED, None, found, todo)


def warning(of: str, what: str, found: str, todo: str, wanted: str | None = None) -> Observation:
    """Something works less well than it could."""
    return Observation(of, what, Verdict.WARNING, wanted, found, todo)


def problem(of: str, what: str, found: str, todo: str, wanted: str | None = None) -> Observation:
    """Something does not work, or is not safe."""
    return Observation(of, what, Verdict.FAILED, wanted, found, todo)
