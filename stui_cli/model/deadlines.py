"""One deadline for a whole call, however many reads it takes."""

import time
from typing import NamedTuple, Self


class Deadline(NamedTuple):
    """A point of the monotonic clock. `seconds` is what was allowed, for messages."""

    at: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        return cls(time.monotonic() + seconds, seconds)

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - time.monotonic())

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self.at
