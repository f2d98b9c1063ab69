"""Undo, redo, rollback: new operations that bring earlier values back.

All three are one thing. Given what was `seen` after a change and what is `wanted` back, each record that differs is
set back if it still is as seen, field by field. So an undo of the last operation makes exactly the state before it,
an undo of an older one leaves alone what was changed again since, and says so (DESIGN section 7). A rollback
sees the present, so everything fits. A redo is the reversal of an undo.

Two things of a session never go back. A close, or a removal, ended its live state inside the image: the record that
comes back is that of a lost session, which can be restored. And the checkpoint that was taken then is all that is left
of the variables: the newest one stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

from stui_cli.model.contexts import Context
from stui_cli.model.errors import NotFound, Refused
from stui_cli.model.images import Image
from stui_cli.model.operations import (
    CleanupDetails,
    ImageDetails,
    KeptCheckpoint,
    Kind,
    Operation,
    Removal,
    RepairDetails,
    ReversalDetails,
    SessionDetails,
    SwitchDetails,
    by_number_only,
)
from stui_cli.model.orphans import OrphanReason
from stui_cli.model.sessions import Session, SessionState, session_label
from stui_cli.model.state import State, image_of_id
from stui_cli.store.differences import (
    Difference,
    Record,
    Section,
    changed_shards,
    differences,
    session_differences,
)
from stui_cli.store.objects import read_shard
from stui_cli.store.present_names import Namer, by_present_names
from stui_cli.store.problems import Damaged, NoOperation
from stui_cli.store.transaction import Draft, commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stui_cli.model.names import Target
    from stui_cli.store.backend import Backend
    from stui_cli.store.operations import Logged
    from stui_cli.store.place import Place
    from stui_cli.store.values import Committed

# Why a sweep ended what lived in its image; else it had found it gone, or could not ask.
_ENDING = (OrphanReason.EXPIRED, OrphanReason.STRAY)

# What using a session changes by itself: no reason to say that it was changed since.
_RESTLESS = frozenset(
    {"last_activity", "bindings", "checkpoint", "checkpoint_at", "incarnation", "registered_as", "extra"}
)


@dataclass(frozen=True)
class Lasting:
    """Something that an image did and that the store cannot take back; `todo` is how to get it back."""

    what: str
    todo: str


class Move(NamedTuple):
    """The context of `scope` means something else; None is nothing."""

    scope: str
    before: Target | None
    after: Target | None


@dataclass(frozen=True)
class Reversal:
    """What an undo, redo or rollback did.

    `taken_back` are the operations, newest first (for a redo: the one that is done again). `left` tells what stays
    as it is and why, `lasting` what happened inside images, `moves` which contexts mean something else now.
    `committed` is None where nothing could be changed, `unchanged` says that nothing was to be.
    """

    kind: Kind
    taken_back: tuple[Operation, ...]
    left: tuple[str, ...]
    lasting: tuple[Lasting, ...]
    committed: Committed | None
    moves: tuple[Move, ...] = ()
    unchanged: bool = False

    @property
    def operation(self) -> Operation | None:
        """The new operation."""
        return None if self.committed is None else self.committed.operation


def undo(place: Place, number: int | None) -> Reversal:
    """Take back operation `number`, or the last that is not taken back, whatever contexts moved since. Raises NotFound,
    Refused, Damaged."""
    log = _Log(place)
    if number is None:
        number = log.last_that_holds()
    target = log.read(number)
    undone_by = undone(log.operations(above=number))
    if number in undone_by:
        raise Refused(f"operation {number} is undone already, by operation {undone_by[number]}", todo="stui redo")
    details = target.operation.details
    # Taking back an undo is a redo, and the other way round; recorded as such, so that the log says what holds now.
    if isinstance(details, ReversalDetails) and details.kind is Kind.UNDO:
        return _again(place, log, target, details)
    if isinstance(details, ReversalDetails) and details.kind is Kind.REDO:
        return undo(place, details.operations[0])
    parent = target.operation.parent or 0
    return _publish(place, Kind.UNDO, [target.operation], parent, log.state(parent), target.state())


def redo(place: Place) -> Reversal:
    """Do again what the last undo took back, if nothing but switches and checkpoints came since. Raises NotFound."""
    log = _Log(place)
    settled: set[int] = set()
    for operation in log.operations():
        match operation.details:
            case ReversalDetails(kind=Kind.UNDO | Kind.REDO as kind, operations=numbers) as details:
                if kind is Kind.UNDO and not settled.issuperset(numbers):
                    return _again(place, log, log.read(operation.number), details)
                settled.update(numbers)
            case details if by_number_only(details):
                continue
            case _:
                break
    raise NotFound("there is nothing to redo", todo="only an undo that nothing followed can be redone; see stui log")


def rollback(place: Place, number: int | None, before: int | None) -> Reversal:
    """Make the state of operation `number` the state again (0: the empty one before the first), or the newest state
    from before the time `before` (ms). Raises NotFound, Damaged."""
    log = _Log(place)
    skipped: list[str] = []
    if number is None:
        number = log.newest_before(before if before is not None else place.clock(), skipped)
    present = log.present()
    wanted = log.state(number)
    taken_back = list(log.operations(above=number))
    return _publish(place, Kind.ROLLBACK, taken_back, number, wanted, present, skipped)


def undone(operations: Iterable[Operation]) -> dict[int, int]:
    """Which of `operations` (newest first) are undone, each with the one that did it: the newest word holds."""
    settled: dict[int, int | None] = {}
    for operation in operations:
        details = operation.details
        if isinstance(details, ReversalDetails) and details.kind is not Kind.ROLLBACK:
            for number in details.operations:
                settled.setdefault(number, operation.number if details.kind is Kind.UNDO else None)
    return {number: by for number, by in settled.items() if by is not None}


class _Log:
    """The operation log as it is under the lock, each operation read once."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._present = place.backend.read_head() or State()
        self._read: dict[int, Logged] = {}

    def present(self) -> State:
        return self._present

    def read(self, number: int) -> Logged:
        if number not in self._read:
            try:
                if not 0 < number <= self._present.head:
                    raise NoOperation(number)
                self._read[number] = self._place.backend.read_operation(number)
            except NoOperation as error:
                raise NotFound(
                    f"there is no operation {number}", todo="see stui log; what is older than 30 days may be pruned"
                ) from error
        return self._read[number]

    def state(self, number: int) -> State:
        return State() if number == 0 else self.read(number).state()

    def operations(self, above: int = 0) -> Iterator[Operation]:
        """Those above a number, newest first; damaged ones are left out."""
        for number in self._place.backend.list_operations(self._present.head):
            if number <= above:
                return
            try:
                yield self._place.backend.read_operation(number).operation
            except Damaged as damage:
                self._place.announce(f"warning: {damage.what}; operation {number} is left out. {damage.todo}")

    def last_that_holds(self) -> int:
        """The last operation that was done and not undone, or undone and redone. Switches and kept checkpoints are
        passed over: nobody made them by mistake, and another terminal's are not this one's to take back unseen.

        What undid or redid an operation comes after it, so one look back is enough, and the log may be long.
        """
        settled: set[int] = set()
        for operation in self.operations():
            match operation.details:
                case ReversalDetails(kind=Kind.UNDO | Kind.REDO as kind, operations=numbers):
                    holding = [number for number in numbers if kind is Kind.REDO and number not in settled]
                    settled.update(numbers)
                case _:
                    holding = [operation.number] if operation.number not in settled else []
            for number in holding:
                done = operation if number == operation.number else self.read(number).operation
                if not by_number_only(done.details):
                    return number
        raise NotFound("there is nothing to undo", todo="switches are undone by their number: stui log --all")

    def newest_before(self, time: int, skipped: list[str]) -> int:
        """The newest sound operation from before `time`; 0 if all are later. What had to be passed over goes to
        `skipped`."""
        oldest: Operation | None = None
        for number in self._place.backend.list_operations(self._present.head):
            try:
                oldest = self.read(number).operation
            except Damaged as damage:
                skipped.append(f"operation {number} cannot be returned to: {damage.what}")
                continue
            if oldest.time < time:
                return number
        if oldest is not None and oldest.parent is not None:
            raise NotFound(
                f"the log begins after that time, with operation {oldest.number}",
                todo=f"stui rollback {oldest.number} returns to the oldest state that is kept",
            )
        return 0


def _again(place: Place, log: _Log, undo_operation: Logged, details: ReversalDetails) -> Reversal:
    again = [log.read(number).operation for number in details.operations]
    parent = undo_operation.operation.parent or 0
    return _publish(place, Kind.REDO, again, parent, log.state(parent), undo_operation.state())


def _publish(
    place: Place,
    kind: Kind,
    operations: list[Operation],
    state_of: int,
    wanted: State,
    seen: State,
    skipped: Iterable[str] = (),
) -> Reversal:
    left = list(skipped)
    moved: list[_Moved] = []
    fates = _fates(kind, operations)

    def change(draft: Draft) -> ReversalDetails:
        _set_back(place.backend, draft, wanted, seen, fates, left, moved)
        # What is as it is wanted already counts as taken back; else each further undo would come to it again.
        draft.counts = not left and kind is not Kind.ROLLBACK
        numbers = tuple(operation.number for operation in operations)
        return ReversalDetails(kind, numbers, state_of, _images_touched(draft, moved))

    committed = commit(place, change)
    images = {} if committed is None else _names(committed.state)
    formerly = {} if committed is None else _names(committed.before)
    lasting = list(_lasting(moved, images, formerly))
    if not fates.forward:
        lasting += _never_back(fates.swept)
    moves = () if committed is None else tuple(_moves(committed))
    unchanged = committed is not None and _same(committed.before, committed.state)
    return Reversal(kind, tuple(operations), tuple(left), tuple(lasting), committed, moves, unchanged)


def _same(before: State, after: State) -> bool:
    """Whether an operation changed nothing but the number of operations."""
    return before.images == after.images and before.contexts == after.contexts and before.shards == after.shards


def _names(state: State) -> dict[str, str]:
    """The registered names by image id."""
    return {image.image_id: name for name, image in state.images.items() if image.image_id}


class _Fates(NamedTuple):
    """What the operations taken back did to sessions besides their records: the newest checkpoint by session id that
    removals took, the ids of those whose live state they ended, and what sweeps removed. `forward`: they are done
    again, so what they brought to life is there."""

    kept: Mapping[str, KeptCheckpoint]
    ended: frozenset[str]
    swept: Sequence[Removal]
    forward: bool

    def ended_live_state(self, wanted: Session, seen: Session | None, image: str) -> bool:
        """Whether the session of `wanted`, which lived, was ended inside its `image` by what is taken back."""
        if self.forward or not _lives(wanted) or _lives(seen):
            return False
        return seen is not None or wanted.session_id in self.ended or self._swept(wanted, image)

    def _swept(self, session: Session, image: str) -> bool:
        owners = (image, session.registered_as, session.image_id)
        return any(r.session == session.name and r.image in owners and r.reason in _ENDING for r in self.swept)


def _fates(kind: Kind, operations: Iterable[Operation]) -> _Fates:
    kept: dict[str, KeptCheckpoint] = {}
    ended: set[str] = set()
    swept: list[Removal] = []
    for operation in operations:
        match operation.details:
            case SessionDetails(kept=each, ended=session_id):
                if each is not None:
                    kept[each.session_id] = max(kept.get(each.session_id, each), each, key=lambda k: k.taken_at)
                    ended.add(each.session_id)
                if session_id is not None:
                    ended.add(session_id)
            case CleanupDetails(removed=removed):
                swept += removed
            case ImageDetails() | SwitchDetails() | ReversalDetails() | RepairDetails():
                pass
            case _:
                assert_never(operation.details)
    return _Fates(kept, frozenset(ended), swept, kind is Kind.REDO)


def _images_touched(draft: Draft, moved: Iterable[_Moved]) -> tuple[str, ...]:
    """The names of the images whose entries, sessions or contexts a reversal changed."""
    before, after = draft.state, draft
    names = [n for n in (*before.images, *after.images) if before.images.get(n) != after.images.get(n)]
    for move in moved:
        record = move.after or move.before
        label = _name_of(move.image_id, before, before._replace(images=after.images))
        names.append(record.registered_as if record and record.registered_as and label == move.image_id else label)
    for scope in {*before.contexts, *after.contexts}:
        old, new = before.contexts.get(scope), after.contexts.get(scope)
        if old != new:
            names += [context.target.image for context in (old, new) if context is not None]
    return tuple(sorted(set(names)))


def _moves(committed: Committed) -> Iterator[Move]:
    """The contexts that mean something else after a reversal."""
    before, after = committed.before.contexts, committed.state.contexts
    for scope in dict.fromkeys((*before, *after)):
        old, new = (contexts[scope].target if scope in contexts else None for contexts in (before, after))
        if old != new:
            yield Move(scope, old, new)


class _Moved(NamedTuple):
    """A session's record as it was before the reversal and after it."""

    image_id: str
    name: str
    before: Session | None
    after: Session | None


def _set_back(
    backend: Backend,
    draft: Draft,
    wanted: State,
    seen: State,
    fates: _Fates,
    left: list[str],
    moved: list[_Moved],
) -> None:
    """Bring back in `draft` what `wanted` has and `seen` has not, where the draft still is as seen."""
    bare = wanted._replace(shards={}), seen._replace(shards={})
    records = list(differences(backend, *bare))
    images = [each for each in records if each.section is Section.IMAGE]
    _set_back_in(draft.images, by_present_names(draft.images, images, "the image ", left), "the image ", left)
    for image_id in changed_shards(wanted, seen):
        name = _name_of(image_id, draft.state._replace(images=draft.images), wanted, seen)
        try:
            sessions = draft.sessions(image_id)
            found = list(session_differences(backend, image_id, wanted, seen))
        except Damaged as damage:
            left.append(f"the sessions of {name} stay as they are: {damage.what}")
            continue
        before, label = dict(sessions), f"the session {name}/"
        names = dict.fromkeys((*(each.name for each in found), *before))
        found = by_present_names(sessions, found, label, left)
        found = list(_with_what_stays(found, sessions, fates, draft.now, name, left))
        _set_back_in(sessions, found, label, left)
        if (sha256 := wanted.shards.get(image_id)) is not None:
            _in_order(sessions, read_shard(backend, image_id, sha256).sessions)
        moved += [_Moved(image_id, n, b, a) for n in names if (b := before.get(n)) != (a := sessions.get(n))]
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


def _with_what_stays(
    found: Iterable[Difference],
    sessions: Mapping[str, Session],
    fates: _Fates,
    now: int,
    image: str,
    left: list[str],
) -> Iterator[Difference]:
    """The differences with records to come back to that have the newest checkpoint that is known, and that claim no
    live state that was ended; without those that come to nothing then."""
    current = {session.session_id: session for session in sessions.values()}
    for difference in found:
        wanted, seen = difference.before, difference.after
        if isinstance(wanted, Session):
            newest = _with_newest(wanted, current.get(wanted.session_id), fates.kept.get(wanted.session_id))
            last = seen if isinstance(seen, Session) else None
            if fates.ended_live_state(wanted, last, image):
                since = last.last_activity if last is not None and last.state is SessionState.LOST else now
                newest = newest._replace(state=SessionState.LOST, last_activity=since)  # a sweep waits from then on
            elif newest != wanted and newest == sessions.get(difference.name):
                left.append(f"the session {image}/{difference.name} keeps its newest checkpoint")
                continue
            difference = replace(difference, before=newest)
        yield difference


def _with_newest(wanted: Session, current: Session | None, kept: KeptCheckpoint | None) -> Session:
    newest = wanted
    if kept is not None and kept.taken_at > (newest.checkpoint_at or 0):
        newest = newest._replace(checkpoint=kept.sha256, checkpoint_at=kept.taken_at)
    if current is not None and current.checkpoint and (current.checkpoint_at or 0) > (newest.checkpoint_at or 0):
        newest = newest._replace(
            checkpoint=current.checkpoint, checkpoint_at=current.checkpoint_at, bindings=current.bindings
        )
    return newest


def _set_back_in(records: dict[str, Any], found: list[Difference], label: str, left: list[str]) -> None:
    # What goes goes first: a rename is one name gone and one come, and nothing may have two names in between.
    for difference in sorted(found, key=lambda each: each.before is not None):
        reason = _set_back_one(records, difference)
        left.extend(f"{label}{difference.name} {each}" for each in reason)


def _in_order(records: dict[str, Any], wanted: Iterable[str]) -> None:
    """Give what came back its old place: the state is then the old one to the byte."""
    ordered = {name: records[name] for name in (*wanted, *records) if name in records}
    records.clear()
    records.update(ordered)


def _set_back_one(records: dict[str, Any], difference: Difference) -> list[str]:
    """Set one record back; answers what of it had to be left, and why."""
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
            back[field] = _labels_set_back(value, wanted.metadata, seen.metadata, left)
        elif value == new and field == "image_id" and (twin := _twin(records, name, wanted)) is not None:
            left.append(f"keeps its image: the one before is called {twin} now")
        elif value == new:
            back[field] = old
        elif value != old and field not in _RESTLESS:
            left.append(f"was changed again since: its {field} stays {value!r}")
    records[name] = current._replace(**back)
    return left


def _labels_set_back(
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
    others = [(other, record) for other, record in records.items() if other != name]
    match wanted:
        case Image(image_id=str(identifier)):
            return next((other for other, record in others if record.image_id == identifier), None)
        case Session(session_id=identifier):
            return next((other for other, record in others if record.session_id == identifier), None)
        case Image() | Context():
            return None
        case _:
            assert_never(wanted)


def _lasting(moved: list[_Moved], images: Mapping[str, str], formerly: Mapping[str, str]) -> Iterator[Lasting]:
    """What the images themselves still have, or no longer have, after the records of `moved` went and came. `images`
    and `formerly` are the registered names after and before, by image id."""
    came = {move.after.session_id: move for move in moved if move.after is not None and not _lives(move.before)}
    gone = {move.before.session_id: move for move in moved if move.before is not None and not _lives(move.after)}
    for session_id, move in came.items():
        if move.after is None:
            continue
        label = session_label(images.get(move.image_id), move.after)
        if session_id in gone and move.before is None:
            yield Lasting(
                f"inside its image {label} is still called {gone[session_id].name}",
                "the image takes the name over at the next stui sessions restore",
            )
        elif move.after.state is not SessionState.CLOSED:
            yield _come_back(move.after, label, images.get(move.image_id))
    for session_id, move in gone.items():
        if session_id in came or move.before is None or not _lives(move.before):
            continue
        name = images.get(move.image_id)
        label = session_label(name or formerly.get(move.image_id), move.before)
        if name is not None:
            yield Lasting(f"{label} still lives inside its image", f"stui cleanup {name}")
        elif move.image_id in formerly:
            again = f"stui images add NAME ADDRESS, then: stui cleanup {formerly[move.image_id]}"
            yield Lasting(f"{label} may still live inside its image, which is not registered any more", again)


def _come_back(session: Session, label: str, image: str | None) -> Lasting:
    """A session whose record came back; its live state did not, or nobody asked its image."""
    kept = (
        "its variables were kept as text and can be made again"
        if session.checkpoint
        else "no checkpoint of it was kept, so its variables are lost unless it still runs"
    )
    what = (
        f"{label} was ended inside its image, where only its record is back; {kept}"
        if session.state is SessionState.LOST
        else f"only the record of {label} is back: its image may have lost it; {kept}"
    )
    if image is None:
        return Lasting(what, f"register its image again, then: stui sessions restore -i IMAGE {session.name}")
    return Lasting(what, f"stui sessions restore -i {image} {session.name}")


def _never_back(swept: Iterable[Removal]) -> Iterator[Lasting]:
    """The live sessions without a record that sweeps ended."""
    for image, name, reason in swept:
        if reason == OrphanReason.STRAY:
            yield Lasting(
                f"{image}/{name} had no record and was ended inside its image; it cannot come back",
                f"an empty one in its place: stui sessions create -i {image} {name}",
            )


def _lives(session: Session | None) -> bool:
    return session is not None and session.state in (SessionState.ACTIVE, SessionState.PARKED)


def _name_of(image_id: str, *states: State) -> str:
    for state in states:
        image = image_of_id(state, image_id)
        if image is not None:
            return image.name
    return image_id
