"""What the images themselves still have, or no longer have, after records went and came: no undo reaches into an
image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.orphans import OrphanReason
from stui_cli.model.sessions import Session, SessionState, session_label
from stui_cli.store.undo.fates import lives
from stui_cli.store.undo.results import Lasting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stui_cli.model.operations import Removal
    from stui_cli.store.undo.set_back import Moved


def lasting_after(moved: list[Moved], images: Mapping[str, str], formerly: Mapping[str, str]) -> Iterator[Lasting]:
    """What the images themselves still have, or no longer have, after the records of `moved` went and came. `images`
    and `formerly` are the registered names after and before, by image id."""
    came = {move.after.session_id: move for move in moved if move.after is not None and not lives(move.before)}
    gone = {move.before.session_id: move for move in moved if move.before is not None and not lives(move.after)}
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
        if session_id in came or move.before is None or not lives(move.before):
            continue
        name = images.get(move.image_id)
        label = session_label(name or formerly.get(move.image_id), move.before)
        if move.after is not None:
            yield _lives_on(move.after, label, name)
        elif name is not None:
            yield Lasting(f"{label} still lives inside its image", f"stui cleanup {name}")
        elif move.image_id in formerly:
            again = f"stui images add NAME ADDRESS, then: stui cleanup {formerly[move.image_id]}"
            yield Lasting(f"{label} may still live inside its image, which is not registered any more", again)


def restored_before(moved: Iterable[Moved], images: Mapping[str, str]) -> Iterator[Lasting]:
    """The sessions that were restored in another incarnation of their image than the record of now knows."""
    for move in moved:
        before, after = move.before, move.after
        if before is None or after is None or before.session_id != after.session_id:
            continue
        if lives(before) and lives(after) and before.incarnation != after.incarnation:
            name = images.get(move.image_id)
            yield _lives_on(after, session_label(name, after), name)


def _lives_on(record: Session, label: str, image: str | None) -> Lasting:
    """A session that lives inside its image and whose record, gone back, says otherwise."""
    session = f"-i {image or 'IMAGE'} {record.name}"
    todo = f"stui sessions close {session}"
    if record.state is SessionState.CLOSED:  # to close it once more would do nothing
        todo = f"stui sessions restore {session}, then: {todo}"
    if image is None:
        todo = f"register its image again, then: {todo}"
    return Lasting(f"{label} still lives inside its image, which restored it", todo)


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


# What only the image knew.
_WITHOUT_RECORD = frozenset(reason.word for reason in OrphanReason if not reason.has_record)


def never_back(swept: Iterable[Removal]) -> Iterator[Lasting]:
    """The live sessions without a record that sweeps ended."""
    for image, name, reason in swept:
        if reason in _WITHOUT_RECORD:
            yield Lasting(
                f"{image}/{name} had no record and was ended inside its image; it cannot come back",
                f"an empty one in its place: stui sessions create -i {image} {name}",
            )
