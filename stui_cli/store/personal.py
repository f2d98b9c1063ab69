"""What each person keeps for himself, on his own machine, whatever place the store of the team has (DESIGN section 7).

Like backend.py a type, which costs a start nothing: files provide it in either case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from stui_cli.model.contexts import Context
    from stui_cli.model.images import Image
    from stui_cli.model.operations import Actor, Operation
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.state import State


class Personal(Protocol):
    """Probes and contacts of one person, who may run several commands at once."""

    def exclusive(self, actor: Actor, timeout: float, announce: Callable[[str], None]) -> AbstractContextManager[None]:
        """Let no other command of this person write meanwhile. Waits `timeout` seconds at most and announces who is
        waited for; raises Locked after that. Not reentrant."""

    def read_probes(self, images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
        """What the last contact with each of `images` said, by the names there. What cannot be read is left out."""

    def update_probes(
        self,
        images: Mapping[str, Image],
        change: Callable[[dict[str, ProbeRecord]], None],
        recorded: dict[str, ProbeRecord] | None,
    ) -> None:
        """Change the records of the probes in place, inside `exclusive`. `recorded` is filled before that with them as
        they were before the last contacts."""

    def note_contact(self, image_id: str, address: str, met: Mapping[str, object]) -> None:
        """Keep what was met at an address, without waiting for anybody."""


class TeamPersonal(Personal, Protocol):
    """What a member of a team keeps besides, since the store of the team does not: where he is, and names for Tab."""

    def acting(self, actor: Actor, timeout: float, announce: Callable[[str], None]) -> None:
        """Who changes what is kept from now on, and how: as for `exclusive`, which each change takes by itself."""

    def read_contexts(self, images: Mapping[str, Image]) -> Mapping[str, Context]:
        """The contexts, by scope. Those of images that others renamed among `images` follow them."""

    def keep_contexts(
        self, before: Mapping[str, Context], after: Mapping[str, Context], images: Mapping[str, Image]
    ) -> None:
        """Keep what changed of the contexts, beside what other commands of this person changed of others. `images` are
        those that they mean."""

    def read_heard(self, images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
        """What another monitor found of `images` and was taken over, by the names there."""

    def keep_heard(self, images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> None:
        """Keep that, inside `exclusive`."""

    def names_held(self) -> AbstractContextManager[bool]:
        """Let no other command of this person write the names meanwhile; False where that takes too long. Not
        reentrant."""

    def names_head(self) -> int | None:
        """The operation that the names for completion are of; None where they have to be made anew."""

    def write_names(self, before: State | None, after: State, session_names: Callable[[str], Iterable[str]]) -> None:
        """Bring the names for completion from one state to another, without `before` anew."""

    def write_recent_names(self, state: State, newer: Callable[[int], Iterable[Operation]]) -> None:
        """Bring what a prompt and Tab read of contexts and operations to `state`, and to the contexts as they are kept.
        `newer` returns operations after a number, the newest first, and not all of many."""
