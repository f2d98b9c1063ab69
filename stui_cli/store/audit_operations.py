"""What the audit log says of operations: for whoever appends a line that is missing, and for its readers."""

from __future__ import annotations

from typing import assert_never

from stui_cli.model.audit import AuditEntry
from stui_cli.model.operation_texts import images_of
from stui_cli.model.operations import (
    CleanupDetails,
    ImageDetails,
    Kind,
    Operation,
    Removal,
    RepairDetails,
    ReversalDetails,
    SessionDetails,
    SwitchDetails,
)


def entry_for(operation: Operation) -> AuditEntry:
    """The entry of an operation."""
    image: str | None = None
    session: str | None = None
    outcome = "done"
    match operation.details:
        case ImageDetails(_, image):
            pass
        case SessionDetails(_, image, session):
            pass
        case SwitchDetails(_, _, left, entered):
            outcome = f"{left or '-'} -> {entered or '-'}"
        case CleanupDetails(_, removed):
            outcome = ", ".join(map(str, removed))
        case ReversalDetails(_, operations):
            outcome = f"operations {', '.join(map(str, operations))}"
        case RepairDetails(_, damaged, _):
            outcome = ", ".join(damaged)
        case _:
            assert_never(operation.details)
    return AuditEntry(
        operation.time, operation.actor, str(operation.details.kind), image, session,
        outcome=outcome, operation=operation.number,
        images=() if image is not None else tuple(sorted(images_of(operation.details))),
    )  # fmt: skip


def with_images(entry: AuditEntry) -> AuditEntry:
    """A line of an earlier stui: of a sweep it names the images in its outcome."""
    if entry.action != Kind.CLEANUP or entry.image is not None or entry.outcome is None:
        return entry
    return entry._replace(images=tuple(sorted({Removal.of_text(each).image for each in entry.outcome.split(", ")})))
