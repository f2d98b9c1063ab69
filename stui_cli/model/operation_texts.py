"""Operations in words and as items: what the log prints and `-o json` carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from stui_cli.model.operations import (
    CleanupDetails,
    Details,
    ImageDetails,
    Kind,
    RepairDetails,
    ReversalDetails,
    SessionDetails,
    SwitchDetails,
)
from stui_cli.model.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.operations import Operation


def operation_item(operation: Operation, undone_by: int | None) -> dict[str, object]:
    """One operation with the keys of DESIGN section 10, and `summary` for people."""
    details = _details_item(operation.details)
    return {
        "number": operation.number,
        "time": rfc3339(operation.time),
        "user": operation.actor.user,
        "host": operation.actor.host,
        "pid": operation.actor.pid,
        "command": operation.actor.command,
        "kind": operation.details.kind,
        "details": details,
        "undone_by": undone_by,
        "summary": summary(operation.details),
    }


def _details_item(details: Details) -> dict[str, object]:
    """The details without their kind, which stands beside them."""
    item = {key: value for key, value in details._asdict().items() if key != "kind"}
    match details:
        case CleanupDetails(removed=removed):
            item["removed"] = list(map(str, removed))
            item["sessions"] = [removal._asdict() for removal in removed]
        case SessionDetails(kept=kept):
            item["kept"] = None if kept is None else kept._asdict()
        case ImageDetails() | SwitchDetails() | ReversalDetails() | RepairDetails():
            pass
        case _:
            assert_never(details)
    return item


def images_of(details: Details) -> set[str]:
    """The names of the images that an operation touched, as far as it says."""
    match details:
        case ImageDetails(image=image, changed=changed):
            return {image, changed.get("name", image)}
        case SessionDetails(image=image):
            return {image}
        case SwitchDetails(left=left, entered=entered):
            return {target.partition("/")[0] for target in (left, entered) if target}
        case CleanupDetails(removed=removed):
            return {removal.image for removal in removed}
        case ReversalDetails(images=images):
            return set(images)
        case RepairDetails():
            return set()
        case _:
            assert_never(details)


def summary(details: Details) -> str:
    """What an operation did, in one line."""
    match details:
        case ImageDetails(kind, image, changed):
            return f"{_verb(kind)} image {image}{_changes(changed)}"
        case SessionDetails(kind, image, session, changed):
            return f"{_verb(kind)} session {image}/{session}{_changes(changed)}"
        case SwitchDetails(_, scope, left, entered):
            where = "the default" if scope == "default" else "a terminal"
            if entered is None:
                return f"forgot the context of {where} ({left})"
            return f"{where} went to {entered}" + (f" from {left}" if left else "")
        case CleanupDetails(_, removed):
            return f"swept {', '.join(map(str, removed))}" if removed else "swept the store"
        case ReversalDetails(kind, operations, state_of):
            numbers = ", ".join(map(str, operations))
            match kind:
                case Kind.ROLLBACK:
                    return f"rolled back to {state_of}"
                case Kind.REDO:
                    return f"did {numbers} again"
                case _:
                    return f"undid {numbers}"
        case RepairDetails(_, damaged, state_of):
            return f"restored the state of {state_of}; damaged: {', '.join(damaged)}"
        case _:
            assert_never(details)


def _verb(kind: Kind) -> str:
    word = kind.rpartition(".")[2]
    return {"add": "added", "close": "closed"}.get(word, f"{word}d" if word.endswith("e") else f"{word}ed")


def _changes(changed: Mapping[str, str]) -> str:
    return f" ({', '.join(f'{key}={value}' for key, value in changed.items())})" if changed else ""
