"""Undo, redo, rollback: new operations that bring earlier values back. The log only ever grows.

An arrow is an operation, a letter the state that it made:

    number         1         2         3        4: undo     5: redo     6: rollback 1
    state    0 ──────▶ A ──────▶ B ──────▶ C ──────▶ B ──────▶ C ──────────▶ A

All three are one thing. Given what was *seen* after a change and what is *wanted* back, each record that differs is set
back if it still is as seen, field by field:

                    wanted                          seen
    undo 3          B, the state before 3           C, the state after 3
    redo (of 4)     C, the state before the undo    B, the state after it
    rollback 1      A, the state of 1               the present, so everything fits

So an undo of the last operation makes exactly the state before it. An undo of an older one leaves alone what was
changed again since, and says so (DESIGN section 7):

    before   0 ──1──▶ A ──2──▶ B ──3──▶ C                       undo 2: wanted A, seen B
    after    0 ──1──▶ A ──2──▶ B ──3──▶ C ──4: undo 2──▶ D        D is C, but A wherever C still is as B

Taking back an undo is a redo, and taking back a redo is an undo. Names come first (present_names.py): a record is the
same by its id, not by its name. What of a session never goes back stands in fates.py, what images still have in
lasting.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound, Refused
from stui_cli.model.operations import Kind, Operation, ReversalDetails, ReversalKind, by_number_only
from stui_cli.model.state import differing
from stui_cli.store.aftercare import finish
from stui_cli.store.problems import Overtaken
from stui_cli.store.transaction import commit_once
from stui_cli.store.undo.fates import fates_of
from stui_cli.store.undo.lasting import lasting_after, never_back, restored_before
from stui_cli.store.undo.log import Log, undone
from stui_cli.store.undo.results import Move, Reversal
from stui_cli.store.undo.set_back import Moved, name_of, set_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stui_cli.model.state import State
    from stui_cli.store.operations import Logged
    from stui_cli.store.transaction import Committed, Draft, Place


def carry_through(place: Place, reverse: Callable[[], Reversal]) -> Reversal:
    """What `reverse` returns, one of the functions below, and what follows each commit. Happens where nobody else
    writes."""
    try:
        reversal = reverse()
    except Overtaken:  # which operation is the last, and what of it still is as it was, may be other by now
        from stui_cli.store.retrying import again

        reversal = again(reverse, place.patience)
    if reversal.committed is not None:
        finish(place, reversal.committed)
    return reversal


def undo(place: Place, number: int | None) -> Reversal:
    """Take back operation `number`, or the last that is not taken back, whatever contexts moved since. Raises NotFound,
    Refused, Damaged, and HeadMoved where the log went on while it was read."""
    log = Log(place)
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
    return _publish(place, log, Kind.UNDO, [target.operation], parent, log.state(parent), target.state())


def redo(place: Place) -> Reversal:
    """Do again what the last undo took back, if nothing but switches and checkpoints came since. Raises NotFound."""
    log = Log(place)
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


def rollback(place: Place, number: int | None, before: int | None, seen: int | None = None) -> Reversal:
    """Make the state of operation `number` the state again (0: the empty one before the first), or the newest state
    from before the time `before` (ms). Raises NotFound, Damaged; Refused where the last operation is not `seen`."""
    log = Log(place)
    if seen is not None and log.present().head != seen:
        raise Refused(
            f"other commands changed the store meanwhile: the last operation was {seen} and is {log.present().head} "
            "now; nothing was taken back",
            todo="see what came with `stui log`, then repeat the command",
        )
    skipped: list[str] = []
    if number is None:
        number = log.newest_before(before if before is not None else place.clock(), skipped)
    present = log.present()
    wanted = log.state(number)
    taken_back = list(log.operations(above=number))
    return _publish(place, log, Kind.ROLLBACK, taken_back, number, wanted, present, skipped)


def _again(place: Place, log: Log, undo_operation: Logged, details: ReversalDetails) -> Reversal:
    again = [log.read(number).operation for number in details.operations]
    parent = undo_operation.operation.parent or 0
    return _publish(place, log, Kind.REDO, again, parent, log.state(parent), undo_operation.state())


def _publish(
    place: Place,
    log: Log,
    kind: ReversalKind,
    operations: list[Operation],
    state_of: int,
    wanted: State,
    seen: State,
    skipped: Iterable[str] = (),
) -> Reversal:
    if place.backend.is_shared:  # where this person is was never a part of it
        wanted, seen = wanted._replace(contexts={}), seen._replace(contexts={})
    left = list(skipped)
    moved: list[Moved] = []
    fates = fates_of(kind, operations)

    def change(draft: Draft) -> ReversalDetails:
        set_back(place.backend, draft, wanted, seen, fates, left, moved)
        # What is as it is wanted already counts as taken back; else each further undo would come to it again.
        draft.counts = not left and kind is not Kind.ROLLBACK
        numbers = tuple(operation.number for operation in operations)
        return ReversalDetails(kind, numbers, state_of, _images_touched(draft, moved))

    committed = commit_once(place, change, expected=log.present().head)
    images = _names(committed.state) if committed and moved else {}
    formerly = _names(committed.before) if committed and moved else {}
    lasting = list(lasting_after(moved, images, formerly))
    if not fates.forward:
        lasting += restored_before(moved, images) if fates.restored else ()
        lasting += never_back(fates.swept)
    moves = () if committed is None else tuple(_moves(committed))
    unchanged = committed is not None and _same(committed.before, committed.state)
    return Reversal(kind, tuple(operations), tuple(left), tuple(lasting), committed, moves, unchanged)


def _same(before: State, after: State) -> bool:
    """Whether an operation changed nothing but the number of operations."""
    return before.images == after.images and before.contexts == after.contexts and before.shards == after.shards


def _names(state: State) -> dict[str, str]:
    """The registered names by image id."""
    return {image.image_id: name for name, image in state.images.items() if image.image_id}


def _images_touched(draft: Draft, moved: Iterable[Moved]) -> tuple[str, ...]:
    """The names of the images whose entries, sessions or contexts a reversal changed."""
    before, after = draft.state, draft
    names = differing(before.images, after.images)
    for move in moved:
        record = move.after or move.before
        label = name_of(move.image_id, before, before._replace(images=after.images))
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
