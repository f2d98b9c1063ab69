"""Setting records back, one by one and field by field, in a draft. What fits is brought back; what does not is
named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from stui_cli.model.contexts import Context
from stui_cli.model.images import Image
from stui_cli.model.sessions import Session
from stui_cli.model.state import State, image_of_id
from stui_cli.named_tuples import NamedTuple
from stui_cli.store.differences import Difference, Record, Section, changed_shards, differences, session_differences
from stui_cli.store.objects import read_shard
from stui_cli.store.problems import Damaged
from stui_cli.store.undo.fates import Fates, with_what_stays
from stui_cli.store.undo.present_names import Namer, by_present_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stui_cli.store.backend import Backend
    from stui_cli.store.transaction import Draft

# What using a session changes by itself: no reason to say that it was changed since.
_RESTLESS = frozenset(
    {"last_activity", "bindings", "checkpoint", "checkpoint_at", "incarnation", "registered_as", "extra"}
)


class Moved(NamedTuple):
    """A session's record as it was before the reversal and after it."""

    image_id: str
    name: str
    before: Session | None
    after: Session | None


def set_back(
    backend: Backend,
    draft: Draft,
    wanted: State,
    seen: State,
    fates: Fates,
    left: list[str],
    moved: list[Moved],
) -> None:
    """Bring back in `draft` what `wanted` has and `seen` has not, where the draft still is as seen."""
    bare = wanted._replace(shards={}), seen._replace(shards={})
    records = list(differences(backend, *bare))
    images = [each for each in records if each.section is Section.IMAGE]
    _set_back_in(draft.images, by_present_names(draft.images, images, "the image ", left), "the image ", left)
    for image_id in changed_shards(wanted, seen):
        name = name_of(image_id, draft.state._replace(images=draft.images), wanted, seen)
        try:
            sessions = draft.sessions(image_id)
            found = list(session_differences(backend, image_id, wanted, seen))
        except Damaged as damage:
            left.append(f"the sessions of {name} stay as they are: {damage.what}")
            continue
        before, label = dict(sessions), f"the session {name}/"
        names = dict.fromkeys((*(each.name for each in found), *before))
        found = by_present_names(sessions, found, label, left)
        found = list(with_what_stays(found, sessions, fates, draft.now, name, left))
        _set_back_in(sessions, found, label, left)
        if (sha256 := wanted.shards.get(image_id)) is not None:
            _in_order(sessions, read_shard(backend, image_id, sha256).sessions)
        moved += [Moved(image_id, n, b, a) for n in names if (b := before.get(n)) != (a := sessions.get(n))]
    draft.order_shards(wanted.shards)
    _set_contexts_back(backend, draft, wanted, seen, left)
    _in_order(draft.images, wanted.images)
    _in_order(draft.contexts, wanted.contexts)
    for scope, context in draft.contexts.items():
        if context != draft.state.contexts.get(scope) and context.target.image not in draft.images:
            left.append(f"the context {scope} means {context.target} again, which is not registered")


def _set_contexts_back(backend: Backend, draft: Draft, wanted: State, seen: State, left: list[str]) -> None:
    """Bring contexts back once images and sessions have their names: each means what it meant, by what that is called
    now. Those that are not brought back follow what was renamed."""
    namer = Namer(backend, draft)
    before, after = (
        {scope: namer.context(context, state) for scope, context in state.contexts.items()} for state in (wanted, seen)
    )
    for scope, context in draft.contexts.items():
        if context != wanted.contexts.get(scope):
            draft.contexts[scope] = namer.context(context, draft.state)
    found = differences(backend, State(contexts=before), State(contexts=after))
    _set_back_in(draft.contexts, list(found), "the context ", left)


def _set_back_in(records: dict[str, Any], found: list[Difference], label: str, left: list[str]) -> None:
    # What goes goes first: a rename is one name gone and one come, and nothing may have two names in between.
    for difference in sorted(found, key=lambda each: each.before is not None):
        reason = _set_back_one(records, difference)
        left.extend(f"{label}{difference.name} {each}" for each in reason)


def _in_order(records: dict[str, Any], wanted: Iterable[str]) -> None:
    """Give what came back its old place: the state is then the old one to the byte."""
    if list(records) == list(wanted):
        return
    ordered = {name: records[name] for name in (*wanted, *records) if name in records}
    records.clear()
    records.update(ordered)


def _set_back_one(records: dict[str, Any], difference: Difference) -> list[str]:
    """Set one record back; return what of it had to be left, and why."""
    name, wanted, seen = difference.name, difference.before, difference.after
    current = records.get(name)
    if current == wanted:
        return []
    if current == seen:
        if wanted is None:
            del records[name]
            return []
        twin = _twin(records, name, wanted)
        if twin is not None:
            return [f"stays away: it is called {twin} now"]
        records[name] = wanted
        return []
    if current is None:
        return ["was removed since and stays away"]
    if wanted is None or seen is None or isinstance(wanted, Context):
        return ["was changed again since and stays as it is"]
    back: dict[str, Any] = {}
    left: list[str] = []
    for field, (old, new) in difference.fields.items():
        value = getattr(current, field)
        if isinstance(wanted, Image) and isinstance(seen, Image) and field == "metadata":
            back[field] = _labelsset_back(value, wanted.metadata, seen.metadata, left)
        elif value == new and field == "image_id" and (twin := _twin(records, name, wanted)) is not None:
            left.append(f"keeps its image: the one before is called {twin} now")
        elif value == new:
            back[field] = old
        elif value != old and field not in _RESTLESS:
            left.append(f"was changed again since: its {field} stays {value!r}")
    records[name] = current._replace(**back)
    return left


def _labelsset_back(
    current: Mapping[str, str], wanted: Mapping[str, str], seen: Mapping[str, str], left: list[str]
) -> dict[str, str]:
    """The labels with each that differs set back, if it still is as seen."""
    labels = dict(current)
    for key in dict.fromkeys((*wanted, *seen)):
        old, new, now = wanted.get(key), seen.get(key), current.get(key)
        if old == new or now == old:
            continue
        if now != new:
            left.append(f"was changed again since: its label {key} stays {now!r}")
        elif old is None:
            del labels[key]
        else:
            labels[key] = old
    return labels


def _twin(records: dict[str, Any], name: str, wanted: Record) -> str | None:
    """The name, other than `name`, under which the image, or the session, of `wanted` is there already."""
    match wanted:
        case Image(image_id=str(identifier)):
            same = (other for other, record in records.items() if record.image_id == identifier and other != name)
        case Session(session_id=identifier):
            same = (other for other, record in records.items() if record.session_id == identifier and other != name)
        case Image() | Context():
            return None
        case _:
            assert_never(wanted)
    return next(same, None)


def name_of(image_id: str, *states: State) -> str:
    for state in states:
        image = image_of_id(state, image_id)
        if image is not None:
            return image.name
    return image_id
