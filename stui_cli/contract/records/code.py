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
    class_name: str  # the name of its class
    truncated: bool  # whether the text was cut at the limit
    ref: int | None  # the number under which its session keeps it


@dataclass(frozen=True, kw_only=True)
class ErrorRecord(Record):
    """What code raised, or why it did not compile."""

    class_name: str  # of the exception
    message: str  # what it says
    line: int | None  # of the source, from 1
    column: int | None  # from 1
    stack: tuple[str, ...]  # the frames, innermost first


@dataclass(frozen=True, kw_only=True)
class EvaluationRecord(Record):
    """What came of an evaluation."""

    image: str  # where it ran, or was to
    session: str | None  # in which session; None for none
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
    class_name: str  # of its value
    print: str  # its value as text
    ref: int | None  # the number under which the session keeps it
    named: "tuple[SlotRecord, ...] | None" = None  # its own slots, where depth asks for them
    indexed: "tuple[SlotRecord, ...] | None" = None  # likewise

    def as_dict(self) -> dict[str, object]:
        """The slot; with its own slots where they were asked for."""
        asked = ("named", self.named), ("indexed", self.indexed)
        return {k: v for k, v in super().as_dict().items() if (k, None) not in asked}


@dataclass(frozen=True, kw_only=True)
class InspectionRecord(Record):
    """An object with its slots."""

    class_name: str  # of the object
    print: str  # the object as text
    hash: int  # the same for the same object as long as it lives
    size: int  # how many indexed slots it has in all
    ref: int | None  # the number under which its session keeps it
    named: tuple[SlotRecord, ...]  # its named slots, all of them
    indexed: tuple[SlotRecord, ...]  # the page of them that was asked for


@dataclass(frozen=True, kw_only=True)
class PieceRecord(Record):
    """A piece of a file that was loaded: a class, a method, statements."""

    image: str  # where it was loaded
    session: str | None  # in which session; None for none
    file: str  # where it stands
    kind: str  # class, method, statements and the like
    name: str | None  # of the class or the method
    line: int  # where it begins
    outcome: str  # returned, raised or not_run
    value: ValueRecord | None  # what statements returned
    error: ErrorRecord | None  # what went wrong
    output: str  # what it wrote on the Transcript


@dataclass(frozen=True, kw_only=True)
class LoadRecord(Records):
    """What came of files in one image."""

    image: str  # where they were loaded
    session: str | None  # in which session; None for none
    pieces: tuple[PieceRecord, ...]  # of all the files, in order
    not_loaded: tuple[str, ...]  # files that were not sent after a failure

    @property
    def records(self) -> tuple[PieceRecord, ...]:
        """The pieces."""
        return self.pieces


@dataclass(frozen=True, kw_only=True)
class TestedRecord(Record):
    """A test that ran."""

    name: str  # CLASS>>SELECTOR
    image: str  # where it ran
    class_name: str  # its class
    selector: str  # its method
    outcome: str  # passed, failed, error or skipped
    message: str | None  # why it did not pass
    stack: tuple[str, ...]  # the frames, innermost first
    output: str  # what it wrote on the Transcript
    elapsed_ms: int  # how long it ran


@dataclass(frozen=True, kw_only=True)
class SuiteRecord(Records):
    """The tests that ran in one image."""

    image: str  # where they ran
    tests: tuple[TestedRecord, ...]  # in the order in which they ended
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

    name: str  # as `browse` takes it
    image: str  # where it is
    package: str | None  # the one that it is in
    class_name: str | None  # the class, or that of the method
    side: str | None  # instance or class
    selector: str | None  # of a method
    category: str | None  # of a class, or the protocol of a method
    superclass: str | None  # of a class
    source: str | None  # its text, where it was asked for


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

    image: str  # where it runs
    id: str  # what `interrupt` takes
    state: str  # running, waiting or unattended
    session: str | None  # its name here, where it is one of this stui's
    session_id: str | None  # the UUID of its session
    client_id: str | None  # who asked for it, where that is ours to know
    ours: bool  # whether this stui asked for it
    method: str  # evaluate, load_source and the like
    source: str  # its beginning
    started_at: Moment | None  # None for one that waits
    elapsed_ms: int  # since it was sent
