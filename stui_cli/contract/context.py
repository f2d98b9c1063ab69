"""A context as an item: an image, or a session in it, that a command means or could mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.contexts import DEFAULT_SCOPE, ContextSource
from stui_cli.model.results import Column, ItemKind, Show

if TYPE_CHECKING:
    from stui_cli.model.contexts import EffectiveTarget
    from stui_cli.model.names import Target

CONTEXT: Final = ItemKind(
    "context",
    {
        "name": Show.TEXT,
        "image": Show.TEXT,
        "session": Show.TEXT,
        "source": Show.TEXT,
        "path": Show.TEXT,
        "session_source": Show.TEXT,
        "session_path": Show.TEXT,
    },
)

# What `stui switch` adds, by what it does.
MORE_SWITCHED: Final = ("previous", "effective", "current", "status", "position")

CHOICES: Final = (Column("current", "", Show.MARK), Column("name", "CONTEXT"), Column("status", "STATUS"))
TRAIL: Final = (Column("position", "#", Show.NUMBER), Column("name", "CONTEXT"))


def effective_item(effective: EffectiveTarget) -> dict[str, object]:
    """What a command means, with what gave each part of it."""
    given = {"session_source": effective.session_source, "session_path": effective.session_path}
    return context_item(effective.target, effective.source, effective.path) | given


def context_item(target: Target | None, source: ContextSource | None, path: str | None) -> dict[str, object]:
    """A target, None for nowhere, with what gave the whole of it: `path` is the file, variable or scope that did."""
    session = target.session if target else None
    return {
        "name": str(target) if target else None,
        "image": target.image if target else None,
        "session": session,
        "source": source,
        "path": path,
        "session_source": source if session else None,
        "session_path": path if session else None,
    }


def switched_item(
    target: Target | None, scope: str, previous: Target | None, effective: Target | None
) -> dict[str, object]:
    """Where `scope` is now, where `stui switch -` leads, and what a command here means."""
    return context_item(target, _source(scope), scope) | {
        "previous": str(previous) if previous else None,
        "effective": str(effective) if effective else None,
    }


def choice_item(target: Target, status: str, *, current: bool) -> dict[str, object]:
    """A target that could be chosen: nothing gave it. `status` is that of an image, or the state of a session, as the
    last probe left it; parked of both where the image is."""
    return context_item(target, None, None) | {"current": current, "status": status}


def trail_item(target: Target, position: int, scope: str) -> dict[str, object]:
    """A target that `scope` had before; position 1 is the latest."""
    return {"position": position} | context_item(target, _source(scope), scope)


def _source(scope: str) -> ContextSource:
    return ContextSource.DEFAULT if scope == DEFAULT_SCOPE else ContextSource.TERMINAL
