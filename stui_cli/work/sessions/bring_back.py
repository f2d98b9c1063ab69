"""The sessions of an image that was started again: each is made from its checkpoint, over what the image has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.errors import StoreProblem, StuiError
from stui_cli.model.names import Target
from stui_cli.model.sessions import SessionState
from stui_cli.work.sessions.checkpoint import checkpoint_of
from stui_cli.work.sessions.restore import Restoration, losses, missed_by, missed_words, record_revived, recreate
from stui_cli.work.talking.reach import reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.image.client import Client
    from stui_cli.model.images import Image
    from stui_cli.model.sessions import Session
    from stui_cli.work.workbench import Workbench


class BroughtBack(NamedTuple):
    """What came back, what failed, the sessions of which no checkpoint is kept, and by session the variables that have
    the value of the saved image, since no text makes the younger one."""

    restored: tuple[Restoration, ...]
    failures: tuple[StuiError, ...]
    unknown: tuple[Target, ...] = ()
    as_saved: Mapping[Target, tuple[str, ...]] = {}


def bring_back(bench: Workbench, image: Image) -> BroughtBack:
    """Restore each session of `image` that is not closed and has a checkpoint, or nothing to be lost; one that fails
    does not hold the others.

    A session that came back with a saved image gets the values of its checkpoint, which is younger; what no text can
    make keeps the value that was saved. Raises StoreProblem, and StuiError if the image cannot be reached.
    """
    state = bench.store.read()
    records = bench.store.sessions(state, image.image_id or "").values()
    wanted = [record for record in records if record.state is not SessionState.CLOSED]
    left = [
        record
        for record in wanted
        if record.checkpoint is None and missed_by(bench.store.history(record.image_id, record.session_id), None)
    ]
    unknown = tuple(Target(image.name, record.name) for record in left)
    wanted = [record for record in wanted if record not in left]
    restored: list[Restoration] = []
    failures: list[StuiError] = []
    as_saved: dict[Target, tuple[str, ...]] = {}
    if wanted:
        with reach(bench, state, image) as client:
            for record in wanted:
                try:
                    found, saved = _made_again(bench, client, image, record)
                    restored.append(found)
                    if saved:
                        as_saved[found.target] = saved
                except StoreProblem:
                    raise
                except StuiError as error:
                    failures.append(error.about(image.name, f"{image.name}/{record.name}"))
    return BroughtBack(tuple(restored), tuple(failures), unknown, as_saved)


def bring_back_after_start(bench: Workbench, image: Image) -> BroughtBack:
    """The same of an image that just came up: that nothing could be restored is a failure of it and no error, since the
    image is up, and that is told, too."""
    try:
        return bring_back(bench, image)
    except StuiError as error:
        return BroughtBack((), (error.about(image.name),))


def brought_notes(found: BroughtBack) -> Iterator[str]:
    """What has to be said of the sessions: what is lost, what has an older value, and what nobody knows."""
    for each in found.restored:
        for loss in each.lost:
            yield f"lost in {each.target}: {loss.name} ({loss.class_name}), it was {loss.printed}: {loss.reason}"
        if each.missed:
            again = f"stui sessions restore --replay {each.target}"
            yield f"{each.target}: {missed_words(each.missed)}; to run them again: {again}"
    for target, names in found.as_saved.items():
        yield f"{target}: as in the saved image, for no text makes a younger value: {', '.join(names)}"
    for target in found.unknown:
        yield f"{target} has no checkpoint; its history may bring it back: stui sessions restore --replay {target}"


def _made_again(
    bench: Workbench, client: Client, image: Image, session: Session
) -> tuple[Restoration, tuple[str, ...]]:
    """What came back, and the variables that no text makes and that the session has all the same."""
    checkpoint = bench.store.checkpoint(session.checkpoint) if session.checkpoint else None
    answer = recreate(bench, client, session, checkpoint)
    revived = session._replace(incarnation=client.greeting.incarnation, state=SessionState.ACTIVE)
    revived = record_revived(bench, client, image, revived, answer.restored)
    lost = losses(checkpoint, answer)
    there = {b.name for b in checkpoint_of(bench, client, image, revived).bindings} if lost else set()
    missing = tuple(loss for loss in lost if loss.name not in there)
    found = Restoration(
        Target(image.name, session.name),
        revived,
        False,
        answer.restored,
        missing,
        missed=missed_by(bench.store.history(session.image_id, session.session_id), checkpoint),
    )
    return found, tuple(loss.name for loss in lost if loss.name in there)
