"""One deadline for a whole conversation, however many requests and reads it takes."""

import time
from typing import Self

from stui_cli.named_tuples import NamedTuple


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

    def at_least(self, seconds: float) -> Self:
        """This deadline, or `seconds` from now if that is later: for what takes so long by its nature."""
        return self if self.remaining() >= seconds else self.after(seconds)

    def at_most(self, seconds: float) -> Self:
        """This deadline, or `seconds` from now if that is sooner: for what must leave time for others."""
        return self if self.remaining() <= seconds else self.after(seconds)

    def moved_to(self, left: float) -> Self:
        """The same allowance with `left` seconds of it left from now."""
        return self._replace(at=time.monotonic() + left)

    def rest(self) -> Self:
        """The same point, told as what is left of it: what comes late says for how long it really waited."""
        return self._replace(seconds=round(self.remaining(), 2))

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self.at
