"""What an image or a session is called now, where an earlier state knew it by another name.

A reversal compares records by name, and a name is not what makes a record the same: that is the image's or the
session's id. So names are looked after first. What the reversed operation renamed gets its old name back if it still
has the new one and the old one is free; every other difference, and every context, then goes by the names of now.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stui_cli.model.images import Image
from stui_cli.model.sessions import Session
from stui_cli.store.objects import read_shard
from stui_cli.store.problems import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.model.contexts import Context
    from stui_cli.model.names import Target
    from stui_cli.model.state import State
    from stui_cli.store.backend import Backend
    from stui_cli.store.differences import Difference, Record
    from stui_cli.store.transaction import Draft


def by_present_names(
    records: dict[str, Any], found: Sequence[Difference], label: str, left: list[str]
) -> list[Difference]:
    """The differences by the names that their records have now, once those in `records` that were renamed have their
    old names back. What keeps its name goes to `left`."""
    found = list(_each_of_one(found))
    renamings = list(_renamings(found))
    paired = {id(each) for pair in renamings for each in pair}
    here: list[Difference] = []
    taken = {name: records.pop(name) for _, come in renamings if (name := _name_now(records, come.after)) == come.name}
    for gone, come in renamings:
        now = come.name if come.name in taken else _name_now(records, come.after)
        if now is None:
            left.append(f"{label}{come.name} was removed since and stays away")
            continue
        if now == come.name and gone.name not in records:
            now = gone.name
            records[now] = taken[come.name]._replace(name=now)
        elif now == come.name:
            records[now] = taken[now]
            left.append(f"{label}{now} keeps its name: another one is called {gone.name} now")
        elif now != gone.name:
            left.append(f"{label}{come.name} is called {now} now, and keeps that name")
        here += _called(replace(come, before=gone.before), now)
    for each in found:
        if id(each) not in paired:
            here += _unpaired(records, each, label, left)
    return here


def _each_of_one(found: Sequence[Difference]) -> Iterator[Difference]:
    """The differences, each of one record: where a name went to another that was there before, or will be, as one that
    went and one that came."""
    before, after = (
        {_identity(side) for side in sides} - {None} for sides in ([d.before for d in found], [d.after for d in found])
    )
    for each in found:
        old, new = _identity(each.before), _identity(each.after)
        if old is not None and new is not None and old != new and (old in after or new in before):
            yield replace(each, after=None)
            yield replace(each, before=None)
        else:
            yield each


def _renamings(found: Sequence[Difference]) -> Iterator[tuple[Difference, Difference]]:
    """What went and what came that are the same record under two names."""
    gone = {key: each for each in found if each.after is None and (key := _identity(each.before)) is not None}
    for come in found:
        if come.before is None and (key := _identity(come.after)) in gone and key is not None:
            yield gone[key], come


def _unpaired(records: dict[str, Any], difference: Difference, label: str, left: list[str]) -> Iterator[Difference]:
    now = _name_now(records, difference.after)
    if now is None or now == difference.name or _identity(difference.after) is None:
        yield difference
    elif difference.before is None:
        left.append(f"{label}{difference.name} is called {now} now, and stays")
    elif _identity(difference.before) == _identity(difference.after):
        yield from _called(difference, now)
    else:
        yield difference


def _called(difference: Difference, now: str) -> Iterator[Difference]:
    """The difference of one record that is called `now`; nothing if there is none but the name."""
    before, after = (
        each._replace(name=now) if isinstance(each, Image | Session) else each
        for each in (difference.before, difference.after)
    )
    if before != after:
        yield replace(difference, name=now, before=before, after=after)


def _identity(record: Record | None) -> str | None:
    """What stays the same of a record whatever it is called; None where there is only the name."""
    match record:
        case Image():
            return record.image_id
        case Session():
            return record.session_id
        case _:
            return None


def _name_now(records: dict[str, Any], record: Record | None) -> str | None:
    identity = _identity(record)
    if record is None or identity is None:
        return None
    return next((name for name, each in records.items() if _identity(each) == identity), None)


class Namer:
    """Targets and contexts of an earlier state, by the names that `draft` has for the images and sessions meant."""

    def __init__(self, backend: Backend, draft: Draft) -> None:
        self._backend = backend
        self._draft = draft
        self._sessions: dict[tuple[str, str | None], dict[str, Session]] = {}

    def context(self, context: Context, state: State) -> Context:
        """A context of `state`. What is not there any more keeps its name."""
        trail = tuple(self.target(each, state) for each in context.trail)
        return context._replace(target=self.target(context.target, state), trail=trail)

    def target(self, target: Target, state: State) -> Target:
        """A target of `state`."""
        image = state.images.get(target.image)
        if image is None or image.image_id is None:
            return target
        here = _name_now(dict(self._draft.images), image)
        if here is None:
            return target
        return target._replace(image=here, session=self._session(target.session, image.image_id, state))

    def _session(self, name: str | None, image_id: str, state: State) -> str | None:
        if name is None:
            return None
        try:
            then = self._read(image_id, state.shards.get(image_id)).get(name)
            now = _name_now(dict(self._draft.sessions(image_id)), then)
        except Damaged:
            return name
        return now or name

    def _read(self, image_id: str, sha256: str | None) -> dict[str, Session]:
        key = image_id, sha256
        if key not in self._sessions:
            shard = read_shard(self._backend, image_id, sha256) if sha256 else None
            self._sessions[key] = dict(shard.sessions) if shard else {}
        return self._sessions[key]
