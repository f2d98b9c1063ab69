"""Operations: one committed change each, with typed details (DESIGN section 7).

A closed union of named tuples: every change imports them all, and a frozen dataclass costs eight times as much to
make. `kind` is what the log prints and JSON carries; renaming one breaks scripts.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, Self, assert_never

from stui_cli.model.actors import Actor as Actor
from stui_cli.named_tuples import NamedTuple

# The default of a map, which nobody can write to.
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Kind(StrEnum):
    IMAGE_ADD = "image.add"
    IMAGE_CHANGE = "image.change"
    IMAGE_RENAME = "image.rename"
    IMAGE_REMOVE = "image.remove"
    SESSION_CREATE = "session.create"
    SESSION_CHANGE = "session.change"
    SESSION_RENAME = "session.rename"
    SESSION_CLOSE = "session.close"
    SESSION_REMOVE = "session.remove"
    SESSION_RESTORE = "session.restore"
    SESSION_IMPORT = "session.import"
    SWITCH = "context.switch"
    CLEANUP = "cleanup"
    UNDO = "undo"
    REDO = "redo"
    ROLLBACK = "rollback"
    REPAIR = "repair"


ImageKind = Literal[Kind.IMAGE_ADD, Kind.IMAGE_CHANGE, Kind.IMAGE_RENAME, Kind.IMAGE_REMOVE]

SessionKind = Literal[
    Kind.SESSION_CREATE,
    Kind.SESSION_CHANGE,
    Kind.SESSION_RENAME,
    Kind.SESSION_CLOSE,
    Kind.SESSION_REMOVE,
    Kind.SESSION_RESTORE,
    Kind.SESSION_IMPORT,
]

ReversalKind = Literal[Kind.UNDO, Kind.REDO, Kind.ROLLBACK]

# Among what changed of an image: stui itself found it so, nobody asked for it.
FOUND = "found"


class ImageDetails(NamedTuple):
    """An image was added, changed, renamed or removed; `changed` maps each field to its new text."""

    kind: ImageKind
    image: str
    changed: Mapping[str, str] = _NOTHING


class KeptCheckpoint(NamedTuple):
    """The checkpoint that a removal took: no record refers to it any more, and an undo gives it back. `taken_at` in
    ms."""

    session_id: str
    sha256: str
    taken_at: int


class SessionDetails(NamedTuple):
    """One session of one image changed. Where its record went `kept` is set, and `ended` is its id if its live state
    was ended too, or found to be gone; earlier versions did not tell."""

    kind: SessionKind
    image: str
    session: str
    changed: Mapping[str, str] = _NOTHING
    kept: KeptCheckpoint | None = None
    ended: str | None = None


class SwitchDetails(NamedTuple):
    """The context of `scope` moved; either end may be nowhere."""

    kind: Literal[Kind.SWITCH]
    scope: str
    left: str | None
    entered: str | None


class Removal(NamedTuple):
    """One session that a cleanup removed. `image` is the name of its image, the last one where it is not registered
    any more, else its id; `reason` is the word of an orphan's (model/orphans.py)."""

    image: str
    session: str
    reason: str

    def __str__(self) -> str:
        return f"{self.image}/{self.session} ({self.reason})"

    @classmethod
    def of_text(cls, text: str) -> Self:
        """What `str` made: all that operations of earlier versions hold."""
        label, _, reason = text.rpartition(" (")
        image, _, session = label.partition("/")
        return cls(image, session, reason.removesuffix(")"))


class CleanupDetails(NamedTuple):
    """The sessions that one cleanup removed."""

    kind: Literal[Kind.CLEANUP]
    removed: tuple[Removal, ...]


class ReversalDetails(NamedTuple):
    """An undo, redo or rollback: which operations it took back, the one whose state it returned to, and the images
    that it touched (none told by earlier versions)."""

    kind: ReversalKind
    operations: tuple[int, ...]
    state_of: int
    images: tuple[str, ...] = ()


class RepairDetails(NamedTuple):
    """What `doctor --repair` found damaged, and the operation whose state it restored."""

    kind: Literal[Kind.REPAIR]
    damaged: tuple[str, ...]
    state_of: int


Details = ImageDetails | SessionDetails | SwitchDetails | CleanupDetails | ReversalDetails | RepairDetails


def by_number_only(details: Details) -> bool:
    """Whether `stui undo` passes over an operation unless its number is named: a move of a context is no mistake, and
    a checkpoint that was kept takes nothing from anybody; an image that was found elsewhere is there."""
    match details:
        case SwitchDetails():
            return True
        case SessionDetails(kind=kind, changed=changed):
            return kind is Kind.SESSION_CHANGE and "checkpoint" in changed
        case ImageDetails(changed=changed):
            return FOUND in changed
        case CleanupDetails() | ReversalDetails() | RepairDetails():
            return False
        case _:
            assert_never(details)


class Operation(NamedTuple):
    """One entry of the operation log. `parent` is None for the first; `time` in ms."""

    number: int
    parent: int | None
    time: int
    actor: Actor
    details: Details
