"""Operations in words: what the log tells of each."""

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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
    if changed == {"restored": ""}:
        return ", with no variables"
    words = (word for key, value in changed.items() for word in _change(key, value))
    return f" ({', '.join(words)})" if changed else ""


def _change(key: str, value: str) -> Iterator[str]:
    """One change in words; each label is told by its name."""
    if key != "metadata":
        yield f"{key}={value}"
        return
    labels = value.split(" ")
    if any(label.count("=") != 1 for label in labels):  # a value has blanks: where it ends is not said
        yield f"labels {value}"
        return
    for name, _, text in (label.partition("=") for label in labels):
        yield f"label {name} is {text}" if text else f"label {name} removed"
