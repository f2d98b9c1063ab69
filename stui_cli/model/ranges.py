"""Ranges of latencies as the Nagios plug-in development guidelines write thresholds ("Threshold and Ranges"):

    10        below 0 or above 10      ~:10      above 10
    10:       below 10                 10:20     below 10 or above 20
    @10:20    from 10 to 20

Each end is a duration as everywhere in stui: a bare number is seconds. Values are in ms.
"""

from __future__ import annotations

import math

from stui_cli.model.durations import parse_duration
from stui_cli.model.errors import UsageProblem
from stui_cli.named_tuples import NamedTuple

FORMS = "write 10, 500ms, 10:, ~:10, 10:20 or @10:20; a number without a unit is seconds"


class Range(NamedTuple):
    """From `low` to `high` in ms, both included; what lies outside it alerts, or with `inside` what lies in it."""

    low: float = 0.0
    high: float = math.inf
    inside: bool = False

    def alerts(self, ms: float) -> bool:
        return (self.low <= ms <= self.high) == self.inside

    def __str__(self) -> str:
        """As the guidelines write it, in ms."""
        low = "~:" if self.low == -math.inf else f"{self.low:.0f}:" if self.low or self.high == math.inf else ""
        high = "" if self.high == math.inf else f"{self.high:.0f}"
        return f"{'@' if self.inside else ''}{low}{high}"

    @property
    def words(self) -> str:
        """Where it alerts, for people."""
        if self.inside:
            return f"in {str(self)[1:]} ms"
        if self.low <= 0:
            return f"above {self.high:.0f} ms"
        return f"below {self.low:.0f} ms" if self.high == math.inf else f"outside {self} ms"


def parse_range(text: str) -> Range:
    """The range that a person wrote. Raises UsageProblem for anything else."""
    inside, bare = text.startswith("@"), text.removeprefix("@")
    low, colon, high = bare.partition(":")
    if not colon:
        low, high = "", bare
    if not (low or high):
        raise _wrong(text)
    try:
        start = -math.inf if low == "~" else float(parse_duration(low)) if low else 0.0
        end = float(parse_duration(high)) if high else math.inf
    except UsageProblem as error:
        raise _wrong(text) from error
    if start > end:
        raise UsageProblem(f"{text!r} begins above its end", todo=FORMS)
    return Range(start, end, inside)


def is_never_seen(warning: Range, critical: Range) -> bool:
    """Whether every latency that is a warning is critical, too, and more are critical than that: two thresholds that
    were mixed up."""
    ends = sorted({end for each in (warning, critical) for end in each[:2] if 0 < end < math.inf})
    between = [(low + high) / 2 for low, high in zip([0.0, *ends], ends, strict=False)]
    warned, cried = zip(
        *((warning.alerts(ms), critical.alerts(ms)) for ms in (0.0, *ends, *between, ends[-1] + 1 if ends else 1.0)),
        strict=True,
    )
    return warned != cried and all(loud or not low for low, loud in zip(warned, cried, strict=True))


def _wrong(text: str) -> UsageProblem:
    return UsageProblem(f"{text!r} is no range of latencies", todo=FORMS)
