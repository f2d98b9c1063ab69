"""What comes of a case."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passed:
    """The agent does what the case asks for."""


@dataclass(frozen=True)
class Deviated:
    """It does something else. Both texts may quote the agent: they are foreign."""

    expected: str
    got: str


@dataclass(frozen=True)
class Skipped:
    """The case could not be tried here; `why` is what it needs."""

    why: str


@dataclass(frozen=True)
class Warned:
    """The Smalltalk itself has a defect that is known of it; no agent can help it. `got` ends with what it means."""

    expected: str
    got: str


Verdict = Passed | Deviated | Skipped | Warned


class Deviation(Exception):
    """Raised inside a case: the agent did `got` where `expected` is the rule."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


class NotHere(Exception):
    """Raised inside a case: it needs what this run does not have."""


class KnownDefect(Exception):
    """Raised inside a case of a known defect: the image has it."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


def expect(holds: bool, expected: str, got: object) -> None:
    """Raise Deviation unless `holds`."""
    if not holds:
        raise Deviation(expected, shortened(got))


def shortened(value: object) -> str:
    """A foreign value for a person: short, and never endless."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 200 else f"{text[:200]}... ({len(text):,} characters)"
