"""Undo, redo, rollback: new operations that bring earlier values back.

All three are one thing. Given what was `seen` after a change and what is `wanted` back, each record that differs is
set back if it still is as seen, field by field. So an undo of the last operation makes exactly the state before it,
an undo of an older one leaves alone what was changed again since, and says so (DESIGN section 7). A rollback
sees the present, so everything fits. A redo is the reversal of an undo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

from stui_cli.model.contexts import Context
from stui_cli.model.errors import NotFound, Refused
from stui_cli.model.images import Image
from stui_cli.model.operations import CleanupDetails, Kind, Operation, ReversalDetails, SwitchDetails
from stui_cli.model.sessions import Session, SessionState
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
from stui_cli.store.operations import Logged, read_operation, walk
from stui_cli.store.problems import Damaged
from stui_cli.store.transaction import Draft, commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.store.place import Place
    from stui_cli.store.transaction import Committed

# What using a session changes by itself: no reason to say that it was changed since.
_RESTLESS = frozenset(
    {"last_activity", "bindings", "checkpoint", "checkpoint_at", "incarnation", "registered_as", "extra"}
)

# What a sweep's operation says of the sessions that it ended inside their images: one that only the image held, and
# one that was idle for too long. Of all others it took the records alone.
_STRAY, _EXPIRED = " (Stray)", " (Expired)"


@dataclass(frozen=True)
class Lasting:
    """Something that an image did and that the store cannot take back; `todo` is how to get it back."""

    what: str
    todo: str


@dataclass(frozen=True)
class Reversal:
    """What an undo, redo or rollback did.

    `taken_back` are the operations, newest first (for a redo: the one that is done again). `left` tells what stays
    as it is and why, `lasting` what happened inside images. `committed` is None where nothing could be changed.
    """

    kind: Kind
    taken_back: tuple[Operation, ...]
    left: tuple[str, ...]
    lasting: tuple[Lasting, ...]
    committed: Committed | None

    @property
    def operation(self) -> Operation | None:
        """The new operation."""
        return None if self.committed is None else self.committed.operation


def undo(place: Place, number: int | None) -> Reversal:
    """Take back operation `number`, or the last that is not taken back. Raises NotFound, Refused, Damaged."""
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
    """Do again what the last undo took back, if nothing but switches came since. Raises NotFound."""
    log = _Log(place)
    settled: set[int] = set()
    for operation in log.operations():
        match operation.details:
            case ReversalDetails(kind=Kind.UNDO | Kind.REDO as kind, operations=numbers) as details:
                if kind is Kind.UNDO and not settled.issuperset(numbers):
                    return _again(place, log, log.read(operation.number), details)
                settled.update(numbers)
            case SwitchDetails():
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
        from stui_cli.store.state_file import load

        self._place = place
        loaded = load(place.home, place.disk)
        self._present = State() if loaded is None else loaded.state
        self._read: dict[int, Logged] = {}

    def present(self) -> State:
        return self._present

    def read(self, number: int) -> Logged:
        if number not in self._read:
            try:
                if not 0 < number <= self._present.head:
                    raise FileNotFoundError
                self._read[number] = read_operation(self._place.home, self._place.disk, number)
            except FileNotFoundError as error:
                raise NotFound(
                    f"there is no operation {number}", todo="see stui log; what is older than 30 days may be pruned"
                ) from error
        return self._read[number]

    def state(self, number: int) -> State:
        return State() if number == 0 else self.read(number).state()

    def operations(self, above: int = 0) -> Iterator[Operation]:
        """Those above a number, newest first; damaged ones are left out."""
        for number in walk(self._place.home, self._present.head):
            if number <= above:
                return
            try:
                yield read_operation(self._place.home, self._place.disk, number).operation
            except Damaged as damage:
                self._place.announce(f"{damage.what}; operation {number} is left out. {damage.todo}")

    def last_that_holds(self) -> int:
        """The last operation that was done and not undone, or undone and redone.

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
            if holding:
                return holding[0]
        raise NotFound("there is nothing to undo", todo="see stui log")

    def newest_before(self, time: int, skipped: list[str]) -> int:
        """The newest sound operation from before `time`; 0 if all are later. What had to be passed over goes to
        `skipped`."""
        oldest: Operation | None = None
        for number in walk(self._place.home, self._present.head):
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

    def change(draft: Draft) -> ReversalDetails:
        _set_back(place, draft, wanted, seen, left, moved)
        return ReversalDetails(kind, tuple(operation.number for operation in operations), state_of)

    committed = commit(place, change)
    images = {} if committed is None else {i.image_id: n for n, i in committed.state.images.items() if i.image_id}
    swept = [label for o in operations if isinstance(o.details, CleanupDetails) for label in o.details.removed]
    lasting = list(_lasting(moved, images, frozenset(label for label in swept if not label.endswith(_EXPIRED))))
    if kind is not Kind.REDO:
        lasting += _never_back(swept)
    return Reversal(kind, tuple(operations), tuple(left), tuple(lasting), committed)


class _Moved(NamedTuple):
    """A session's record as it was before the reversal and after it."""

    image_id: str
    name: str
    before: Session | None
    after: Session | None


def _set_back(place: Place, draft: Draft, wanted: State, seen: State, left: list[str], moved: list[_Moved]) -> None:
    """Bring back in `draft` what `wanted` has and `seen` has not, where the draft still is as seen."""
    bare = wanted._replace(shards={}), seen._replace(shards={})
    records = list(differences(place.home, place.disk, *bare))
    _set_back_in(draft.images, [r for r in records if r.section is Section.IMAGE], "the image ", left)
    for image_id in changed_shards(wanted, seen):
        name = _name_of(image_id, wanted, seen)
        try:
            sessions = draft.sessions(image_id)
            found = list(session_differences(place.home, place.disk, image_id, wanted, seen))
        except Damaged as damage:
            left.append(f"the sessions of {name} stay as they are: {damage.what}")
            continue
        before = {each.name: sessions.get(each.name) for each in found}
        _set_back_in(sessions, found, f"the session {name}/", left)
        if (sha256 := wanted.shards.get(image_id)) is not None:
            _in_order(sessions, read_shard(place.home, place.disk, image_id, sha256).sessions)
        moved += [_Moved(image_id, n, b, a) for n, b in before.items() if b != (a := sessions.get(n))]
    draft.order_shards(wanted.shards)
    _set_back_in(draft.contexts, [r for r in records if r.section is Section.CONTEXT], "the context ", left)
    _in_order(draft.images, wanted.images)
    _in_order(draft.contexts, wanted.contexts)
    for scope, context in draft.contexts.items():
        if context != draft.state.contexts.get(scope) and context.target.image not in draft.images:
            left.append(f"the context {scope} means {context.target} again, which is not registered")


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
    back, left = {}, []
    for field, (old, new) in difference.fields.items():
        value = getattr(current, field)
        if value == new:
            back[field] = old
        elif value != old and field not in _RESTLESS:
            left.append(f"was changed again since: its {field} stays {value!r}")
    records[name] = current._replace(**back)
    return left


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


def _lasting(moved: list[_Moved], images: dict[str, str], swept: frozenset[str]) -> Iterator[Lasting]:
    """What the images themselves still have, or no longer have, after the records of `moved` went and came. `swept`
    begin with the labels of those whose images were not asked."""
    came = {move.after.session_id: move for move in moved if move.after is not None and not _lives(move.before)}
    gone = {move.before.session_id: move for move in moved if move.before is not None and not _lives(move.after)}
    for session_id, move in came.items():
        image = images.get(move.image_id, move.image_id)
        label = f"{image}/{move.name}"
        if session_id in gone and move.before is None:
            yield Lasting(
                f"inside its image {label} is still called {gone[session_id].name}",
                "the image takes the name over at the next stui sessions restore",
            )
        elif move.after is not None and _lives(move.after):
            kept = (
                "its variables were kept as text and can be made again"
                if move.after.checkpoint
                else "no checkpoint of it was kept, so its variables are lost unless it still runs"
            )
            labels = (f"{label} (", f"{move.after.registered_as}/{move.name} (")
            unasked = any(each.startswith(labels) for each in swept)
            restore = f"stui sessions restore -i {image} {move.name}"
            yield Lasting(
                f"only the record of {label} is back: its image may have lost it; {kept}"
                if unasked
                else f"{label} was ended inside its image, where only its record is back; {kept}",
                restore if move.image_id in images else "register its image again, then: stui sessions restore",
            )
    for session_id, move in gone.items():
        if session_id not in came and _lives(move.before):
            image = images.get(move.image_id, move.image_id)
            yield Lasting(f"{image}/{move.name} still lives inside its image", f"stui cleanup {image}")


def _never_back(swept: Iterable[str]) -> Iterator[Lasting]:
    """The live sessions without a record that sweeps ended."""
    for label in swept:
        if label.endswith(_STRAY):
            image, _, name = label.removesuffix(_STRAY).partition("/")
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
