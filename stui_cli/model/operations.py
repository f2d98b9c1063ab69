"""Operations: one committed change each, with typed details (DESIGN section 7).

A closed union of named tuples: every change imports them all, and a frozen dataclass costs eight times as much to
make. `kind` is what the log prints and JSON carries; renaming one breaks scripts.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from stui_cli.model.actors import Actor as Actor

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


class ImageDetails(NamedTuple):
    """An image was added, changed, renamed or removed; `changed` maps each field to its new text."""

    kind: Kind
    image: str
    changed: Mapping[str, str] = _NOTHING


class SessionDetails(NamedTuple):
    """One session of one image changed."""

    kind: Kind
    image: str
    session: str
    changed: Mapping[str, str] = _NOTHING


class SwitchDetails(NamedTuple):
    """The context of `scope` moved; either end may be nowhere."""

    kind: Kind
    scope: str
    left: str | None
    entered: str | None


class CleanupDetails(NamedTuple):
    """The sessions one cleanup removed, each as `image/session (reason)`."""

    kind: Kind
    removed: tuple[str, ...]


class ReversalDetails(NamedTuple):
    """An undo, redo or rollback: which operations it took back, and the one whose state it returned to."""

    kind: Kind
    operations: tuple[int, ...]
    state_of: int


class RepairDetails(NamedTuple):
    """What `doctor --repair` found damaged, and the operation whose state it restored."""

    kind: Kind
    damaged: tuple[str, ...]
    state_of: int


Details = ImageDetails | SessionDetails | SwitchDetails | CleanupDetails | ReversalDetails | RepairDetails


class Operation(NamedTuple):
    """One entry of the operation log. `parent` is None for the first; `time` in ms."""

    number: int
    parent: int | None
    time: int
    actor: Actor
    details: Details
