"""Contexts: which image and session a command means when it names none."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self, assert_never

from stui_cli.model.names import Target
from stui_cli.named_tuples import NamedTuple

DEFAULT_SCOPE = "default"

# What `stui switch --history` can go back through; the oldest is forgotten first.
LONGEST_TRAIL = 20


class ContextSource(StrEnum):
    """What decided the target of a command, strongest first (DESIGN section 10)."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    TERMINAL = "terminal"
    PROJECT = "project"
    DEFAULT = "default"
    ONLY = "only"


class Context(NamedTuple):
    """The context of one scope. `trail` holds the targets left, the latest first; `switch -` goes to trail[0].

    `extra` keeps fields that a newer stui wrote.
    """

    target: Target
    switched_at: int
    trail: tuple[Target, ...] = ()
    extra: Mapping[str, object] = {}

    def switched_to(self, target: Target, now: int) -> Self:
        """The context after going to `target`; going where one already is leaves the trail alone."""
        if target == self.target:
            return self
        return self._replace(target=target, switched_at=now, trail=(self.target, *self.trail)[:LONGEST_TRAIL])


class EffectiveTarget(NamedTuple):
    """A target with what gave each part of it: `path` is the option, variable, file or scope that named the image,
    `session_path` the one that named the session, None where there is none."""

    target: Target
    source: ContextSource
    path: str
    session_source: ContextSource | None = None
    session_path: str | None = None

    @classmethod
    def whole(cls, target: Target, source: ContextSource, path: str) -> Self:
        """A target that one source gave."""
        return cls(target, source, path, source, path) if target.session else cls(target, source, path)


def words_of_source(source: ContextSource, path: str) -> str:
    """What gave an image or a session, for people."""
    match source:
        case ContextSource.OPTION | ContextSource.ENVIRONMENT | ContextSource.PROJECT:
            return path
        case ContextSource.TERMINAL:
            return "this terminal's context"
        case ContextSource.DEFAULT:
            return "the default context"
        case ContextSource.ONLY:
            return "the registry"
        case _:
            assert_never(source)
