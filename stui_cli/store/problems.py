"""What can be wrong with a store, whatever it is kept in."""

from __future__ import annotations

from stui_cli.model.errors import StoreProblem
from stui_cli.model.exits import Exit


class Damaged(StoreProblem):
    """A piece of the store does not say what stui wrote. `where` is what people call it (a file, a row), `wrong` what
    is wrong with it. `mended` is how that is mended, where it is no file."""

    code = "store_damaged"

    def __init__(
        self, where: str, wrong: str, mended: str = "stui doctor --repair restores the newest sound state"
    ) -> None:
        super().__init__(f"{where} is damaged: {wrong}", todo=f"stui doctor explains it; {mended}")
        self.where = where
        self.wrong = wrong


class PartMissing(StoreProblem):
    """What is needed for the store of a team is not installed. `todo` is the command that brings it."""


class Obstructed(StoreProblem):
    """The system under the store refused something. `where` is what it was about, `said` the system's own words."""

    def __init__(self, what: str, todo: str, where: str, said: str) -> None:
        super().__init__(what, todo=todo)
        self.where = where
        self.said = said


class Away(Obstructed):
    """The server that keeps the store does not answer, or not any more. Nothing of what was asked is done."""

    exit_code = Exit.UNREACHABLE
    code = "store_unreachable"


class Forbidden(Obstructed):
    """The server that keeps the store does not let this user in, or not do this."""

    exit_code = Exit.NOT_PERMITTED
    code = "store_not_permitted"


class Uncertain(Obstructed):
    """The server went away while it committed, and did not come back to tell whether it had."""

    code = "store_outcome_unknown"


class Overtaken(StoreProblem):
    """Somebody else wrote what this process had just read and was to follow. Nothing was written."""


class HeadMoved(Overtaken):
    """The head is not the one that a change began with: somebody else published one meanwhile. Nothing was written.
    Without `found` it was not looked which one it is."""

    def __init__(self, expected: int, found: int | None = None) -> None:
        now = "another one" if found is None else found
        super().__init__(
            f"another command changed the store meanwhile: the last operation was {expected} and is {now} now",
            todo="repeat the command",
        )


class NoOperation(LookupError):
    """The operation log has no operation of this number, or no longer."""


class Locked(StoreProblem):
    """Another process holds the store's lock, and did so for as long as this one would wait."""


class Newer(StoreProblem):
    """A piece of the store was written by a newer stui, as `sign` shows: not damaged, and not to be touched by this
    one. `needed` is the version of stui that knows it, where that is known."""

    code = "store_newer"

    def __init__(self, where: str, sign: str, needed: str | None = None) -> None:
        upgrade = "upgrade stui" if needed is None else f"upgrade stui: {needed} or newer"
        super().__init__(
            f"{where} was written by a newer stui ({sign}); nothing was changed",
            todo=f"{upgrade}, or use another store: --home DIR, STUI_HOME",
        )


def checked_schema(where: str, schema: object, known: int) -> None:
    """Raise Newer for a schema above `known`, Damaged for what is none."""
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise Damaged(where, "it carries no schema number")
    if schema > known:
        raise Newer(where, f"schema {schema}; this one knows {known}")
