"""The audit log's lines: who did what to which image. Append-only, never undone (DESIGN section 2)."""

from typing import NamedTuple

from stui_cli.model.operations import Actor


class AuditEntry(NamedTuple):
    """One act. `time` in ms; `action` is an operation's kind, "evaluate", or what was refused.

    `outcome` says how it ended, `role` what the key allowed. `source` is an evaluation's source, or the hash
    of it where the user's config says so. `operation` is the number in the operation log of a change. `images`
    are those that an act touched which is not about one image alone: a sweep, an undo, a switch.
    """

    time: int
    actor: Actor
    action: str
    image: str | None = None
    session: str | None = None
    role: str | None = None
    outcome: str | None = None
    source: str | None = None
    operation: int | None = None
    images: tuple[str, ...] = ()


class AuditVerdict(NamedTuple):
    """Whether each of `lines` lines carries the hash of the one before. `line` is the first that does not,
    counted from 1 through all files, None if all do, and `file` the file where it should be; `reason` says what is
    wrong, or what else to know."""

    lines: int
    line: int | None
    reason: str
    file: str
