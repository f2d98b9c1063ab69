"""The operation log and the audit log as records."""

from collections.abc import Mapping
from dataclasses import dataclass

from stui_cli.contract.records.record import Record, Records
from stui_cli.model.times import Moment


@dataclass(frozen=True, kw_only=True)
class OperationRecord(Record):
    """One committed change of the store."""

    number: int  # from 1
    time: Moment  # when it was committed
    user: str  # who did it
    host: str  # on which machine
    pid: int  # in which process
    command: str  # by which command line
    kind: str  # session.create and the like
    details: Mapping[str, object]  # what it was about, by kind
    undone_by: int | None  # the number of the operation that took it back
    summary: str  # it in one line


@dataclass(frozen=True, kw_only=True)
class OperationDescription(OperationRecord):
    """One operation with each record that it changed."""

    changes: tuple[Mapping[str, object], ...]  # record, and its fields before and after


@dataclass(frozen=True, kw_only=True)
class AuditRecord(Record):
    """A line of the audit log."""

    time: Moment  # when it was done
    user: str  # who did it
    host: str  # on which machine
    pid: int  # in which process
    command: str  # by which command line
    action: str  # an operation's kind, evaluate, or what was refused
    image: str | None  # what it was done to
    images: tuple[str, ...]  # all of them, where it was about several
    session: str | None  # in which session
    role: str | None  # what the key allowed
    outcome: str | None  # how it ended
    ended: bool | None  # of an act that began: whether its end is recorded
    source: str | None  # what was evaluated, or its hash
    operation: int | None  # the number of a change in the operation log


@dataclass(frozen=True, kw_only=True)
class AuditCheck(Record):
    """Whether the chain of hashes of the audit log holds."""

    name: str  # the file that ends it, or in which it breaks
    sound: bool  # whether it holds to its end
    lines: int  # how many there are
    line: int | None  # the first that does not fit
    reason: str  # what does not fit


@dataclass(frozen=True, kw_only=True)
class ReversalRecord(Records):
    """What an undo, a redo or a rollback did."""

    operation: OperationRecord | None  # the new operation; None where nothing could be, or was to be, changed
    taken_back: tuple[OperationRecord, ...]  # newest first; of a redo the one that is done again
    left: tuple[str, ...]  # what stays as it is, and why

    @property
    def records(self) -> tuple[OperationRecord, ...]:
        """The new operation."""
        return () if self.operation is None else (self.operation,)
