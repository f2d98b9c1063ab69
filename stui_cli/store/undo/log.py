"""The operation log as an undo reads it: which operations are undone, and which one is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound
from stui_cli.model.operations import Kind, Operation, ReversalDetails, by_number_only
from stui_cli.model.state import State
from stui_cli.store.operation_log import logged
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.store.operations import Logged
    from stui_cli.store.transaction import Place


def with_undoers(operations: Iterable[Operation]) -> Iterator[tuple[Operation, int | None]]:
    """Each of `operations` (newest first) with the one that undid it, None where it holds. What undoes or redoes one
    comes after it, so nothing older need be read."""
    settled: dict[int, int | None] = {}
    for operation in operations:
        yield operation, settled.pop(operation.number, None)
        _settle(settled, operation)


def undone(operations: Iterable[Operation]) -> dict[int, int]:
    """Which operations are undone by these (newest first), each with the one that did it."""
    settled: dict[int, int | None] = {}
    for operation in operations:
        _settle(settled, operation)
    return {number: by for number, by in settled.items() if by is not None}


def _settle(settled: dict[int, int | None], operation: Operation) -> None:
    """Note what an operation undid or redid: the newest word holds."""
    details = operation.details
    if isinstance(details, ReversalDetails) and details.kind is not Kind.ROLLBACK:
        for number in details.operations:
            settled.setdefault(number, operation.number if details.kind is Kind.UNDO else None)


class Log:
    """The operation log as it is under the lock, each operation read once."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._present = place.backend.read_head() or State()
        self._read: dict[int, Logged] = {}

    def present(self) -> State:
        return self._present

    def read(self, number: int) -> Logged:
        if number not in self._read:
            self._read[number] = logged(self._place.backend, self._present.head, number)
        return self._read[number]

    def state(self, number: int) -> State:
        return State() if number == 0 else self.read(number).state()

    def operations(self, above: int = 0) -> Iterator[Operation]:
        """Those above a number, newest first; damaged ones are left out."""
        for number in self._place.backend.list_operations(self._present.head):
            if number <= above:
                return
            try:
                yield self._place.backend.read_operation(number).operation
            except Damaged as damage:
                self._place.announce(f"warning: {damage.what}; operation {number} is left out. {damage.todo}")

    def last_that_holds(self) -> int:
        """The last operation that was done and not undone, or undone and redone. Switches and kept checkpoints are
        passed over: nobody made them by mistake, and another terminal's are not this one's to take back unseen.

        What undid or redid an operation comes after it, so one look back is enough, and the log may be long.
        """
        settled: set[int] = set()
        passed_over = False
        for operation in self.operations():
            match operation.details:
                case ReversalDetails(kind=Kind.UNDO | Kind.REDO as kind, operations=numbers):
                    holding = [number for number in numbers if kind is Kind.REDO and number not in settled]
                    settled.update(numbers)
                case _:
                    holding = [operation.number] if operation.number not in settled else []
            for number in holding:
                done = operation if number == operation.number else self.read(number).operation
                if not by_number_only(done.details):
                    return number
                passed_over = True
        todo = "switches are undone by their number: stui log --all" if passed_over else ""
        raise NotFound("there is nothing to undo", todo=todo)

    def newest_before(self, time: int, skipped: list[str]) -> int:
        """The newest sound operation from before `time`; 0 if all are later. What had to be passed over goes to
        `skipped`."""
        oldest: Operation | None = None
        for number in self._place.backend.list_operations(self._present.head):
            try:
                oldest = self.read(number).operation
            except Damaged as damage:
                skipped.append(f"operation {number} cannot be returned to: {damage.what}")
                continue
            if oldest.time < time:
                return number
        if oldest is not None and oldest.parent is not None:
            raise NotFound(
                f"the log begins after that time, with operation {oldest.number}",
                todo=f"stui rollback {oldest.number} returns to the oldest state that is kept",
            )
        return 0
