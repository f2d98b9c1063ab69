"""What was changed and what was done: the operation log with its undo, and the audit log."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

from stui_cli.api.opened import Opened
from stui_cli.contract.records.logs import (
    AuditCheck,
    AuditRecord,
    OperationDescription,
    OperationRecord,
    ReversalRecord,
)

if TYPE_CHECKING:
    from stui_cli.store.undo.results import Reversal


class Logs(Opened):
    """The part of the manager that is about the logs."""

    def log(
        self, count: int | None = None, *, image: str | None = None, switches: bool = False
    ) -> list[OperationRecord]:
        """The newest `count` changes of the store, or all, newest first; of one image by its name then or its id now.
        Moves of context are left out without `switches`."""
        from stui_cli.work.log import LoggedChanges

        changes = LoggedChanges(self.store, count, self._name(image), switches=switches)
        return [OperationRecord.of(item) for item in changes.items()]

    def operation(self, number: int) -> OperationDescription:
        """One change with each record that it touched. Raises NotFound."""
        from stui_cli.work.log import in_full

        return OperationDescription.of(in_full(self.store, number))

    def undo(self, number: int | None = None) -> ReversalRecord:
        """Take back operation `number`, or the last one that is not taken back yet."""
        return _reversal(self.store.undo(number))

    def redo(self) -> ReversalRecord:
        """Do again what the last undo took back."""
        return _reversal(self.store.redo())

    def rollback(
        self, number: int | None = None, *, before: int | None = None, seen: int | None = None
    ) -> ReversalRecord:
        """Take back every change after operation `number` (0: all of them), or from the time `before` (ms) on.

        `seen` is the number of the last operation that was looked at: if another command changed something since it is
        Refused.
        """
        from stui_cli.model.errors import UsageProblem

        if (number is None) == (before is None):
            raise UsageProblem("a rollback needs either a number or a time", todo="give one of them")
        return _reversal(self.store.rollback(number, before=before, seen=seen))

    def audit(
        self, since: int | None = None, *, image: str | None = None, count: int | None = None
    ) -> list[AuditRecord]:
        """Who did what to which image from `since` (ms) on, oldest first; the newest `count` of it."""
        from stui_cli.contract.audit import audit_item
        from stui_cli.work.log import audited

        found = deque(audited(self.store, since, self._name(image)), count)
        return [AuditRecord.of(audit_item(entry, ended=ended)) for entry, ended in found]

    def verify_audit(self) -> AuditCheck:
        """Whether no line of the audit log was changed or removed."""
        from stui_cli.contract.audit import verdict_item

        verdict = self.store.verify_audit()
        return AuditCheck.of(verdict_item(verdict, verdict.file.rpartition(os.sep)[2]))

    def _name(self, named: str | None) -> str | None:
        """The name of an image that may be named by its id; one that is not registered any more as it is named."""
        from stui_cli.model.state import image_of_id

        if named is None:
            return None
        image = image_of_id(self.read(), named)
        return named if image is None else image.name


def _reversal(reversal: Reversal) -> ReversalRecord:
    from stui_cli.contract.operation import operation_item

    made = reversal.operation
    return ReversalRecord(
        operation=None if made is None else OperationRecord.of(operation_item(made, None)),
        taken_back=tuple(OperationRecord.of(operation_item(each, None)) for each in reversal.taken_back),
        left=reversal.left,
        failures=(),
        warnings=tuple(f"{lasting.what}; {lasting.todo}" for lasting in reversal.lasting),
    )
