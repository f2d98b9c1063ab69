"""Code that ran, and code that was looked at, as records."""

from dataclasses import dataclass, field
from typing import Self

from stui_cli.contract.records.record import ASIDE, Record, Records
from stui_cli.model.errors import StuiError
from stui_cli.model.times import Moment


@dataclass(frozen=True, kw_only=True)
class ValueRecord(Record):
    """What code returned."""

    print: str  # the value as text
    class_name: str
    truncated: bool  # whether the text was cut at the limit
    ref: int | None  # the number under which its session keeps it


@dataclass(frozen=True, kw_only=True)
class ErrorRecord(Record):
    """What code raised, or why it did not compile."""

    class_name: str
    message: str
    line: int | None  # of the source, from 1
    column: int | None  # from 1
    stack: tuple[str, ...]  # the frames, innermost first


@dataclass(frozen=True, kw_only=True)
class EvaluationRecord(Record):
    """What came of an evaluation."""

    image: str
    session: str | None
    outcome: str  # returned, raised, not_run (it did not compile, or was never sent) or unknown
    value: ValueRecord | None  # what it returned
    error: ErrorRecord | None  # what it raised, or why it did not compile
    output: str  # what it wrote on the Transcript
    output_truncated: bool  # whether that lost its end
    elapsed_ms: int | None  # how long it ran
    incarnation: str | None  # of the image in which it ran
    failure: StuiError | None = field(default=None, compare=False, metadata=ASIDE)  # why there is no value

    def checked(self) -> Self:
        """The evaluation if it returned a value. Raises its failure if not."""
        if self.failure is not None:
            raise self.failure
        return self


@dataclass(frozen=True, kw_only=True)
class SlotRecord(Record):
    """One slot of an object."""

    name: str  # of an indexed slot its index
    class_name: str
    print: str
    ref: int | None
    named: "tuple[SlotRecord, ...] | None" = None  # its own slots, where depth asks for them
    indexed: "tuple[SlotRecord, ...] | None" = None  # likewise

    def as_dict(self) -> dict[str, object]:
        """The slot; with its own slots where they were asked for."""
        asked = ("named", self.named), ("indexed", self.indexed)
        return {k: v for k, v in super().as_dict().items() if (k, None) not in asked}


@dataclass(frozen=True, kw_only=True)
class InspectionRecord(Record):
    """An object with its slots."""

    class_name: str
    print: str
    hash: int  # the same for the same object as long as it lives
    size: int  # how many indexed slots it has in all
    ref: int | None  # the number under which its session keeps it
    named: tuple[SlotRecord, ...]
    indexed: tuple[SlotRecord, ...]  # the page of them that was asked for


@dataclass(frozen=True, kw_only=True)
class PieceRecord(Record):
    """A piece of a file that was loaded: a class, a method, statements."""

    image: str
    session: str | None
    file: str
    kind: str
    name: str | None
    line: int  # where it begins
    outcome: str  # returned, raised or not_run
    value: ValueRecord | None
    error: ErrorRecord | None
    output: str


@dataclass(frozen=True, kw_only=True)
class LoadRecord(Records):
    """What came of files in one image."""

    image: str
    session: str | None
    pieces: tuple[PieceRecord, ...]
    not_loaded: tuple[str, ...]  # files that were not sent after a failure

    @property
    def records(self) -> tuple[PieceRecord, ...]:
        """The pieces."""
        return self.pieces


@dataclass(frozen=True, kw_only=True)
class TestedRecord(Record):
    """A test that ran."""

    name: str  # CLASS>>SELECTOR
    image: str
    class_name: str
    selector: str
    outcome: str  # passed, failed, error or skipped
    message: str | None
    stack: tuple[str, ...]
    output: str
    elapsed_ms: int


@dataclass(frozen=True, kw_only=True)
class SuiteRecord(Records):
    """The tests that ran in one image."""

    image: str
    tests: tuple[TestedRecord, ...]
    total: int | None  # how many were to run; None where that was not told

    @property
    def records(self) -> tuple[TestedRecord, ...]:
        """The tests."""
        return self.tests

    @property
    def passed(self) -> bool:
        """Whether all that was to run ran, and nothing failed."""
        return not self.failures and all(test.outcome in ("passed", "skipped") for test in self.tests)


@dataclass(frozen=True, kw_only=True)
class CodeRecord(Record):
    """A package, a class or a method. What is not told of its kind is None."""

    name: str
    image: str
    package: str | None
    class_name: str | None
    side: str | None  # instance or class
    selector: str | None
    category: str | None
    superclass: str | None
    source: str | None


@dataclass(frozen=True, kw_only=True)
class DifferenceRecord(CodeRecord):
    """A thing that two images have not alike."""

    against: str  # the other image
    difference: str  # missing or differs
    only_in: str | None  # the image that alone has it
    there: str | None  # its source in the other image


@dataclass(frozen=True, kw_only=True)
class JobRecord(Record):
    """Something that runs in an image, or waits for its turn."""

    image: str
    id: str
    state: str  # running, waiting or unattended
    session: str | None
    session_id: str | None
    client_id: str | None
    ours: bool  # whether this stui asked for it
    method: str
    source: str  # its beginning
    started_at: Moment | None
    elapsed_ms: int
