"""What a member of a team keeps in a folder of his own: contexts, names for completion, probes and contacts.

contexts.msgpack has the contexts, and which image each name in them meant: so they follow an image that another
renamed meanwhile. heard.msgpack has what the leading monitor of the team found, as it was taken over and acted upon
here.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stui_cli.model.state import State
from stui_cli.store.encoding import STATES
from stui_cli.store.envelope import seal, unseal
from stui_cli.store.files.personal import PersonalFiles
from stui_cli.store.files.problems import as_store_problems
from stui_cli.store.problems import Damaged, Newer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from stui_cli.model.contexts import Context
    from stui_cli.model.images import Image
    from stui_cli.model.names import Target
    from stui_cli.model.operations import Actor, Operation
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


class TeamFiles(PersonalFiles):
    """In the folder of `home`. Each method promises what TeamPersonal says of it. `team` tells one store from another:
    what another one left here, or one in files that was here before, counts for nothing. `shown` is its address as
    people may see it."""

    def __init__(self, home: Home, announce: Callable[[str], None], disk: Disk, team: str, shown: str) -> None:
        super().__init__(home, announce, disk)
        self._team = team.encode("ascii")
        self._store = f"{shown}\t{team}"
        self._acting: tuple[Actor, float, Callable[[str], None]] | None = None

    def acting(self, actor: Actor, timeout: float, announce: Callable[[str], None]) -> None:
        self._acting = actor, timeout, announce

    def read_contexts(self, images: Mapping[str, Image]) -> Mapping[str, Context]:
        contexts, meant = self._kept()
        moved = _moved(meant, images)
        return {scope: _followed(context, moved) for scope, context in contexts.items()} if moved else contexts

    def keep_contexts(
        self, before: Mapping[str, Context], after: Mapping[str, Context], images: Mapping[str, Image]
    ) -> None:
        assert self._acting is not None
        with self.exclusive(*self._acting), as_store_problems(self._home.folder):
            contexts = dict(self.read_contexts(images))
            for scope in dict.fromkeys((*before, *after)):
                if before.get(scope) != after.get(scope):
                    contexts.pop(scope, None)
                    if scope in after:
                        contexts[scope] = after[scope]
            names = {target.image for context in contexts.values() for target in (context.target, *context.trail)}
            meant = {name: image.image_id for name in sorted(names) if (image := images.get(name)) is not None}
            body = {"team": self._team, "state": STATES.encode(State(contexts=contexts)), "meant": meant}
            self._disk.replace(self._path, seal(body))
            self._disk.sync_folder(self._home.folder)

    def read_heard(self, images: Mapping[str, Image]) -> dict[str, ProbeRecord]:
        from stui_cli.store.probe_bodies import records_in

        try:
            body = unseal(self._heard, self._disk.read(self._heard))
            return records_in(body["records"], images) if body["team"] == self._team else {}
        except (OSError, Damaged, Newer, AttributeError, KeyError, TypeError):
            return {}  # volatile, as probes are

    def keep_heard(self, images: Mapping[str, Image], records: Mapping[str, ProbeRecord]) -> None:
        from stui_cli.store.probe_bodies import body_of

        with as_store_problems(self._home.folder):
            body = {"team": self._team, "records": body_of(images, records)}
            self._disk.replace(self._heard, seal(body), durable=False)

    @contextmanager
    def names_held(self) -> Iterator[bool]:
        from stui_cli.store.files.names_lock import names_lock

        with as_store_problems(self._home.folder):
            self._disk.make_folder(self._home.names)
            with names_lock(self._home.names) as held:
                yield held

    def names_head(self) -> int | None:
        from stui_cli.store.files.names_mark import names_mark

        try:
            with open(self._home.names_made_for, "rb") as file:
                text = file.read()
            number = int(text.split(b" ", 1)[0])
            return number if text == names_mark(self._home, number, self._team) else None
        except (OSError, ValueError):
            return None

    def write_names(self, before: State | None, after: State, session_names: Callable[[str], Iterable[str]]) -> None:
        from stui_cli.store.files.names import write_names

        with as_store_problems(self._home.folder):
            write_names(self._home, self._disk, before, after, session_names, after.head, self._team)

    def write_recent_names(self, state: State, newer: Callable[[int], Iterable[Operation]]) -> None:
        from stui_cli.store.files.team_names import write_team_names

        with as_store_problems(self._home.folder):
            write_team_names(
                self._home,
                self._disk,
                self._store,
                self._path,
                lambda: self.read_contexts(state.images),
                state,
                newer,
            )

    @property
    def _heard(self) -> str:
        return os.path.join(self._home.folder, "heard.msgpack")

    @property
    def _path(self) -> str:
        return os.path.join(self._home.folder, "contexts.msgpack")

    def _kept(self) -> tuple[Mapping[str, Context], Mapping[str, str | None]]:
        """The contexts as they are kept, and the id of the image that each name meant. What cannot be read is none: the
        next switch makes them again."""
        try:
            body = unseal(self._path, self._disk.read(self._path))
            if body["team"] != self._team:
                return {}, {}
            return STATES.decode(State, body["state"], 0).contexts, dict(body["meant"])
        except FileNotFoundError:
            return {}, {}
        except (OSError, Damaged, Newer, KeyError, TypeError, ValueError) as error:
            self._announce(f"warning: {self._path} cannot be read ({error}); where you were is forgotten")
            return {}, {}


def _moved(meant: Mapping[str, str | None], images: Mapping[str, Image]) -> Mapping[str, str]:
    """The names that images have now, by those they had, of images that have another."""
    lost = {
        image_id: name
        for name, image_id in meant.items()
        if image_id is not None and ((image := images.get(name)) is None or image.image_id != image_id)
    }
    if not lost:
        return {}
    return {lost[image.image_id]: name for name, image in images.items() if image.image_id in lost}


def _followed(context: Context, moved: Mapping[str, str]) -> Context:
    def now(target: Target) -> Target:
        return target._replace(image=moved.get(target.image, target.image))

    return context._replace(target=now(context.target), trail=tuple(map(now, context.trail)))
