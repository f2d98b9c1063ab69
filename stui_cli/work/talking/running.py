"""Code under way in an image: what is heard of it, and what is known of it when it fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stui_cli.image.refusals import never_began
from stui_cli.model.errors import (
    ImageRefused,
    NotFound,
    NotPermitted,
    ProtocolBroken,
    Refused,
    StoreProblem,
    StuiError,
    TooLate,
    Unreachable,
    UsageProblem,
)
from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.evaluation import Evaluation

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.audit import AuditEntry
    from stui_cli.protocol.inspection import Inspection

# An image keeps as much of what one evaluation prints (its outputLimit, where nobody set another).
_MOST_HEARD = 1024 * 1024

# The image's answers to a request that it looked at and did not begin.
_BEFORE_IT_RUNS = frozenset(("InvalidRequest", "UnsupportedMethod"))


class Heard(NamedTuple):
    """What is known of an evaluation besides its value, also of one that failed. `elapsed_ms` is None for what was not
    sent; `output_truncated`: the output lost its end."""

    output: str
    elapsed_ms: int | None
    output_truncated: bool


NOTHING_HEARD = Heard("", None, False)


class ExpressionFault(NamedTuple):
    """What was wrong with an expression to look into: `outcome` is raised or not_run, `told` what the image says."""

    outcome: str
    told: str


def fault_of_expression(error: StuiError) -> ExpressionFault | None:
    """What the image says of an expression to look into; None where it refused something else."""
    if error.answer != "InvalidRequest":
        return None
    match error.details:
        case {"class": str(kind), "message": str(message)}:
            return ExpressionFault("raised", f"{kind}: {message}")
        case {"message": str(message)}:
            return ExpressionFault("raised", message)
        case _:
            _, mark, complaint = error.reason.partition(f" answered {error.answer}: expression: ")
            return ExpressionFault("not_run", complaint) if mark else None


class Running:
    """One piece of code under way: what it is, its line "began" of the audit log, and what was heard of it."""

    def __init__(self, kind: str, source: str, at: int, begun: AuditEntry) -> None:
        self.kind = kind
        self.source = source
        self.at = at
        self.begun = begun
        self.answer: Evaluation | Inspection | None = None
        self._started = time.monotonic()
        self._pieces: list[str] = []
        self._size = 0
        self._cut = False

    def has_its_turn(self) -> None:
        """What was sent ahead is waited for from now on."""
        self._started = time.monotonic()

    @property
    def output(self) -> str:
        """What it printed, as far as it was heard, up to a bound."""
        return "".join(self._pieces)

    @property
    def outcome(self) -> str:
        return self.answer.outcome if isinstance(self.answer, Evaluation) else "returned"

    def outcome_after(self, error: BaseException) -> str:
        """The outcome where no answer came but `error`; an expression to inspect that raised comes as an error too."""
        if not isinstance(error, StuiError):
            return "unknown"
        if self.kind == "inspect" and (fault := fault_of_expression(error)):
            return fault.outcome
        return outcome_of(error)

    def reason_after(self, error: StuiError) -> str:
        """What a history keeps of `error`: without the session's name, which stands beside it and may change."""
        fault = fault_of_expression(error) if self.kind == "inspect" else None
        return fault.told if fault else error.reason

    def listener(self, on_output: Callable[[str], None] | None) -> Callable[[str], None]:
        """Takes Transcript text as it appears, for what has to be told after a failure, and for who listens now."""

        def listen(text: str) -> None:
            self._cut = self._cut or self._size + len(text) > _MOST_HEARD
            if not self._cut:
                self._pieces.append(text)
                self._size += len(text)
            if on_output is not None:
                on_output(text)

        return listen

    def heard(self, error: BaseException) -> Heard:
        """What is known of one that failed: in the image's own words where it told them, else as heard and measured."""
        details = error.details if isinstance(error, StuiError) and isinstance(error.details, dict) else {}
        told, took = details.get("output"), details.get("elapsed_ms")
        whole = self.output
        if isinstance(told, str) and len(told) >= len(whole):
            whole = told
        if not isinstance(took, int) or isinstance(took, bool):
            took = round((time.monotonic() - self._started) * 1000)
        return Heard(whole, took, self._cut or details.get("output_truncated") is True)


def outcome_of(error: StuiError) -> str:
    """What is known of code that was to run, after a failure: not_run, or unknown where it may have run, whole or in
    part."""
    if never_began(error.details):
        return "not_run"
    match error:
        case ImageRefused():
            return "not_run" if error.answer in _BEFORE_IT_RUNS else "unknown"
        case TooLate() | ProtocolBroken():
            return "unknown"
        case Refused() | NotPermitted() | NotFound() | Unreachable() | UsageProblem() | StoreProblem():
            return "not_run"
        case _:
            return "unknown"
