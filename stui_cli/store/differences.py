"""What two states differ in, record by record. Only shards that differ are read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from stui_cli.model.contexts import Context
from stui_cli.model.images import Image
from stui_cli.model.sessions import Session
from stui_cli.model.state import differing
from stui_cli.store.objects import read_shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.model.state import State
    from stui_cli.store.backend import Backend

Record = Image | Context | Session


class Section(StrEnum):
    """Which part of a state a record stands in."""

    IMAGE = "image"
    CONTEXT = "context"
    SESSION = "session"


@dataclass(frozen=True)
class Difference:
    """One record that is not the same in two states; None where it is not there.

    `name` is the image's, the context's scope, or the session's; `image_id` is a session's.
    """

    section: Section
    name: str
    image_id: str | None
    before: Record | None
    after: Record | None

    @property
    def fields(self) -> dict[str, tuple[object, object]]:
        """Each field that differs, with its value before and after; None where there is no record."""
        old: Mapping[str, Any] = self.before._asdict() if self.before is not None else {}
        new: Mapping[str, Any] = self.after._asdict() if self.after is not None else {}
        names = dict.fromkeys((*old, *new))
        return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}


def differences(backend: Backend, before: State, after: State) -> Iterator[Difference]:
    """The differences, images first, then sessions, then contexts. Raises Damaged for a shard that cannot be read."""
    yield from _of(Section.IMAGE, None, before.images, after.images)
    for image_id in changed_shards(before, after):
        yield from session_differences(backend, image_id, before, after)
    yield from _of(Section.CONTEXT, None, before.contexts, after.contexts)


def changed_shards(before: State, after: State) -> list[str]:
    """The ids of the images whose sessions differ."""
    return differing(before.shards, after.shards)


def session_differences(backend: Backend, image_id: str, before: State, after: State) -> Iterator[Difference]:
    """The differences in one image's sessions."""
    old, new = (
        read_shard(backend, image_id, sha256).sessions if (sha256 := state.shards.get(image_id)) else {}
        for state in (before, after)
    )
    yield from _of(Section.SESSION, image_id, old, new)


def _of(
    section: Section, image_id: str | None, old: Mapping[str, Record], new: Mapping[str, Record]
) -> Iterator[Difference]:
    for name in differing(old, new):
        yield Difference(section, name, image_id, old.get(name), new.get(name))
